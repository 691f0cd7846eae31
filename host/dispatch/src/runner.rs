//! A runner takes deliveries from its lane's queue, one or a batch at a time: attempt, decide what follows, settle.

mod batch;

use std::{
    future::poll_fn,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{Arc, atomic::Ordering},
    task::Poll,
    time::Duration,
};

use fanfare_core::{
    AttemptRecord, Class, Cost, Event, Fault, Outcome, Report, RoundId, Staged, StateWrite, TraceContext,
    breaker::Sign,
    delivery::{self, Next, Skip, Wait},
};
use futures_util::FutureExt;
use jiff::Timestamp;
use tracing::{Instrument, debug_span};
use uuid::Uuid;

use crate::{
    Attempt, Bounds, Claim, Entry, Haste, Settlement,
    dispatch_core::DispatchCore,
    gather::Load,
    keyed::Slot,
    lane::{Lane, Ready},
    once::Verdict,
    slice::Slice,
    table::Routing,
    traced::{Emitted, Traced},
    turn::{Ended, before_attempt, deferred, end_of, expired},
};

pub(crate) struct Runner {
    lane: Arc<Lane>,
    core: Arc<DispatchCore>,
    /// Settlements that are not handed over yet. Attempts that end at once are settled together.
    ended: Vec<Settlement>,
    slice: Option<Slice>,
    /// Whether the lane knows that this runner has stopped.
    left: bool,
}

/// What a delivery does at its turn.
enum Turned {
    /// An attempt. The writes are committed with its result.
    Attempt(Vec<StateWrite>),
    Settle(Ended),
}

/// The wait after the channel's state could not be read.
const STATE_BACKOFF: Duration = Duration::from_secs(1);

/// The maximum number of attempts that are settled together: the first must not wait long for the last.
const TOGETHER: usize = 16;

impl Drop for Runner {
    fn drop(&mut self) {
        if !self.left {
            self.lane.work.leave();
        }
    }
}

impl Runner {
    /// Starts a runner that the lane has counted.
    pub(crate) fn start(lane: Arc<Lane>, core: Arc<DispatchCore>) {
        let runner = Self { lane, core: Arc::clone(&core), ended: vec![], slice: None, left: false };
        core.tasks.spawn_on(runner.run(), &core.guests);
    }

    async fn run(mut self) {
        while !self.core.stopped.load(Ordering::Relaxed) {
            let Some((load, ready)) = self.lane.take() else {
                self.left = true;
                break;
            };
            let claim = match load {
                Load::One(claim) => claim,
                Load::Batch(batch) => {
                    if !self.run_batch(batch.claims, &ready).await {
                        return; // Not settled: the next start hands it out again.
                    }
                    self.share(ready.generation.policy.priority.attempts_per_slice()).await;
                    continue;
                }
            };
            let started = self.core.clock.now();
            if claim.is_lost(started) {
                // The journal hands it out again.
                self.lane.give_back(&ready);
                continue;
            }
            let generation = &ready.generation;
            let per_slice = generation.policy.priority.attempts_per_slice();
            let mut settlement = if let Some(expires) = generation.policy.expires
                && delivery::is_expired(claim.since, started, &generation.policy)
            {
                self.lane.give_back(&ready);
                expired(claim, expires, Some(generation), &self.core)
            } else {
                match self.turn(&claim, &ready, started).await {
                    Turned::Settle(outcome) => {
                        self.lane.give_back(&ready);
                        outcome.settle(claim, started)
                    }
                    Turned::Attempt(writes) => {
                        let Some(report) = self.attempt(&claim, &ready, started).await else {
                            return; // Not settled: the next start hands it out again.
                        };
                        let mut ended = self.conclude_one(claim, started, report, &ready);
                        ended.writes.extend(writes);
                        ended
                    }
                }
            };
            self.core.add_death(&self.lane.name, &mut settlement);
            self.ended.push(settlement);
            if self.ended.len() >= TOGETHER {
                self.settle().await;
            }
            self.share(per_slice).await;
        }
        self.settle().await;
        if self.core.stopped.load(Ordering::Relaxed) {
            // The lane may have stopped before this runner queued deliveries to be attempted alone.
            self.lane.release(&self.core).await;
        }
    }

