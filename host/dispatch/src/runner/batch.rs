//! Batches: one call, and a settlement for each delivery with a reported outcome. The others are attempted alone at
//! once, and only that attempt counts.

use std::sync::atomic::Ordering;

use fanfare_core::{BatchReport, Class, Cost, Fault, Outcome, Report, StateWrite, breaker::Sign, delivery};
use jiff::Timestamp;
use tracing::{Instrument as _, debug_span};

use super::{Conclusion, Runner, Turned, expired, routed};
use crate::{Claim, lane::Ready};

impl Runner {
    /// Attempts a batch. Returns false if the daemon stops before it ends.
    pub(super) async fn run_batch(&mut self, mut claims: Vec<Claim>, ready: &Ready) -> bool {
        let started = self.core.clock.now();
        // The journal hands these out again.
        claims.retain(|claim| !claim.is_lost(started));
        let policy = &ready.generation.policy;
        let (old, claims): (Vec<_>, Vec<_>) =
            claims.into_iter().partition(|claim| delivery::is_expired(claim.since, started, policy));
        if let Some(expires) = policy.expires {
            let generation = Some(&*ready.generation);
            let dead = |claim| self.core.with_death(&self.lane.name, expired(claim, expires, generation, &self.core));
            self.ended.extend(old.into_iter().map(dead));
        }
        let channel = &ready.generation.channel;
        if !channel.takes_batches() {
            // A new version of the plugin may not take batches.
            self.lane.give_back(ready);
            self.settle().await;
            self.lane.alone(claims);
            return true;
        }
        let (mut turned, mut writes) = (Vec::with_capacity(claims.len()), Vec::with_capacity(claims.len()));
        for claim in claims {
            match self.turn(&claim, ready, started).await {
                Turned::Settle(outcome) => {
                    self.ended.push(self.core.with_death(&self.lane.name, outcome.settle(claim, started)));
                }
                Turned::Attempt(own) => {
                    turned.push(claim);
                    writes.push(own);
                }
            }
        }
        let claims = turned;
        if claims.is_empty() {
            self.lane.give_back(ready);
            self.settle().await;
            return true;
        }
        let batch: Vec<_> = claims.iter().map(|claim| self.attempt_of(claim, ready, started)).collect();
        let span = debug_span!("batch", channel = %self.lane.name, deliveries = claims.len());
        let Some(report) = self.watch(channel.deliver_batch(batch).instrument(span), ready).await else {
            return false;
        };
        let report = report.unwrap_or_else(|fault| BatchReport::failed(claims.len(), &fault, Cost::default()));
        self.conclude(claims.into_iter().zip(writes).collect(), started, report, ready).await;
        true
    }

    /// Settles the deliveries with an outcome, with the writes of each one's turn. The rest is attempted alone.
    async fn conclude(
        &mut self,
        claims: Vec<(Claim, Vec<StateWrite>)>,
        started: Timestamp,
        report: BatchReport,
        ready: &Ready,
    ) {
        let count = claims.len();
        let BatchReport { mut outcomes, fault, cost, writes, samples, emits, trace, sent } = report;
        // One outcome per delivery, whatever the guest returned.
        outcomes.resize(count, None);
        if count > 1 && outcomes.iter().all(is_rejected) {
            // One delivery may have spoilt the request for all: attempting each alone shows which.
            outcomes.fill(None);
        }
        let now = self.core.clock.now();
        self.said(count, fault.as_ref());
        if let Some(outcome) = sign(&outcomes) {
            // Deliveries of system events cause no others.
            let event = claims.iter().map(|(claim, _)| &claim.event);
            let event = event.clone().find(|event| !event.is_system()).or_else(|| event.clone().next());
            if let Some(event) = event {
                self.lane.attempted(ready, event, (outcome, now), &self.core);
            }
        }
        // The call's other effects go with its first successful delivery: all settlements are in one commit.
        let delivered = Outcome::Delivered { receipt: None };
        let (besides, mut emits) =
            routed(Report { outcome: delivered, cost, writes, samples, emits, trace, sent }, now, &self.core);
        if let Outcome::Failed(fault) = &besides.outcome {
            for outcome in outcomes.iter_mut().flatten().filter(|outcome| matches!(outcome, Outcome::Delivered { .. }))
            {
                *outcome = Outcome::Failed(fault.clone());
            }
        }
        let Report { mut writes, mut samples, mut trace, mut sent, .. } = besides;
        let conclusion = Conclusion { ready, lane: &self.lane, core: &self.core, started, now, batch: Some(count) };
        let (mut alone, mut settlements) = (vec![], Vec::with_capacity(count));
        for (place, ((claim, own), outcome)) in claims.into_iter().zip(outcomes).enumerate() {
            let Some(outcome) = outcome else {
                alone.push(claim);
                continue;
            };
            let sent = std::mem::take(&mut sent);
            let bare = Report { cost: share(cost, place, count), sent, ..Report::failed(unsaid(), cost) };
            let is_delivered = matches!(outcome, Outcome::Delivered { .. });
            let (report, emits) = match is_delivered {
                true => {
                    let (writes, samples) = (std::mem::take(&mut writes), std::mem::take(&mut samples));
                    (Report { outcome, writes, samples, ..bare }, std::mem::take(&mut emits))
                }
                // The log lines belong to the call and are kept once.
                false => (Report { outcome, trace: std::mem::take(&mut trace), ..bare }, vec![]),
            };
            let mut settlement = conclusion.of(claim, report, emits);
            settlement.writes.extend(own);
            settlements.push(self.core.with_death(&self.lane.name, settlement));
        }
        self.ended.extend(settlements);
        self.settle().await;
        if !alone.is_empty() {
            self.lane.alone(alone);
        }
    }

