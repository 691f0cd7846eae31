//! One channel's lane: it claims, attempts and settles that channel's deliveries and nobody else's.
//!
//! The lane task claims from the journal into a short queue; *runners* (tasks, at most the policy's `concurrency`) take
//! from the queue until it is empty. So a busy lane costs one claim for many deliveries and no task per delivery, and an idle
//! lane costs nothing. What stands in the queue is claimed and not attempted: it stays there while the channel cannot be
//! called, and the journal hands it out again if the process dies.

use std::{
    collections::VecDeque,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use arc_swap::ArcSwapOption;
use fanfare_core::{
    AttemptRecord, ChannelId, ChannelName, ChannelResult, ChannelStatus, Class, Cost, Failure, Fault, Outcome, Policy,
    Report,
    delivery::{self, Next},
};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde_json::value::RawValue;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument, debug_span};

use crate::{
    Attempt, Bounds, Channel, Claim, Clock, Journal, Observer, Settled, Settlement, State,
    board::{Board, lock},
};

/// Claimed ahead of the runners, per runner.
const QUEUED_PER_RUNNER: usize = 2;

/// What all lanes share.
pub(crate) struct Shared {
    pub(crate) journal: Arc<dyn Journal>,
    /// The same object as `journal`, as guests' attempts see it.
    pub(crate) state: Arc<dyn State>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) board: Board,
    /// Lanes stop claiming and runners stop taking when this is cancelled; attempts in flight go on.
    pub(crate) stopping: CancellationToken,
    /// Attempts in flight are dropped when this is cancelled.
    pub(crate) aborting: CancellationToken,
    pub(crate) tasks: TaskTracker,
    /// Where guests run.
    pub(crate) guests: tokio::runtime::Handle,
}

/// What the lane calls now. Replaced as one value; attempts in flight keep the one they began with.
pub(crate) struct Generation {
    pub(crate) channel: Arc<dyn Channel>,
    pub(crate) policy: Policy,
}

pub(crate) struct Lane {
    pub(crate) name: ChannelName,
    pub(crate) id: ChannelId,
    /// Empty while the plugin is missing: the backlog stays, nothing is claimed.
    generation: ArcSwapOption<Generation>,
    /// The receiver said that it is gone.
    suspended: AtomicBool,
    queue: Mutex<VecDeque<Claim>>,
    runners: AtomicUsize,
    /// Wakes the lane task: the queue runs low, or the generation has changed.
    wake: Notify,
}

impl Lane {
    pub(crate) fn start(name: ChannelName, id: ChannelId, shared: &Arc<Shared>) -> Arc<Self> {
        let lane = Arc::new(Self {
            name,
            id,
            generation: ArcSwapOption::empty(),
            suspended: AtomicBool::new(false),
            queue: Mutex::default(),
            runners: AtomicUsize::new(0),
            wake: Notify::new(),
        });
        shared.tasks.spawn_on(Arc::clone(&lane).run(Arc::clone(shared)), &shared.guests);
        lane
    }

    /// Puts another version in the place of the running one, or none.
    pub(crate) fn replace(&self, generation: Option<Arc<Generation>>) {
        self.generation.store(generation);
        self.suspended.store(false, Ordering::SeqCst);
        self.wake.notify_one();
    }

    pub(crate) fn current(&self) -> Option<Arc<Generation>> {
        self.generation.load_full()
    }

    pub(crate) fn is_suspended(&self) -> bool {
        self.suspended.load(Ordering::SeqCst)
    }

    fn callable(&self) -> Option<Arc<Generation>> {
        if self.is_suspended() { None } else { self.current() }
    }

    async fn run(self: Arc<Self>, shared: Arc<Shared>) {
        while !shared.stopping.is_cancelled() {
            let room = self.callable().map_or(0, |current| {
                let limit = current.policy.concurrency * QUEUED_PER_RUNNER;
                // Refilling in halves keeps claims few while the lane is busy.
                let queued = lock(&self.queue).len();
                if queued > limit / 2 { 0 } else { limit - queued }
            });
            self.start_runners(&shared);
            if room == 0 {
                tokio::select! {
                    () = self.wake.notified() => {}
                    () = shared.stopping.cancelled() => {}
                }
                continue;
            }
            tokio::select! {
                biased;
                () = shared.stopping.cancelled() => {}
                claims = shared.journal.claim(self.id, room) => match claims {
                    Ok(claims) => lock(&self.queue).extend(claims),
                    Err(error) => {
                        tracing::error!(channel = %self.name, %error, "deliveries could not be claimed; trying again");
                        tokio::select! {
                            () = tokio::time::sleep(std::time::Duration::from_secs(1)) => {}
                            () = shared.stopping.cancelled() => {}
                        }
                    }
                },
                // A new generation may have other limits, or none may be left.
                () = self.wake.notified() => {}
            }
        }
    }

