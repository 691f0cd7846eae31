//! `source` and `id` are the identity of an event.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use common::*;
use fanfare_core::{Event, Offset, Payload};
use fanfare_dispatch::{AcceptError, Accepted, Entry, Journal, Settlement};
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

fn conflict(entry: usize, offset: Option<u64>) -> AcceptError {
    AcceptError::Conflict { entry, offset: offset.map(Offset) }
}

#[tokio::test]
async fn a_repeat_is_told_from_another_event_with_the_same_identity() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    let retimed = Event { time: "2027-01-01T00:00:00Z".into(), ..with_data("a", "1") };
    let elsewhere = Event { source: "/other".into(), ..with_data("a", "1") };
    let entries =
        |events: Vec<Event>| -> Vec<Entry> { events.into_iter().map(|event| entry_of(event, &channels)).collect() };
    let together =
        entries(vec![with_data("a", "1"), with_data("a", "1"), retimed.clone(), elsewhere, with_data("b", "1")]);
    assert_eq!(journal.accept(together).await.unwrap(), [new(1), duplicate(1), duplicate(1), new(2), new(3)]);
    for reopened in [false, true] {
        if reopened {
            journal.close().await;
            journal = open(options(folder.path())).await;
        }
        let later = entries(vec![with_data("a", "1"), retimed.clone()]);
        assert_eq!(journal.accept(later).await.unwrap(), [duplicate(1), duplicate(1)], "{reopened}");
        let retyped = Event { ty: "other".into(), ..with_data("a", "1") };
        let subject = Event { subject: Some("s".into()), ..with_data("a", "1") };
        for other in [with_data("a", "2"), retyped, subject] {
            assert_eq!(journal.accept(entries(vec![other])).await, Err(conflict(0, Some(1))), "{reopened}");
        }
    }
    assert_eq!(offsets(&claim(&journal, channels[0], 3).await), [1, 2, 3]);
    nothing_to_claim(&journal, channels[0]).await;
    assert_eq!(journal.history().totals().await.unwrap().events, 3);
}

#[tokio::test]
async fn one_conflict_refuses_all_that_came_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    accept(&journal, vec![entry_of(with_data("a", "1"), &channels)]).await;
    let entries =
        |events: Vec<Event>| -> Vec<Entry> { events.into_iter().map(|event| entry_of(event, &channels)).collect() };
    let with_history = entries(vec![with_data("x", "1"), with_data("a", "2"), with_data("y", "1")]);
    assert_eq!(journal.accept(with_history).await, Err(conflict(1, Some(1))));
    let among_each_other = entries(vec![with_data("x", "1"), with_data("y", "1"), with_data("x", "2")]);
    assert_eq!(journal.accept(among_each_other).await, Err(conflict(2, None)));
    assert_eq!(journal.history().totals().await.unwrap().events, 1, "neither was recorded");
    let sound = entries(vec![with_data("x", "1"), with_data("y", "1")]);
    assert_eq!(journal.accept(sound).await.unwrap(), [new(2), new(3)], "no offset was lost");
}

#[tokio::test]
async fn of_many_at_once_exactly_one_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(Options { ..options(folder.path()) }).await;
    let channels = register(&journal, &["log"]).await;
    // While another connection has the write lock, all of them queue up and end in one group.
    let blocker = rusqlite::Connection::open(folder.path().join("journal.db")).unwrap();
    blocker.execute_batch("BEGIN IMMEDIATE").unwrap();
    let tasks: Vec<_> = (0..32)
        .map(|n| {
            let (journal, entry) = (journal.clone(), entry_of(with_data("a", &(n % 2).to_string()), &channels));
            tokio::spawn(async move { journal.accept(vec![entry]).await.map(|answers| answers[0]) })
        })
        .collect();
    tokio::task::yield_now().await;
    blocker.execute_batch("COMMIT").unwrap();
    let mut answers = vec![];
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    let count = |wanted| answers.iter().filter(|have| **have == wanted).count();
    assert_eq!((count(Ok(new(1))), count(Ok(duplicate(1))), count(Err(conflict(0, Some(1))))), (1, 15, 16));
}

#[tokio::test]
async fn an_event_that_is_emitted_again_is_recorded_once_and_the_settlement_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    accept(&journal, vec![entry("e1", &channels)]).await;
    let mut recorded = vec![];
    for attempts in 0..2 {
        let claimed = claim(&journal, channels[0], 1).await.remove(0);
        let end = End::waiting(jiff::Timestamp::UNIX_EPOCH, attempts + 1);
        let emits = vec![entry("emitted", &[])];
        let settling = Settling::begin(&journal, Settlement { emits, ..settlement(&claimed, end) }).await;
        recorded.push(settling.await.unwrap());
    }
    assert_eq!(recorded, [1, 0]);
    assert_eq!(journal.history().totals().await.unwrap().events, 2);
}
