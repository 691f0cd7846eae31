//! What the journal costs: events per second and CPU per event, for events with four channels that deliver at once.
//!
//! `cargo bench -p fanfare-journal`. A group of N means N publishers; each publishes its next event when the last one
//! has settled on every channel. A second run uses a journal that records nothing: the difference is the cost of the
//! journal.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on should panic")]
#![allow(clippy::disallowed_methods, reason = "a benchmark measures time")]

mod nothing;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use fanfare_core::{
    AttemptRecord, ChannelId, ChannelName, Defaults, Event, Offset,
    delivery::{Next, Trigger},
};
use fanfare_dispatch::{Claim, Commit, Entry, Follower, Haste, Journal, Registration, Settlement, SystemClock};
use fanfare_journal::{CommitHook, EventQuery, Options, SqliteJournal};
use jiff::Timestamp;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// Same as in the daemon.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CHANNELS: usize = 4;
const SPAN: Duration = Duration::from_secs(4);
const BODY: &str = r#"{"type":"user.signup","message":"New user registered","severity":"info",
    "data":{"user_id":"usr_123","plan":"pro"},"tags":["user","signup"]}"#;

/// The CPU time of this process so far, from the clock ticks in `/proc/self/stat` (100 per second on Linux).
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

fn event() -> Arc<Event> {
    let defaults = Defaults { now: Timestamp::now(), id: Uuid::now_v7() };
    Arc::new(Event::from_simple(BODY.as_bytes(), defaults).unwrap())
}

/// Settles everything its channel gets, a few at a time, as a runner does.
async fn lane(journal: Arc<dyn Journal>, channel: ChannelId) {
    while let Ok(claims) = journal.claim(channel, 256).await {
        for claims in claims.chunks(16) {
            journal.settle(claims.iter().map(delivered).collect()).await;
        }
    }
}

/// Adds a permit per settled delivery.
struct Settled(Semaphore);

impl Follower for Settled {
    fn committed(&self, commit: &Commit) {
        self.0.add_permits(commit.settled.len());
    }
}

