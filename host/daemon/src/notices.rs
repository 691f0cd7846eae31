//! Logs deliveries that are given up. Operators have to see them, but a storm of them must not drown other lines.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fanfare_core::{ChannelName, Class, TraceContext};
use fanfare_dispatch::{Clock, End, Why};
use jiff::Timestamp;
use tracing::field::display;

/// The most lines in a period; further deliveries are only counted.
const LINES: u32 = 10;
const SPAN: Duration = Duration::from_secs(10);

/// Logs which deliveries were given up.
pub struct Notices {
    clock: Arc<dyn Clock>,
    said: Arc<Mutex<Said>>,
}

/// What was logged in the current period.
#[derive(Debug, Default)]
struct Said {
    /// When the period ends.
    until: Option<Timestamp>,
    lines: u32,
    /// Deliveries that were only counted.
    unsaid: u64,
}

/// What to do about one more delivery.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    Say,
    /// The first one that is only counted: the count has to be logged when the period is over.
    BeginToCount,
    Count,
}

impl Said {
    fn another(&mut self, now: Timestamp) -> Turn {
        if self.until.is_none_or(|until| now >= until) {
            // The waiter for the end of the previous period logs that period's count.
            (self.until, self.lines) = (now.checked_add(SPAN).ok(), 0);
        }
        if self.lines < LINES {
            self.lines += 1;
            return Turn::Say;
        }
        self.unsaid += 1;
        if self.unsaid == 1 { Turn::BeginToCount } else { Turn::Count }
    }
}

impl Notices {
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, said: Arc::default() }
    }

    /// `tracing` is the share of traces that is sampled, if there are any.
    pub(crate) fn settled(&self, channel: &ChannelName, ends: &[End<'_>], tracing: Option<f64>) {
        for end in ends {
            if let Some(why) = end.why {
                self.given_up(channel, end, why, tracing);
            }
        }
    }

    fn given_up(&self, channel: &ChannelName, end: &End<'_>, why: Why<'_>, tracing: Option<f64>) {
        match lock(&self.said).another(self.clock.now()) {
            Turn::Say => {
                let trace = end.event.zip(tracing);
                let trace = trace.map(|(event, share)| TraceContext::of(event, end.delivery.event, share).trace);
                let (event, trace_id) = (end.event.map(|event| event.id.as_str()), trace.map(display));
                let (delivery, attempt, Why { class, code, error }) = (end.delivery, end.attempt, why);
                tracing::warn!(
                    %channel, event, %delivery, attempt, %class, code, error, trace_id,
                    "a delivery was given up: {}; `fanfare dead-letters show {delivery}` shows it, `… replay \
                     {delivery}` sends it again",
                    advice(class)
                );
            }
            Turn::BeginToCount => self.tell_the_count(),
            Turn::Count => {}
        }
    }

    /// Logs the count once the period is over.
    fn tell_the_count(&self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let said = Arc::clone(&self.said);
        runtime.spawn(async move {
            tokio::time::sleep(SPAN).await;
            let unsaid = std::mem::take(&mut lock(&said).unsaid);
            tracing::warn!(
                deliveries = unsaid,
                "more deliveries were given up; `fanfare dead-letters list --newest` lists them"
            );
        });
    }
}

/// What helps, by the class of the failure.
fn advice(class: Class) -> &'static str {
    match class {
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

fn lock(said: &Mutex<Said>) -> std::sync::MutexGuard<'_, Said> {
    said.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;

    #[test]
    fn only_some_are_named_and_the_rest_is_counted() {
        let start: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let mut said = Said::default();
        for _ in 0..LINES {
            assert_eq!(said.another(start), Turn::Say);
        }
        assert_eq!(said.another(start), Turn::BeginToCount);
        assert_eq!((said.another(start), said.unsaid), (Turn::Count, 2));
        // In the next period deliveries are named again, and the previous count is still to be logged.
        assert_eq!((said.another(start + 10.seconds()), said.unsaid), (Turn::Say, 2));
    }
}
