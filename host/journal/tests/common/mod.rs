//! Helpers for the journal's tests.
#![allow(clippy::disallowed_methods, reason = "a test may ask what time it is")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]
#![allow(dead_code, reason = "every test binary uses its own part of this")]

pub mod recount;

use std::{
    path::Path,
    pin::Pin,
    sync::{Arc, Mutex},
    task,
};

use fanfare_conformance::samples;
pub use fanfare_conformance::samples::event;
use fanfare_core::{
    AttemptRecord, ChannelId, ChannelName, Class, Event, Offset, StateWrite,
    delivery::{Next, Skip},
};
use fanfare_dispatch::{
    Accepted, Claim, Clock, Commit, Entry, Follower, Haste, Journal, Registration, Settlement, SystemClock,
};
use fanfare_journal::{OpenError, Options, SqliteJournal};
use jiff::Timestamp;
use tokio::{sync::oneshot, time::Instant};
use uuid::Uuid;

/// Follows tokio's clock, so that a paused test controls the time.
pub struct TestClock {
    started: Instant,
    at: Timestamp,
}

impl TestClock {
    pub fn new() -> Arc<Self> {
        Self::from("2026-11-20T10:30:00Z")
    }

    /// A clock that begins at this time.
    pub fn from(at: &str) -> Arc<Self> {
        Arc::new(Self { started: Instant::now(), at: at.parse().unwrap() })
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.at + self.started.elapsed()
    }
}

pub fn options(folder: &Path) -> Options {
    Options::new(folder.join("journal.db"))
}

pub async fn open(options: Options) -> Arc<SqliteJournal> {
    SqliteJournal::open(options, Arc::new(SystemClock)).await.unwrap()
}

pub fn name(name: &str) -> ChannelName {
    ChannelName::new(name).unwrap()
}

pub async fn register(journal: &SqliteJournal, names: &[&str]) -> Vec<ChannelId> {
    let registrations = names.iter().map(|&of| Registration { name: name(of), order: None }).collect();
    journal.register(registrations).await.unwrap().into_iter().map(|registered| registered.id).collect()
}

pub fn entry(id: &str, targets: &[ChannelId]) -> Entry {
    entry_of(event(id), targets)
}

pub fn entry_of(event: Event, targets: &[ChannelId]) -> Entry {
    Entry {
        key: Uuid::now_v7(),
        event: Arc::new(event),
        accepted_at: Timestamp::now(),
        targets: targets.into(),
        first: vec![],
        trail: None,
    }
}

/// Accepts events that must be new, and returns their offsets.
pub async fn accept(journal: &SqliteJournal, entries: Vec<Entry>) -> Vec<Offset> {
    let answers = journal.accept(entries).await.unwrap();
    answers
        .into_iter()
        .map(|answer| match answer {
            Accepted::New { offset } => offset,
            other => panic!("not new: {other:?}"),
        })
        .collect()
}

/// Opens a journal that must be refused.
pub async fn refused(options: Options) -> OpenError {
    SqliteJournal::open(options, Arc::new(SystemClock)).await.err().expect("this journal must not open")
}

pub fn attempt(number: u32, class: Option<Class>) -> AttemptRecord {
    samples::attempt(number, class, "2026-11-20T10:30:00Z".parse().unwrap())
}

/// How a test ends an attempt.
pub struct End {
    pub next: Next,
    pub class: Option<Class>,
    pub receipt: Option<&'static str>,
    pub writes: Vec<StateWrite>,
}

