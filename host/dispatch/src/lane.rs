//! The lane of a channel: what it calls, whether it may, and what it has claimed.
//!
//! The current [`Generation`] determines how much is read ahead and how many runners there are. What the lane has
//! claimed for it, and no runner has begun, goes back to the journal when the lane is put on hold, replaced or stopped.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use arc_swap::{ArcSwap, ArcSwapOption};
use fanfare_core::{
    ChannelClosed, ChannelId, ChannelName, ChannelOpened, DeliveryId, Event, Outcome, Policy, SystemEvent,
    breaker::{Change, Sign},
};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{
    Backlog, Channel, Hold, HoldChange, HoldKind,
    board::lock,
    dispatch_core::DispatchCore,
    gate::{Admission, Gate},
    gather::{Gather, Load},
    keyed::Meters,
    once::Windows,
    work::Work,
    work_queue::WorkQueue,
};

/// Deliveries claimed ahead, per runner.
const QUEUED_PER_RUNNER: usize = 2;

/// What the lane calls now. Replaced as one value; attempts in flight keep the one they began with.
pub(crate) struct Generation {
    pub(crate) channel: Arc<dyn Channel>,
    pub(crate) policy: Policy,
}

/// What may be called now, and with which concurrency.
pub(crate) struct Ready {
    pub(crate) generation: Arc<Generation>,
    pub(crate) concurrency: usize,
    /// The breaker's round.
    pub(crate) round: u32,
    /// Whether the breaker is half-open, so that the attempt is a probe.
    pub(crate) probe: bool,
}

pub(crate) struct Lane {
    pub(crate) name: ChannelName,
    pub(crate) id: ChannelId,
    /// Empty while the plugin is missing: the backlog stays, and nothing is claimed.
    generation: ArcSwapOption<Generation>,
    /// Also in force while the plugin is missing.
    policy: ArcSwap<Policy>,
    gate: Mutex<Gate>,
    /// Whether there is a hold, readable without the lock.
    held: AtomicBool,
    /// The gate's round, readable without the lock.
    round: AtomicU32,
    /// Whether the channel has been reported as lagging.
    lags: AtomicBool,
    /// Its task is woken when the queue runs low or what the lane may do has changed.
    pub(crate) work: WorkQueue<Load>,
    /// Present if the policy has batches.
    pub(crate) gather: Mutex<Option<Gather>>,
    /// Whether the last call for a batch failed as a whole and has been logged.
    pub(crate) batch_failed: AtomicBool,
    /// Whether a stale settlement has been logged.
    stale: AtomicBool,
    pub(crate) windows: Windows,
    pub(crate) meters: Meters,
}

/// The state of a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LaneState {
    Active,
    Held(Hold),
    /// The plugin is missing.
    Missing,
}

/// Marks one runner's attempt as waiting.
pub(crate) struct Waiting<'a> {
    lane: &'a Lane,
    /// Whether another runner is needed for the queue.
    pub(crate) needs_runner: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.lane.work.with(Work::end_waiting);
    }
}

/// How much is claimed ahead: enough for the runners, and for two slices.
pub(crate) fn claimed_ahead(concurrency: usize, policy: &Policy) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0.4 to 38")]
    let slice = policy.priority.attempts_per_slice().ceil() as usize;
    (concurrency * QUEUED_PER_RUNNER).max(2 * slice)
}

impl Lane {
    /// `held_for` is the time since the hold began.
    pub(crate) fn new(name: ChannelName, id: ChannelId, hold: Option<Hold>, held_for: Duration) -> Self {
        Self {
            name,
            id,
            generation: ArcSwapOption::empty(),
            policy: ArcSwap::default(),
            held: AtomicBool::new(hold.is_some()),
            gate: Mutex::new(Gate::new(hold, held_for)),
            round: AtomicU32::new(0),
            lags: AtomicBool::new(false),
            work: WorkQueue::default(),
            gather: Mutex::default(),
            batch_failed: AtomicBool::new(false),
            stale: AtomicBool::new(false),
            windows: Windows::default(),
            meters: Meters::default(),
        }
    }

    /// Replaces the running version, or removes it.
    pub(crate) fn replace(&self, channel: Option<Arc<dyn Channel>>, policy: Policy) {
        self.policy.store(Arc::new(policy.clone()));
        self.generation.store(channel.map(|channel| Arc::new(Generation { channel, policy })));
        self.work.wake();
    }

    pub(crate) fn current(&self) -> Option<Arc<Generation>> {
        self.generation.load_full()
    }

