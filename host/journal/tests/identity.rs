//! `source` and `id` are the identity of an event.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use common::*;
use fanfare_core::{Event, Offset, Payload};
use fanfare_dispatch::{Accepted, Entry, Journal};
use fanfare_journal::Options;

fn with_data(id: &str, data: &str) -> Event {
    Event { data: Some(Payload::Text(data.to_owned())), ..event(id) }
}

fn new(offset: u64) -> Accepted {
    Accepted::New { offset: Offset(offset) }
}

fn duplicate(offset: u64) -> Accepted {
    Accepted::Duplicate { offset: Offset(offset) }
}

fn conflict(offset: u64) -> Accepted {
    Accepted::Conflict { offset: Offset(offset) }
}

#[tokio::test]
async fn a_repeat_is_told_from_another_event_with_the_same_identity() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    let retimed = Event { time: "2027-01-01T00:00:00Z".into(), ..with_data("a", "1") };
    let elsewhere = Event { source: "/other".into(), ..with_data("a", "1") };
    let retyped = Event { ty: "other".into(), ..with_data("a", "1") };
    let subject = Event { subject: Some("s".into()), ..with_data("a", "1") };
    let entries =
        |events: Vec<Event>| -> Vec<Entry> { events.into_iter().map(|event| entry_of(event, &channels)).collect() };
    let in_one_batch = entries(vec![
        with_data("a", "1"),
        with_data("a", "1"),
        with_data("a", "2"),
        retimed.clone(),
        elsewhere,
        retyped,
        subject,
        with_data("b", "1"),
    ]);
    assert_eq!(
        journal.accept(in_one_batch).await.unwrap(),
        [new(1), duplicate(1), conflict(1), duplicate(1), new(2), conflict(1), conflict(1), new(3)]
    );
    for reopened in [false, true] {
        if reopened {
            journal.close().await;
            journal = open(options(folder.path())).await;
        }
        let later = entries(vec![with_data("a", "1"), with_data("b", "2"), retimed.clone()]);
        assert_eq!(journal.accept(later).await.unwrap(), [duplicate(1), conflict(3), duplicate(1)], "{reopened}");
    }
    assert_eq!(offsets(&claim(&journal, channels[0], 3).await), [1, 2, 3]);
    nothing_to_claim(&journal, channels[0]).await;
    assert_eq!(journal.history().totals().await.unwrap().events, 3);
}

#[tokio::test]
async fn of_many_at_once_exactly_one_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(Options { ..options(folder.path()) }).await;
    let channels = register(&journal, &["log"]).await;
    // While the write lock is held elsewhere, all of them queue up and end in one group.
    let blocker = rusqlite::Connection::open(folder.path().join("journal.db")).unwrap();
    blocker.execute_batch("BEGIN IMMEDIATE").unwrap();
    let tasks: Vec<_> = (0..32)
        .map(|n| {
            let (journal, entry) = (journal.clone(), entry_of(with_data("a", &(n % 2).to_string()), &channels));
            tokio::spawn(async move { journal.accept(vec![entry]).await.unwrap()[0] })
        })
        .collect();
    tokio::task::yield_now().await;
    blocker.execute_batch("COMMIT").unwrap();
    let mut answers = vec![];
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    let count = |wanted| answers.iter().filter(|&&have| have == wanted).count();
    assert_eq!((count(new(1)), count(duplicate(1)), count(conflict(1))), (1, 15, 16));
}
