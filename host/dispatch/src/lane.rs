//! One lane per channel: claims deliveries from the journal and keeps as many runners busy as the policy allows.
//!
//! The current [`Generation`] determines how much is read ahead and how many runners there are. A lane on hold or
//! without a plugin claims only what has expired.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use arc_swap::{ArcSwap, ArcSwapOption};
use fanfare_core::{
    ChannelClosed, ChannelId, ChannelName, ChannelOpened, Event, Outcome, Policy, SystemEvent,
    breaker::{Change, Sign},
};
use jiff::Timestamp;
use tokio::{sync::Notify, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Channel, Claim, Clock, Hold, HoldChange, HoldKind, Journal, JournalError, LaneState, Observer, Recipients, State,
    board::{Board, lock},
    gate::{Admission, Gate},
    gather::Gather,
    gathering::Load,
    keyed::Meters,
    once::Windows,
    recipients::Untold,
    runner::{self, Runner},
    system::Announcements,
    table::Table,
    work::Work,
};

/// Deliveries claimed ahead, per runner.
const QUEUED_PER_RUNNER: usize = 2;

/// Expired deliveries settled per call.
const EXPIRED_AT_ONCE: usize = 256;

/// A stopped lane looks for expired deliveries at least this often, because the wall clock may be set.
const LONGEST_NAP: Duration = Duration::from_secs(30);

/// The wait after a failed claim.
const CLAIM_BACKOFF: Duration = Duration::from_secs(1);

/// What all lanes share.
pub(crate) struct Shared {
    pub(crate) journal: Arc<dyn Journal>,
    /// The same object as `journal`, as attempts see it.
    pub(crate) state: Arc<dyn State>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) board: Arc<Board>,
    /// Cancelled when lanes stop claiming and runners stop taking; attempts in flight continue.
    pub(crate) stopping: CancellationToken,
    /// The same as a flag that needs no lock, checked before each attempt.
    pub(crate) stopped: AtomicBool,
    /// Cancelled when attempts in flight are dropped.
    pub(crate) aborting: CancellationToken,
    pub(crate) tasks: TaskTracker,
    /// Where published and emitted events go. `None` before the first table is in force.
    pub(crate) table: ArcSwapOption<Table>,
    /// Every lane since the start.
    pub(crate) lanes: ArcSwap<HashMap<ChannelId, Arc<Lane>>>,
    /// System events on their way to the journal.
    pub(crate) announcements: Announcements,
    /// Why the table is outdated.
    pub(crate) behind: ArcSwapOption<String>,
    /// The runtime for guests.
    pub(crate) guests: tokio::runtime::Handle,
    pub(crate) recipients: Arc<dyn Recipients>,
    pub(crate) untold: Untold,
}

impl Shared {
    pub(crate) fn lane(&self, channel: ChannelId) -> Option<Arc<Lane>> {
        self.lanes.load().get(&channel).cloned()
    }
}

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
    pub(crate) work: Mutex<Work<Load>>,
    /// Present if the policy has batches.
    pub(crate) gather: Mutex<Option<Gather>>,
    /// Whether the last call for a batch failed as a whole and has been logged.
    pub(crate) batch_failed: AtomicBool,
    pub(crate) windows: Windows,
    pub(crate) meters: Meters,
    /// Wakes the lane's task when the queue runs low or the lane's permissions have changed.
    pub(crate) wake: Notify,
}

/// Marks one runner's attempt as waiting.
pub(crate) struct Waiting<'a>(&'a Lane);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        lock(&self.0.work).end_waiting();
    }
}

/// How much is claimed ahead: enough for the runners, and for two slices.
fn claimed_ahead(concurrency: usize, policy: &Policy) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0.4 to 38")]
    let slice = policy.priority.attempts_per_slice().ceil() as usize;
    (concurrency * QUEUED_PER_RUNNER).max(2 * slice)
}