    /// Yields the thread, so that attempts that never wait do not starve others.
    async fn share(&mut self, per_slice: f64) {
        let others = self.slice.get_or_insert_with(|| Slice::new(per_slice)).spend(per_slice);
        if others == 0 || !self.lane.has_queued() {
            return;
        }
        if others > 1 {
            // Yielding takes a while, so settle first.
            self.settle().await;
        }
        for _ in 0..others {
            tokio::task::yield_now().await;
        }
    }

    /// Hands over the settlements. Those that nobody waits for and nothing follows from need no commit of their own.
    async fn settle(&mut self) {
        if self.ended.is_empty() {
            return;
        }
        let mut ended = std::mem::take(&mut self.ended);
        let least = if self.lane.is_ordered() { Haste::Prompt } else { Haste::CanWait };
        let least = least.max(self.core.board.hand_over(&ended));
        for settlement in &mut ended {
            settlement.haste = if settlement.is_plain() { least } else { least.max(Haste::Prompt) };
        }
        self.core.journal.settle(ended).await;
    }

    /// Decides what the delivery does now.
    async fn turn(&self, claim: &Claim, ready: &Ready, now: Timestamp) -> Turned {
        let policy = &ready.generation.policy;
        if let Some(ended) = before_attempt(claim, policy, &self.lane, &self.core, now) {
            return Turned::Settle(ended);
        }
        let defer = |until, wait, writes| {
            let next = deferred(claim, policy, until, wait);
            Turned::Settle(Ended { writes, ..Ended::new(next) })
        };
        let unknown = |what, error| {
            tracing::error!(
                channel = %self.lane.name, event = claim.event.id, delivery = %claim.delivery_id(), %error,
                "the state of {what} could not be read; retrying"
            );
            let next =
                Next::Waiting { until: now.saturating_add(STATE_BACKOFF).unwrap_or(now), attempts: claim.attempts };
            Turned::Settle(Ended::new(next))
        };
        let mut writes = vec![];
        if let Some(once) = &policy.once {
            match self.lane.windows.judge(claim, once, now, &*self.core.state).await {
                Ok(Verdict::Deliver(write)) => writes.extend(write),
                Ok(Verdict::Wait { until, write }) => return defer(until, Wait::Once, vec![write]),
                Ok(Verdict::Skip { reason, write }) => {
                    let ended = Ended::new(Next::Skipped(Skip::Once));
                    let writes = write.into_iter().collect();
                    return Turned::Settle(Ended { detail: Some(reason), writes, ..ended });
                }
                Err(error) => return unknown("`once`", error),
            }
        }
        let Some(keyed) = &policy.rate_per else { return Turned::Attempt(writes) };
        match self.lane.meters.book(claim, keyed, (now, end_of(claim, policy)), &*self.core.state).await {
            Ok(Slot::Now(write)) => {
                writes.extend(write);
                Turned::Attempt(writes)
            }
            Ok(Slot::At(until, write)) => {
                writes.push(write);
                defer(until, Wait::Rate, writes)
            }
            Ok(Slot::Never) => defer(end_of(claim, policy), Wait::Rate, writes),
            Err(error) => unknown("`rate`", error),
        }
    }

    /// Makes one attempt. `None` if the daemon stops before it ends.
    async fn attempt(&mut self, claim: &Claim, ready: &Ready, started: Timestamp) -> Option<Report> {
        let attempt = self.attempt_of(claim, ready, started);
        let span = debug_span!(
            "attempt", channel = %self.lane.name, event = claim.event.id, delivery = %attempt.delivery,
            attempt = attempt.number, trace_id = attempt.trace.as_ref().map(|context| display(context.trace)));
        let report = self.watch(ready.generation.channel.deliver(attempt).instrument(span), ready).await?;
        Some(report.unwrap_or_else(|fault| Report::failed(fault, Cost::default())))
    }

