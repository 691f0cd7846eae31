//! Notifies everyone about a commit: publishers that wait, metrics, and followers of the stream.

use std::sync::{Arc, Weak};

use fanfare_core::{
    ChannelName, ChannelResult, JournalFailing, JournalHealed, SystemEvent,
    delivery::{Next, Origin},
};

use crate::{
    Commit, End, Entry, Follower, Outage, Settled, Settlement, dispatch_core::DispatchCore, lane::Lane, lanes::Lanes,
    result::result,
};

/// Follows the journal for a dispatcher, while that exists.
pub(crate) struct Teller {
    core: Weak<DispatchCore>,
    lanes: Arc<Lanes>,
}

impl Teller {
    pub(crate) fn new(core: &Arc<DispatchCore>, lanes: &Arc<Lanes>) -> Self {
        Self { core: Arc::downgrade(core), lanes: Arc::clone(lanes) }
    }
}

impl Follower for Teller {
    fn committed(&self, commit: &Commit) {
        if let Some(core) = self.core.upgrade() {
            tell(commit, &core, &self.lanes);
        }
    }

    fn dying(&self, channel: &ChannelName, settlement: &Settlement) -> Option<Entry> {
        self.core.upgrade()?.death(channel, settlement)
    }
}

fn tell(commit: &Commit, core: &DispatchCore, lanes: &Lanes) {
    for channel in &commit.hold_changes {
        if let Some(lane) = lanes.get(*channel) {
            lane.follow_hold(core);
        }
    }
    if let Some(Outage { reason, since, until }) = &commit.outage {
        let (reason, since) = (reason.clone(), *since);
        core.announce(SystemEvent::JournalFailing(JournalFailing { reason: reason.clone(), since }));
        core.announce(SystemEvent::JournalHealed(JournalHealed { reason, since, at: *until }));
    }
    if commit.emitted > 0 {
        core.observer.accepted(commit.emitted);
    }
    for stale in commit.stale.chunk_by(|one, other| one.channel == other.channel) {
        if let Some(lane) = stale.first().and_then(|first| lanes.get(first.channel)) {
            lane.settled_too_late(stale, core);
        }
    }
    // Runners settle the deliveries of one channel together.
    for settled in commit.settled.chunk_by(|one, other| one.channel == other.channel) {
        let Some(lane) = settled.first().and_then(|first| lanes.get(first.channel)) else { continue };
        // The lane has suspended itself; from now on the journal is authoritative.
        if settled.iter().any(|one| matches!(one.next, Next::Suspended { .. })) {
            lane.follow_hold(core);
        }
        tell_channel(&lane, settled, core);
    }
}

fn tell_channel(lane: &Lane, settled: &[Settlement], core: &DispatchCore) {
    if core.observer.tracing().is_some() {
        core.observer.committed(&lane.name, settled);
    }
    let followed = core.observer.wants_results();
    let watched = core.board.watched(settled.iter().map(|one| one.key));
    // Built only if somebody uses them.
    let results = settled.iter().zip(&watched).map(|(one, watched)| {
        let wanted = watched.is_some() || (followed && one.next.is_end());
        wanted.then(|| result(&lane.name, one))
    });
    let results: Vec<_> = results.collect();
    let ends = settled.iter().zip(&results).filter_map(|(one, result)| end(one, result.as_ref()));
    let ends: Vec<_> = ends.collect();
    if !ends.is_empty() {
        core.observer.settled(&lane.name, &ends);
    }
    drop(ends);
    for ((watched, result), one) in watched.into_iter().zip(results).zip(settled) {
        match (watched, result) {
            // Publishers wait for the event's targets, not for their fallbacks.
            (Some(watched), Some(_)) if one.origin == Origin::Fallback => watched.changed(),
            (Some(watched), Some(result)) => watched.post(result),
            _ => {}
        }
    }
}

fn end<'a>(settlement: &'a Settlement, result: Option<&'a ChannelResult>) -> Option<End<'a>> {
    let how = how(settlement.next)?;
    let Settlement { offset, event, samples, .. } = settlement;
    let why = (how == Settled::Dead).then(|| settlement.why()).flatten();
    let delivery = settlement.delivery_id();
    let latency = settlement.at.duration_since(settlement.since).try_into().unwrap_or_default();
    let attempt = settlement.attempt.as_ref().map(|attempt| attempt.number);
    Some(End { offset: *offset, event: event.as_deref(), how, latency, delivery, attempt, why, samples, result })
}

fn how(next: Next) -> Option<Settled> {
    match next {
        Next::Delivered => Some(Settled::Delivered),
        Next::Dead { .. } => Some(Settled::Dead),
        Next::Skipped(_) => Some(Settled::Skipped),
        Next::Waiting { .. } | Next::Deferred { .. } | Next::Suspended { .. } => None,
    }
}
