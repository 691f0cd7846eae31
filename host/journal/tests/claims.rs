//! What may be claimed, and when.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::{sync::Arc, time::Duration};

use common::*;
use fanfare_dispatch::{Clock, Entry, Journal};
use fanfare_journal::{CommitHook, End as Until, MemoryUse, Options, ReplayRequest, SqliteJournal, Start};

#[tokio::test]
async fn nothing_is_claimed_before_its_commit() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channel = register(&journal, &["log"]).await[0];
    // Holds the database's write lock, so that the journal's own commit cannot succeed.
    let blocker = rusqlite::Connection::open(folder.path().join("journal.db")).unwrap();
    blocker.execute_batch("BEGIN IMMEDIATE").unwrap();
    let accepted = tokio::spawn({
        let (journal, entry) = (journal.clone(), entry("e1", &[channel]));
        async move { journal.accept(vec![entry]).await }
    });
    nothing_to_claim(&journal, channel).await;
    assert!(!accepted.is_finished(), "acknowledged before it was durable");
    assert_eq!(journal.backlog(channel).pending, 0);
    blocker.execute_batch("COMMIT").unwrap();
    assert_eq!(offsets(&claim(&journal, channel, 1).await), [1]);
    accepted.await.unwrap().unwrap();
}

async fn paused(options: Options) -> (Arc<SqliteJournal>, Arc<TestClock>) {
    let clock = TestClock::new();
    // Paused after opening, because paused time must not run ahead while other threads work.
    let journal = SqliteJournal::open(options, clock.clone()).await.unwrap();
    (journal, clock)
}

#[tokio::test]
async fn a_retry_becomes_due_at_its_time_and_not_before() {
    for window_bytes in [0, 32 << 20] {
        let folder = tempfile::tempdir().unwrap();
        let (journal, clock) = paused(Options { window_bytes, ..options(folder.path()) }).await;
        let channel = register(&journal, &["log"]).await[0];
        accept(&journal, vec![entry("e1", &[channel])]).await;
        let first = claim(&journal, channel, 1).await;
        let until = clock.now() + Duration::from_secs(3_600);
        settle(&journal, &first[0], End::waiting(until, 1)).await;
        let backlog = journal.backlog(channel);
        assert_eq!((backlog.pending, backlog.in_flight, backlog.waiting), (1, 0, 1));
        assert_eq!(backlog.oldest, Some(first[0].since));

        tokio::time::pause();
        let waiting = tokio::spawn({
            let (journal, clock) = (journal.clone(), clock.clone());
            async move { (journal.claim(channel, 1).await.unwrap(), clock.now()) }
        });
        tokio::time::sleep(Duration::from_secs(3_590)).await;
        assert!(!waiting.is_finished());
        let (again, at) = waiting.await.unwrap();
        assert!(at >= until, "{at} {until}");
        tokio::time::resume();
        assert_eq!((again[0].attempts, again[0].delivery_id()), (1, first[0].delivery_id()));
        assert_eq!(again[0].event, first[0].event);

        let stored = journal.history().event("e1".into(), None).await.unwrap().unwrap();
        assert_eq!(stored.deliveries[0].next_attempt_at.unwrap().as_microsecond(), until.as_microsecond());
        settle(&journal, &again[0], End::delivered()).await;
        let stored = journal.history().event("e1".into(), None).await.unwrap().unwrap();
        assert_eq!((stored.deliveries[0].spent, stored.deliveries[0].attempts.len()), (2, 2));
        assert_eq!(stored.deliveries[0].next_attempt_at, None);
    }
}

