//! A lane whose claim is no longer in force: what it settles is discarded, and the delivery is made again.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use fanfare_core::{ChannelId, Class, Outcome, OverallStatus, Policy};
use fanfare_dispatch::{Journal, LaneState};
use support::{Bench, Scripted, delivered, failed, policy};
use tokio::time::sleep;

const LEASE: Duration = Duration::from_secs(5);

/// The first attempt takes longer than a claim is in force, and then ends like this; the others deliver at once.
fn slow_at_first(bench: &Bench, first: Outcome) -> Arc<Scripted> {
    let attempts = AtomicUsize::new(0);
    bench.channel(move |_| {
        let is_first = attempts.fetch_add(1, Ordering::SeqCst) == 0;
        let outcome = if is_first { first.clone() } else { delivered() };
        async move {
            if is_first {
                sleep(LEASE * 2).await;
            }
            outcome
        }
    })
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_ends_after_its_claim_is_discarded_and_made_again_under_the_same_id() {
    for first in [delivered(), failed(Class::Rejected), failed(Class::Retry)] {
        let bench = Bench::with_deadlines(LEASE);
        let channel = slow_at_first(&bench, first);
        bench.apply(&[("c", Some(channel.clone()))]).await;
        let result = bench.publish(60).await;
        assert_eq!(result.overall_status, OverallStatus::Success);
        sleep(LEASE * 4).await;
        let attempts = channel.attempts.lock().unwrap().clone();
        let ids: Vec<_> = attempts.iter().map(|(id, number, _)| (id.as_str(), *number)).collect();
        assert_eq!(ids, [(ids[0].0, 1), (ids[0].0, 1)], "the discarded attempt does not count");
        let took = attempts[1].2.duration_since(attempts[0].2);
        assert!(took >= LEASE.try_into().unwrap() && took < (LEASE * 2).try_into().unwrap(), "{took:?}");
        assert_eq!((bench.counts.of("c stale"), bench.counts.of("c Delivered"), bench.counts.of("c Dead")), (1, 1, 0));
        assert_eq!(bench.dispatcher.lane("c").unwrap().1.pending, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_suspension_that_is_discarded_does_not_hold_the_lane() {
    let bench = Bench::with_deadlines(LEASE);
    let channel = slow_at_first(&bench, failed(Class::Suspended));
    bench.apply(&[("c", Some(channel.clone()))]).await;
    let result = bench.publish(60).await;
    assert_eq!(result.overall_status, OverallStatus::Success, "delivered before the first attempt has ended");
    sleep(LEASE * 4).await;
    assert_eq!(bench.counts.of("c stale"), 1);
    assert_eq!(bench.dispatcher.lane("c").unwrap().0, LaneState::Active);
    assert_eq!(bench.publish(60).await.overall_status, OverallStatus::Success);
}

#[tokio::test(start_paused = true)]
async fn what_another_process_has_claimed_is_delivered_after_its_deadline() {
    let bench = Bench::with_deadlines(LEASE);
    let channel = bench.channel(|_| async { delivered() });
    bench.apply(&[("c", None)]).await;
    bench.publish(0).await;
    let theirs = bench.journal.claim(ChannelId(0), 10).await.unwrap();
    assert_eq!(theirs.len(), 1);
    let before = tokio::time::Instant::now();
    bench.apply(&[("c", Some(channel.clone()))]).await;
    bench.drained("c").await;
    assert!(before.elapsed() >= LEASE);
    assert_eq!((channel.attempts.lock().unwrap().len(), bench.counts.of("c stale")), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn what_waited_in_the_lane_past_its_deadline_is_not_attempted_for_that_claim() {
    let bench = Bench::with_deadlines(LEASE);
    // One at a time, so that the others wait in the lane's queue.
    let channel = bench.channel(|_| async {
        sleep(Duration::from_secs(2)).await;
        delivered()
    });
    bench.apply_with(&[("c", Some(channel.clone()))], Policy { concurrency: 1, ..policy() }).await;
    for _ in 0..8 {
        bench.publish(0).await;
    }
    bench.drained("c").await;
    sleep(LEASE * 4).await;
    let mut attempts: Vec<_> = channel.attempts.lock().unwrap().iter().map(|(id, ..)| id.clone()).collect();
    let made = attempts.len();
    attempts.sort_unstable();
    attempts.dedup();
    assert_eq!(attempts.len(), 8);
    // An attempt that begins in time and ends too late is the only one that is repeated.
    assert_eq!(made - 8, bench.counts.of("c stale"));
    assert_eq!(bench.counts.of("c Delivered"), 8);
}
