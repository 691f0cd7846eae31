//! Rates, under paused time.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod support;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use fanfare_core::{
    Policy,
    rate::{KeyedRate, Rate},
};
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

fn subject(subject: &str) -> fanfare_core::Event {
    fanfare_core::Event { subject: Some(subject.to_owned()), ..support::event() }
}

fn keyed(rate: &str, burst: u32) -> Policy {
    let rate = Rate { burst, ..Rate::parse(rate).unwrap() };
    let per = fanfare_core::KeyOf::parse("subject").unwrap();
    Policy { rate_per: Some(KeyedRate { rate, per }), ..policy() }
}

#[tokio::test(start_paused = true)]
async fn each_key_has_its_own_rate_and_waits_for_nobody_else() {
    let bench = Bench::new();
    let attempts = Arc::new(Mutex::new(vec![]));
    let channel = {
        let attempts = Arc::clone(&attempts);
        let start = Instant::now();
        bench.channel(move |attempt| {
            attempts.lock().unwrap().push((attempt.event.subject.clone().unwrap(), start.elapsed().as_secs()));
            async { delivered() }
        })
    };
    bench.apply_with(&[("c", Some(channel))], keyed("6/min", 2)).await;
    for name in ["a", "a", "b", "a", "a", "b", "b"] {
        bench.dispatcher.publish(subject(name), Duration::ZERO).await.unwrap();
    }
    bench.drained("c").await;
    let times = |name: &str| -> Vec<u64> {
        attempts.lock().unwrap().iter().filter(|(subject, _)| subject == name).map(|(_, at)| *at).collect()
    };
    assert_eq!((times("a"), times("b")), (vec![0, 0, 10, 20], vec![0, 0, 10]));
    assert_eq!(bench.counts.of("c Delivered"), 7, "delayed, none dropped");
}

#[tokio::test(start_paused = true)]
async fn what_waited_for_a_channel_on_hold_is_not_made_all_at_once() {
    let bench = Bench::new();
    let channel = bench.channel(|_| async { delivered() });
    bench.apply_with(&[("c", Some(channel.clone()))], keyed("6/min", 1)).await;
    for _ in 0..6 {
        bench.dispatcher.publish(subject("a"), Duration::ZERO).await.unwrap();
    }
    sleep(Duration::from_secs(1)).await;
    bench.dispatcher.pause("c", String::new()).await.unwrap();
    sleep(Duration::from_secs(3_600)).await;
    let before = channel.attempts.lock().unwrap().len();
    bench.dispatcher.resume("c").await.unwrap();
    sleep(Duration::from_secs(1)).await;
    let after = channel.attempts.lock().unwrap().len();
    assert_eq!((before, after), (1, 2), "their slots are over");
    bench.drained("c").await;
    let attempts = channel.attempts.lock().unwrap();
    let last = attempts.last().unwrap().2.duration_since(attempts[1].2);
    assert!(last.as_millis() >= 39_900, "five attempts took: {last:?}");
}

#[tokio::test(start_paused = true)]
async fn what_would_expire_before_its_slot_takes_none() {
    let bench = Bench::new();
    let channel = bench.channel(|_| async { delivered() });
    let policy = Policy { expires: Some(Duration::from_secs(25)), ..keyed("6/min", 1) };
    bench.apply_with(&[("c", Some(channel.clone()))], policy).await;
    for _ in 0..100 {
        bench.dispatcher.publish(subject("a"), Duration::ZERO).await.unwrap();
    }
    bench.drained("c").await;
    assert_eq!((bench.counts.of("c Delivered"), bench.counts.of("c Dead")), (3, 97));
    // Expired deliveries leave no debt for the key.
    bench.dispatcher.publish(subject("a"), Duration::ZERO).await.unwrap();
    sleep(Duration::from_secs(6)).await;
    assert_eq!(bench.counts.of("c Delivered"), 4);
}