/// Resolves at that time, or never.
async fn reached(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

impl Lane {
    pub(crate) fn start(name: ChannelName, id: ChannelId, hold: Option<Hold>, shared: &Arc<Shared>) -> Arc<Self> {
        let since = hold.as_ref().map_or(Timestamp::MAX, |hold| hold.since);
        let held_for = Duration::try_from(shared.clock.now().duration_since(since)).unwrap_or_default();
        let lane = Arc::new(Self {
            name,
            id,
            generation: ArcSwapOption::empty(),
            policy: ArcSwap::default(),
            held: AtomicBool::new(hold.is_some()),
            gate: Mutex::new(Gate::new(hold, held_for)),
            round: AtomicU32::new(0),
            lags: AtomicBool::new(false),
            work: Mutex::default(),
            gather: Mutex::default(),
            batch_failed: AtomicBool::new(false),
            windows: Windows::default(),
            meters: Meters::default(),
            wake: Notify::new(),
        });
        shared.tasks.spawn_on(Arc::clone(&lane).run(Arc::clone(shared)), &shared.guests);
        lane
    }

    /// Replaces the running version, or removes it.
    pub(crate) fn replace(&self, channel: Option<Arc<dyn Channel>>, policy: Policy) {
        self.policy.store(Arc::new(policy.clone()));
        self.generation.store(channel.map(|channel| Arc::new(Generation { channel, policy })));
        self.wake.notify_one();
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

    pub(crate) fn lags(&self) -> bool {
        self.lags.load(Ordering::Relaxed)
    }

    pub(crate) fn set_lags(&self, lags: bool) {
        self.lags.store(lags, Ordering::Relaxed);
    }

    pub(crate) fn has_queued(&self) -> bool {
        lock(&self.work).queued() > 0
    }

    /// Since when the next item of the queue is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        lock(&self.work).next().map(|load| match load {
            Load::One(claim) => claim.due,
            Load::Batch(batch) => batch.due,
        })
    }

    /// Follows the channel's hold in the journal. Read under the lock, so that the later commit wins whoever learns of
    /// it first.
    pub(crate) fn follow_hold(&self, shared: &Shared) {
        let mut gate = lock(&self.gate);
        gate.follow(shared.journal.hold(self.id), Instant::now());
        let closed = gate.announced_and_over();
        self.publish(&gate);
        drop(gate);
        self.wake.notify_one();
        if let Some(since) = closed {
            let state = self.hold().map_or("active", |hold| hold.kind.as_str());
            let (channel, at) = (self.name.clone(), shared.clock.now());
            shared.announce(SystemEvent::ChannelClosed(ChannelClosed { channel, state, since, at }));
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
        self.wake.notify_one();
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
    fn ready(&self) -> Result<Ready, Option<Instant>> {
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
        shared: &Arc<Shared>,
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
                    tracing::debug!(channel = %self.name, reason = hold.reason, "the breaker stays open: a probe failed");
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
        self.wake.notify_one();
        // The delivery of a system event causes no others.
        let opened = opened.filter(|_| !event.is_system());
        let (lane, own) = (Arc::clone(self), Arc::clone(shared));
        let record = async move {
            if let Err(error) = own.journal.change_hold(lane.id, change).await {
                tracing::error!(channel = %lane.name, %error, "the breaker's state could not be recorded; a restart loses it");
            }
            if let Some(opened) = opened {
                lock(&lane.gate).announced(opened.since);
                own.announce(SystemEvent::ChannelOpened(opened));
            }
        };
        shared.tasks.spawn_on(record, &shared.guests);
    }

    async fn run(self: Arc<Self>, shared: Arc<Shared>) {
        while !shared.stopping.is_cancelled() {
            let Ready { generation, concurrency, .. } = match self.ready() {
                Ok(ready) => ready,
                Err(until) => {
                    self.idle(until, &shared).await;
                    continue;
                }
            };
            let due = self.gather_by(&generation, &shared).await;
            self.start_runners(concurrency, &shared);
            let limit = claimed_ahead(concurrency, &self.policy());
            // Refilling at half keeps claims few while the lane is busy.
            let queued = lock(&self.work).queued();
            if queued > limit / 2 || self.is_laden() {
                tokio::select! {
                    () = self.wake.notified() => {}
                    () = shared.stopping.cancelled() => {}
                    () = reached(due) => {}
                }
                continue;
            }
            tokio::select! {
                biased;
                () = shared.stopping.cancelled() => {}
                claims = shared.journal.claim(self.id, self.claims(limit - queued)) => match claims {
                    Ok(claims) => self.take_in(claims, &shared).await,
                    Err(error) => self.claim_failed(&error, &shared).await,
                },
                // A new policy may have other limits, or nothing may be called any more.
                () = self.wake.notified() => {}
                () = reached(due) => {}
            }
        }
    }

    /// While nothing may be called: waits for a change or for that time, and settles what expires meanwhile.
    async fn idle(self: &Arc<Self>, until: Option<Instant>, shared: &Arc<Shared>) {
        if self.current().is_none() {
            self.release_gathered(shared).await;
        }
        let Some(expires) = self.policy().expires else {
            tokio::select! {
                () = self.wake.notified() => {}
                () = shared.stopping.cancelled() => {}
                () = reached(until) => {}
            }
            return;
        };
        let now = shared.clock.now();
        let before = now.saturating_sub(expires).unwrap_or(Timestamp::MIN);
        // The queue was claimed before the hold.
        let mut expired = self.extract_since(before);
        match shared.journal.claim_expired(self.id, before, EXPIRED_AT_ONCE).await {
            Ok(claims) => expired.extend(claims),
            Err(error) => return self.claim_failed(&error, shared).await,
        }
        if !expired.is_empty() {
            let generation = self.current();
            let expire = |claim: Claim| match claim.since <= before {
                true => shared.with_death(&self.name, runner::expired(claim, expires, generation.as_deref(), shared)),
                // Its event names a later time, from which `expires` counts.
                false => runner::not_yet(claim, now),
            };
            return shared.journal.settle(expired.into_iter().map(expire).collect()).await;
        }
        let oldest = shared.journal.backlog(self.id).oldest;
        let due = oldest.and_then(|oldest| oldest.saturating_add(expires).ok()).map_or(LONGEST_NAP, |due| {
            Duration::try_from(due.duration_since(now))
                .unwrap_or_default()
                .clamp(Duration::from_millis(10), LONGEST_NAP)
        });
        tokio::select! {
            () = self.wake.notified() => {}
            () = shared.stopping.cancelled() => {}
            () = tokio::time::sleep(due) => {}
            () = reached(until) => {}
        }
    }

    async fn claim_failed(&self, error: &JournalError, shared: &Shared) {
        tracing::error!(channel = %self.name, %error, "deliveries could not be claimed; retrying");
        tokio::select! {
            () = tokio::time::sleep(CLAIM_BACKOFF) => {}
            () = shared.stopping.cancelled() => {}
        }
    }

    fn start_runners(self: &Arc<Self>, concurrency: usize, shared: &Arc<Shared>) {
        let started = lock(&self.work).start(concurrency);
        (0..started).for_each(|_| self.spawn_runner(shared));
    }

    fn spawn_runner(self: &Arc<Self>, shared: &Arc<Shared>) {
        let runner = Runner::new(Arc::clone(self), Arc::clone(shared));
        shared.tasks.spawn_on(runner.run(), &shared.guests);
    }

    /// Removes a runner that has not found the queue empty; the lane checks whether another is needed.
    pub(crate) fn leave(&self) {
        lock(&self.work).leave();
        self.wake.notify_one();
    }

    /// The next delivery or batch, and what to call for it. With `None`, the calling runner has left.
    pub(crate) fn take(&self) -> Option<(Load, Ready)> {
        let Ok(ready) = self.ready() else {
            self.leave();
            return None;
        };
        let concurrency = ready.concurrency;
        let mut work = lock(&self.work);
        let limited = ready.generation.policy.rate.is_some();
        if limited && work.queued() > 0 && !lock(&self.gate).begin(&ready.generation.policy, Instant::now()) {
            // Another runner has used up the rate; the lane waits for the next slot.
            drop(work);
            self.leave();
            return None;
        }
        let load = work.take(concurrency)?;
        // Batches may be so large that each one taken makes room.
        let low =
            work.queued() == claimed_ahead(concurrency, &ready.generation.policy) / 2 || matches!(load, Load::Batch(_));
        drop(work);
        if low {
            self.wake.notify_one();
        }
        Some((load, ready))
    }

    /// Returns a booking of the rate that did not become an attempt.
    pub(crate) fn give_back(&self, ready: &Ready) {
        if ready.generation.policy.rate.is_some() {
            lock(&self.gate).give_back();
            self.wake.notify_one();
        }
    }

    /// Marks a runner's attempt as waiting until the result is dropped; another runner takes over the queue.
    pub(crate) fn begin_waiting(self: &Arc<Self>, concurrency: usize, shared: &Arc<Shared>) -> Waiting<'_> {
        if lock(&self.work).begin_waiting(concurrency) {
            self.spawn_runner(shared);
        }
        Waiting(self)
    }
}
