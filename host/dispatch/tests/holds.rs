//! Channels on hold, deliveries that expire, and tests of one channel.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod support;

use std::time::Duration;

use fanfare_core::{ChannelStatus, Class, Outcome, OverallStatus, Policy};
use fanfare_dispatch::{HoldKind, LaneState};
use support::{Bench, delivered, event, failed, policy};
use tokio::time::{Instant, sleep};

#[tokio::test(start_paused = true)]
async fn a_paused_channel_keeps_its_backlog_and_continues_where_it_stopped() {
    let bench = Bench::new();
    let (one, other) = (bench.channel(|_| async { delivered() }), bench.channel(|_| async { delivered() }));
    bench.apply(&[("one", Some(one.clone())), ("other", Some(other))]).await;
    bench.dispatcher.pause("one", "maintenance".into()).await.unwrap().unwrap();
    let result = bench.publish(5).await;
    assert_eq!(result.overall_status, OverallStatus::Pending);
    assert_eq!(result.channels["other"].status, ChannelStatus::Success);
    assert!(bench.holds("one", HoldKind::Paused));
    assert!(one.attempts.lock().unwrap().is_empty());

    // A new version of the plugin does not end an operator's pause.
    let newer = bench.channel(|_| async { delivered() });
    bench.apply(&[("one", Some(newer.clone()))]).await;
    sleep(Duration::from_secs(60)).await;
    assert!(newer.attempts.lock().unwrap().is_empty());

    bench.dispatcher.resume("one").await.unwrap().unwrap();
    bench.drained("one").await;
    assert_eq!(newer.attempts.lock().unwrap().len(), 1);
    assert_eq!(bench.dispatcher.lane("one").unwrap().0, LaneState::Active);
    assert_eq!(bench.dispatcher.pause("nobody", String::new()).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn an_expired_delivery_is_dead_without_another_attempt() {
    let bench = Bench::new();
    let throttled = bench.channel(|_| async {
        let Outcome::Failed(fault) = failed(Class::Throttled) else { unreachable!() };
        Outcome::Failed(fanfare_core::Fault { retry_after: Some(Duration::from_secs(3600)), ..fault })
    });
    let brief = Policy { expires: Some(Duration::from_secs(10)), ..policy() };
    bench.apply_with(&[("c", Some(throttled.clone()))], brief).await;
    let start = Instant::now();
    let result = bench.publish(30).await;
    assert_eq!(start.elapsed(), Duration::from_secs(10), "dead at its expiry, not at the receiver's `Retry-After`");
    let failure = result.channels["c"].failure.clone().unwrap();
    assert_eq!((failure.class, failure.code.as_str()), (Class::Expired, "expired"));
    assert_eq!(result.channels["c"].attempts, 1);
    assert_eq!(throttled.attempts.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn deliveries_expire_also_while_their_channel_is_on_hold_or_has_no_plugin() {
    let bench = Bench::new();
    let fine = bench.channel(|_| async { delivered() });
    let brief = Policy { expires: Some(Duration::from_secs(100)), ..policy() };
    bench.apply_with(&[("held", Some(fine.clone())), ("missing", None)], brief).await;
    bench.dispatcher.pause("held", String::new()).await.unwrap();
    bench.publish(0).await;
    sleep(Duration::from_secs(99)).await;
    assert_eq!(bench.dispatcher.lane("held").unwrap().1.pending, 1);
    bench.drained("held").await;
    bench.drained("missing").await;
    assert_eq!((bench.counts.of("held Dead"), bench.counts.of("missing Dead")), (1, 1));
    assert!(fine.attempts.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_test_reaches_one_channel_and_leaves_no_trace() {
    let bench = Bench::new();
    let fine = bench.channel(|_| async { delivered() });
    bench.apply(&[("c", Some(fine.clone())), ("none", None)]).await;
    bench.dispatcher.pause("c", String::new()).await.unwrap();
    let (_, report) = bench.dispatcher.test("c", event()).await.unwrap();
    assert_eq!(report.outcome, delivered());
    assert_eq!(fine.attempts.lock().unwrap().len(), 1);
    assert_eq!(bench.counts.of("c ok"), 0);
    assert_eq!(bench.dispatcher.lane("c").unwrap().1.pending, 0);
    assert!(bench.dispatcher.test("none", event()).await.is_none());
    assert!(bench.dispatcher.test("nobody", event()).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn events_published_together_are_waited_for_together() {
    let bench = Bench::new();
    let slow = bench.channel(|_| async {
        sleep(Duration::from_secs(2)).await;
        delivered()
    });
    bench.apply(&[("c", Some(slow))]).await;
    let start = Instant::now();
    let published =
        bench.dispatcher.publish_all(vec![event(), event(), event()], Duration::from_secs(30)).await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(2));
    assert_eq!(published.len(), 3);
    for one in published {
        let fanfare_dispatch::Published::Accepted(result) = one else { panic!("{one:?}") };
        assert_eq!(result.overall_status, OverallStatus::Success);
    }
}

/// The receiver reports that it is gone while an operator pauses or resumes the channel, and the operator learns of it
/// late.
#[tokio::test(start_paused = true)]
async fn a_lane_follows_the_journals_hold_whoever_learns_of_it_first() {
    for (pausing, kind) in [(true, HoldKind::Paused), (false, HoldKind::Suspended)] {
        let bench = Bench::new();
        let gone = bench.channel(|_| async {
            sleep(Duration::from_secs(5)).await;
            failed(Class::Suspended)
        });
        bench.apply(&[("c", Some(gone))]).await;
        bench.publish(0).await;
        sleep(Duration::from_secs(1)).await;
        if !pausing {
            bench.dispatcher.pause("c", String::new()).await.unwrap();
        }
        // Committed now, in force at the lane in ten seconds; the attempt ends in four.
        *bench.journal.slow_holds.lock().unwrap() = Duration::from_secs(10);
        match pausing {
            true => bench.dispatcher.pause("c", String::new()).await.unwrap(),
            false => bench.dispatcher.resume("c").await.unwrap(),
        };
        assert!(bench.holds("c", kind), "{:?}", bench.dispatcher.lane("c"));
    }
}
