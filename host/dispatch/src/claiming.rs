//! The task of a lane: claims deliveries from the journal and keeps as many runners busy as the policy allows. A lane
//! on hold or without a plugin gives back what no runner has begun, and claims only what has expired.

use std::{sync::Arc, time::Duration};

use fanfare_core::{ChannelId, ChannelName};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{
    Claim, Hold, JournalError,
    dispatch_core::DispatchCore,
    lane::{Generation, Lane, Ready, claimed_ahead},
    runner::Runner,
    turn,
};

/// Expired deliveries settled per call.
const EXPIRED_AT_ONCE: usize = 256;

/// A stopped lane looks for expired deliveries at least this often, because the wall clock may be set.
const LONGEST_NAP: Duration = Duration::from_secs(30);

/// The wait after a failed claim.
const CLAIM_BACKOFF: Duration = Duration::from_secs(1);

/// Resolves at that time, or never.
async fn reached(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

impl Lane {
    pub(crate) fn start(name: ChannelName, id: ChannelId, hold: Option<Hold>, core: &Arc<DispatchCore>) -> Arc<Self> {
        let since = hold.as_ref().map_or(Timestamp::MAX, |hold| hold.since);
        let held_for = Duration::try_from(core.clock.now().duration_since(since)).unwrap_or_default();
        let lane = Arc::new(Self::new(name, id, hold, held_for));
        core.tasks.spawn_on(Arc::clone(&lane).run(Arc::clone(core)), &core.guests);
        lane
    }

    async fn run(self: Arc<Self>, core: Arc<DispatchCore>) {
        let mut begun: Option<Arc<Generation>> = None;
        while !core.stopping.is_cancelled() {
            let Ready { generation, concurrency, .. } = match self.ready() {
                Ok(ready) => ready,
                Err(until) => {
                    self.idle(until, &core).await;
                    continue;
                }
            };
            if !begun.as_ref().is_some_and(|begun| Arc::ptr_eq(begun, &generation)) {
                self.begin(&generation, &core).await;
                begun = Some(Arc::clone(&generation));
            }
            let due = self.close_due(&core).await;
            self.start_runners(concurrency, &core);
            let limit = claimed_ahead(concurrency, &self.policy());
            // Refilling at half keeps claims few while the lane is busy.
            let queued = self.work.with(|work| work.queued());
            if queued > limit / 2 || self.is_laden() {
                tokio::select! {
                    () = self.work.woken() => {}
                    () = core.stopping.cancelled() => {}
                    () = reached(due) => {}
                }
                continue;
            }
            tokio::select! {
                biased;
                () = core.stopping.cancelled() => {}
                claims = core.journal.claim(self.id, self.claims(limit - queued)) => match claims {
                    Ok(claims) => self.take_in(claims, &generation, &core).await,
                    Err(error) => self.claim_failed(&error, &core).await,
                },
                // A new policy may have other limits, or nothing may be called any more.
                () = self.work.woken() => {}
                () = reached(due) => {}
            }
        }
        self.release(&core).await;
    }

    /// While nothing may be called: waits for a change or for that time, and settles what expires meanwhile.
    async fn idle(self: &Arc<Self>, until: Option<Instant>, core: &Arc<DispatchCore>) {
        // A rate makes the lane wait again and again, and keeps the queue.
        if self.is_stopped() {
            self.release(core).await;
        }
        let Some(expires) = self.policy().expires else {
            tokio::select! {
                () = self.work.woken() => {}
                () = core.stopping.cancelled() => {}
                () = reached(until) => {}
            }
            return;
        };
        let now = core.clock.now();
        let before = now.saturating_sub(expires).unwrap_or(Timestamp::MIN);
        if self.has_since(before) {
            self.release(core).await;
        }
        let expired = match core.journal.claim_expired(self.id, before, EXPIRED_AT_ONCE).await {
            Ok(claims) => claims,
            Err(error) => return self.claim_failed(&error, core).await,
        };
        if !expired.is_empty() {
            let generation = self.current();
            let expire = |claim: Claim| match claim.since <= before {
                true => core.with_death(&self.name, turn::expired(claim, expires, generation.as_deref(), core)),
                // Its event names a later time, from which `expires` counts.
                false => turn::not_yet(claim, now),
            };
            return core.journal.settle(expired.into_iter().map(expire).collect()).await;
        }
        let oldest = core.journal.backlog(self.id).oldest;
        let due = oldest.and_then(|oldest| oldest.saturating_add(expires).ok()).map_or(LONGEST_NAP, |due| {
            Duration::try_from(due.duration_since(now))
                .unwrap_or_default()
                .clamp(Duration::from_millis(10), LONGEST_NAP)
        });
        tokio::select! {
            () = self.work.woken() => {}
            () = core.stopping.cancelled() => {}
            () = tokio::time::sleep(due) => {}
            () = reached(until) => {}
        }
    }

    async fn claim_failed(&self, error: &JournalError, core: &DispatchCore) {
        tracing::error!(channel = %self.name, %error, "deliveries could not be claimed; retrying");
        tokio::select! {
            () = tokio::time::sleep(CLAIM_BACKOFF) => {}
            () = core.stopping.cancelled() => {}
        }
    }

    fn start_runners(self: &Arc<Self>, concurrency: usize, core: &Arc<DispatchCore>) {
        let started = self.work.with(|work| work.start(concurrency));
        (0..started).for_each(|_| Runner::start(Arc::clone(self), Arc::clone(core)));
    }
}