/// Memory follows a commit a moment later. A read in between finds rows that memory is about to hear of: here a
/// delivery that a replay begins.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_is_read_before_memory_has_followed_its_commit_is_handed_out_once() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channel = register(&journal, &["log"]).await[0];
    accept(&journal, vec![entry("e1", &[channel]), entry("e2", &[channel])]).await;
    let claims = claim(&journal, channel, 2).await;
    settle(&journal, &claims[0], End::delivered()).await;
    // Memory does not know all waiting deliveries after the next start, so a claim reads them.
    let later = fanfare_dispatch::SystemClock.now() + Duration::from_secs(3_600);
    settle(&journal, &claims[1], End::waiting(later, 1)).await;
    journal.close().await;

    let (begun, mut has_begun) = tokio::sync::mpsc::unbounded_channel();
    let (resume, resumed) = std::sync::mpsc::channel::<()>();
    let resumed = std::sync::Mutex::new(Some(resumed));
    let path = folder.path().join("journal.db");
    let hook = move |_: Duration, _: usize| {
        let reader = rusqlite::Connection::open(&path).unwrap();
        let rows: i64 =
            reader.query_row("SELECT count(*) FROM retries WHERE offset = 1", [], |row| row.get(0)).unwrap();
        if rows == 1
            && let Some(resumed) = resumed.lock().unwrap().take()
        {
            begun.send(()).unwrap();
            resumed.recv().unwrap_err(); // until the test drops its end
        }
    };
    let on_commit = Some(CommitHook(Arc::new(hook)));
    let journal = open(Options { on_commit, ..options(folder.path()) }).await;
    let request =
        ReplayRequest { after: Start::Offset(0), until: Until::Offset(1), types: vec![], channels: vec![name("log")] };
    journal.jobs().replay(request).await.unwrap();
    has_begun.recv().await.unwrap();

    let claiming = tokio::spawn({
        let journal = journal.clone();
        async move { journal.claim(channel, 2).await.unwrap() }
    });
    // A claim must not get it yet, and nothing shows that one waits: this is longer than the read takes.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!claiming.is_finished(), "memory does not know of it");
    drop(resume);
    let claims = claiming.await.unwrap();
    assert_eq!(offsets(&claims), [1]);
    // Memory has followed by then.
    accept(&journal, vec![entry("e3", &[])]).await;
    let backlog = journal.backlog(channel);
    assert_eq!((backlog.pending, backlog.in_flight, backlog.waiting), (2, 1, 1));
    settle(&journal, &claims[0], End::delivered()).await;
    nothing_to_claim(&journal, channel).await;
}

#[tokio::test]
async fn due_retries_come_first_and_leave_half_to_fresh_events() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channel = register(&journal, &["log"]).await[0];
    let batch = |from: u64| (from..from + 10).map(|n| entry(&format!("e{n}"), &[channel])).collect::<Vec<Entry>>();
    accept(&journal, batch(1)).await;
    for first in claim(&journal, channel, 10).await {
        settle(&journal, &first, End::waiting(jiff::Timestamp::UNIX_EPOCH, 1)).await;
    }
    accept(&journal, batch(11)).await;
    assert_eq!(offsets(&journal.claim(channel, 4).await.unwrap()), [1, 2, 11, 12]);
    let mut singles = vec![];
    for _ in 0..4 {
        singles.extend(offsets(&journal.claim(channel, 1).await.unwrap()));
    }
    singles.sort_unstable();
    assert_eq!(singles, [3, 4, 13, 14], "single claims alternate");
    assert_eq!(offsets(&journal.claim(channel, 100).await.unwrap()).len(), 12);
}

#[tokio::test]
async fn a_long_backlog_takes_no_more_memory_than_a_short_one() {
    const EVENTS: usize = 100_000;
    let folder = tempfile::tempdir().unwrap();
    let small = Options { window_bytes: 1 << 20, retry_front: 100, ..options(folder.path()) };
    let journal = open(small).await;
    let channels = register(&journal, &["log", "webhook"]).await;
    for batch in 0..EVENTS / 1_000 {
        accept(&journal, (0..1_000).map(|n| entry(&format!("e{batch}-{n}"), &channels)).collect()).await;
    }
    let bounded = |usage: MemoryUse| {
        assert!(usage.window_bytes <= 1 << 20, "{usage:?}");
        assert!(
            usage.window_events < 2_000 && usage.read_ahead <= 2 * (256 + 64) && usage.waiting <= 2 * 200,
            "{usage:?}"
        );
    };
    bounded(journal.memory_use());
    let oldest = journal.backlog(channels[0]).oldest;
    assert!(oldest.is_some());

    // Every tenth waits, the others are delivered. All come out once, in order.
    let mut next = 1;
    while next <= EVENTS as u64 {
        let claims = journal.claim(channels[0], 500).await.unwrap();
        let mut last = None;
        for claim in &claims {
            assert_eq!(claim.offset.0, next);
            next += 1;
            let end = if next % 10 == 0 { End::waiting(jiff::Timestamp::MAX, 1) } else { End::delivered() };
            last = Some(begin_settle(&journal, claim, end).await);
        }
        last.unwrap().await.unwrap();
        bounded(journal.memory_use());
    }
    let backlog = journal.backlog(channels[0]);
    assert_eq!((backlog.pending, backlog.in_flight, backlog.waiting), (10_000, 0, 10_000));
    assert_eq!(journal.backlog(channels[1]).pending, EVENTS as u64);
    assert_eq!(journal.backlog(channels[1]).oldest, oldest);
    nothing_to_claim(&journal, channels[0]).await;
}
