//! A lane that stops gives back what no runner has begun, and the order is kept.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod support;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use fanfare_core::{ChannelId, Defaults, Event, Policy};
use fanfare_dispatch::{Backlog, Commit, Follower, HoldKind, Journal};
use jiff::Timestamp;
use support::{Bench, Scripted, delivered, policy};
use tokio::time::sleep;
use uuid::Uuid;

/// Counts what is written about deliveries.
#[derive(Default)]
struct Settlements(AtomicUsize);

impl Follower for Settlements {
    fn committed(&self, commit: &Commit) {
        self.0.fetch_add(commit.settled.len(), Ordering::SeqCst);
    }
}

struct World {
    bench: Bench,
    /// The ids of the attempted events, in order.
    seen: Arc<Mutex<Vec<String>>>,
    settlements: Arc<Settlements>,
}

impl World {
    fn new() -> Self {
        let (bench, settlements) = (Bench::new(), Arc::<Settlements>::default());
        let follower: Arc<dyn Follower> = settlements.clone();
        bench.journal.follow(Arc::downgrade(&follower));
        Self { bench, seen: Arc::default(), settlements }
    }

    /// A channel whose attempts take ten seconds.
    fn slow(&self) -> Arc<Scripted> {
        let seen = Arc::clone(&self.seen);
        self.bench.channel(move |attempt| {
            seen.lock().unwrap().push(attempt.event.id.clone());
            async {
                sleep(Duration::from_secs(10)).await;
                delivered()
            }
        })
    }

    async fn publish(&self, ids: &[&str]) {
        for id in ids {
            let subject = &id[..1];
            let json = format!(r#"{{"type":"t","id":"{id}","subject":"{subject}"}}"#);
            let defaults = Defaults { now: Timestamp::UNIX_EPOCH, id: Uuid::now_v7() };
            let event = Event::from_simple(json.as_bytes(), defaults).unwrap();
            self.bench.dispatcher.publish(event, Duration::ZERO).await.unwrap();
        }
    }

    fn backlog(&self) -> Backlog {
        self.bench.dispatcher.lane("c").unwrap().1
    }

    /// Pending, in flight, and settled so far.
    fn counts(&self) -> (u64, u64, usize) {
        let backlog = self.backlog();
        (backlog.pending, backlog.in_flight, self.settlements.0.load(Ordering::SeqCst))
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn one_by_one() -> Policy {
    Policy { concurrency: 1, ..policy() }
}

const IDS: [&str; 6] = ["a1", "a2", "b1", "a3", "b2", "a4"];

#[tokio::test(start_paused = true)]
async fn a_paused_lane_gives_its_queue_back_without_a_write_and_continues_in_order() {
    let world = World::new();
    let bench = &world.bench;
    bench.apply_with(&[("c", Some(world.slow()))], one_by_one()).await;
    world.publish(&IDS).await;
    sleep(Duration::from_secs(1)).await;
    assert!(world.backlog().in_flight > 1, "the lane has claimed ahead: {:?}", world.backlog());
    bench.dispatcher.pause("c", "maintenance".into()).await.unwrap();
    assert!(bench.holds("c", HoldKind::Paused));
    sleep(Duration::from_secs(1)).await;
    assert_eq!(world.counts(), (6, 1, 0), "only the attempt is in flight");
    sleep(Duration::from_secs(60)).await;
    assert_eq!(world.counts(), (5, 0, 1));
    bench.dispatcher.resume("c").await.unwrap();
    bench.drained("c").await;
    assert_eq!(world.seen(), IDS);
    assert_eq!(world.counts(), (0, 0, 6), "one settlement per delivery");
}

#[tokio::test(start_paused = true)]
async fn a_replaced_lane_gives_back_what_was_claimed_for_the_version_before() {
    let world = World::new();
    let bench = &world.bench;
    let (old, new) = (world.slow(), world.slow());
    bench.apply_with(&[("c", Some(old.clone()))], one_by_one()).await;
    world.publish(&IDS).await;
    sleep(Duration::from_secs(1)).await;
    assert!(world.backlog().in_flight > 2, "{:?}", world.backlog());
    // With the new version comes an order: what the lane had claimed without one follows it.
    let ordered = Policy { order: Some("subject".into()), concurrency: 8, ..policy() };
    bench.apply_with(&[("c", Some(new.clone()))], ordered).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(world.seen(), ["a1", "b1"], "a1 is still attempted, by the old version");
    bench.drained("c").await;
    assert_eq!(world.seen(), ["a1", "b1", "a2", "b2", "a3", "a4"]);
    assert_eq!((old.attempts.lock().unwrap().len(), new.attempts.lock().unwrap().len()), (1, 5));
    assert_eq!(world.counts(), (0, 0, 6));
}

#[tokio::test(start_paused = true)]
async fn a_lane_without_a_plugin_keeps_nothing() {
    let world = World::new();
    let bench = &world.bench;
    bench.apply_with(&[("c", Some(world.slow()))], one_by_one()).await;
    world.publish(&IDS).await;
    sleep(Duration::from_secs(1)).await;
    assert!(world.backlog().in_flight > 1, "{:?}", world.backlog());
    bench.apply_with(&[("c", None)], one_by_one()).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(world.counts(), (6, 1, 0), "only the attempt is in flight");
    bench.apply_with(&[("c", Some(world.slow()))], one_by_one()).await;
    bench.drained("c").await;
    assert_eq!(world.seen(), IDS);
}

#[tokio::test(start_paused = true)]
async fn a_drain_gives_back_what_it_does_not_finish() {
    let world = World::new();
    let bench = &world.bench;
    bench.apply_with(&[("c", Some(world.slow()))], one_by_one()).await;
    world.publish(&IDS).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(bench.dispatcher.drain(Duration::from_secs(60)).await, 0);
    assert_eq!(world.counts(), (5, 0, 1), "the attempt in flight has ended");
    let claims = bench.journal.claim(ChannelId(0), 10).await.unwrap();
    assert_eq!(claims.iter().map(|claim| claim.event.id.as_str()).collect::<Vec<_>>(), IDS[1..]);
}