    /// As many runners as there are deliveries waiting, within the policy.
    fn start_runners(self: &Arc<Self>, shared: &Arc<Shared>) {
        let Some(current) = self.callable() else { return };
        let queued = lock(&self.queue).len();
        for _ in 0..queued {
            let before = self.runners.fetch_add(1, Ordering::SeqCst);
            if before >= current.policy.concurrency {
                self.runners.fetch_sub(1, Ordering::SeqCst);
                return;
            }
            let runner = Runner { lane: Arc::clone(self), shared: Arc::clone(shared) };
            shared.tasks.spawn_on(runner.run(), &shared.guests);
        }
    }
}

/// Takes deliveries from its lane's queue, one at a time, until there is none.
struct Runner {
    lane: Arc<Lane>,
    shared: Arc<Shared>,
}

impl Drop for Runner {
    /// The place is given back however the runner ends; the lane then looks whether something came in meanwhile.
    fn drop(&mut self) {
        self.lane.runners.fetch_sub(1, Ordering::SeqCst);
        self.lane.wake.notify_one();
    }
}

impl Runner {
    async fn run(self) {
        while let Some((claim, generation)) = self.take() {
            let span = debug_span!("attempt", channel = %self.lane.name, delivery = %claim.delivery_id());
            let attempt = self.attempt(&claim, &generation).instrument(span);
            tokio::select! {
                biased;
                report = attempt => self.settle(claim, report.0, report.1, &generation).await,
                // Not settled: the journal hands it out again at the next start.
                () = self.shared.aborting.cancelled() => return,
            }
        }
    }

    fn take(&self) -> Option<(Claim, Arc<Generation>)> {
        if self.shared.stopping.is_cancelled() {
            return None;
        }
        let generation = self.lane.callable()?;
        if self.lane.runners.load(Ordering::SeqCst) > generation.policy.concurrency {
            return None; // the limit was lowered
        }
        let mut queue = lock(&self.lane.queue);
        let claim = queue.pop_front()?;
        if queue.len() == generation.policy.concurrency * QUEUED_PER_RUNNER / 2 {
            self.lane.wake.notify_one();
        }
        Some((claim, generation))
    }

    async fn attempt(&self, claim: &Claim, generation: &Generation) -> (Timestamp, Report) {
        let started = self.shared.clock.now();
        let attempt = Attempt {
            delivery: claim.delivery_id(),
            number: claim.attempts.saturating_add(1),
            replayed: claim.replayed,
            event: Arc::clone(&claim.event),
            bounds: Bounds::from(&generation.policy),
            state: Arc::clone(&self.shared.state),
        };
        // A bug of ours in one attempt must not end the lane.
        let report = AssertUnwindSafe(generation.channel.deliver(attempt)).catch_unwind().await.unwrap_or_else(|_| {
            Report::failed(
                Fault::new(Class::Host, "panic", "the host panicked in this attempt; see its log"),
                Cost::default(),
            )
        });
        (started, report)
    }

