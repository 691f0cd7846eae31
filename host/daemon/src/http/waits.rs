//! What pending deliveries wait for, as far as it is known now. Results show it; it is not recorded.

use fanfare_core::{ChannelName, ChannelStatus, EventResult, WaitingFor};
use fanfare_dispatch::{HoldKind, LaneState};
use jiff::Timestamp;

use super::channels;
use crate::daemon::Daemon;

/// Says what each pending channel waits for.
pub(super) fn describe(daemon: &Daemon, result: &mut EventResult) {
    let now = daemon.clock.now();
    for (name, channel) in &mut result.channels {
        if channel.status != ChannelStatus::Pending {
            continue;
        }
        let retry = channel.failure.as_ref().and_then(|failure| failure.next_attempt_at).filter(|at| *at > now);
        let rate = || {
            let wait = daemon.dispatcher.limited_for(name.as_str())?;
            Some((WaitingFor::Rate, now.checked_add(wait).ok()))
        };
        let batch = || {
            // A batch that is due waits for something else.
            let until = daemon.dispatcher.gathered_until(name.as_str(), result.offset).filter(|until| *until > now)?;
            Some((WaitingFor::Batch, Some(until)))
        };
        // What the last turn recorded, unless its time is over.
        let said = channel.waiting_for.map(|why| (why, channel.until)).filter(|(_, at)| at.is_none_or(|at| at > now));
        let retry = || retry.map(|at| (WaitingFor::Retry, Some(at)));
        let wait = of_lane(daemon, name).or_else(batch).or(said).or_else(retry).or_else(rate);
        (channel.waiting_for, channel.until) = wait.map_or((None, None), |(why, until)| (Some(why), until));
        // While the channel waits for something else, a retry that is due waits too.
        if let (Some(failure), Some(until)) = (&mut channel.failure, channel.until) {
            failure.next_attempt_at = failure.next_attempt_at.map(|at| at.max(until));
        }
    }
}

/// What all deliveries of a channel wait for.
pub(super) fn of_lane(daemon: &Daemon, name: &ChannelName) -> Option<(WaitingFor, Option<Timestamp>)> {
    match daemon.dispatcher.lane(name.as_str()).map(|(state, _)| state) {
        None | Some(LaneState::Missing) => Some((WaitingFor::Plugin, None)),
        Some(LaneState::Held(hold)) => Some(match hold.kind {
            HoldKind::Paused => (WaitingFor::Paused, None),
            HoldKind::Suspended => (WaitingFor::Suspended, None),
            HoldKind::Open => (WaitingFor::Breaker, channels::until(daemon, name, &hold)),
        }),
        Some(LaneState::Active) => None,
    }
}
