//! Instances that serve more than one attempt.

use fanfare_core::{Class, Outcome};
use fanfare_dispatch::{Bounds, Channel};
use std::sync::Arc;

use crate::support::{attempt, bounds, channel, failed, hostile, receipt, setup};

const REUSE: u32 = 3;

fn reusing() -> Bounds {
    Bounds { reuse: REUSE, ..bounds() }
}

/// How many attempts this instance has served, by its own count.
async fn count(channel: &Arc<dyn Channel>) -> u64 {
    let report = channel.deliver(attempt(reusing())).await;
    receipt(&report)["count"].as_u64().unwrap()
}

#[tokio::test]
async fn an_instance_serves_so_many_attempts_and_then_there_is_a_new_one() {
    let channel = channel(&hostile().await, setup(&[("mode", "count")]));
    let mut counted = vec![];
    for _ in 0..7 {
        counted.push(count(&channel).await);
    }
    assert_eq!(counted, [1, 2, 3, 1, 2, 3, 1]);
}

#[tokio::test]
async fn two_attempts_at_once_never_share_an_instance() {
    let channel = channel(&hostile().await, setup(&[("mode", "count"), ("ms", "50")]));
    let (a, b) = tokio::join!(count(&channel), count(&channel));
    assert_eq!((a, b), (1, 1));
    let (a, b) = tokio::join!(count(&channel), count(&channel));
    assert_eq!((a, b), (2, 2));
}

#[tokio::test]
async fn after_a_failure_of_any_kind_the_instance_is_gone() {
    for (mode, class) in [
        ("count-fail", Class::Retry),
        ("count-panic", Class::Trap),
        ("count-spin", Class::Fuel),
        ("count-sleep", Class::Timeout),
    ] {
        let channel = channel(&hostile().await, setup(&[("mode", mode)]));
        let first = Bounds { fuel: 50_000_000, timeout: std::time::Duration::from_millis(500), ..reusing() };
        let mut counted = vec![];
        for _ in 0..2 {
            let report = channel.deliver(attempt(first)).await;
            counted.push(receipt(&report)["count"].as_u64().unwrap());
            // Every second attempt of an instance fails.
            let report = channel.deliver(attempt(first)).await;
            failed(&report, class, crate::support::fault(&report).code.clone().as_str(), "");
        }
        assert_eq!(counted, [1, 1], "{mode}");
    }
}

#[tokio::test]
async fn each_attempt_has_its_own_fuel_lines_and_writes() {
    let channel = channel(&hostile().await, setup(&[("mode", "state-incr"), ("then", "stderr-flood"), ("lines", "3")]));
    let mut fuel = vec![];
    for _ in 0..3 {
        let report = channel.deliver(attempt(reusing())).await;
        assert!(matches!(report.outcome, Outcome::Delivered { .. }));
        assert_eq!(report.writes.len(), 1);
        fuel.push(report.cost.fuel);
    }
    assert!(fuel[1] <= fuel[0] && fuel[2].abs_diff(fuel[1]) < fuel[1] / 10, "{fuel:?}");
}
