//! How soon the journal is asked to commit a settlement.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod support;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use fanfare_core::{Class, Outcome, Policy};
use fanfare_dispatch::{Commit, Follower, Haste, Journal};
use support::{Bench, delivered, failed, policy};
use tokio::time::sleep;

use Haste::{AtOnce, CanWait, Prompt};

/// The haste of each settlement, in the order of the commits.
#[derive(Default)]
struct Seen(Mutex<Vec<Haste>>);

impl Follower for Seen {
    fn committed(&self, commit: &Commit) {
        self.0.lock().unwrap().extend(commit.settled.iter().map(|settlement| settlement.haste));
    }
}

fn follow(bench: &Bench) -> Arc<Seen> {
    let seen = Arc::new(Seen::default());
    let follower: Arc<dyn Follower> = seen.clone();
    bench.journal.follow(Arc::downgrade(&follower));
    seen
}

/// Publishes one event to one channel and waits until it has settled.
async fn seen(policy: Policy, outcome: Outcome, wait_secs: u64) -> Vec<Haste> {
    let bench = Bench::new();
    let seen = follow(&bench);
    let channel = bench.channel(move |_| {
        let outcome = outcome.clone();
        async move { outcome }
    });
    bench.apply_with(&[("c", Some(channel))], policy).await;
    bench.publish(wait_secs).await;
    bench.drained("c").await;
    let seen = seen.0.lock().unwrap();
    seen.clone()
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_nobody_waits_for_can_wait_for_others() {
    assert_eq!(seen(policy(), delivered(), 0).await, [CanWait]);
}

#[tokio::test(start_paused = true)]
async fn the_next_event_of_a_key_is_not_delayed() {
    let ordered = Policy { order: Some("subject".to_owned()), ..policy() };
    assert_eq!(seen(ordered, delivered(), 0).await, [Prompt]);
}

#[tokio::test(start_paused = true)]
async fn a_retry_and_a_dead_letter_are_recorded_without_delay() {
    assert_eq!(seen(policy(), failed(Class::Retry), 0).await, [Prompt; 3]);
    assert_eq!(seen(policy(), failed(Class::Rejected), 0).await, [Prompt]);
}

#[tokio::test(start_paused = true)]
async fn the_last_delivery_that_the_only_publisher_waits_for_is_committed_at_once() {
    assert_eq!(seen(policy(), delivered(), 30).await, [AtOnce]);
    assert_eq!(seen(policy(), failed(Class::Retry), 30).await, [Prompt, Prompt, AtOnce]);

    let bench = Bench::new();
    let seen = follow(&bench);
    let slow = |secs| {
        bench.channel(move |_| async move {
            sleep(Duration::from_secs(secs)).await;
            delivered()
        })
    };
    bench.apply(&[("a", Some(slow(1))), ("b", Some(slow(2))), ("c", Some(slow(3)))]).await;
    bench.publish(30).await;
    assert_eq!(*seen.0.lock().unwrap(), [Prompt, Prompt, AtOnce]);

    // Of two publishers, each gains by the wait for the other.
    seen.0.lock().unwrap().clear();
    tokio::join!(bench.publish(30), bench.publish(30));
    assert_eq!(*seen.0.lock().unwrap(), [Prompt; 6]);
}