    /// How long the rate delays the next attempt.
    pub(crate) fn limited_for(&self) -> Option<Duration> {
        let (policy, now) = (self.policy(), Instant::now());
        lock(&self.gate).limited_until(&policy, now).map(|until| until.duration_since(now))
    }

    pub(crate) fn policy(&self) -> Arc<Policy> {
        self.policy.load_full()
    }

    /// Whether a delivery may wait for the end of another.
    pub(crate) fn is_ordered(&self) -> bool {
        self.policy.load().order.is_some()
    }

    pub(crate) fn hold(&self) -> Option<Hold> {
        lock(&self.gate).hold().cloned()
    }

    pub(crate) fn state(&self) -> LaneState {
        match (self.hold(), self.current()) {
            (Some(hold), _) => LaneState::Held(hold),
            (None, None) => LaneState::Missing,
            (None, Some(_)) => LaneState::Active,
        }
    }

    /// Whether no attempt is made however long it takes, because of a hold or because the plugin is missing.
    pub(crate) fn is_stopped(&self) -> bool {
        self.held.load(Ordering::SeqCst) || self.generation.load().is_none()
    }

    pub(crate) fn lags(&self) -> bool {
        self.lags.load(Ordering::Relaxed)
    }

    pub(crate) fn set_lags(&self, lags: bool) {
        self.lags.store(lags, Ordering::Relaxed);
    }

    pub(crate) fn has_queued(&self) -> bool {
        self.work.with(|work| work.queued()) > 0
    }

