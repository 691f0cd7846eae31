//! Channels on hold, and deliveries handed out because they expired.
#![allow(clippy::disallowed_methods, reason = "a test may ask what time it is")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use common::*;
use fanfare_core::{Class, Fault, delivery::Next};
use fanfare_dispatch::{Entry, Hold, HoldChange, HoldKind, Journal, Registration, Settlement};
use jiff::{Timestamp, ToSpan};

async fn known(journal: &fanfare_journal::SqliteJournal, of: &str) -> Option<Hold> {
    let registration = Registration { name: name(of), order: None };
    journal.register(vec![registration]).await.unwrap().remove(0).hold
}

#[tokio::test]
async fn a_hold_is_remembered_until_it_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channel = register(&journal, &["log"]).await[0];
    assert_eq!(known(&journal, "log").await, None);
    let paused = Hold {
        kind: HoldKind::Paused,
        reason: "maintenance".into(),
        since: "2026-11-20T10:30:00.123456Z".parse().unwrap(),
    };
    journal.change_hold(channel, HoldChange::Pause(paused.clone())).await.unwrap();
    journal.close().await;
    let journal = open(options(folder.path())).await;
    assert_eq!(known(&journal, "log").await, Some(paused));
    journal.change_hold(channel, HoldChange::Resume).await.unwrap();
    assert_eq!(known(&journal, "log").await, None);
}

#[tokio::test]
async fn a_receiver_that_is_gone_suspends_its_channel_in_the_same_commit() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["gone", "paused"]).await;
    accept(&journal, vec![entry("1", &channels)]).await;
    let paused = Hold { kind: HoldKind::Paused, reason: "by hand".into(), since: Timestamp::UNIX_EPOCH };
    for &channel in &channels {
        let claims = claim(&journal, channel, 1).await;
        if channel == channels[1] {
            journal.change_hold(channel, HoldChange::Pause(paused.clone())).await.unwrap();
        }
        let end =
            End { next: Next::Suspended { attempts: 0 }, class: Some(Class::Suspended), receipt: None, writes: vec![] };
        settle(&journal, &claims[0], end).await;
        assert_eq!(journal.backlog(channel).pending, 1);
    }
    let hold = known(&journal, "gone").await.unwrap();
    assert_eq!((hold.kind, hold.reason.as_str()), (HoldKind::Suspended, "the receiver is busy"));
    assert_eq!(known(&journal, "paused").await, Some(paused), "a pause is not overwritten");
}

#[tokio::test]
async fn only_what_is_old_enough_is_handed_out_as_expired() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path());
    options.window_bytes = 1; // forces reads from disk
    let journal = open(options).await;
    let channel = register(&journal, &["log"]).await[0];
    let now = Timestamp::now();
    let aged = |id: &str, hours: i64| Entry { accepted_at: now - hours.hours(), ..entry(id, &[channel]) };
    accept(&journal, vec![aged("1", 5), aged("2", 4), aged("3", 3), aged("4", 2)]).await;
    // One of them has failed before and is due.
    let first = claim(&journal, channel, 1).await;
    settle(&journal, &first[0], End::waiting(now - 1.hour(), 1)).await;

    let none = journal.claim_expired(channel, now - 6.hours(), 10).await.unwrap();
    assert!(none.is_empty());
    let mut expired = journal.claim_expired(channel, now - 3.hours(), 2).await.unwrap();
    expired.extend(journal.claim_expired(channel, now - 3.hours(), 10).await.unwrap());
    let mut seen = offsets(&expired);
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 3]);
    for claim in &expired {
        let fault = Fault::new(Class::Expired, "expired", "too old");
        let settlement =
            Settlement { attempt: None, fault: Some(fault), ..settlement(claim, End::dead(claim.attempts)) };
        Settling::begin(&journal, settlement).await.await.unwrap();
    }
    assert_eq!(journal.backlog(channel).pending, 1);
    let letters = journal.history().dead_letters(fanfare_journal::DeadLetterQuery::default()).await.unwrap().items;
    assert_eq!(letters.len(), 3);
    assert!(letters.iter().all(|letter| letter.class == "expired" && letter.code == "expired"));
    assert_eq!(offsets(&claim(&journal, channel, 1).await), [4]);
}
