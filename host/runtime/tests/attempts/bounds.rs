//! Each limit ends what it is meant to end, and says so.

#![allow(clippy::disallowed_methods, reason = "a test may ask what time it is")]

use std::time::{Duration, Instant};

use bytes::Bytes;
use fanfare_core::{Class, Outcome};
use fanfare_dispatch::Bounds;
use fanfare_runtime::{Runtime, RuntimeOptions};

use crate::support::{bounds, channel, failed, hostile, receipt, run, run_with, setup};

const MODE: &str = "mode";

#[tokio::test]
async fn fuel_ends_a_spinning_guest() {
    let little = Bounds { fuel: 5_000_000, ..bounds() };
    for mode in ["spin", "spin-hostcalls"] {
        let report = run_with(&hostile().await, setup(&[(MODE, mode)]), little).await;
        failed(&report, Class::Fuel, "fuel", "channels.hook.fuel");
        assert_eq!(report.cost.fuel, little.fuel);
    }
}

#[tokio::test]
async fn the_timer_ends_a_spinning_guest_with_plenty_of_fuel() {
    let short = Bounds { timeout: Duration::from_millis(100), fuel: 1_000_000_000_000, ..bounds() };
    let began = Instant::now();
    let report = run_with(&hostile().await, setup(&[(MODE, "spin")]), short).await;
    failed(&report, Class::Timeout, "timeout", "channels.hook.timeout");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(report.cost.fuel > 0);
}

#[tokio::test]
async fn the_timer_ends_a_guest_parked_in_a_host_call() {
    let short = Bounds { timeout: Duration::from_millis(100), ..bounds() };
    let began = Instant::now();
    let report = run_with(&hostile().await, setup(&[(MODE, "sleep"), ("ms", "60000")]), short).await;
    failed(&report, Class::Timeout, "timeout", "channels.hook.timeout");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_short_sleep_is_not_a_failure() {
    let report = run(&[(MODE, "sleep"), ("ms", "20")]).await;
    assert_eq!(receipt(&report)["slept_ms"], 20);
    assert!(report.cost.duration >= Duration::from_millis(20));
}

#[tokio::test]
async fn memory_past_the_limit_is_refused_and_the_fall_after_it_is_the_memory_s() {
    let little = Bounds { memory: 4 << 20, ..bounds() };
    let report = run_with(&hostile().await, setup(&[(MODE, "memory")]), little).await;
    failed(&report, Class::Memory, "memory", "channels.hook.memory");
    assert!(report.cost.memory <= little.memory && report.cost.memory > 1 << 20, "{}", report.cost.memory);
}

#[tokio::test]
async fn a_guest_that_survives_the_refusal_delivers() {
    let little = Bounds { memory: 4 << 20, ..bounds() };
    let report = run_with(&hostile().await, setup(&[(MODE, "memory-small-grows")]), little).await;
    assert!(receipt(&report)["pages_grown"].as_u64().unwrap() < 64);
    assert!(report.cost.memory <= little.memory && report.cost.memory > little.memory - (64 << 10));
}

#[tokio::test]
async fn a_guest_that_does_not_fit_at_all_is_the_memory_s_fault_too() {
    let report = run_with(&hostile().await, setup(&[]), Bounds { memory: 64 << 10, ..bounds() }).await;
    failed(&report, Class::Memory, "memory", "64 KiB");
}

/// On one thread: unless the spinning guest yields, nothing else runs.
#[tokio::test(flavor = "current_thread")]
async fn a_spinning_guest_shares_its_thread() {
    let plugin = hostile().await;
    let long = Bounds { timeout: Duration::from_secs(60), fuel: 1_000_000_000_000, ..bounds() };
    let spinner = channel(&plugin, setup(&[(MODE, "spin")]));
    let spinning = tokio::spawn(async move { spinner.deliver(crate::support::attempt(long)).await });
    tokio::task::yield_now().await;
    for _ in 0..20 {
        assert!(matches!(run(&[]).await.outcome, Outcome::Delivered { .. }));
    }
    assert!(!spinning.is_finished());
    spinning.abort();
    assert!(spinning.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn nothing_of_one_attempt_is_left_for_the_next() {
    let plugin = hostile().await;
    for _ in 0..200 {
        let report = run_with(&plugin, setup(&[]), bounds()).await;
        assert!(matches!(report.outcome, Outcome::Delivered { .. }));
    }
    let (first, second) = (run(&[]).await, run(&[]).await);
    assert_eq!((first.cost.fuel, first.cost.memory), (second.cost.fuel, second.cost.memory));
}

/// Six attempts of half a second each, one after the other, within a timeout of two seconds for each. The clock of the
/// test moves by itself while all of them wait.
#[tokio::test]
async fn waiting_for_an_instance_is_not_part_of_the_timeout() {
    let one = Runtime::new(RuntimeOptions { max_instances: 1, ..RuntimeOptions::default() }).unwrap();
    let plugin = one.load(Bytes::from_static(fanfare_artifacts::hostile())).await.unwrap();
    let sleeper = channel(&plugin, setup(&[(MODE, "sleep"), ("ms", "500")]));
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    let short = Bounds { timeout: Duration::from_secs(2), ..bounds() };
    let attempts = (0..6).map(|_| sleeper.deliver(crate::support::attempt(short)));
    for report in futures_util::future::join_all(attempts).await {
        assert_eq!(receipt(&report)["slept_ms"], 500);
    }
    assert!(began.elapsed() >= Duration::from_secs(3), "{:?}", began.elapsed());
}
