//! Detects channels that are behind. Each is reported once, and again only after it has caught up.

use std::time::Duration;

use fanfare_core::{ChannelHold, ChannelLagging, SystemEvent};

use crate::{LaneState, dispatch_core::DispatchCore, lane::Lane, table::Route};

/// Reports a channel that starts or stops lagging.
pub(crate) fn look(lane: &Lane, route: &Route, core: &DispatchCore) {
    let (backlog, now) = (core.journal.backlog(lane.id), core.clock.now());
    let oldest_due = lane.due_since(&backlog).filter(|due| *due <= now);
    let lag = oldest_due.map(|due| Duration::try_from(now.duration_since(due)).unwrap_or_default()).unwrap_or_default();
    let Some(lags) = turns(lane.lags(), lag, lane.policy().lagging_after) else { return };
    lane.set_lags(lags);
    let Some(oldest_due) = oldest_due.filter(|_| lags) else {
        tracing::info!(channel = %lane.name, "the channel has caught up");
        return;
    };
    let (state, hold) = state(lane);
    let pending = backlog.pending;
    tracing::warn!(channel = %lane.name, state, lag = lag.as_secs(), pending, "the channel is lagging");
    // A channel for system events lags only with system events, which cause no others.
    if !route.is_for_system_types() {
        core.announce(SystemEvent::ChannelLagging(ChannelLagging {
            channel: lane.name.clone(),
            state,
            hold,
            oldest_due,
            lag_seconds: lag.as_secs(),
            pending: backlog.pending,
            at: now,
        }));
    }
}

fn state(lane: &Lane) -> (&'static str, Option<ChannelHold>) {
    match lane.state() {
        LaneState::Active => ("active", None),
        LaneState::Missing => ("missing", None),
        LaneState::Held(hold) => (hold.kind.as_str(), Some(ChannelHold { reason: hold.reason, since: hold.since })),
    }
}

/// Whether a channel starts or stops lagging; `None` if nothing changes. It must catch up to half of the threshold, so
/// that a channel at the edge is not reported over and over.
fn turns(lags: bool, lag: Duration, after: Option<Duration>) -> Option<bool> {
    match after {
        None => lags.then_some(false),
        Some(after) if lags => (lag < after / 2).then_some(false),
        Some(after) => (lag >= after).then_some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lagging_channel_is_reported_once_and_again_only_after_it_has_caught_up() {
        let after = Some(Duration::from_secs(60));
        let mut lags = false;
        let told: Vec<_> = [0, 59, 60, 300, 59, 30, 61, 29, 59, 60]
            .into_iter()
            .enumerate()
            .filter_map(|(n, lag)| {
                lags = turns(lags, Duration::from_secs(lag), after)?;
                lags.then_some(n)
            })
            .collect();
        assert_eq!(told, [2, 9]);
        assert_eq!(turns(true, Duration::MAX, None), Some(false), "switched off, it no longer lags");
        assert_eq!(turns(false, Duration::MAX, None), None);
    }
}
