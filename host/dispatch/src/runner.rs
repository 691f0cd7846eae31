//! A runner takes deliveries from its lane's queue, one at a time: attempt, decide what follows, settle.

use std::{future::poll_fn, panic::AssertUnwindSafe, pin::pin, sync::Arc, task::Poll, time::Duration};

use fanfare_core::{
    AttemptRecord, ChannelId, ChannelName, ChannelResult, ChannelStatus, Class, Cost, DeliveryId, Event, Failure,
    Fault, Outcome, Report, Sample, StateWrite,
    delivery::{self, Next},
};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde_json::value::RawValue;
use tracing::{Instrument, debug_span};
use uuid::Uuid;

use crate::{
    Attempt, Bounds, Claim, End, Entry, Recorded, Settled, Settlement,
    lane::{Generation, Lane, Shared},
};

pub(crate) struct Runner {
    lane: Arc<Lane>,
    shared: Arc<Shared>,
    /// The lane knows that it works no more.
    left: bool,
}

impl Drop for Runner {
    fn drop(&mut self) {
        if !self.left {
            self.lane.leave();
        }
    }
}

impl Runner {
    pub(crate) fn new(lane: Arc<Lane>, shared: Arc<Shared>) -> Self {
        Self { lane, shared, left: false }
    }

    pub(crate) async fn run(mut self) {
        while !self.shared.stopping.is_cancelled() {
            let Some((claim, generation)) = self.lane.take() else {
                self.left = true;
                return;
            };
            let Self { lane, shared, .. } = &self;
            let started = shared.clock.now();
            if let Some(expires) = generation.policy.expires
                && delivery::is_expired(claim.since, started, &generation.policy)
            {
                expire(claim, expires, Some(&generation), lane, shared).await;
                continue;
            }
            let Some(report) = self.attempt(&claim, &generation).await else {
                return; // Not settled: the journal hands it out again at the next start.
            };
            settle(claim, started, report, &generation, lane, shared).await;
            // Attempts that never wait must not keep the others on this thread from running.
            tokio::task::consume_budget().await;
        }
    }

    /// One attempt. `None` when the daemon stops before it has ended.
    async fn attempt(&self, claim: &Claim, generation: &Generation) -> Option<Report> {
        let Self { lane, shared, .. } = self;
        let attempt = Attempt {
            delivery: claim.delivery_id(),
            number: claim.attempts.saturating_add(1),
            replayed: claim.origin.is_repeat(),
            event: Arc::clone(&claim.event),
            bounds: Bounds::from(&generation.policy),
            state: Arc::clone(&shared.state),
        };
        let span = debug_span!("attempt", channel = %lane.name, delivery = %claim.delivery_id());
        // A bug of ours in one attempt must not end the lane.
        let report = AssertUnwindSafe(generation.channel.deliver(attempt)).catch_unwind().instrument(span);
        let mut report = pin!(report);
        // An attempt that ends at once needs nobody beside it; one that waits leaves the queue to the next runner.
        let first = poll_fn(|context| Poll::Ready(report.as_mut().poll(context))).await;
        let report = match first {
            Poll::Ready(report) => report,
            Poll::Pending => {
                let _waiting = lane.begin_waiting(&generation.policy, shared);
                tokio::select! {
                    biased;
                    report = report => report,
                    () = shared.aborting.cancelled() => return None,
                }
            }
        };
        Some(report.unwrap_or_else(|_| {
            let fault = Fault::new(Class::Host, "panic", "the host panicked in this attempt; see its log");
            Report::failed(fault, Cost::default())
        }))
    }
}

async fn settle(
    claim: Claim,
    started: Timestamp,
    report: Report,
    generation: &Generation,
    lane: &Arc<Lane>,
    shared: &Arc<Shared>,
) {
    let now = shared.clock.now();
    let (report, targets) = routed(report, shared);
    let next = delivery::next(claim.attempts, claim.since, &report.outcome, &generation.policy, now, fastrand::f64());
    let record = record(&claim, started, &report, generation.channel.plugin_digest());
    shared.observer.attempted(&lane.name, claim.delivery_id(), &record);
    if let Outcome::Failed(fault) = &report.outcome {
        tracing::debug!(channel = %lane.name, delivery = %claim.delivery_id(), class = %fault.class, code = %fault.code,
            error = %fault.message, "attempt failed");
    }
    let counted = !matches!(&report.outcome, Outcome::Failed(Fault { class: Class::Host, .. }));
    let (receipt, effects) = match report.outcome {
        Outcome::Delivered { receipt } => {
            let effects =
                Effects { writes: report.writes, samples: report.samples, emits: entries(report.emits, now, &targets) };
            (receipt, effects)
        }
        Outcome::Failed(fault) => {
            if matches!(next, Next::Suspended { .. }) {
                lane.suspend(fault.message, now);
            }
            (None, Effects::default())
        }
    };
    // Copied only for those who look.
    let result = wanted(&claim, next, shared)
        .then(|| Pending::of(&claim, &lane.name, now).after(next, record.clone(), receipt.clone()));
    let how = How {
        next,
        attempt: counted.then_some(record),
        receipt,
        fault: None,
        settings: generation.channel.settings_digest(),
    };
    record_end(claim, now, how, effects, result, lane, shared).await;
}

