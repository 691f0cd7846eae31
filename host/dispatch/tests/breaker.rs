//! The breaker, under paused time.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use fanfare_core::{
    Class, Policy,
    breaker::{BreakerPolicy, Trip},
};
use fanfare_dispatch::{HoldKind, LaneState};
use support::{Bench, Scripted, delivered, failed, policy};
use tokio::time::{Instant, sleep};

fn broken_after(failures: u32, probes: u32) -> Policy {
    let breaker = BreakerPolicy { trip: Trip::InARow(failures), open: Duration::from_secs(60), probes };
    Policy { retries: 100, breaker: Some(breaker), ..policy() }
}

/// A channel that fails while told to, with this duration per attempt.
fn receiver(bench: &Bench, takes: Duration) -> (Arc<AtomicBool>, Arc<AtomicUsize>, Arc<Scripted>) {
    let (well, attempts) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (is_well, counted) = (Arc::clone(&well), Arc::clone(&attempts));
    let channel = bench.channel(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        let well = Arc::clone(&is_well);
        async move {
            sleep(takes).await;
            if well.load(Ordering::SeqCst) { delivered() } else { failed(Class::Retry) }
        }
    });
    (well, attempts, channel)
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_spends_no_attempts_and_closes_when_the_receiver_is_well() {
    let bench = Bench::new();
    let (well, attempts, channel) = receiver(&bench, Duration::ZERO);
    bench.apply_with(&[("c", Some(channel))], broken_after(3, 1)).await;
    for _ in 0..10 {
        bench.publish(0).await;
    }
    sleep(Duration::from_secs(30)).await;
    assert!(bench.holds("c", HoldKind::Open));
    let spent = attempts.load(Ordering::SeqCst);
    // Attempts that were in flight when the third failed may end; none begins.
    assert!((3..=16).contains(&spent), "{spent}");
    sleep(Duration::from_secs(29)).await;
    assert_eq!(attempts.load(Ordering::SeqCst), spent, "open for a minute");

    // The first probe fails, and the breaker is open for another minute.
    sleep(Duration::from_secs(5)).await;
    assert_eq!(attempts.load(Ordering::SeqCst), spent + 1, "one probe");
    assert!(bench.holds("c", HoldKind::Open));
    well.store(true, Ordering::SeqCst);
    sleep(Duration::from_secs(50)).await;
    assert_eq!(attempts.load(Ordering::SeqCst), spent + 1);
    bench.drained("c").await;
    assert_eq!(bench.dispatcher.lane("c").unwrap().0, LaneState::Active);
    assert_eq!(bench.counts.of("c Delivered"), 10, "nothing is lost or dead");
}

#[tokio::test(start_paused = true)]
async fn half_open_lets_as_many_through_at_once_as_there_are_probes() {
    let bench = Bench::new();
    let (well, attempts, channel) = receiver(&bench, Duration::from_secs(5));
    bench.apply_with(&[("c", Some(channel.clone()))], broken_after(4, 2)).await;
    for _ in 0..40 {
        bench.publish(0).await;
    }
    // 16 at once, and all fail after five seconds; behind each of the first three another one has begun.
    sleep(Duration::from_secs(6)).await;
    assert!(bench.holds("c", HoldKind::Open));
    assert_eq!(attempts.load(Ordering::SeqCst), 19);
    well.store(true, Ordering::SeqCst);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(attempts.load(Ordering::SeqCst), 21, "two probes");
    assert_eq!(channel.running.load(Ordering::SeqCst), 2);
    bench.drained("c").await;
    assert_eq!(bench.counts.of("c Delivered"), 40);
}

#[tokio::test(start_paused = true)]
async fn a_resume_closes_the_breaker_and_a_pause_stays_a_pause() {
    let bench = Bench::new();
    let (well, _, channel) = receiver(&bench, Duration::ZERO);
    bench.apply_with(&[("c", Some(channel))], broken_after(2, 1)).await;
    for _ in 0..5 {
        bench.publish(0).await;
    }
    sleep(Duration::from_secs(10)).await;
    assert!(bench.holds("c", HoldKind::Open));
    bench.dispatcher.pause("c", "by hand".to_owned()).await.unwrap();
    well.store(true, Ordering::SeqCst);
    sleep(Duration::from_secs(120)).await;
    assert!(bench.holds("c", HoldKind::Paused), "paused although the breaker's time is over");
    let start = Instant::now();
    bench.dispatcher.resume("c").await.unwrap();
    bench.drained("c").await;
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(bench.dispatcher.lane("c").unwrap().0, LaneState::Active);
}

#[tokio::test(start_paused = true)]
async fn another_plugin_or_no_breaker_any_more_ends_it() {
    for another_plugin in [true, false] {
        let bench = Bench::new();
        let (_, _, failing) = receiver(&bench, Duration::ZERO);
        bench.apply_with(&[("c", Some(failing.clone()))], broken_after(2, 1)).await;
        bench.publish(0).await;
        bench.publish(0).await;
        sleep(Duration::from_secs(10)).await;
        assert!(bench.holds("c", HoldKind::Open));
        let (well, _, other) = receiver(&bench, Duration::ZERO);
        well.store(true, Ordering::SeqCst);
        match another_plugin {
            true => bench.apply_with(&[("c", Some(other))], broken_after(2, 1)).await,
            false => bench.apply_with(&[("c", Some(failing))], Policy { retries: 100, ..policy() }).await,
        }
        assert_eq!(bench.dispatcher.lane("c").unwrap().0, LaneState::Active);
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_lets_what_is_too_old_expire() {
    let bench = Bench::new();
    let (_, _, channel) = receiver(&bench, Duration::ZERO);
    let expires = Some(Duration::from_secs(30));
    bench.apply_with(&[("c", Some(channel))], Policy { expires, ..broken_after(2, 1) }).await;
    for _ in 0..5 {
        bench.publish(0).await;
    }
    sleep(Duration::from_secs(45)).await;
    assert!(bench.holds("c", HoldKind::Open));
    assert_eq!(bench.counts.of("c Dead"), 5);
}

#[tokio::test(start_paused = true)]
async fn an_outage_kills_nothing_that_waits_even_without_retries() {
    let bench = Bench::new();
    let (well, attempts, channel) = receiver(&bench, Duration::from_millis(1));
    let policy = Policy { retries: 0, concurrency: 1, ..broken_after(2, 1) };
    bench.apply_with(&[("c", Some(channel))], policy).await;
    for _ in 0..10 {
        bench.publish(0).await;
    }
    sleep(Duration::from_secs(3_600)).await;
    assert!(attempts.load(Ordering::SeqCst) > 20, "probes continue");
    assert_eq!(bench.counts.of("c Dead"), 2, "the ones that opened it");
    well.store(true, Ordering::SeqCst);
    bench.drained("c").await;
    assert_eq!(bench.counts.of("c Delivered"), 8);
}
