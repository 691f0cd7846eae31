//! Setting the clock back does not extend any delivery's wait.
#![allow(clippy::disallowed_methods, reason = "a test may ask what time it is")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use common::*;
use fanfare_dispatch::{Clock, Journal};
use fanfare_journal::SqliteJournal;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// The machine's clock plus an adjustable offset.
struct Set(AtomicI64);

impl Clock for Set {
    fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

async fn claimed_soon(journal: &SqliteJournal, channel: fanfare_core::ChannelId) -> Vec<fanfare_dispatch::Claim> {
    tokio::time::timeout(Duration::from_secs(20), claim(journal, channel, 1)).await.expect("due within a second")
}

#[tokio::test]
async fn a_wait_of_a_second_ends_although_the_clock_is_set_back_by_an_hour() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Set(AtomicI64::new(0)));
    let journal = SqliteJournal::open(options(folder.path()), clock.clone()).await.unwrap();
    let channel = register(&journal, &["log"]).await[0];
    accept(&journal, vec![entry("e1", &[channel]), entry("e2", &[channel])]).await;
    let claims = claim(&journal, channel, 2).await;
    settle(&journal, &claims[0], End::waiting(clock.now() + 1.second(), 1)).await;
    settle(&journal, &claims[1], End::waiting(clock.now() + 2.hours(), 1)).await;
    clock.0.store(-3_600, Ordering::SeqCst);
    assert_eq!(offsets(&claimed_soon(&journal, channel).await), [1]);
    nothing_to_claim(&journal, channel).await;
}

#[tokio::test]
async fn a_wait_keeps_what_was_left_of_it_when_the_clock_is_set_back_between_two_runs() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Set(AtomicI64::new(0)));
    let journal = SqliteJournal::open(options(folder.path()), clock.clone()).await.unwrap();
    let channel = register(&journal, &["log"]).await[0];
    accept(&journal, vec![entry("e1", &[channel])]).await;
    let claims = claim(&journal, channel, 1).await;
    settle(&journal, &claims[0], End::waiting(clock.now() + 1.second(), 1)).await;
    journal.close().await;
    clock.0.store(-86_400, Ordering::SeqCst);
    let journal = SqliteJournal::open(options(folder.path()), clock).await.unwrap();
    register(&journal, &["log"]).await;
    assert_eq!(offsets(&claimed_soon(&journal, channel).await), [1]);
}

#[tokio::test]
async fn a_commit_after_the_clock_was_set_back_does_not_hide_that_from_the_next_start() {
    let (folder, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let clock = Arc::new(Set(AtomicI64::new(0)));
    let journal = SqliteJournal::open(options(folder.path()), clock.clone()).await.unwrap();
    let channel = register(&journal, &["log"]).await[0];
    accept(&journal, vec![entry("e1", &[channel])]).await;
    let claims = claim(&journal, channel, 1).await;
    settle(&journal, &claims[0], End::waiting(clock.now() + 1.second(), 1)).await;
    // Set back, one more commit, and a crash before the jump is detected.
    clock.0.store(-3_600, Ordering::SeqCst);
    accept(&journal, vec![entry("e2", &[])]).await;
    let options = crash(folder.path(), after.path());
    let journal = SqliteJournal::open(options, clock).await.unwrap();
    register(&journal, &["log"]).await;
    assert_eq!(offsets(&claimed_soon(&journal, channel).await), [1]);
}
