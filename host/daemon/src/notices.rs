//! Logs dead letters, and events that a filter could not be evaluated for. Operators have to see them, but a storm of
//! them must not drown other lines.

use std::sync::Arc;

use fanfare_core::{ChannelName, Class, Event, TraceContext};
use fanfare_dispatch::{Clock, End, Why};
use fanfare_record::DROPPED;
use tracing::field::display;

use crate::limited::Limited;

/// Logs which deliveries became dead letters, and which events a filter failed for.
pub struct Notices {
    deliveries: Limited,
    filters: Limited,
}

impl Notices {
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let more_deliveries = |deliveries: u64| {
            tracing::warn!(
                deliveries,
                "more deliveries became dead letters; `fanfare dead-letters list --newest` lists them"
            );
        };
        let more_filters = |events: u64| {
            tracing::warn!(events, "filters could not be evaluated for more events; `fanfare status` has the last one");
        };
        Self {
            deliveries: Limited::new(Arc::clone(&clock), more_deliveries),
            filters: Limited::new(clock, more_filters),
        }
    }

    pub(crate) fn filter_failed(&self, channel: &ChannelName, event: &Event, reason: &str) {
        if self.filters.says() {
            tracing::warn!(
                %channel, event = event.id, event_type = event.ty, reason,
                "`filter.when` cannot be evaluated for an event, which therefore does not go to this channel"
            );
        }
    }

    /// `tracing` is the share of traces that is sampled, if there are any.
    pub(crate) fn settled(&self, channel: &ChannelName, ends: &[End<'_>], tracing: Option<f64>) {
        for end in ends {
            if let Some(why) = end.why.filter(|_| self.deliveries.says()) {
                log(channel, end, why, tracing);
            }
        }
    }
}

fn log(channel: &ChannelName, end: &End<'_>, why: Why<'_>, tracing: Option<f64>) {
    let trace = end.event.zip(tracing);
    let trace = trace.map(|(event, share)| TraceContext::of(event, end.delivery.event, share).trace);
    let (event, trace_id) = (end.event.map(|event| event.id.as_str()), trace.map(display));
    let (delivery, attempt, Why { class, code, error }) = (end.delivery, end.attempt, why);
    tracing::warn!(
        %channel, event, %delivery, attempt, %class, code, error, trace_id,
        "a delivery became a dead letter: {}; `fanfare dead-letters show {delivery}` shows it, `… replay \
         {delivery}` redrives it",
        advice(class, code)
    );
}

/// What helps, by the class of the failure.
fn advice(class: Class, code: &str) -> &'static str {
    match class {
        Class::Rejected if code == DROPPED => "an operator ended it",
        Class::Retry | Class::Throttled | Class::Timeout => "the receiver did not accept it in any attempt",
        Class::Rejected => "the receiver or the plugin will never accept it",
        Class::Suspended => "the receiver is gone",
        Class::Trap => "the plugin crashed",
        Class::Fuel => "the plugin computed for too long; see the channel's `fuel`",
        Class::Memory => "the plugin used too much memory; see the channel's `memory`",
        Class::Denied => "the plugin may not do this; see the channel's `grant`",
        Class::Host => "Fanfare could not make the attempt",
        Class::Expired => "it was too old; see the channel's `expires`",
    }
}
