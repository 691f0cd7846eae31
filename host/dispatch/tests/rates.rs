//! Rates at work, under paused time.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod support;

use std::time::Duration;

use fanfare_core::{Policy, rate::Rate};
use support::{Bench, delivered, failed, policy};
use tokio::time::{Instant, sleep};

fn limited(rate: &str, burst: u32) -> Policy {
    Policy { rate: Some(Rate { burst, ..Rate::parse(rate).unwrap() }), ..policy() }
}

#[tokio::test(start_paused = true)]
async fn a_rate_delays_and_drops_nothing() {
    let bench = Bench::new();
    let channel = bench.channel(|_| async { delivered() });
    bench.apply_with(&[("c", Some(channel.clone()))], limited("10/s", 1)).await;
    for _ in 0..30 {
        bench.publish(0).await;
    }
    let start = Instant::now();
    sleep(Duration::from_millis(1_050)).await;
    let attempts = channel.attempts.lock().unwrap().len();
    assert!((10..=12).contains(&attempts), "{attempts} in a second");
    assert!(bench.dispatcher.limited_for("c").is_some());
    bench.drained("c").await;
    let took = start.elapsed();
    assert!((2_800..3_100).contains(&took.as_millis()), "{took:?}");
    assert_eq!(bench.counts.of("c Delivered"), 30);
}

#[tokio::test(start_paused = true)]
async fn after_a_pause_a_burst_goes_at_once_and_another_rate_is_in_force_for_the_next_attempt() {
    let bench = Bench::new();
    let channel = bench.channel(|_| async { delivered() });
    bench.apply_with(&[("c", Some(channel.clone()))], limited("1/min", 5)).await;
    sleep(Duration::from_secs(600)).await;
    for _ in 0..20 {
        bench.publish(0).await;
    }
    sleep(Duration::from_secs(1)).await;
    assert_eq!(channel.attempts.lock().unwrap().len(), 5);
    bench.apply_with(&[("c", Some(channel.clone()))], limited("100/s", 1)).await;
    let start = Instant::now();
    bench.drained("c").await;
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!(bench.counts.of("c Delivered"), 20);
}

#[tokio::test(start_paused = true)]
async fn retries_count_like_any_attempt() {
    let bench = Bench::new();
    let channel = bench.channel(|_| async { failed(fanfare_core::Class::Retry) });
    bench.apply_with(&[("c", Some(channel.clone()))], Policy { retries: 5, ..limited("1/min", 1) }).await;
    bench.publish(0).await;
    sleep(Duration::from_secs(150)).await;
    assert_eq!(channel.attempts.lock().unwrap().len(), 3, "at 0, 60 and 120 s");
}

#[tokio::test(start_paused = true)]
async fn a_fast_rate_is_reached() {
    let bench = Bench::new();
    let channel = bench.channel(|_| async { delivered() });
    bench.apply_with(&[("c", Some(channel.clone()))], limited("1000/s", 1)).await;
    for _ in 0..2_000 {
        bench.publish(0).await;
    }
    let start = Instant::now();
    bench.drained("c").await;
    let took = start.elapsed();
    assert!((1_900..2_300).contains(&took.as_millis()), "{took:?}");
}