fn delivered(claim: &Claim) -> Settlement {
    let now = Timestamp::now();
    let attempt = AttemptRecord {
        number: 1,
        trigger: Trigger::First,
        started: now,
        duration_ms: 0.012,
        class: None,
        code: None,
        error: None,
        fuel: 123_456,
        memory: 1_114_112,
        plugin: "0123456789abcdef".to_owned(),
        trace: vec![],
    };
    Settlement {
        channel: claim.channel,
        offset: claim.offset,
        key: claim.key,
        token: claim.token,
        event: Some(claim.event.clone()),
        since: claim.since,
        next: Next::Delivered,
        attempt: Some(attempt),
        receipt: Some(r#"{"log_id":"log_0193456789"}"#.to_owned()),
        fault: None,
        origin: fanfare_core::delivery::Origin::Live,
        detail: None,
        fallback: vec![],
        settings: "fedcba9876543210".into(),
        at: now,
        writes: vec![],
        emits: vec![],
        samples: vec![],
        traced: None,
        haste: Haste::default(),
    }
}

/// CPU per event in microseconds, and events per second.
async fn writes(journal: Arc<dyn Journal>, group: usize) -> (f64, f64) {
    let channel = |n| Registration { name: ChannelName::new(&format!("channel-{n}")).unwrap(), order: None };
    let known = journal.register((0..CHANNELS).map(channel).collect()).await.unwrap();
    let targets: Arc<[ChannelId]> = known.into_iter().map(|known| known.id).collect();
    let settled = Arc::new(Settled(Semaphore::new(0)));
    let follower: Arc<dyn Follower> = settled.clone();
    journal.follow(Arc::downgrade(&follower));
    let lanes: Vec<_> = targets.iter().map(|&channel| tokio::spawn(lane(journal.clone(), channel))).collect();
    let events = Arc::new(AtomicU64::new(0));
    let (started, cpu_before) = (Instant::now(), cpu());
    let publishers: Vec<_> = (0..group)
        .map(|_| {
            let (journal, targets, settled, events) =
                (journal.clone(), targets.clone(), settled.clone(), events.clone());
            tokio::spawn(async move {
                while started.elapsed() < SPAN {
                    let entry = Entry {
                        key: Uuid::now_v7(),
                        event: event(),
                        accepted_at: Timestamp::now(),
                        targets: targets.clone(),
                        first: vec![],
                        trail: None,
                    };
                    journal.accept(vec![entry]).await.unwrap();
                    // Four settlements must happen per event. Which publisher waits for which does not change the load.
                    settled.0.acquire_many(CHANNELS as u32).await.unwrap().forget();
                    events.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for publisher in publishers {
        publisher.await.unwrap();
    }
    let (wall, spent) = (started.elapsed(), cpu() - cpu_before);
    lanes.iter().for_each(tokio::task::JoinHandle::abort);
    let events = events.load(Ordering::Relaxed) as f64;
    (spent.as_secs_f64() * 1e6 / events, events / wall.as_secs_f64())
}

async fn reads(journal: &SqliteJournal) {
    let history = journal.history();
    let newest = history.events(EventQuery { after: -1_000, limit: 1_000, ..EventQuery::default() }).await.unwrap();
    let timed = async |what: &str, count: u32, work: &dyn Fn(u32) -> Reading| {
        let started = Instant::now();
        for n in 0..count {
            work(n).await;
        }
        println!("{what}: {:.1} us", started.elapsed().as_secs_f64() * 1e6 / f64::from(count));
    };
    let ids: Vec<_> = newest.items.iter().map(|stored| stored.event.id.clone()).collect();
    timed("one event by id", 2_000, &|n| {
        let (history, id) = (history.clone(), ids[n as usize % ids.len()].clone());
        Box::pin(async move { assert!(history.event(id, None).await.unwrap().is_some()) })
    })
    .await;
    timed("one event by offset", 2_000, &|n| {
        let history = history.clone();
        Box::pin(async move { assert!(history.at(Offset(u64::from(n) + 1)).await.unwrap().is_some()) })
    })
    .await;
    timed("a page of 100 events", 200, &|_| {
        let history = history.clone();
        let query = EventQuery { after: -100, limit: 100, ..EventQuery::default() };
        Box::pin(async move { assert_eq!(history.events(query).await.unwrap().items.len(), 100) })
    })
    .await;
    timed("the totals", 200, &|_| {
        let history = history.clone();
        Box::pin(async move { assert!(history.totals().await.unwrap().events > 0) })
    })
    .await;
}

type Reading = std::pin::Pin<Box<dyn Future<Output = ()>>>;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        println!("{CHANNELS} channels; CPU µs per event");
        println!(
            "{:>10} {:>10} {:>8} {:>8} {:>11} {:>9}",
            "publishers", "events/s", "a commit", "in all", "benchmark's", "journal's"
        );
        for group in [1, 16, 128, 512, 1_024] {
            let (own, _) = writes(Arc::new(nothing::Nothing::new(CHANNELS)), group).await;
            let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
            let commits = Arc::new(AtomicU64::new(0));
            let count = commits.clone();
            let on_commit = CommitHook(Arc::new(move |_, _| {
                count.fetch_add(1, Ordering::Relaxed);
            }));
            let options = Options { on_commit: Some(on_commit), ..Options::new(folder.path().join("journal.db")) };
            let journal = SqliteJournal::open(options, Arc::new(SystemClock)).await.unwrap();
            let (all, rate) = writes(journal.clone(), group).await;
            let each = rate * SPAN.as_secs_f64() / commits.load(Ordering::Relaxed) as f64;
            println!("{group:>10} {rate:>10.0} {each:>8.1} {all:>8.1} {own:>11.1} {:>9.1}", all - own);
            if group == 1_024 {
                reads(&journal).await;
            }
            journal.close().await;
        }
    });
}
