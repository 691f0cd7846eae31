//! What the journal costs with a long history: queries over a million events, replay, restart, backup, pruning, and
//! bytes per event.
//!
//! `cargo bench -p fanfare-journal --bench history [-- EVENTS]`. The journal is filled as a daemon fills it, in large
//! groups: 50 types, 20 sources, 4 channels, one event in a thousand dead on one channel, three events of a rare type.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on should panic")]
#![allow(clippy::disallowed_methods, reason = "a benchmark measures time")]

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use fanfare_core::{
    AttemptRecord, ChannelId, ChannelName, Class, Defaults, Event, OverallStatus,
    delivery::{Next, Trigger},
};
use fanfare_dispatch::{Claim, Entry, Haste, Journal, Registration, Settlement, SystemClock};
use fanfare_journal::{End, EventQuery, Options, Order, ReplayRequest, SqliteJournal, Start, backup};
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

/// Same as in the daemon.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CHANNELS: [&str; 4] = ["log", "webhook", "audit", "metrics"];
const GROUP: usize = 2_000;
const BODY: &str = r#"{"type":"user.signup","message":"New user registered","severity":"info",
    "data":{"user_id":"usr_123","plan":"pro"},"tags":["user","signup"]}"#;

fn main() {
    let events = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(run(events));
}

async fn open(path: &Path, retention: Option<Duration>) -> (Arc<SqliteJournal>, Vec<ChannelId>) {
    let options = Options { retention, ..Options::new(path) };
    let journal = SqliteJournal::open(options, Arc::new(SystemClock)).await.unwrap();
    let channel = |name| Registration { name: ChannelName::new(name).unwrap(), order: None };
    let known = journal.register(CHANNELS.into_iter().map(channel).collect()).await.unwrap();
    let ids = known.into_iter().map(|known| known.id).collect();
    (journal, ids)
}

async fn run(events: usize) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("journal.db");
    let (journal, channels) = open(&path, None).await;
    // One event per second, all in the past, so that queries can filter by time.
    let first = Timestamp::now() - i64::try_from(events).unwrap().seconds() - 1.hour();
    let started = Instant::now();
    for from in (0..events).step_by(GROUP) {
        let group = from..(from + GROUP).min(events);
        fill(&journal, &channels, first, group).await;
    }
    let rate = events as f64 / started.elapsed().as_secs_f64();
    journal.close().await;
    let size = std::fs::metadata(&path).unwrap().len();
    println!(
        "{events} events, {} channels: filled at {rate:.0} events/s, {} bytes each",
        CHANNELS.len(),
        size / events as u64
    );

    let (journal, channels) = open(&path, None).await;
    queries(&journal, events, first).await;
    replay(&journal, channels[0], events.min(100_000)).await;
    journal.close().await;

    let copy = folder.path().join("backup.db");
    let started = Instant::now();
    let size = backup(&path, &copy).unwrap();
    println!("backup: {:.1} s for {} MiB", started.elapsed().as_secs_f64(), size >> 20);
    restart(&path, events).await;
    prune(&path, events).await;
}

fn event(n: usize, events: usize) -> Event {
    let defaults = Defaults { now: Timestamp::now(), id: Uuid::now_v7() };
    let mut event = Event::from_simple(BODY.as_bytes(), defaults).unwrap();
    let rare = n % (events / 3).max(1) == events / 7;
    event.ty = if rare { "rare.event".to_owned() } else { format!("kind-{}.sort-{}", n % 5, n % 50) };
    event.source = format!("/source/{}", n % 20);
    event
}

async fn fill(journal: &Arc<SqliteJournal>, channels: &[ChannelId], first: Timestamp, group: std::ops::Range<usize>) {
    let events = group.end.max(1_000_000);
    let entries = group.clone().map(|n| Entry {
        key: Uuid::now_v7(),
        event: Arc::new(event(n, events)),
        accepted_at: first + i64::try_from(n).unwrap().seconds(),
        targets: channels.into(),
        first: vec![],
        trail: None,
    });
    journal.accept(entries.collect()).await.unwrap();
    for &channel in channels {
        let mut left = group.len();
        while left > 0 {
            let claims = journal.claim(channel, left).await.unwrap();
            left -= claims.len();
            for claim in claims {
                let dead = channel == channels[1] && claim.offset.0.is_multiple_of(1_000);
                journal.settle(vec![settlement(&claim, dead)]).await;
            }
        }
    }
}