impl End {
    pub fn delivered() -> Self {
        Self { next: Next::Delivered, class: None, receipt: Some(r#"{"ok":true}"#), writes: vec![] }
    }

    pub fn waiting(until: Timestamp, attempts: u32) -> Self {
        Self { next: Next::Waiting { until, attempts }, class: Some(Class::Retry), receipt: None, writes: vec![] }
    }

    pub fn dead(attempts: u32) -> Self {
        Self { next: Next::Dead { attempts }, class: Some(Class::Rejected), receipt: None, writes: vec![] }
    }

    pub fn skipped() -> Self {
        Self { next: Next::Skipped(Skip::Preference), class: None, receipt: None, writes: vec![] }
    }

    pub fn writing(self, writes: Vec<StateWrite>) -> Self {
        Self { writes, ..self }
    }
}

pub fn settlement(claim: &Claim, end: End) -> Settlement {
    Settlement {
        channel: claim.channel,
        offset: claim.offset,
        key: claim.key,
        token: claim.token,
        event: Some(claim.event.clone()),
        since: claim.since,
        next: end.next,
        attempt: (!matches!(end.next, Next::Skipped(_))).then(|| attempt(claim.attempts + 1, end.class)),
        receipt: end.receipt.map(str::to_owned),
        fault: None,
        origin: fanfare_core::delivery::Origin::Live,
        detail: None,
        fallback: vec![],
        settings: "fedcba9876543210".into(),
        at: Timestamp::now(),
        writes: end.writes,
        emits: vec![],
        samples: vec![],
        traced: None,
        // Whether it can wait makes no difference but of time.
        haste: [Haste::CanWait, Haste::Prompt, Haste::AtOnce][usize::try_from(claim.offset.0 % 3).unwrap()],
    }
}

/// Waits for the commit of one settlement.
struct Waits {
    which: (ChannelId, Offset),
    told: Mutex<Option<oneshot::Sender<usize>>>,
}

impl Follower for Waits {
    fn committed(&self, commit: &Commit) {
        if commit.settled.iter().any(|settled| (settled.channel, settled.offset) == self.which)
            && let Some(told) = self.told.lock().unwrap().take()
        {
            told.send(commit.emitted).unwrap_or(());
        }
    }
}

/// A queued settlement. Resolves after its commit to the number of new events that the commit emitted.
pub struct Settling {
    /// Keeps the follower alive.
    _waits: Arc<dyn Follower>,
    committed: oneshot::Receiver<usize>,
}

impl Settling {
    pub async fn begin(journal: &SqliteJournal, settlement: Settlement) -> Self {
        let (told, committed) = oneshot::channel();
        let which = (settlement.channel, settlement.offset);
        let waits: Arc<dyn Follower> = Arc::new(Waits { which, told: Mutex::new(Some(told)) });
        journal.follow(Arc::downgrade(&waits));
        journal.settle(vec![settlement]).await;
        Self { _waits: waits, committed }
    }
}

impl Future for Settling {
    type Output = Result<usize, oneshot::error::RecvError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> task::Poll<Self::Output> {
        Pin::new(&mut self.committed).poll(context)
    }
}

/// Queues a settlement. The result resolves after its commit.
pub async fn begin_settle(journal: &SqliteJournal, claim: &Claim, end: End) -> Settling {
    Settling::begin(journal, settlement(claim, end)).await
}

/// Settles and waits for the commit.
pub async fn settle(journal: &SqliteJournal, claim: &Claim, end: End) {
    begin_settle(journal, claim, end).await.await.unwrap();
}

/// Claims until there are `count` claims.
pub async fn claim(journal: &SqliteJournal, channel: ChannelId, count: usize) -> Vec<Claim> {
    let mut claims = vec![];
    while claims.len() < count {
        claims.extend(journal.claim(channel, count - claims.len()).await.unwrap());
    }
    claims
}

pub fn offsets(claims: &[Claim]) -> Vec<u64> {
    claims.iter().map(|claim| claim.offset.0).collect()
}

/// Asserts that nothing may be claimed on a channel without an order. Unlike a claim, this returns once nothing is
/// found.
pub async fn nothing_to_claim(journal: &SqliteJournal, channel: ChannelId) {
    let claims = journal.claim_expired(channel, Timestamp::MAX, 10).await.unwrap();
    assert_eq!(offsets(&claims), Vec::<u64>::new(), "claimed");
}

/// Changes the journal's file while no journal is open.
pub fn alter(folder: &Path, sql: &str) {
    rusqlite::Connection::open(folder.join("journal.db")).unwrap().execute_batch(sql).unwrap();
}

/// Copies what a crash leaves behind: the files as they are, without closing the journal.
pub fn crash(from: &Path, to: &Path) -> Options {
    for suffix in ["", "-wal"] {
        let file = format!("journal.db{suffix}");
        std::fs::copy(from.join(&file), to.join(&file)).unwrap();
    }
    options(to)
}