/// Settles a delivery that is too old as dead, without an attempt.
pub(crate) async fn expire(
    claim: Claim,
    expires: Duration,
    generation: Option<&Generation>,
    lane: &Arc<Lane>,
    shared: &Arc<Shared>,
) {
    let now = shared.clock.now();
    let message = format!("not delivered within {expires:?} (`expires`), after {} attempts", claim.attempts);
    let fault = Fault::new(Class::Expired, "expired", message);
    let next = Next::Dead { attempts: claim.attempts };
    let result = wanted(&claim, next, shared).then(|| {
        let failure = Failure {
            class: fault.class,
            code: fault.code.clone(),
            error: fault.message.clone(),
            next_attempt_at: None,
        };
        let attempts = claim.attempts;
        let base = Pending::of(&claim, &lane.name, now).result();
        ChannelResult { status: ChannelStatus::Failed, attempts, failure: Some(failure), ..base }
    });
    let settings = generation.map_or_else(|| Arc::from(""), |generation| generation.channel.settings_digest());
    let how = How { next, attempt: None, receipt: None, fault: Some(fault), settings };
    record_end(claim, now, how, Effects::default(), result, lane, shared).await;
}

/// What a delivery leaves behind besides its record.
#[derive(Default)]
struct Effects {
    writes: Vec<StateWrite>,
    samples: Vec<Sample>,
    emits: Vec<Entry>,
}

/// Emitted events go where every event goes at this moment. While that is not known, an attempt that emits is a fault of ours.
fn routed(report: Report, shared: &Shared) -> (Report, Arc<[ChannelId]>) {
    if report.emits.is_empty() {
        return (report, Arc::default());
    }
    match shared.table() {
        Ok(table) => (report, Arc::clone(&table.targets)),
        Err(reason) => {
            let fault = Fault::new(Class::Host, "no_channels", format!("what it emits has nowhere to go: {reason}"));
            (Report::failed(fault, report.cost), Arc::default())
        }
    }
}

fn entries(events: Vec<Event>, now: Timestamp, targets: &Arc<[ChannelId]>) -> Vec<Entry> {
    let entry =
        |event| Entry { key: Uuid::now_v7(), event: Arc::new(event), accepted_at: now, targets: Arc::clone(targets) };
    events.into_iter().map(entry).collect()
}

/// How an attempt ended, as far as the journal keeps it.
struct How {
    next: Next,
    attempt: Option<AttemptRecord>,
    receipt: Option<String>,
    fault: Option<Fault>,
    settings: Arc<str>,
}

/// Whether someone looks at how this one ended.
fn wanted(claim: &Claim, next: Next, shared: &Shared) -> bool {
    let ends = matches!(next, Next::Delivered | Next::Dead { .. });
    shared.board.watches(claim.key) || (ends && shared.observer.wants_results())
}

async fn record_end(
    claim: Claim,
    now: Timestamp,
    how: How,
    effects: Effects,
    result: Option<ChannelResult>,
    lane: &Arc<Lane>,
    shared: &Arc<Shared>,
) {
    let settled = match how.next {
        Next::Delivered => Some(Settled::Delivered),
        Next::Dead { .. } => Some(Settled::Dead),
        Next::Waiting { .. } | Next::Suspended { .. } => None,
    };
    let Effects { writes, samples, emits } = effects;
    let (channel, offset, key, since, event) = (claim.channel, claim.offset, claim.key, claim.since, claim.event);
    let suspended = matches!(how.next, Next::Suspended { .. }).then(|| Arc::clone(lane));
    let done = {
        let (shared, name) = (Arc::clone(shared), lane.name.clone());
        move |recorded: Recorded| {
            if let Some(lane) = suspended {
                lane.follow_hold(&*shared.journal);
            }
            if recorded.emitted > 0 {
                shared.observer.accepted(recorded.emitted);
            }
            if let Some(how) = settled {
                let latency = now.duration_since(since).try_into().unwrap_or_default();
                let (channel, event, samples) = (&name, &*event, &samples[..]);
                shared.observer.settled(&End {
                    channel,
                    offset,
                    event,
                    how,
                    latency,
                    samples,
                    result: result.as_ref(),
                });
            }
            if let Some(result) = result {
                shared.board.post(key, result);
            }
        }
    };
    let How { next, attempt, receipt, fault, settings } = how;
    let done = Box::new(done);
    shared
        .journal
        .settle(Settlement { channel, offset, next, attempt, receipt, fault, settings, at: now, writes, emits, done })
        .await;
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

/// A delivery before its first attempt, as the publisher sees it.
pub(crate) struct Pending {
    pub(crate) channel: ChannelName,
    pub(crate) delivery_id: DeliveryId,
    pub(crate) at: Timestamp,
}

impl Pending {
    fn of(claim: &Claim, channel: &ChannelName, at: Timestamp) -> Self {
        Self { channel: channel.clone(), delivery_id: claim.delivery_id(), at }
    }

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
