//! A channel's state is committed with the settlement that carries its changes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::time::Duration;

use common::*;
use fanfare_core::StateWrite;
use fanfare_dispatch::{Clock, Settlement, State};
use fanfare_journal::SqliteJournal;
use jiff::Timestamp;

fn set(value: &str) -> StateWrite {
    StateWrite::Set { key: "k".into(), value: value.into(), ttl: None }
}

fn add(by: i64) -> StateWrite {
    StateWrite::Increment { key: "n".into(), by }
}

#[tokio::test]
async fn writes_are_there_once_the_settlement_is_and_survive_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log", "webhook"]).await;
    accept(&journal, (0..3).map(|n| entry(&format!("e{n}"), &channels)).collect()).await;
    let claims = claim(&journal, channels[0], 3).await;
    assert_eq!(journal.get(channels[0], "k").await.unwrap(), None);
    settle(&journal, &claims[0], End::delivered().writing(vec![set("one"), set("two")])).await;
    assert_eq!(journal.get(channels[0], "k").await.unwrap().unwrap(), b"two");
    assert_eq!(journal.get(channels[1], "k").await.unwrap(), None, "state is per channel");

    let after = tempfile::tempdir().unwrap();
    let reopened = open(crash(folder.path(), after.path())).await;
    assert_eq!(reopened.get(channels[0], "k").await.unwrap().unwrap(), b"two");

    let delete = StateWrite::Delete { key: "k".into() };
    settle(&journal, &claims[1], End::waiting(Timestamp::MAX, 1).writing(vec![delete])).await;
    assert_eq!(journal.get(channels[0], "k").await.unwrap(), None);
}

#[tokio::test]
async fn increments_of_attempts_side_by_side_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    accept(&journal, (0..100).map(|n| entry(&format!("e{n}"), &channels)).collect()).await;
    let mut committed = vec![];
    for claim in claim(&journal, channels[0], 100).await {
        committed.push(begin_settle(&journal, &claim, End::delivered().writing(vec![add(3), add(-1)])).await);
    }
    for committed in committed {
        committed.await.unwrap();
    }
    assert_eq!(journal.get(channels[0], "n").await.unwrap().unwrap(), b"200");
}

#[tokio::test]
async fn a_value_is_gone_when_its_time_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let clock = TestClock::new();
    let journal = SqliteJournal::open(options(folder.path()), clock.clone()).await.unwrap();
    let channels = register(&journal, &["log"]).await;
    accept(&journal, vec![entry("e1", &channels)]).await;
    let claims = claim(&journal, channels[0], 1).await;
    let ttl = Some(Duration::from_secs(60));
    let set = StateWrite::Set { key: "k".into(), value: b"v".to_vec(), ttl };
    let settlement = settlement(&claims[0], End::delivered().writing(vec![set]));
    Settling::begin(&journal, Settlement { at: clock.now(), ..settlement }).await.await.unwrap();
    assert_eq!(journal.get(channels[0], "k").await.unwrap().unwrap(), b"v");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(journal.get(channels[0], "k").await.unwrap(), None);
}
