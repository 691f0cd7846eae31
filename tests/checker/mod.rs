//! The checker: combines everything, kills the daemon at any moment, and then checks the one promise that matters. What
//! was acknowledged is delivered, or dead with its reason.
//!
//! The plan (`plan`) follows from a seed. `world` executes it with the real binary, publishers, failing receivers, and
//! a disk and a clock that can be broken, and checks the journal's file after every kill (`ledger`, `audit`). At the
//! end `verdict` judges the records from outside. `FANFARE_SEED` and `FANFARE_ROUNDS` change the plan; both are
//! printed. `FANFARE_LIFE` picks one of its lives, to repeat what was found.

mod audit;
mod ledger;
mod operator;
mod plan;
mod proofs;
mod publishers;
mod receivers;
mod verdict;
mod world;

use std::{collections::BTreeMap, time::Duration};

use plan::{Channel, End, Kind, Life, Round};
use receivers::Mood;
use world::World;

use crate::support::faults::Point;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// As many as anyone wants to read.
fn report(wrong: &[String]) -> String {
    let more = wrong.len().saturating_sub(40);
    let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n  ");
    format!("{} things are wrong:\n  {shown}\n  and {more} more", wrong.len())
}

/// Executes every life of a plan, and judges it.
#[tokio::test]
async fn acknowledged_events_are_delivered_or_dead_whatever_happens() {
    let (rounds, seed) = (setting("FANFARE_ROUNDS", 20), setting("FANFARE_SEED", 0x5EED));
    println!("FANFARE_ROUNDS={rounds} FANFARE_SEED={seed}");
    let (mut all, mut by_features) = (Sums::default(), BTreeMap::<String, Sums>::new());
    let only = setting("FANFARE_LIFE", u64::MAX) as usize;
    let lives = plan::lives(seed, rounds).into_iter().enumerate();
    for (number, life) in lives.filter(|(number, _)| only == usize::MAX || only == *number) {
        let mut world = World::new(life.clone()).await;
        for (number, round) in life.rounds.iter().enumerate() {
            world.feel(Mood::Random(life.seed ^ number as u64));
            world.round(number, round).await;
        }
        let (evidence, mut wrong) = world.end().await;
        wrong.extend(verdict::judge(&evidence));
        let again = format!("FANFARE_SEED={seed} FANFARE_ROUNDS={rounds}, life {number}");
        assert!(wrong.is_empty(), "{again}: {}\n{life:#?}", report(&wrong));
        let rounds = life.rounds.len();
        let kills = evidence.kills;
        all.add(rounds, kills, evidence.history.len());
        for channel in &life.channels {
            let deliveries = evidence.ledger.channel(channel.name).map_or(0, |(_, row)| row.accepted + row.redriven);
            by_features.entry(channel.to_string()).or_default().add(rounds, kills, deliveries as usize);
        }
    }
    for (features, Sums { rounds, kills, of_them }) in by_features {
        println!("{features}: {rounds} rounds, {kills} kills, {of_them} deliveries");
    }
    println!("in all: {} rounds, {} kills, {} events", all.rounds, all.kills, all.of_them);
}

/// What was tested, to know how thorough the run was.
#[derive(Default)]
struct Sums {
    rounds: usize,
    kills: u32,
    /// Events, or the deliveries of a channel.
    of_them: usize,
}

impl Sums {
    fn add(&mut self, rounds: usize, kills: u32, of_them: usize) {
        self.rounds += rounds;
        self.kills += kills;
        self.of_them += of_them;
    }
}

/// An external test lost 2 of 6,297 deliveries this way: a channel that keeps an order, receivers that fail the first
/// attempt, a slow sync, and a kill between the commits of one group.
#[tokio::test]
async fn a_kill_between_two_commits_of_an_ordered_channel_orphans_nothing() {
    let (rounds, seed) = (setting("FANFARE_ROUNDS", 10), setting("FANFARE_SEED", 0x5EED));
    println!("FANFARE_ROUNDS={rounds} FANFARE_SEED={seed}");
    let channel = |name, order, concurrency| Channel {
        name,
        kind: Kind::Webhook,
        order,
        retries: 1_000,
        reuse: 0,
        concurrency,
        expires: false,
        comes_and_goes: false,
        breaker: false,
        rate: false,
        rate_per: false,
        picks: false,
        batch: false,
        delay: false,
        once: false,
        fallback: None,
        only_fallback: false,
        system_events: false,
    };
    let channels = vec![channel("ordered", true, 16), channel("single", true, 1), channel("plain", false, 16)];
    let mut random = fastrand::Rng::with_seed(seed);
    let mut round = || {
        let point = *random.choice(&[Point::BeforeSync, Point::AfterSync, Point::BeforeWrite]).unwrap();
        // A commit writes some ten pages.
        let more = random.u32(10..120) * if point == Point::BeforeWrite { 10 } else { 1 };
        let slow = Duration::from_millis(5);
        Round { acts: vec![], end: End::KillAt(point, more), slow, killed_at_start: None, full_at_start: false }
    };
    let rounds: Vec<_> = (0..rounds).map(|_| round()).collect();
    let mut world = World::new(Life { seed, channels, subjects: 60, retention: false, rounds: vec![] }).await;
    world.feel(Mood::FirstFails);
    for (number, round) in rounds.iter().enumerate() {
        world.round(number, round).await;
    }
    let (evidence, mut wrong) = world.end().await;
    let (acknowledged, requests) = (evidence.responses.acknowledged.len(), evidence.hits.len());
    println!("{acknowledged} acknowledged, {} kills, {requests} requests", evidence.kills);
    wrong.extend(verdict::judge(&evidence));
    assert!(wrong.is_empty(), "{}", report(&wrong));
}
