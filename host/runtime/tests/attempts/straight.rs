//! Guests without a loop, which make one long sequence of host calls: every limit applies to them as well.

use std::time::Duration;

use bytes::Bytes;
use fanfare_artifacts::straight::{self, Place};
use fanfare_core::{Class, Outcome, Report};
use fanfare_dispatch::Bounds;
use fanfare_runtime::{LoadError, Plugin};

use crate::support::{attempt, bounds, channel, failed, run, run_with, runtime, setup};

const MIB: usize = 1 << 20;

async fn load(wasm: Vec<u8>) -> Plugin {
    runtime().load(Bytes::from(wasm)).await.unwrap()
}

async fn deliver(wasm: Vec<u8>, bounds: Bounds) -> Report {
    run_with(&load(wasm).await, setup(&[]), bounds).await
}

/// Plenty of fuel, so that only time can end it.
fn short() -> Bounds {
    Bounds { timeout: Duration::from_millis(100), fuel: u64::MAX >> 1, ..bounds() }
}

#[tokio::test]
async fn a_row_of_host_calls_ends_at_the_timeout_in_every_kind() {
    for place in Place::ALL {
        let report = deliver(straight::logs(place, 10_000, 4 * MIB), short()).await;
        failed(&report, Class::Timeout, "timeout", "channels.hook.timeout");
    }
    let report = deliver(straight::random(false, 100_000), short()).await;
    failed(&report, Class::Timeout, "timeout", "channels.hook.timeout");
}

#[tokio::test]
async fn what_a_host_call_copies_costs_fuel() {
    let little = Bounds { fuel: 20_000_000, ..bounds() };
    let report = deliver(straight::logs(Place::Deliver, 1000, 4 * MIB), little).await;
    failed(&report, Class::Fuel, "fuel", "channels.hook.fuel");
    assert_eq!(report.cost.fuel, little.fuel);
    // The same sequence of empty calls is well within the limit.
    let report = deliver(straight::logs(Place::Deliver, 1000, 1), little).await;
    assert!(matches!(report.outcome, Outcome::Delivered { .. }), "{report:?}");
}

#[tokio::test]
async fn each_host_call_costs_fuel_and_the_same_row_costs_the_same_each_time() {
    let plugin = load(straight::logs(Place::Deliver, 1000, 1)).await;
    let first = run_with(&plugin, setup(&[]), bounds()).await.cost.fuel;
    assert!(first >= 100_000, "{first}");
    for _ in 0..20 {
        assert_eq!(run_with(&plugin, setup(&[]), bounds()).await.cost.fuel, first);
    }
}

#[tokio::test]
async fn a_row_of_host_calls_in_a_start_function_is_refused_when_the_file_is_loaded() {
    let wasm = straight::logs_at_start(10_000, 31 * MIB);
    let error = runtime().load(Bytes::from(wasm)).await.err().unwrap();
    assert!(matches!(&error, LoadError::Start(reason) if reason.contains("fuel")), "{error}");
}

/// On one thread: unless the guest yields, nothing else runs before its end.
#[tokio::test(flavor = "current_thread")]
async fn a_row_of_host_calls_shares_its_thread() {
    assert!(matches!(run(&[]).await.outcome, Outcome::Delivered { .. })); // loaded before the row begins
    let row = channel(&load(straight::logs(Place::Deliver, 20_000, 4 * MIB)).await, setup(&[]));
    let long = Bounds { timeout: Duration::from_secs(60), fuel: u64::MAX >> 1, ..bounds() };
    let running = tokio::spawn(async move { row.deliver(attempt(long)).await });
    for _ in 0..5 {
        tokio::task::yield_now().await;
        assert!(matches!(run(&[]).await.outcome, Outcome::Delivered { .. }));
    }
    assert!(!running.is_finished());
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
}
