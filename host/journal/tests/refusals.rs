//! Full disks, full queues, and files that are not journals.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use common::*;
use fanfare_dispatch::{AcceptError, Health, Journal};
use fanfare_journal::{OpenError, Options};

#[tokio::test]
async fn a_full_disk_refuses_events_keeps_settlements_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    accept(&journal, (0..2_000).map(|n| entry(&format!("e{n}"), &channels)).collect()).await;
    let claims = claim(&journal, channels[0], 2_000).await;
    journal.set_max_bytes(Some(1));

    let refused = loop {
        // The existing pages still have space for a few.
        let id = uuid::Uuid::now_v7().to_string();
        if let Err(error) = journal.accept(vec![entry(&id, &channels)]).await {
            break error;
        }
    };
    assert!(matches!(&refused, AcceptError::Unavailable(reason) if reason.contains("full")), "{refused:?}");
    let before = journal.history().totals().await.unwrap().events;

    let mut committed = vec![];
    for claim in &claims {
        committed.push(begin_settle(&journal, claim, End::delivered()).await);
    }
    let mut last = committed.pop().unwrap();
    let waited = tokio::time::timeout(std::time::Duration::from_millis(300), &mut last).await;
    assert!(waited.is_err(), "2,000 settlements cannot fit");
    assert!(matches!(journal.health(), Health::Failing(_)));
    assert!(matches!(journal.accept(vec![entry("x", &channels)]).await, Err(AcceptError::Unavailable(_))));
    assert_eq!(journal.history().totals().await.unwrap().events, before, "a rejected event must leave nothing");

    journal.set_max_bytes(None);
    for committed in committed {
        committed.await.unwrap();
    }
    last.await.unwrap();
    assert_eq!(journal.health(), Health::Ok);
    let offset = accept(&journal, vec![entry("x", &channels)]).await[0];
    assert_eq!(offset.0, before + 1, "a rejected event uses no offset");
    let log = &journal.history().totals().await.unwrap().channels[0];
    assert_eq!((log.delivered, log.accepted), (2_000, before + 1));
}

#[tokio::test]
async fn an_idle_journal_notices_that_it_can_write_again() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    journal.set_max_bytes(Some(1));
    let many = || (0..500).map(|n| entry(&format!("e{n}"), &channels)).collect();
    assert!(journal.accept(many()).await.is_err());
    journal.set_max_bytes(None);
    tokio::time::timeout(std::time::Duration::from_secs(10), async {
        while journal.health() != Health::Ok {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(accept(&journal, many()).await.len(), 500);
}

#[tokio::test]
async fn a_full_queue_is_busy_and_settlements_have_room_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(Options { queue_entries: 4, ..options(folder.path()) }).await;
    let channels = register(&journal, &["log"]).await;
    accept(&journal, vec![entry("first", &channels)]).await;
    let claims = claim(&journal, channels[0], 1).await;
    let blocker = rusqlite::Connection::open(folder.path().join("journal.db")).unwrap();
    blocker.execute_batch("BEGIN IMMEDIATE").unwrap();
    // One group is with the writer, which waits for the lock; then four fit into the queue.
    let (mut waiting, mut busy) = (vec![], 0);
    for n in 0..20 {
        let mut accepting = journal.accept(vec![entry(&format!("e{n}"), &channels)]);
        match std::future::poll_fn(|cx| std::task::Poll::Ready(accepting.as_mut().poll(cx))).await {
            std::task::Poll::Ready(Err(AcceptError::Busy { retry_after })) => {
                assert!(!retry_after.is_zero());
                busy += 1;
            }
            std::task::Poll::Ready(other) => panic!("{other:?}"),
            std::task::Poll::Pending => waiting.push(accepting),
        }
    }
    assert!(busy >= 10 && waiting.len() >= 4, "{busy} busy, {} waiting", waiting.len());
    let committed = begin_settle(&journal, &claims[0], End::delivered()).await;
    blocker.execute_batch("COMMIT").unwrap();
    committed.await.unwrap();
    for accepting in waiting {
        accepting.await.unwrap();
    }
    let batch = (0..50).map(|n| entry(&format!("b{n}"), &channels)).collect();
    assert_eq!(accept(&journal, batch).await.len(), 50, "a batch larger than the queue is accepted when it is empty");
}

#[tokio::test]
async fn a_file_that_is_not_a_journal_is_refused_and_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path());
    let text = "This is a letter, not a database. ".repeat(100);
    std::fs::write(&options.path, &text).unwrap();
    assert!(matches!(refused(options.clone()).await, OpenError::NotAJournal(_)));
    assert_eq!(std::fs::read_to_string(&options.path).unwrap(), text);

    std::fs::remove_file(&options.path).unwrap();
    let other = rusqlite::Connection::open(&options.path).unwrap();
    other.execute_batch("CREATE TABLE someone_elses (a)").unwrap();
    drop(other);
    assert!(matches!(refused(options).await, OpenError::NotAJournal(_)));
}

#[tokio::test]
async fn a_newer_layout_is_refused_with_both_numbers() {
    let folder = tempfile::tempdir().unwrap();
    open(options(folder.path())).await.close().await;
    alter(folder.path(), "PRAGMA user_version = 99");
    let error = refused(options(folder.path())).await;
    assert!(matches!(error, OpenError::Newer { found: 99, known: 8, .. }), "{error}");
}

#[tokio::test]
async fn a_damaged_file_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    register(&journal, &["log"]).await;
    journal.close().await;
    let path = folder.path().join("journal.db");
    let mut bytes = std::fs::read(&path).unwrap();
    // The header stays, the pages behind it are cut off.
    bytes[4096..].fill(0xA5);
    std::fs::write(&path, bytes).unwrap();
    let error = refused(options(folder.path())).await;
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error}");
    assert!(error.to_string().contains("backup"), "{error}");
}

#[tokio::test]
async fn an_unreadable_event_becomes_a_dead_letter_and_delays_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    accept(&journal, (1..=5).map(|n| entry(&format!("e{n}"), &channels)).collect()).await;
    journal.close().await;
    alter(
        folder.path(),
        "UPDATE events SET event = '{' WHERE offset IN (2, 5); UPDATE events SET targets = 'x' WHERE offset = 4",
    );

    let journal = open(options(folder.path())).await;
    let claims = claim(&journal, channels[0], 2).await;
    assert_eq!(offsets(&claims), [1, 3]);
    for claim in &claims {
        settle(&journal, claim, End::delivered()).await;
    }
    accept(&journal, vec![entry("e6", &channels)]).await;
    assert_eq!(offsets(&claim(&journal, channels[0], 1).await), [6]);
    let letters = journal.history().dead_letters(fanfare_journal::DeadLetterQuery::default()).await.unwrap().items;
    let dead: Vec<_> = letters.iter().map(|letter| (letter.offset.0, letter.code.as_str())).collect();
    assert_eq!(dead, [(2, "unreadable_event"), (5, "unreadable_event")]);
    assert!(journal.history().event("e2".into(), None).await.is_err(), "unreadable is not absent");
}
