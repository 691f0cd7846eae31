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
    gather::{Added, By, Gather, Gathered, Load, MOST, MOST_BYTES},
    lane::{Generation, Lane},
    turn,
    work::Work,
};

/// The lane wakes at least this often, because the wall clock may be set.
const LONGEST_NAP: Duration = Duration::from_secs(30);

/// The maximum number of claims per call for batches.
const CLAIMS: usize = 256;

impl Lane {
    /// Begins to work for a generation: what was claimed for the one before goes back to the journal.
    pub(crate) async fn begin(&self, generation: &Generation, core: &DispatchCore) {
        self.release(core).await;
        let policy = &generation.policy;
        let batch = policy.batch.as_ref().filter(|_| generation.channel.takes_batches());
        let by = batch.map(|batch| By { policy: batch.clone(), delay: policy.delay });
        *lock(&self.gather) = by.map(Gather::new);
    }

    /// Gives back what no runner has begun: what is queued, then what is gathered. The journal hands it out again in
    /// this order.
    pub(crate) async fn release(&self, core: &DispatchCore) {
        let queued = self.work.with(Work::take_all).into_iter().flat_map(Load::into_claims);
        let gathered = lock(&self.gather).as_mut().map(Gather::take_all).unwrap_or_default();
        let claims: Vec<_> = queued.chain(gathered).collect();
        if !claims.is_empty() {
            core.journal.release(claims).await;
        }
    }

    /// Closes what is due, and returns when the next batch is due.
    pub(crate) async fn close_due(&self, core: &DispatchCore) -> Option<Instant> {
        let now = core.clock.now();
        let closed = lock(&self.gather).as_mut()?.due(now);
        self.hand_on(Added { closed, deferred: vec![] }, core).await;
        let next = lock(&self.gather).as_ref().and_then(Gather::next)?;
        let wait = Duration::try_from(next.duration_since(now)).unwrap_or_default();
        Some(Instant::now() + wait.clamp(Duration::from_millis(1), LONGEST_NAP))
    }

    /// Adds claims that were made for this generation. It may have been replaced while the claim waited.
    pub(crate) async fn take_in(&self, claims: Vec<Claim>, generation: &Arc<Generation>, core: &DispatchCore) {
        if !self.current().is_some_and(|current| Arc::ptr_eq(&current, generation)) {
            return core.journal.release(claims).await;
        }
        let (policy, now) = (&generation.policy, core.clock.now());
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
            None => return self.work.with(|work| work.add(claims.into_iter().map(Load::One).collect())),
            Some(gather) => {
                // Deliveries that must wait for another reason are gathered after that wait, unwanted ones never.
                for claim in claims {
                    match turn::before_attempt(&claim, policy, self, core, now) {
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
        self.work.with(|work| work.add(added.closed.into_iter().map(Load::Batch).collect()));
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
        let (count, bytes) = self.work.with(|work| {
            let size = |load: &Load| match load {
                Load::One(_) => (0, 0),
                Load::Batch(batch) => (batch.claims.len(), batch.bytes),
            };
            work.iter().map(size).fold((0, 0), |(count, bytes), (more, size)| (count + more, bytes + size))
        });
        count >= MOST || bytes >= MOST_BYTES
    }

    /// Queues each of these to be attempted alone, before anything else.
    pub(crate) fn alone(self: &Arc<Self>, claims: Vec<Claim>) {
        self.work.add_first(claims.into_iter().map(Load::One).collect());
    }

    /// Whether a delivery is queued or gathered that began at `before` or earlier.
    pub(crate) fn has_since(&self, before: Timestamp) -> bool {
        let is_old = |claim: &Claim| claim.since <= before;
        self.work.with(|work| work.iter().flat_map(Load::claims).any(is_old))
            || lock(&self.gather).as_ref().is_some_and(|gather| gather.iter().any(is_old))
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
