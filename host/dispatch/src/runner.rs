//! A runner takes deliveries from its lane's queue, one at a time: attempt, decide what follows, settle.

use std::{future::poll_fn, panic::AssertUnwindSafe, pin::pin, sync::Arc, task::Poll, time::Duration};

use fanfare_core::{
    AttemptRecord, Class, Cost, Event, Fault, Outcome, Report, StateWrite,
    breaker::Sign,
    delivery::{self, Next, Skip, Wait},
    turn::{self, Candidate, Turn},
};
use futures_util::FutureExt;
use jiff::Timestamp;
use tracing::{Instrument, debug_span};
use uuid::Uuid;

use crate::{
    Attempt, Bounds, Claim, Entry, Settlement,
    lane::{Generation, Lane, Ready, Shared},
    once::Verdict,
    table::Routing,
};

pub(crate) struct Runner {
    lane: Arc<Lane>,
    shared: Arc<Shared>,
    /// What has ended and is not handed over yet. Attempts that end at once are settled together.
    ended: Vec<Settlement>,
    /// The lane knows that it works no more.
    left: bool,
}

/// What a delivery does when it is its turn.
enum Turned {
    /// To be written with whatever becomes of the attempt.
    Attempt(Option<StateWrite>),
    Settle(Ended),
}

/// How a turn ends without an attempt.
struct Ended {
    next: Next,
    detail: Option<String>,
    write: Option<StateWrite>,
}

impl Ended {
    fn settle(self, claim: Claim, at: Timestamp) -> Settlement {
        let Self { next, detail, write } = self;
        Settlement { detail, writes: write.into_iter().collect(), ..settlement(claim, next, at) }
    }
}

/// The wait after the channel's state could not be read.
const STATE_BACKOFF: Duration = Duration::from_secs(1);

/// So many attempts are settled together at the most: the first must not wait long for the last.
const TOGETHER: usize = 16;

impl Drop for Runner {
    fn drop(&mut self) {
        if !self.left {
            self.lane.leave();
        }
    }
}

impl Runner {
    pub(crate) fn new(lane: Arc<Lane>, shared: Arc<Shared>) -> Self {
        Self { lane, shared, ended: vec![], left: false }
    }

    pub(crate) async fn run(mut self) {
        while !self.shared.stopping.is_cancelled() {
            let Some((claim, ready)) = self.lane.take() else {
                self.left = true;
                break;
            };
            let started = self.shared.clock.now();
            let generation = &ready.generation;
            let settlement = if let Some(expires) = generation.policy.expires
                && delivery::is_expired(claim.since, started, &generation.policy)
            {
                self.lane.give_back(&ready);
                expired(claim, expires, Some(generation), &self.shared)
            } else {
                match self.turn(&claim, &ready, started).await {
                    Turned::Settle(outcome) => {
                        self.lane.give_back(&ready);
                        outcome.settle(claim, started)
                    }
                    Turned::Attempt(write) => {
                        let Some(report) = self.attempt(&claim, &ready).await else {
                            return; // Not settled: the journal hands it out again at the next start.
                        };
                        let mut ended = ended(claim, started, report, &ready, &self.lane, &self.shared);
                        ended.writes.extend(write);
                        ended
                    }
                }
            };
            self.ended.push(settlement);
            if self.ended.len() >= TOGETHER {
                self.settle().await;
            }
            // Attempts that never wait must not keep the others on this thread from running.
            tokio::task::consume_budget().await;
        }
        self.settle().await;
    }

    /// Hands over what has ended.
    async fn settle(&mut self) {
        if !self.ended.is_empty() {
            self.shared.journal.settle(std::mem::take(&mut self.ended)).await;
        }
    }

    /// Whether it is attempted now.
    async fn turn(&self, claim: &Claim, ready: &Ready, now: Timestamp) -> Turned {
        let policy = &ready.generation.policy;
        let Claim { event, since, attempts, origin, deferred, .. } = claim;
        let candidate = Candidate { event, since: *since, spent: *attempts, origin: *origin, deferred: *deferred };
        // No wait outlasts the delivery.
        let end = policy.expires.and_then(|expires| since.saturating_add(expires).ok()).unwrap_or(Timestamp::MAX);
        let defer = |until: Timestamp, wait, write| {
            let next = Next::Deferred { until: until.min(end), attempts: *attempts, wait };
            Turned::Settle(Ended { next, detail: None, write })
        };
        if let Turn::Wait { until, wait } = turn::turn(&candidate, policy, now) {
            return defer(until, wait, None);
        }
        let Some(once) = &policy.once else { return Turned::Attempt(None) };
        match self.lane.windows.judge(claim, once, now, &*self.shared.state).await {
            Ok(Verdict::Deliver(write)) => Turned::Attempt(write),
            Ok(Verdict::Wait { until, write }) => defer(until, Wait::Once, Some(write)),
            Ok(Verdict::Skip(reason)) => {
                Turned::Settle(Ended { next: Next::Skipped(Skip::Once), detail: Some(reason), write: None })
            }
            Err(error) => {
                tracing::error!(channel = %self.lane.name, %error, "what `once` has to know could not be read; trying again");
                let until = now.saturating_add(STATE_BACKOFF).unwrap_or(now);
                let next = Next::Waiting { until, attempts: *attempts };
                Turned::Settle(Ended { next, detail: None, write: None })
            }
        }
    }

