//! The dispatcher's guarantees, under paused time: a test that "takes" a minute takes none.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod support;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use fanfare_core::{ChannelStatus, Class, OverallStatus, Policy};
use fanfare_dispatch::{Clock, HoldKind, LaneState};
use support::{Bench, delivered, failed, policy};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep},
};

#[tokio::test(start_paused = true)]
async fn an_event_reaches_all_channels_at_once_and_takes_as_long_as_the_slowest() {
    let bench = Bench::new();
    let slow = |secs| {
        move |_| async move {
            sleep(Duration::from_secs(secs)).await;
            delivered()
        }
    };
    bench
        .apply(&[
            ("a", Some(bench.channel(slow(1)))),
            ("b", Some(bench.channel(slow(3)))),
            ("c", Some(bench.channel(slow(2)))),
        ])
        .await;
    let start = Instant::now();
    let result = bench.publish(30).await;
    assert_eq!(start.elapsed(), Duration::from_secs(3));
    assert_eq!(result.overall_status, OverallStatus::Success);
    assert_eq!(result.summary.successful, 3);
    assert_eq!(result.channels["a"].receipt.as_ref().unwrap().get(), r#"{"ok":true}"#);
}

#[tokio::test(start_paused = true)]
async fn a_failing_delivery_is_retried_by_the_policy_and_then_dead() {
    let bench = Bench::new();
    let failing = bench.channel(|_| async { failed(Class::Retry) });
    let fine = bench.channel(|_| async { delivered() });
    bench.apply(&[("bad", Some(failing.clone())), ("good", Some(fine))]).await;
    let result = bench.publish(30).await;

    assert_eq!(result.overall_status, OverallStatus::Partial);
    let bad = &result.channels["bad"];
    assert_eq!((bad.status, bad.attempts), (ChannelStatus::Failed, 3));
    assert_eq!(bad.failure.as_ref().unwrap().next_attempt_at, None);
    let attempts = failing.attempts.lock().unwrap();
    let waits: Vec<_> = attempts
        .windows(2)
        .map(|pair| (pair[1].2 - pair[0].2).get_milliseconds() + (pair[1].2 - pair[0].2).get_seconds() * 1000)
        .collect();
    assert_eq!(waits, [1000, 2000]);
    assert_eq!(attempts.iter().map(|a| a.1).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(attempts.iter().all(|a| a.0 == attempts[0].0), "every attempt has the same delivery id");
    assert_eq!(bench.counts.of("bad Dead"), 1);
    assert_eq!(bench.counts.of("bad retry"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_never_returns_delays_no_other() {
    let bench = Bench::new();
    let hung = bench.channel(|_| std::future::pending());
    let fine = bench.channel(|_| async { delivered() });
    bench.apply(&[("hung", Some(hung)), ("fine", Some(fine))]).await;
    for _ in 0..100 {
        let result = bench.publish(1).await;
        assert_eq!(result.overall_status, OverallStatus::Pending);
        assert_eq!(result.channels["fine"].status, ChannelStatus::Success);
        assert_eq!(result.channels["hung"].status, ChannelStatus::Pending);
    }
    assert_eq!(bench.counts.of("fine Delivered"), 100);
}

#[tokio::test(start_paused = true)]
async fn concurrency_is_never_exceeded_and_is_used() {
    let bench = Bench::new();
    let channel = bench.channel(|_| async {
        sleep(Duration::from_millis(10)).await;
        delivered()
    });
    let limited = Policy { concurrency: 3, ..policy() };
    bench.apply_with(&[("c", Some(channel.clone()))], limited).await;
    for _ in 0..50 {
        bench.publish(0).await;
    }
    bench.drained("c").await;
    assert_eq!(channel.most_running.load(Ordering::SeqCst), 3);
    assert_eq!(channel.attempts.lock().unwrap().len(), 50);
}

#[tokio::test(start_paused = true)]
async fn attempts_in_flight_finish_on_the_old_version_and_the_next_use_the_new() {
    let bench = Bench::new();
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let old = bench.channel(move |_| {
        let gate = Arc::clone(&held);
        async move {
            gate.acquire().await.unwrap().forget();
            delivered()
        }
    });
    let new = bench.channel(|_| async { delivered() });
    let one = Policy { concurrency: 1, ..policy() };
    bench.apply_with(&[("c", Some(old.clone()))], one.clone()).await;
    for _ in 0..5 {
        bench.publish(0).await;
    }
    while old.running.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    bench.apply_with(&[("c", Some(new.clone()))], one).await;
    gate.add_permits(1);
    bench.drained("c").await;
    assert_eq!(old.attempts.lock().unwrap().len(), 1);
    assert_eq!(new.attempts.lock().unwrap().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_channel_without_its_plugin_keeps_its_backlog_until_it_is_back() {
    let bench = Bench::new();
    bench.apply(&[("c", None)]).await;
    let result = bench.publish(1).await;
    assert_eq!(result.channels["c"].status, ChannelStatus::Pending);
    let (state, backlog) = bench.dispatcher.lane("c").unwrap();
    assert_eq!((state, backlog.pending, backlog.in_flight), (LaneState::Missing, 1, 0));

    let back = bench.channel(|_| async { delivered() });
    bench.apply(&[("c", Some(back))]).await;
    bench.drained("c").await;
    assert_eq!(bench.counts.of("c Delivered"), 1);

    // Removed from the table: no new events, and other channels are not disturbed.
    bench.apply(&[]).await;
    assert_eq!(bench.publish(1).await.overall_status, OverallStatus::Unrouted);
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_is_gone_suspends_its_channel_and_the_delivery_stays() {
    let bench = Bench::new();
    let gone = bench.channel(|_| async { failed(Class::Suspended) });
    let one = Policy { concurrency: 1, ..policy() };
    bench.apply_with(&[("c", Some(gone.clone()))], one.clone()).await;
    for _ in 0..3 {
        bench.publish(0).await;
    }
    let result = bench.publish(5).await;
    assert_eq!(result.channels["c"].status, ChannelStatus::Pending);
    assert_eq!(gone.attempts.lock().unwrap().len(), 1);
    assert!(bench.holds("c", HoldKind::Suspended));

    let back = bench.channel(|_| async { delivered() });
    bench.apply_with(&[("c", Some(back.clone()))], one).await;
    bench.drained("c").await;
    let numbers: Vec<_> = back.attempts.lock().unwrap().iter().map(|a| a.1).collect();
    assert_eq!(numbers, [1; 4], "the 410 spent no attempt");
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_host_is_a_fault_of_ours_and_spends_no_attempt() {
    let bench = Bench::new();
    let calls = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let seen = Arc::clone(&calls);
    let shaky = bench.channel(move |_| {
        let first = seen.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            assert!(!first, "a bug of ours");
            delivered()
        }
    });
    bench.apply(&[("c", Some(shaky.clone()))]).await;
    let result = bench.publish(30).await;
    assert_eq!((result.channels["c"].status, result.channels["c"].attempts), (ChannelStatus::Success, 1));
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_drain_lets_attempts_finish_and_leaves_the_rest_in_the_journal() {
    let bench = Bench::new();
    let quick = bench.channel(|_| async {
        sleep(Duration::from_secs(2)).await;
        delivered()
    });
    let hung = bench.channel(|_| std::future::pending());
    let one = Policy { concurrency: 1, ..policy() };
    bench.apply_with(&[("quick", Some(quick.clone())), ("hung", Some(hung.clone()))], one).await;
    for _ in 0..3 {
        bench.publish(0).await;
    }
    while quick.running.load(Ordering::SeqCst) + hung.running.load(Ordering::SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    let start = Instant::now();
    let left = bench.dispatcher.drain(Duration::from_secs(5)).await;
    assert_eq!(start.elapsed(), Duration::from_secs(5));
    assert_eq!(left, 1, "only the hung attempt was dropped");
    assert_eq!(bench.counts.of("quick Delivered"), 1);
    assert_eq!(bench.dispatcher.lane("quick").unwrap().1.pending, 2);
    assert_eq!(bench.dispatcher.lane("hung").unwrap().1.pending, 3);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_waits_delays_no_later_event() {
    let bench = Bench::new();
    let slow = bench.channel(|_| async {
        sleep(Duration::from_secs(4)).await;
        delivered()
    });
    bench.apply_with(&[("c", Some(slow.clone()))], Policy { concurrency: 16, ..policy() }).await;
    let start = bench.clock.now();
    for _ in 0..5 {
        bench.publish(0).await;
        sleep(Duration::from_millis(300)).await;
    }
    let attempts = slow.attempts.lock().unwrap();
    let begun: Vec<_> = attempts.iter().map(|(_, _, at)| at.duration_since(start).as_millis()).collect();
    assert_eq!(begun, [0, 300, 600, 900, 1_200]);
}

#[tokio::test(start_paused = true)]
async fn a_fault_of_the_host_is_not_an_attempt_and_says_why_the_delivery_waits() {
    let bench = Bench::new();
    let failing = bench.channel(|_| async { failed(Class::Host) });
    bench.apply(&[("c", Some(failing))]).await;
    let result = bench.publish(1).await;
    let result = result.channels.values().next().unwrap();
    assert_eq!((result.status, result.attempts), (ChannelStatus::Pending, 0));
    let failure = result.failure.as_ref().unwrap();
    assert_eq!((failure.class, failure.code.as_str()), (Class::Host, "scripted"));
    assert!(failure.next_attempt_at.is_some());
}
