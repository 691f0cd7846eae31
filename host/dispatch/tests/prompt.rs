//! Which settlements the journal is asked to commit without delay.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod support;

use std::sync::{Arc, Mutex, Weak};

use fanfare_core::{Class, Outcome, Policy};
use fanfare_dispatch::{Commit, Follower, Journal};
use support::{Bench, delivered, failed, policy};

/// Whether each settlement was to be committed without delay, in the order of the commits.
#[derive(Default)]
struct Seen(Mutex<Vec<bool>>);

impl Follower for Seen {
    fn committed(&self, commit: &Commit) {
        self.0.lock().unwrap().extend(commit.settled.iter().map(|settlement| settlement.prompt));
    }
}

/// Publishes one event to one channel and waits until it has settled.
async fn seen(policy: Policy, outcome: Outcome, wait_secs: u64) -> Vec<bool> {
    let bench = Bench::new();
    let seen = Arc::new(Seen::default());
    let follower: Weak<dyn Follower> = Arc::downgrade(&(seen.clone() as Arc<dyn Follower>));
    bench.journal.follow(follower);
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
    assert_eq!(seen(policy(), delivered(), 0).await, [false]);
}

#[tokio::test(start_paused = true)]
async fn a_publisher_that_waits_is_told_without_delay() {
    assert_eq!(seen(policy(), delivered(), 30).await, [true]);
}

#[tokio::test(start_paused = true)]
async fn the_next_event_of_a_key_is_not_delayed() {
    let ordered = Policy { order: Some("subject".to_owned()), ..policy() };
    assert_eq!(seen(ordered, delivered(), 0).await, [true]);
}

#[tokio::test(start_paused = true)]
async fn a_retry_and_a_dead_letter_are_recorded_without_delay() {
    assert_eq!(seen(policy(), failed(Class::Retry), 0).await, [true; 3]);
    assert_eq!(seen(policy(), failed(Class::Rejected), 0).await, [true]);
}
