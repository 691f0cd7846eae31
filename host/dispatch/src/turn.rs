//! What a delivery does at its turn instead of an attempt: it waits, is skipped, or has expired.

use std::time::Duration;

use fanfare_core::{
    ChannelId, Class, Fault, Policy, StateWrite,
    delivery::{Next, Origin, Skip, Wait},
    turn::{self, Candidate, Turn},
};
use jiff::Timestamp;

use crate::{
    Claim, Settlement,
    dispatch_core::DispatchCore,
    lane::{Generation, Lane},
};

/// How a turn ends without an attempt.
pub(crate) struct Ended {
    pub(crate) next: Next,
    pub(crate) detail: Option<String>,
    /// Who gets it instead.
    pub(crate) fallback: Vec<ChannelId>,
    pub(crate) writes: Vec<StateWrite>,
}

impl Ended {
    pub(crate) fn new(next: Next) -> Self {
        Self { next, detail: None, fallback: vec![], writes: vec![] }
    }

    pub(crate) fn settle(self, claim: Claim, at: Timestamp) -> Settlement {
        let Self { next, detail, fallback, writes } = self;
        Settlement { detail, fallback, writes, ..claim.settle(next, at) }
    }
}

/// What a delivery does instead of an attempt, if its event, a policy or its recipient says so.
pub(crate) fn before_attempt(
    claim: &Claim,
    policy: &Policy,
    lane: &Lane,
    core: &DispatchCore,
    now: Timestamp,
) -> Option<Ended> {
    let Claim { event, since, attempts, origin, deferred: waited, .. } = claim;
    let wishes = core.recipients.wishes(event, &lane.name);
    let candidate = Candidate {
        event,
        since: *since,
        spent: *attempts,
        origin: *origin,
        deferred: *waited,
        wishes: wishes.as_ref(),
    };
    match turn::turn(&candidate, policy, now) {
        Turn::Attempt => None,
        Turn::Wait { until, wait } => Some(Ended::new(deferred(claim, policy, until, wait))),
        Turn::Skip(unwanted) => {
            // Its recipient wants it, though not on this channel: the next of the chain has to try.
            let fallback = match origin {
                Origin::Fallback => core.fallback(claim.channel, *origin),
                _ => vec![],
            };
            let ended = Ended::new(Next::Skipped(Skip::Preference));
            Some(Ended { detail: Some(unwanted.to_string()), fallback, ..ended })
        }
    }
}

/// No wait goes past the delivery's expiry.
pub(crate) fn deferred(claim: &Claim, policy: &Policy, until: Timestamp, wait: Wait) -> Next {
    Next::Deferred { until: until.min(end_of(claim, policy)), attempts: claim.attempts, wait }
}

/// When the delivery expires.
pub(crate) fn end_of(claim: &Claim, policy: &Policy) -> Timestamp {
    policy.expires.and_then(|expires| claim.since.saturating_add(expires).ok()).unwrap_or(Timestamp::MAX)
}

/// A delivery that has expired is dead, without an attempt.
pub(crate) fn expired(
    claim: Claim,
    expires: Duration,
    generation: Option<&Generation>,
    core: &DispatchCore,
) -> Settlement {
    let plural = if claim.attempts == 1 { "" } else { "s" };
    let message = format!("not delivered within {expires:?} (`expires`), after {} attempt{plural}", claim.attempts);
    let next = Next::Dead { attempts: claim.attempts };
    Settlement {
        fallback: core.fallback(claim.channel, claim.origin),
        fault: Some(Fault::new(Class::Expired, "expired", message)),
        settings: generation.map(|generation| generation.channel.settings_digest()).unwrap_or_default(),
        ..claim.settle(next, core.clock.now())
    }
}

/// Whether its event names a later time, before its first attempt.
pub(crate) fn is_for_later(claim: &Claim, now: Timestamp) -> bool {
    claim.origin == Origin::Live && claim.attempts == 0 && claim.event.deliver_at().is_some_and(|at| now < at)
}

/// A delivery whose event names a later time.
pub(crate) fn not_yet(claim: Claim, now: Timestamp) -> Settlement {
    let next = Next::Deferred { until: claim.since, attempts: claim.attempts, wait: Wait::At };
    claim.settle(next, now)
}