    async fn settle(&self, claim: Claim, started: Timestamp, report: Report, generation: &Generation) {
        let Self { lane, shared } = self;
        let now = shared.clock.now();
        let next = delivery::next(claim.attempts, &report.outcome, &generation.policy, now, fastrand::f64());
        let record = record(&claim, started, &report, generation.channel.plugin_digest());
        shared.observer.attempted(&lane.name, record.class, &record);
        if let Outcome::Failed(fault) = &report.outcome {
            tracing::debug!(channel = %lane.name, delivery = %claim.delivery_id(), class = %fault.class, code = %fault.code,
                error = %fault.message, "attempt failed");
        }
        if matches!(next, Next::Suspended { .. }) && !lane.suspended.swap(true, Ordering::SeqCst) {
            tracing::warn!(channel = %lane.name, "the receiver is gone (410); the channel is suspended until its plugin or configuration changes");
        }

        let counted = !matches!(&report.outcome, Outcome::Failed(Fault { class: Class::Host, .. }));
        let (receipt, writes, samples) = match report.outcome {
            Outcome::Delivered { receipt } => (receipt, report.writes, report.samples),
            Outcome::Failed(_) => (None, vec![], vec![]),
        };
        let settled = match next {
            Next::Delivered => Some(Settled::Delivered),
            Next::Dead { .. } => Some(Settled::Dead),
            Next::Waiting { .. } | Next::Suspended { .. } => None,
        };
        // Copied only for a publisher who waits.
        let result = shared.board.watches(claim.key).then(|| {
            let base = Pending { channel: lane.name.clone(), delivery_id: claim.delivery_id(), at: now };
            base.after(next, record.clone(), receipt.clone())
        });
        let done = {
            let (shared, lane, key, accepted_at) = (Arc::clone(shared), Arc::clone(lane), claim.key, claim.accepted_at);
            move || {
                if let Some(how) = settled {
                    let latency = now.duration_since(accepted_at).try_into().unwrap_or_default();
                    shared.observer.settled(&lane.name, how, latency, &samples);
                }
                if let Some(result) = result {
                    shared.board.post(key, result);
                }
            }
        };
        let settlement = Settlement {
            channel: lane.id,
            offset: claim.offset,
            next,
            attempt: counted.then_some(record),
            receipt,
            at: now,
            writes,
            done: Box::new(done),
        };
        shared.journal.settle(settlement).await;
    }
}

fn record(claim: &Claim, started: Timestamp, report: &Report, plugin: &str) -> AttemptRecord {
    let fault = match &report.outcome {
        Outcome::Failed(fault) => Some(fault),
        Outcome::Delivered { .. } => None,
    };
    AttemptRecord {
        number: claim.attempts.saturating_add(1),
        started,
        duration_ms: millis(report.cost),
        class: fault.map(|fault| fault.class),
        code: fault.map(|fault| fault.code.clone()),
        error: fault.map(|fault| fault.message.clone()),
        fuel: report.cost.fuel,
        memory: report.cost.memory,
        plugin: plugin.to_owned(),
        trace: fault.map(|_| report.trace.iter().map(|line| line.0.clone()).collect()).unwrap_or_default(),
    }
}

/// Milliseconds with three digits: what a person reads, and what a microsecond clock can know.
fn millis(cost: Cost) -> f64 {
    (cost.duration.as_secs_f64() * 1e6).round() / 1e3
}

/// A delivery before its first attempt, as the publisher sees it.
pub(crate) struct Pending {
    pub(crate) channel: ChannelName,
    pub(crate) delivery_id: fanfare_core::DeliveryId,
    pub(crate) at: Timestamp,
}

impl Pending {
    pub(crate) fn result(self) -> ChannelResult {
        ChannelResult {
            status: ChannelStatus::Pending,
            channel: self.channel,
            timestamp: self.at,
            delivery_id: self.delivery_id,
            attempts: 0,
            duration_ms: None,
            receipt: None,
            failure: None,
        }
    }

    fn after(self, next: Next, record: AttemptRecord, receipt: Option<String>) -> ChannelResult {
        let (status, attempts, next_attempt_at) = match next {
            Next::Delivered => (ChannelStatus::Success, record.number, None),
            Next::Dead { attempts } => (ChannelStatus::Failed, attempts, None),
            Next::Waiting { until, attempts } => (ChannelStatus::Pending, attempts, Some(until)),
            Next::Suspended { attempts } => (ChannelStatus::Pending, attempts, None),
        };
        let failure = record.class.map(|class| Failure {
            class,
            code: record.code.unwrap_or_default(),
            error: record.error.unwrap_or_default(),
            next_attempt_at,
        });
        ChannelResult {
            status,
            attempts,
            duration_ms: Some(record.duration_ms),
            receipt: receipt.and_then(|text| RawValue::from_string(text).ok()),
            failure,
            ..self.result()
        }
    }
}
