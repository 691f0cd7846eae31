//! Connects a lane to its [`Gather`]: the only place where claims become loads for its runners.

use std::sync::Arc;

use fanfare_core::{
    Offset,
    delivery::{Next, Wait},
};
use jiff::Timestamp;
use tokio::time::{Duration, Instant};

use crate::{
    Claim,
    board::lock,
    dispatch_core::DispatchCore,
    gather::{Added, Batch, By, Gather, Gathered, Load, MOST, MOST_BYTES},
    lane::{Generation, Lane},
    turn,
};

/// The lane wakes at least this often, because the wall clock may be set.
const LONGEST_NAP: Duration = Duration::from_secs(30);

/// The maximum number of claims per call for batches.
const CLAIMS: usize = 256;

impl Lane {
    /// Applies the policy of this generation to what is gathered, closes what is due, and returns when the next batch
    /// is due.
    pub(crate) async fn gather_by(&self, generation: &Generation, core: &DispatchCore) -> Option<Instant> {
        let policy = &generation.policy;
        let batch = policy.batch.as_ref().filter(|_| generation.channel.takes_batches());
        let wanted = batch.map(|batch| By { policy: batch.clone(), delay: policy.delay });
        let now = core.clock.now();
        let (added, singles) = {
            let mut gather = lock(&self.gather);
            match (gather.as_mut(), wanted) {
                (None, None) => return None,
                (Some(gather), Some(by)) if *gather.by() == by => {
                    (Added { closed: gather.due(now), deferred: vec![] }, vec![])
                }
                // The new policy has no batches: release what was gathered.
                (_, None) => (Added::default(), gather.take().map(|mut before| before.take_all()).unwrap_or_default()),
                (_, Some(by)) => {
                    let all = gather.take().map(|mut before| before.take_all()).unwrap_or_default();
                    (gather.insert(Gather::new(by)).add(all, now), vec![])
                }
            }
        };
        lock(&self.work).add(singles.into_iter().map(Load::One).collect());
        self.hand_on(added, core).await;
        let next = lock(&self.gather).as_ref().and_then(Gather::next)?;
        let wait = Duration::try_from(next.duration_since(now)).unwrap_or_default();
        Some(Instant::now() + wait.clamp(Duration::from_millis(1), LONGEST_NAP))
    }

    /// Adds claims. The policy may have changed while the claim waited.
    pub(crate) async fn take_in(&self, claims: Vec<Claim>, core: &DispatchCore) {
        if let Some(generation) = self.current() {
            self.gather_by(&generation, core).await;
        }
        let (policy, now) = (self.policy(), core.clock.now());
        // What is for later is not kept in hand, where a busy or a paused lane would keep it: it can be cancelled until
        // it is due.
        let is_for_later = |claim: &Claim| turn::is_for_later(claim, now);
        let claims = if claims.iter().any(is_for_later) {
            let (later, claims): (Vec<_>, Vec<_>) = claims.into_iter().partition(is_for_later);
            let wait = |claim| turn::not_yet(claim, now);
            core.journal.settle(later.into_iter().map(wait).collect()).await;
            claims
        } else {
            claims
        };
        let (mut ended, mut due) = (vec![], vec![]);
        let added = match lock(&self.gather).as_mut() {
            None => return lock(&self.work).add(claims.into_iter().map(Load::One).collect()),
            Some(gather) => {
                // Deliveries that must wait for another reason are gathered after that wait, unwanted ones never.
                for claim in claims {
                    match turn::before_attempt(&claim, &policy, self, core, now) {
                        Some(end) => ended.push(end.settle(claim, now)),
                        None => due.push(claim),
                    }
                }
                gather.add(due, now)
            }
        };
        if !ended.is_empty() {
            core.journal.settle(ended).await;
        }
        self.hand_on(added, core).await;
    }

    async fn hand_on(&self, added: Added, core: &DispatchCore) {
        lock(&self.work).add(added.closed.into_iter().map(Load::Batch).collect());
        if !added.deferred.is_empty() {
            let defer = |(claim, until)| deferred(claim, until, core);
            core.journal.settle(added.deferred.into_iter().map(defer).collect()).await;
        }
    }

    /// How many to claim if `free` loads have room.
    pub(crate) fn claims(&self, free: usize) -> usize {
        match lock(&self.gather).as_ref() {
            Some(gather) => gather.by().policy.max.clamp(free.min(CLAIMS), CLAIMS),
            None => free,
        }
    }

    /// Whether the closed batches that no runner has taken yet are as large as a lane may keep.
    pub(crate) fn is_laden(&self) -> bool {
        if lock(&self.gather).is_none() {
            return false;
        }
        let (mut count, mut bytes) = (0, 0);
        for load in lock(&self.work).iter() {
            if let Load::Batch(batch) = load {
                count += batch.claims.len();
                bytes += batch.bytes;
            }
        }
        count >= MOST || bytes >= MOST_BYTES
    }

    /// Queues each of these to be attempted alone, before anything else.
    pub(crate) fn alone(self: &Arc<Self>, claims: Vec<Claim>) {
        lock(&self.work).add_first(claims.into_iter().map(Load::One).collect());
        self.wake.notify_one();
    }

    /// Takes out deliveries that began at `before` or earlier, queued or gathered.
    pub(crate) fn extract_since(&self, before: Timestamp) -> Vec<Claim> {
        let mut work = lock(&self.work);
        let has_old = |load: &Load| match load {
            Load::One(claim) => claim.since <= before,
            Load::Batch(batch) => batch.claims.iter().any(|claim| claim.since <= before),
        };
        let mut old = vec![];
        let mut left = vec![];
        for load in work.extract(has_old) {
            match load {
                Load::One(claim) => old.push(claim),
                Load::Batch(Batch { claims, bytes, due }) => {
                    let (expired, rest): (Vec<_>, Vec<_>) = claims.into_iter().partition(|claim| claim.since <= before);
                    old.extend(expired);
                    left.extend((!rest.is_empty()).then_some(Load::Batch(Batch { claims: rest, bytes, due })));
                }
            }
        }
        work.add_first(left);
        drop(work);
        if let Some(gather) = lock(&self.gather).as_mut() {
            old.extend(gather.extract_since(before));
        }
        old
    }

    /// Returns what is gathered to the journal, because there is no plugin to attempt it with.
    pub(crate) async fn release_gathered(&self, core: &DispatchCore) {
        let all = lock(&self.gather).as_mut().map(Gather::take_all).unwrap_or_default();
        if !all.is_empty() {
            let now = core.clock.now();
            core.journal.settle(all.into_iter().map(|claim| deferred(claim, now, core)).collect()).await;
        }
    }

    /// What the lane has gathered.
    pub(crate) fn gathered(&self) -> Option<Gathered> {
        lock(&self.gather).as_ref().and_then(Gather::gathered)
    }

    /// When the batch of this delivery is due, if it is gathered.
    pub(crate) fn gathered_until(&self, offset: Offset) -> Option<Timestamp> {
        lock(&self.gather).as_ref().and_then(|gather| gather.until(offset))
    }
}

/// Returns a claim to the journal until the given time.
fn deferred(claim: Claim, until: Timestamp, core: &DispatchCore) -> crate::Settlement {
    let next = Next::Deferred { until, attempts: claim.attempts, wait: Wait::Batch };
    claim.settle(next, core.clock.now())
}
