//! `source` and `id` are the identity of an event.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use common::*;
use fanfare_conformance::samples::with_data;
use fanfare_core::Offset;
use fanfare_dispatch::{AcceptError, Accepted, Journal};

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
async fn of_many_at_once_exactly_one_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
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