    fn attempt_of(&self, claim: &Claim, ready: &Ready, started: Timestamp) -> Attempt {
        let trace = self.core.observer.tracing().map(|share| context_of(claim, started, share));
        let event = match &trace {
            None => Arc::clone(&claim.event),
            Some(context) => carrying(&claim.event, context),
        };
        Attempt {
            delivery: claim.delivery_id(),
            number: claim.attempts.saturating_add(1),
            replayed: claim.origin.is_repeat(),
            event,
            bounds: Bounds::from(&ready.generation.policy),
            state: Arc::clone(&self.core.state),
            trace,
        }
    }

    /// The settlement of an attempt.
    fn conclude_one(&self, claim: Claim, started: Timestamp, report: Report, ready: &Ready) -> Settlement {
        let Self { lane, core, .. } = self;
        let now = core.clock.now();
        lane.attempted(ready, &claim.event, (&report.outcome, now), core);
        let (report, emits) = routed(report, now, core);
        Conclusion { ready, lane, core, started, now, batch: None }.of(claim, report, emits)
    }

    /// Waits for the end of a call. `None` if the daemon stops before that.
    async fn watch<R>(&mut self, call: impl Future<Output = R>, ready: &Ready) -> Option<Result<R, Fault>> {
        // A panic in one attempt must not end the lane.
        let mut report = pin!(AssertUnwindSafe(call).catch_unwind());
        // An attempt that ends at once needs no other runner; one that waits leaves the queue to the next.
        let first = poll_fn(|context| Poll::Ready(report.as_mut().poll(context))).await;
        let report = match first {
            Poll::Ready(report) => report,
            Poll::Pending => {
                // Earlier settlements do not wait for this attempt.
                self.settle().await;
                let waiting = self.lane.begin_waiting(ready.concurrency);
                if waiting.needs_runner {
                    Self::start(Arc::clone(&self.lane), Arc::clone(&self.core));
                }
                tokio::select! {
                    biased;
                    report = report => report,
                    () = self.core.aborting.cancelled() => return None,
                }
            }
        };
        Some(report.map_err(|_| Fault::new(Class::Host, "panic", "the host panicked in this attempt; see its log")))
    }
}

/// What all settlements of one call share.
struct Conclusion<'a> {
    ready: &'a Ready,
    lane: &'a Lane,
    core: &'a DispatchCore,
    started: Timestamp,
    now: Timestamp,
    /// The number of deliveries in a batch call.
    batch: Option<usize>,
}

impl Conclusion<'_> {
    /// The settlement of one delivery; the one place that decides what follows an attempt.
    fn of(&self, claim: Claim, mut report: Report, emits: Vec<Entry>) -> Settlement {
        let Self { ready, lane, core, started, now, .. } = *self;
        let generation = &ready.generation;
        let round = delivery::Round { since: claim.since, spent: claim.attempts };
        let next = delivery::next(round, &report.outcome, &generation.policy, now, fastrand::f64());
        // A probe tests the receiver: its delivery must not become a dead letter because of the outage.
        let next = match Sign::of(&report.outcome) {
            Sign::Failing if ready.probe => Next::Waiting { until: now, attempts: claim.attempts },
            _ => next,
        };
        let record = record(&claim, started, &report, generation.channel.plugin_digest());
        core.observer.attempted(&lane.name, claim.delivery_id(), &record);
        if let Outcome::Failed(fault) = &report.outcome {
            tracing::debug!(
                channel = %lane.name, event = claim.event.id, delivery = %claim.delivery_id(), attempt = record.number,
                class = %fault.class, code = %fault.code, error = %fault.message, "attempt failed");
        }
        let counted = !matches!(&report.outcome, Outcome::Failed(Fault { class: Class::Host, .. }));
        let traced = core.observer.tracing().filter(|_| counted);
        let traced = traced.and_then(|share| self.traced(&claim, &mut report, &emits, share));
        let fallback = match next {
            Next::Dead { .. } => core.fallback(claim.channel, claim.origin),
            _ => vec![],
        };
        let base = Settlement {
            attempt: counted.then_some(record),
            fallback,
            settings: generation.channel.settings_digest(),
            traced,
            ..claim.settle(next, now)
        };
        match report.outcome {
            Outcome::Delivered { receipt } => {
                Settlement { receipt, writes: report.writes, samples: report.samples, emits, ..base }
            }
            Outcome::Failed(fault) => {
                let suspends = matches!(next, Next::Suspended { .. }) && lane.suspend(fault.message.clone(), now);
                let told = suspends.then(|| core.suspension(&lane.name, &fault.message, &base)).flatten();
                // Without an attempt record, the settlement shows the fault.
                Settlement { fault: (!counted).then_some(fault), emits: told.into_iter().collect(), ..base }
            }
        }
    }
}