    /// Since when the next item of the queue is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.work.with(|work| {
            work.next().map(|load| match load {
                Load::One(claim) => claim.due,
                Load::Batch(batch) => batch.due,
            })
        })
    }

    /// Since when the longest-waiting due delivery waits, as far as that is known without reading from disk.
    pub(crate) fn due_since(&self, backlog: &Backlog) -> Option<Timestamp> {
        let queued = self.next_due();
        [queued, backlog.due].into_iter().flatten().min()
    }

    /// Follows the channel's hold in the journal. Read under the lock, so that the later commit wins whoever learns of
    /// it first.
    pub(crate) fn follow_hold(&self, core: &DispatchCore) {
        let mut gate = lock(&self.gate);
        gate.follow(core.journal.hold(self.id), Instant::now());
        let closed = gate.announced_and_over();
        self.publish(&gate);
        drop(gate);
        self.work.wake();
        if let Some(since) = closed {
            let state = self.hold().map_or("active", |hold| hold.kind.as_str());
            let (channel, at) = (self.name.clone(), core.clock.now());
            core.announce(SystemEvent::ChannelClosed(ChannelClosed { channel, state, since, at }));
        }
    }

    /// Suspends the lane because the receiver is gone, until the record in the journal takes over. Returns false if it
    /// is already on hold.
    pub(crate) fn suspend(&self, reason: String, since: Timestamp) -> bool {
        let mut gate = lock(&self.gate);
        if !gate.suspend(Hold { kind: HoldKind::Suspended, reason, since }) {
            return false;
        }
        self.publish(&gate);
        drop(gate);
        self.work.wake();
        tracing::warn!(channel = %self.name, "the receiver is gone (410); the channel is suspended until \
            an operator resumes it or its plugin or settings change");
        true
    }

    /// Updates the values that are readable without the lock.
    fn publish(&self, gate: &Gate) {
        self.round.store(gate.round(), Ordering::SeqCst);
        self.held.store(gate.hold().is_some(), Ordering::SeqCst);
    }

    /// What to call now. If nothing may be called: until when, if known.
    pub(crate) fn ready(&self) -> Result<Ready, Option<Instant>> {
        let generation = self.current().ok_or(None)?;
        let concurrency = generation.policy.concurrency;
        if !self.held.load(Ordering::SeqCst) && generation.policy.rate.is_none() {
            return Ok(Ready { generation, concurrency, round: self.round.load(Ordering::SeqCst), probe: false });
        }
        let mut gate = lock(&self.gate);
        let admission = gate.admit(&generation.policy, Instant::now());
        self.publish(&gate);
        let round = gate.round();
        drop(gate);
        match admission {
            Admission::Free => Ok(Ready { generation, concurrency, round, probe: false }),
            Admission::Probes(most) => Ok(Ready { generation, concurrency: most, round, probe: true }),
            Admission::Shut(until) => Err(until),
        }
    }

    /// Records the end of an attempt of this event. The breaker may open or close at once, until the record in the
    /// journal takes over.
    pub(crate) fn attempted(
        self: &Arc<Self>,
        ready: &Ready,
        event: &Event,
        (outcome, now): (&Outcome, Timestamp),
        core: &Arc<DispatchCore>,
    ) {
        let Some(policy) = ready.generation.policy.breaker else { return };
        let reason = || match outcome {
            Outcome::Failed(fault) => format!("{} {}: {}", fault.class, fault.code, fault.message),
            Outcome::Delivered { .. } => String::new(),
        };
        let opened = || Hold { kind: HoldKind::Open, reason: reason(), since: now };
        let mut gate = lock(&self.gate);
        let change = gate.ended(ready.round, Sign::of(outcome), &policy, opened);
        let hold = gate.hold().cloned();
        self.publish(&gate);
        drop(gate);
        let mut opened = None;
        let change = match (change, hold) {
            (Change::Stays, _) | (Change::Opens, None) => return,
            (Change::Opens, Some(hold)) => {
                if ready.probe {
                    let reason = &hold.reason;
                    tracing::debug!(channel = %self.name, reason, "the breaker stays open: a probe failed");
                } else {
                    tracing::warn!(
                        channel = %self.name, reason = hold.reason, open = ?policy.open,
                        "the breaker opens: deliveries wait and spend no attempts"
                    );
                    opened = Some(ChannelOpened {
                        channel: self.name.clone(),
                        reason: hold.reason.clone(),
                        since: hold.since,
                        until: hold.since.saturating_add(policy.open).unwrap_or(Timestamp::MAX),
                    });
                }
                HoldChange::Open(hold)
            }
            (Change::Closes, _) => {
                tracing::info!(channel = %self.name, "the breaker closes: the receiver is healthy again");
                HoldChange::Close
            }
        };
        self.work.wake();
        // The delivery of a system event causes no others.
        let opened = opened.filter(|_| !event.is_system());
        let (lane, own) = (Arc::clone(self), Arc::clone(core));
        let record = async move {
            if let Err(error) = own.journal.change_hold(lane.id, change).await {
                let channel = &lane.name;
                tracing::error!(%channel, %error, "the breaker's state could not be recorded; a restart loses it");
            }
            if let Some(opened) = opened {
                lock(&lane.gate).announced(opened.since);
                own.announce(SystemEvent::ChannelOpened(opened));
            }
        };
        core.tasks.spawn_on(record, &core.guests);
    }

    /// Settlements of these deliveries came too late and were discarded. Logs the first.
    pub(crate) fn settled_too_late(&self, deliveries: &[DeliveryId], core: &DispatchCore) {
        core.observer.stale(&self.name, deliveries.len());
        // A suspension that one of them brought is not recorded.
        if self.hold().is_some_and(|hold| hold.kind == HoldKind::Suspended) {
            self.follow_hold(core);
        }
        if let Some(delivery) = deliveries.first()
            && !self.stale.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                channel = %self.name, %delivery,
                "a settlement was discarded because its claim was no longer in force; if the delivery has not ended, \
                 it is made again under the same id. The following ones are only counted, in \
                 fanfare_settlements_stale_total"
            );
        }
    }

    /// The next delivery or batch, and what to call for it. With `None`, the calling runner has left.
    pub(crate) fn take(&self) -> Option<(Load, Ready)> {
        let Ok(ready) = self.ready() else {
            self.work.leave();
            return None;
        };
        let concurrency = ready.concurrency;
        let policy = &ready.generation.policy;
        // If another runner has used up the rate, the lane waits for the next slot.
        let may_begin = || policy.rate.is_none() || lock(&self.gate).begin(policy, Instant::now());
        // Batches may be so large that each one taken makes room.
        let is_low =
            |load: &Load, left| left == claimed_ahead(concurrency, policy) / 2 || matches!(load, Load::Batch(_));
        let load = self.work.take(concurrency, may_begin, is_low)?;
        Some((load, ready))
    }

    /// Returns a booking of the rate that did not become an attempt.
    pub(crate) fn give_back(&self, ready: &Ready) {
        if ready.generation.policy.rate.is_some() {
            lock(&self.gate).give_back();
            self.work.wake();
        }
    }

    /// Marks a runner's attempt as waiting until the result is dropped.
    pub(crate) fn begin_waiting(&self, concurrency: usize) -> Waiting<'_> {
        Waiting { lane: self, needs_runner: self.work.with(|work| work.begin_waiting(concurrency)) }
    }
}
