//! Notifies everyone about a commit: publishers that wait, metrics, and followers of the stream.

use std::sync::Weak;

use fanfare_core::{
    ChannelName, ChannelResult, ChannelStatus, DeliveryId, Failure, JournalFailing, JournalHealed, Skipped,
    SystemEvent,
    delivery::{Next, Origin},
};
use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::{
    Commit, End, Entry, Follower, Outage, Settled, Settlement, Why,
    lane::{Lane, Shared},
};

/// Follows the journal for a dispatcher, while that exists.
pub(crate) struct Teller(pub(crate) Weak<Shared>);

impl Follower for Teller {
    fn committed(&self, commit: &Commit) {
        if let Some(shared) = self.0.upgrade() {
            shared.tell(commit);
        }
    }

    fn dying(&self, channel: &ChannelName, settlement: &Settlement) -> Option<Entry> {
        self.0.upgrade()?.death(channel, settlement)
    }
}

impl Shared {
    fn tell(&self, commit: &Commit) {
        for channel in &commit.hold_changes {
            if let Some(lane) = self.lane(*channel) {
                lane.follow_hold(self);
            }
        }
        if let Some(Outage { reason, since, until }) = &commit.outage {
            let (reason, since) = (reason.clone(), *since);
            self.announce(SystemEvent::JournalFailing(JournalFailing { reason: reason.clone(), since }));
            self.announce(SystemEvent::JournalHealed(JournalHealed { reason, since, at: *until }));
        }
        if commit.emitted > 0 {
            self.observer.accepted(commit.emitted);
        }
        // Runners settle the deliveries of one channel together.
        for settled in commit.settled.chunk_by(|one, other| one.channel == other.channel) {
            let Some(lane) = settled.first().and_then(|first| self.lane(first.channel)) else { continue };
            // The lane has suspended itself; from now on the journal is authoritative.
            if settled.iter().any(|one| matches!(one.next, Next::Suspended { .. })) {
                lane.follow_hold(self);
            }
            self.tell_channel(&lane, settled);
        }
    }

    fn tell_channel(&self, lane: &Lane, settled: &[Settlement]) {
        let followed = self.observer.wants_results();
        let watched = self.board.watched(settled.iter().map(|one| one.key));
        // Built only if somebody uses them.
        let results = settled.iter().zip(&watched).map(|(one, watched)| {
            let wanted = watched.is_some() || (followed && how(one.next).is_some());
            wanted.then(|| result(&lane.name, one))
        });
        let results: Vec<_> = results.collect();
        let ends = settled.iter().zip(&results).filter_map(|(one, result)| end(one, result.as_ref()));
        let ends: Vec<_> = ends.collect();
        if !ends.is_empty() {
            self.observer.settled(&lane.name, &ends);
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
}

fn end<'a>(settlement: &'a Settlement, result: Option<&'a ChannelResult>) -> Option<End<'a>> {
    let how = how(settlement.next)?;
    let Settlement { offset, event, samples, .. } = settlement;
    let why = (how == Settled::Dead).then(|| why(settlement)).flatten();
    let delivery = settlement.delivery_id();
    let latency = settlement.at.duration_since(settlement.since).try_into().unwrap_or_default();
    Some(End { offset: *offset, event: event.as_deref(), how, latency, delivery, why, samples, result })
}

/// The failure in a settlement: its own fault, or that of the last attempt.
pub(crate) fn why(settlement: &Settlement) -> Option<Why<'_>> {
    if let Some(fault) = &settlement.fault {
        return Some(Why { class: fault.class, code: &fault.code, error: &fault.message });
    }
    let attempt = settlement.attempt.as_ref()?;
    let (code, error) = (attempt.code.as_deref().unwrap_or_default(), attempt.error.as_deref().unwrap_or_default());
    Some(Why { class: attempt.class?, code, error })
}

fn how(next: Next) -> Option<Settled> {
    match next {
        Next::Delivered => Some(Settled::Delivered),
        Next::Dead { .. } => Some(Settled::Dead),
        Next::Skipped(_) => Some(Settled::Skipped),
        Next::Waiting { .. } | Next::Deferred { .. } | Next::Suspended { .. } => None,
    }
}

/// The channel's result after this settlement.
fn result(channel: &ChannelName, settlement: &Settlement) -> ChannelResult {
    let (status, attempts, next_attempt_at) = match settlement.next {
        Next::Delivered => (ChannelStatus::Success, None, None),
        Next::Dead { attempts } => (ChannelStatus::Failed, Some(attempts), None),
        Next::Waiting { until, attempts } => (ChannelStatus::Pending, Some(attempts), Some(until)),
        Next::Suspended { attempts } => (ChannelStatus::Pending, Some(attempts), None),
        Next::Deferred { until, attempts, wait } => {
            return ChannelResult {
                attempts,
                waiting_for: Some(wait.into()),
                until: Some(until),
                ..pending(channel, settlement.delivery_id(), settlement.at)
            };
        }
        Next::Skipped(reason) => {
            let detail = settlement.detail.clone().unwrap_or_default();
            return ChannelResult {
                status: ChannelStatus::Skipped,
                skipped: Some(Skipped { reason, detail }),
                ..pending(channel, settlement.delivery_id(), settlement.at)
            };
        }
    };
    let attempt = settlement.attempt.as_ref();
    let failure = why(settlement).map(|Why { class, code, error }| {
        let (code, error) = (code.to_owned(), error.to_owned());
        Failure { class, code, error, next_attempt_at }
    });
    ChannelResult {
        status,
        attempts: attempts.or_else(|| attempt.map(|attempt| attempt.number)).unwrap_or_default(),
        duration_ms: attempt.map(|attempt| attempt.duration_ms),
        receipt: settlement.receipt.clone().and_then(|text| RawValue::from_string(text).ok()),
        failure,
        ..pending(channel, settlement.delivery_id(), settlement.at)
    }
}

/// A delivery before its first attempt, as the publisher sees it.
pub(crate) fn pending(channel: &ChannelName, delivery_id: DeliveryId, at: Timestamp) -> ChannelResult {
    ChannelResult {
        status: ChannelStatus::Pending,
        channel: channel.clone(),
        timestamp: at,
        delivery_id,
        attempts: 0,
        duration_ms: None,
        receipt: None,
        failure: None,
        waiting_for: None,
        until: None,
        skipped: None,
        skipped_replay: None,
        fallback_for: None,
    }
}