impl Conclusion<'_> {
    /// What traces record of the attempt, if it is sampled.
    fn traced(&self, claim: &Claim, report: &mut Report, emits: &[Entry], share: f64) -> Option<Box<Traced>> {
        let context = context_of(claim, self.started, share);
        if !context.is_sampled() {
            return None;
        }
        let names = self.core.names.load();
        let emitted = |entry: &Entry| Emitted {
            key: entry.key,
            event: Arc::clone(&entry.event),
            channels: entry.targets.iter().filter_map(|id| names.get(id).cloned()).collect(),
            stages: entry.trail.iter().flat_map(|trail| trail.records.clone()).collect(),
        };
        Some(Box::new(Traced {
            context,
            started: self.started,
            duration: report.cost.duration,
            batch: self.batch,
            lines: std::mem::take(&mut report.trace),
            sent: std::mem::take(&mut report.sent),
            emitted: emits.iter().map(emitted).collect(),
        }))
    }
}

/// Routes emitted events like published ones. While the table is unknown, an attempt that emits is a fault of the host.
fn routed(mut report: Report, now: Timestamp, core: &DispatchCore) -> (Report, Vec<Entry>) {
    if report.emits.is_empty() {
        return (report, vec![]);
    }
    let table = match core.table() {
        Ok(table) => table,
        Err(reason) => {
            let fault = Fault::new(Class::Host, "no_channels", format!("its events have nowhere to go: {reason}"));
            return (Report::failed(fault, report.cost), vec![]);
        }
    };
    let emits = std::mem::take(&mut report.emits);
    let routings = table.routings(&emits, &*core.observer);
    let entry = |(staged, routing): (Staged, Routing)| Entry {
        key: Uuid::now_v7(),
        event: Arc::new(staged.event),
        accepted_at: now,
        targets: routing.targets,
        first: routing.first,
        trail: staged.trail,
    };
    let entries = emits.into_iter().zip(routings).map(entry).collect();
    (report, entries)
}

fn record(claim: &Claim, started: Timestamp, report: &Report, plugin: &str) -> AttemptRecord {
    let fault = match &report.outcome {
        Outcome::Failed(fault) => Some(fault),
        Outcome::Delivered { .. } => None,
    };
    AttemptRecord {
        number: claim.attempts.saturating_add(1),
        trigger: claim.origin.trigger(claim.attempts),
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

/// Milliseconds with three decimals, the precision of the clock.
fn millis(cost: Cost) -> f64 {
    (cost.duration.as_secs_f64() * 1e6).round() / 1e3
}

/// The context of a claim's next attempt, which starts now. New traces are sampled at this share.
fn context_of(claim: &Claim, started: Timestamp, share: f64) -> TraceContext {
    let round = RoundId::new(claim.delivery_id(), claim.origin, claim.since);
    let span = round.attempt(claim.attempts.saturating_add(1), started);
    TraceContext::of(&claim.event, claim.key, share).at(span)
}

/// The event that an attempt sees, with the attempt as its parent span.
fn carrying(event: &Event, context: &TraceContext) -> Arc<Event> {
    let mut event = event.clone();
    event.carry(context);
    Arc::new(event)
}