    /// One attempt. `None` when the daemon stops before it has ended.
    async fn attempt(&mut self, claim: &Claim, ready: &Ready) -> Option<Report> {
        let generation = &ready.generation;
        let attempt = Attempt {
            delivery: claim.delivery_id(),
            number: claim.attempts.saturating_add(1),
            replayed: claim.origin.is_repeat(),
            event: Arc::clone(&claim.event),
            bounds: Bounds::from(&generation.policy),
            state: Arc::clone(&self.shared.state),
        };
        let span = debug_span!("attempt", channel = %self.lane.name, delivery = %claim.delivery_id());
        // A bug of ours in one attempt must not end the lane.
        let report = AssertUnwindSafe(generation.channel.deliver(attempt)).catch_unwind().instrument(span);
        let mut report = pin!(report);
        // An attempt that ends at once needs nobody beside it; one that waits leaves the queue to the next runner.
        let first = poll_fn(|context| Poll::Ready(report.as_mut().poll(context))).await;
        let report = match first {
            Poll::Ready(report) => report,
            Poll::Pending => {
                // What has ended before it does not wait for it.
                self.settle().await;
                let _waiting = self.lane.begin_waiting(ready.concurrency, &self.shared);
                tokio::select! {
                    biased;
                    report = report => report,
                    () = self.shared.aborting.cancelled() => return None,
                }
            }
        };
        Some(report.unwrap_or_else(|_| {
            let fault = Fault::new(Class::Host, "panic", "the host panicked in this attempt; see its log");
            Report::failed(fault, Cost::default())
        }))
    }
}

/// What became of an attempt, as a value: one place decides what follows.
fn ended(
    claim: Claim,
    started: Timestamp,
    report: Report,
    ready: &Ready,
    lane: &Arc<Lane>,
    shared: &Arc<Shared>,
) -> Settlement {
    let generation = &ready.generation;
    let now = shared.clock.now();
    lane.attempted(ready, &report.outcome, now, shared);
    let (report, emits) = routed(report, now, shared);
    let next = delivery::next(claim.attempts, claim.since, &report.outcome, &generation.policy, now, fastrand::f64());
    // A probe is made for the breaker's sake: the delivery that happens to be the one must not die of an outage for it.
    let next = match Sign::of(&report.outcome) {
        Sign::Failing if ready.probe => Next::Waiting { until: now, attempts: claim.attempts },
        _ => next,
    };
    let record = record(&claim, started, &report, generation.channel.plugin_digest());
    shared.observer.attempted(&lane.name, claim.delivery_id(), &record);
    if let Outcome::Failed(fault) = &report.outcome {
        tracing::debug!(channel = %lane.name, delivery = %claim.delivery_id(), class = %fault.class, code = %fault.code,
            error = %fault.message, "attempt failed");
    }
    let counted = !matches!(&report.outcome, Outcome::Failed(Fault { class: Class::Host, .. }));
    let fallback = match next {
        Next::Dead { .. } => shared.fallback(claim.channel, claim.origin),
        _ => vec![],
    };
    let base = Settlement {
        attempt: counted.then_some(record),
        fallback,
        settings: generation.channel.settings_digest(),
        ..settlement(claim, next, now)
    };
    match report.outcome {
        Outcome::Delivered { receipt } => {
            Settlement { receipt, writes: report.writes, samples: report.samples, emits, ..base }
        }
        Outcome::Failed(fault) => {
            if matches!(next, Next::Suspended { .. }) {
                lane.suspend(fault.message.clone(), now);
            }
            // Where no attempt says why, the settlement does.
            Settlement { fault: (!counted).then_some(fault), ..base }
        }
    }
}

/// A delivery that is too old is dead, without an attempt.
pub(crate) fn expired(claim: Claim, expires: Duration, generation: Option<&Generation>, shared: &Shared) -> Settlement {
    let message = format!("not delivered within {expires:?} (`expires`), after {} attempts", claim.attempts);
    let next = Next::Dead { attempts: claim.attempts };
    Settlement {
        fallback: shared.fallback(claim.channel, claim.origin),
        fault: Some(Fault::new(Class::Expired, "expired", message)),
        settings: generation.map_or_else(|| Arc::from(""), |generation| generation.channel.settings_digest()),
        ..settlement(claim, next, shared.clock.now())
    }
}

/// A delivery whose event names a later time.
pub(crate) fn not_yet(claim: Claim, now: Timestamp) -> Settlement {
    let next = Next::Deferred { until: claim.since, attempts: claim.attempts, wait: Wait::At };
    settlement(claim, next, now)
}

/// A claim that goes on like this, with nothing besides.
fn settlement(claim: Claim, next: Next, at: Timestamp) -> Settlement {
    let Claim { channel, offset, key, event, since, .. } = claim;
    Settlement {
        channel,
        offset,
        key,
        event: Some(event),
        since,
        next,
        attempt: None,
        receipt: None,
        fault: None,
        detail: None,
        fallback: vec![],
        settings: Arc::from(""),
        at,
        writes: vec![],
        emits: vec![],
        samples: vec![],
    }
}

/// Emitted events go where every event goes at this moment. While that is not known, an attempt that emits is a fault of ours.
fn routed(mut report: Report, now: Timestamp, shared: &Shared) -> (Report, Vec<Entry>) {
    if report.emits.is_empty() {
        return (report, vec![]);
    }
    let table = match shared.table() {
        Ok(table) => table,
        Err(reason) => {
            let fault = Fault::new(Class::Host, "no_channels", format!("what it emits has nowhere to go: {reason}"));
            return (Report::failed(fault, report.cost), vec![]);
        }
    };
    let emits = std::mem::take(&mut report.emits);
    let routings = table.routings(&emits, shared);
    let entry = |(event, routing): (Event, Routing)| Entry {
        key: Uuid::now_v7(),
        event: Arc::new(event),
        accepted_at: now,
        targets: routing.targets,
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

/// Milliseconds with three digits: what a person reads, and what a microsecond clock can know.
fn millis(cost: Cost) -> f64 {
    (cost.duration.as_secs_f64() * 1e6).round() / 1e3
}