    /// Counts a call, and logs the first of consecutive calls that fail as a whole.
    fn said(&self, count: usize, fault: Option<&Fault>) {
        self.core.observer.batched(&self.lane.name, count, fault.is_some());
        let before = self.lane.batch_failed.swap(fault.is_some(), Ordering::Relaxed);
        if let Some(Fault { class, code, message, .. }) = fault
            && !before
        {
            tracing::warn!(
                channel = %self.lane.name, deliveries = count, %class, code, error = message,
                "a call for a batch failed as a whole; its deliveries are attempted alone. Further failures are only \
                 counted, in fanfare_batches_total, until a call succeeds"
            );
        }
    }
}

fn is_rejected(outcome: &Option<Outcome>) -> bool {
    matches!(outcome, Some(Outcome::Failed(fault)) if fault.class == Class::Rejected)
}

/// What a call says to the breaker: the receiver is healthy if any delivery succeeded.
fn sign(outcomes: &[Option<Outcome>]) -> Option<&Outcome> {
    let of = |wanted: Sign| outcomes.iter().flatten().find(|outcome| Sign::of(outcome) == wanted);
    of(Sign::Healthy).or_else(|| of(Sign::Failing)).or_else(|| outcomes.iter().flatten().next())
}

/// One delivery's share of the cost of a call: time and memory are core, fuel is divided, so that sums stay correct.
fn share(cost: Cost, place: usize, count: usize) -> Cost {
    let count = count.max(1) as u64;
    let rest = if place == 0 { cost.fuel % count } else { 0 };
    Cost { fuel: cost.fuel / count + rest, ..cost }
}

fn unsaid() -> Fault {
    Fault::new(Class::Host, "unsaid", "the call reported no outcome for it")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_a_call_used_is_divided_without_a_rest() {
        let cost = Cost { duration: Duration::from_millis(5), fuel: 1_003, memory: 64 };
        let shares: Vec<_> = (0..4).map(|place| share(cost, place, 4)).collect();
        assert_eq!(shares.iter().map(|share| share.fuel).sum::<u64>(), 1_003);
        assert!(shares.iter().all(|share| (share.duration, share.memory) == (cost.duration, 64)));
    }

    #[test]
    fn a_delivered_batch_counts_as_a_healthy_receiver() {
        let failed = |class| Some(Outcome::Failed(Fault::new(class, "c", "m")));
        let well = Some(Outcome::Delivered { receipt: None });
        let of = |outcomes: &[Option<Outcome>]| sign(outcomes).map(Sign::of);
        assert_eq!(of(&[failed(Class::Retry), well.clone(), None]), Some(Sign::Healthy));
        assert_eq!(of(&[failed(Class::Host), failed(Class::Retry)]), Some(Sign::Failing));
        assert_eq!(of(&[failed(Class::Host)]), Some(Sign::None));
        assert_eq!(of(&[None, None]), None);
    }
}