fn settlement(claim: &Claim, dead: bool) -> Settlement {
    let now = Timestamp::now();
    let attempt = AttemptRecord {
        number: 1,
        trigger: Trigger::First,
        started: now,
        duration_ms: 0.012,
        class: dead.then_some(Class::Rejected),
        code: dead.then(|| "http_400".to_owned()),
        error: dead.then(|| "the receiver rejected it".to_owned()),
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
        next: if dead { Next::Dead { attempts: 1 } } else { Next::Delivered },
        attempt: Some(attempt),
        receipt: (!dead).then(|| r#"{"log_id":"log_0193456789"}"#.to_owned()),
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

async fn queries(journal: &SqliteJournal, events: usize, first: Timestamp) {
    let history = journal.history();
    let base = || EventQuery { limit: 100, ..EventQuery::default() };
    let newest = || EventQuery { order: Order::Newest, ..base() };
    let middle = first + i64::try_from(events / 2).unwrap().seconds();
    let cases = [
        ("oldest page", base()),
        ("newest page", newest()),
        ("newest of a common type", EventQuery { ty: Some("kind-1.sort-11".into()), ..newest() }),
        ("newest by a pattern (kind-2.*)", EventQuery { ty: Some("kind-2.*".into()), ..newest() }),
        ("a type of three events", EventQuery { ty: Some("rare.*".into()), ..base() }),
        ("a type that does not occur", EventQuery { ty: Some("nothing.here".into()), ..base() }),
        ("newest of a source", EventQuery { source: Some("/source/7".into()), ..newest() }),
        ("newest of a channel", EventQuery { channel: Some(ChannelName::new("audit").unwrap()), ..newest() }),
        ("an hour in the middle", EventQuery { since: Some(middle), until: Some(middle + 1.hour()), ..base() }),
        ("newest that failed on a channel", EventQuery { status: Some(OverallStatus::Partial), ..newest() }),
        ("all pending events", EventQuery { status: Some(OverallStatus::Pending), ..base() }),
    ];
    println!("{:<34} {:>8} {:>7} {:>6}", "query, up to 100 events", "ms", "found", "pages");
    for (what, query) in cases {
        let mut best = Duration::MAX;
        let (mut found, mut pages) = (0, 0);
        for _ in 0..5 {
            let (started, mut query) = (Instant::now(), query.clone());
            (found, pages) = (0, 0);
            // Follows the cursor until the page is full or the history ends, as a client would.
            loop {
                let page = history.events(query.clone()).await.unwrap();
                (found, pages) = (found + page.items.len(), pages + 1);
                match page.next {
                    Some(next) if found < 100 => query.after = next,
                    _ => break,
                }
            }
            best = best.min(started.elapsed());
        }
        println!("{what:<34} {:>8.2} {found:>7} {pages:>6}", best.as_secs_f64() * 1e3);
    }
    let id = history.at(fanfare_core::Offset(events as u64 / 2)).await.unwrap().unwrap().event.id;
    let started = Instant::now();
    assert!(history.event(id, None).await.unwrap().is_some());
    println!("{:<34} {:>8.2}", "one by its id", started.elapsed().as_secs_f64() * 1e3);
    let started = Instant::now();
    assert!(history.totals().await.unwrap().events > 0);
    println!("{:<34} {:>8.2}", "totals", started.elapsed().as_secs_f64() * 1e3);
}

/// Replays events to a channel that delivers at once.
async fn replay(journal: &Arc<SqliteJournal>, channel: ChannelId, events: usize) {
    let request = ReplayRequest {
        after: Start::Offset(0),
        until: End::Offset(events as u64),
        types: vec![],
        channels: vec![ChannelName::new(CHANNELS[0]).unwrap()],
    };
    let started = Instant::now();
    let job = journal.jobs().replay(request).await.unwrap();
    let mut left = events;
    while left > 0 {
        for claim in journal.claim(channel, 256).await.unwrap() {
            journal.settle(vec![settlement(&claim, false)]).await;
            left -= 1;
        }
    }
    while !journal.jobs().get(job.id).await.unwrap().unwrap().state.is_final() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    println!("replay: {:.0} deliveries/s", events as f64 / started.elapsed().as_secs_f64());
}

/// A hundred thousand more events, undelivered when the process starts.
async fn restart(path: &Path, events: usize) {
    let (journal, channels) = open(path, None).await;
    for from in (0..100_000).step_by(GROUP) {
        let entries = (from..from + GROUP).map(|n| Entry {
            key: Uuid::now_v7(),
            event: Arc::new(event(n, events)),
            accepted_at: Timestamp::now(),
            targets: channels.clone().into(),
            first: vec![],
            trail: None,
        });
        journal.accept(entries.collect()).await.unwrap();
    }
    // In flight at the end: a restart has to find these among the others.
    let claimed = journal.claim(channels[0], 64).await.unwrap().len();
    journal.close().await;
    let started = Instant::now();
    let (journal, channels) = open(path, None).await;
    assert_eq!(journal.backlog(channels[0]).pending, 100_000);
    let opened = started.elapsed();
    let again = journal.claim(channels[0], 64).await.unwrap().len();
    println!(
        "restart with 100,000 pending: {:.0} ms, first delivery after {:.0} ms \
         ({claimed} were in flight, {again} claimed)",
        opened.as_secs_f64() * 1e3,
        started.elapsed().as_secs_f64() * 1e3
    );
    journal.close().await;
}

async fn prune(path: &Path, events: usize) {
    let before = std::fs::metadata(path).unwrap().len();
    let (journal, _) = open(path, Some(Duration::from_secs(events as u64 / 2))).await;
    let started = Instant::now();
    journal.tidy().await;
    let took = started.elapsed().as_secs_f64();
    let pruned = journal.history().pruned_to().await.unwrap().0;
    journal.close().await;
    let after = std::fs::metadata(path).unwrap().len();
    println!("pruning: {:.0} events/s, {} MiB before, {} MiB after", pruned as f64 / took, before >> 20, after >> 20);
}
