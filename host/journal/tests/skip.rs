//! Deliveries that an operator ends: one that cannot succeed, or the rest of a removed channel.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::path::Path;

use common::{recount::recount, *};
use fanfare_core::{ChannelId, ChannelStatus, DeliveryId};
use fanfare_dispatch::{Journal, Registration};
use fanfare_journal::{DeadLetterQuery, DropError, SqliteJournal};
use jiff::Timestamp;

const FAR: &str = "2100-01-01T00:00:00Z";

async fn ordered(journal: &SqliteJournal) -> ChannelId {
    let registration = Registration { name: name("ordered"), order: Some("source".to_owned()) };
    journal.register(vec![registration]).await.unwrap()[0].id
}

async fn delivery(journal: &SqliteJournal, id: &str, channel: ChannelId) -> DeliveryId {
    let event = journal.history().event(id.into(), None).await.unwrap().unwrap();
    DeliveryId { event: event.key, channel }
}

async fn drop_it(journal: &SqliteJournal, id: DeliveryId) -> Result<(), DropError> {
    journal.jobs().drop_delivery(id, "the receiver chokes on it".to_owned()).await
}

/// Nothing of an ordered channel may be claimed: the claim still waits after everything in memory was checked and held
/// back.
async fn all_is_held(journal: &SqliteJournal, channel: ChannelId) {
    let waited = tokio::time::timeout(std::time::Duration::from_millis(100), journal.claim(channel, 10)).await;
    assert!(waited.is_err(), "claimed {:?}", offsets(&waited.unwrap().unwrap()));
}

fn sound(folder: &Path) {
    let wrong = recount(&folder.join("journal.db"));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_delivery_that_waits_is_dropped_with_the_reason_on_record() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let log = register(&journal, &["log"]).await;
    accept(&journal, (1..=3).map(|n| entry(&format!("e{n}"), &log)).collect()).await;
    let claims = claim(&journal, log[0], 2).await;
    settle(&journal, &claims[0], End::waiting(FAR.parse().unwrap(), 1)).await;
    let id = claims[0].delivery_id();
    drop_it(&journal, id).await.unwrap();
    let (letter, event) = journal.history().dead_letter(id).await.unwrap().unwrap();
    assert_eq!((letter.code.as_str(), letter.error.as_str()), ("dropped", "the receiver chokes on it"));
    assert_eq!((letter.class.as_str(), letter.attempts), ("rejected", 1));
    let delivery = &event.unwrap().deliveries[0];
    assert_eq!((delivery.status, delivery.attempts.len()), (ChannelStatus::Failed, 1));
    assert_eq!(delivery.failure().unwrap().code, "dropped");
    let backlog = journal.backlog(log[0]);
    assert_eq!((backlog.pending, backlog.waiting, backlog.in_flight), (2, 0, 1));
    assert_eq!(drop_it(&journal, id).await, Err(DropError::NotPending), "it has ended");
    // A running attempt decides its own end.
    assert_eq!(drop_it(&journal, claims[1].delivery_id()).await, Err(DropError::InFlight));
    settle(&journal, &claims[1], End::delivered()).await;
    assert_eq!(drop_it(&journal, claims[1].delivery_id()).await, Err(DropError::NotPending));
    sound(folder.path());
    journal.close().await;
}

#[tokio::test]
async fn a_waiting_delivery_that_is_only_on_disk_can_be_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let options = fanfare_journal::Options { retry_front: 2, ..options(folder.path()) };
    let journal = open(options).await;
    let log = register(&journal, &["log"]).await;
    accept(&journal, (1..=6).map(|n| entry(&format!("e{n}"), &log)).collect()).await;
    let claims = claim(&journal, log[0], 6).await;
    let due: Timestamp = FAR.parse().unwrap();
    for (n, claim) in claims.iter().enumerate() {
        settle(&journal, claim, End::waiting(due + jiff::SignedDuration::from_secs(n.try_into().unwrap()), 1)).await;
    }
    for claim in [&claims[5], &claims[0]] {
        drop_it(&journal, claim.delivery_id()).await.unwrap();
    }
    assert_eq!((journal.backlog(log[0]).pending, journal.backlog(log[0]).waiting), (4, 4));
    sound(folder.path());
    journal.close().await;
}

#[tokio::test]
async fn a_delivery_not_handed_out_yet_is_dropped_and_the_others_keep_their_order() {
    let folder = tempfile::tempdir().unwrap();
    // So little memory that most of the backlog is only on disk.
    let options = fanfare_journal::Options { window_bytes: 1, page_events: 2, ..options(folder.path()) };
    let journal = open(options.clone()).await;
    let log = register(&journal, &["log"]).await;
    accept(&journal, (1..=8).map(|n| entry(&format!("e{n}"), &log)).collect()).await;
    for id in ["e1", "e4", "e8"] {
        let id = delivery(&journal, id, log[0]).await;
        drop_it(&journal, id).await.unwrap();
    }
    assert_eq!(journal.backlog(log[0]).pending, 5);
    let after = tempfile::tempdir().unwrap();
    let crashed = crash(folder.path(), after.path());
    assert_eq!(offsets(&claim(&journal, log[0], 5).await), [2, 3, 5, 6, 7]);
    nothing_to_claim(&journal, log[0]).await;
    journal.close().await;
    // A restart does not bring them back either.
    let journal = open(fanfare_journal::Options { path: crashed.path, ..options }).await;
    register(&journal, &["log"]).await;
    let mut rest = offsets(&claim(&journal, log[0], 5).await);
    rest.sort_unstable();
    assert_eq!(rest, [2, 3, 5, 6, 7]);
    nothing_to_claim(&journal, log[0]).await;
    journal.close().await;
    sound(after.path());
}

#[tokio::test]
async fn a_key_continues_when_its_first_or_a_held_back_delivery_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channel = ordered(&journal).await;
    accept(&journal, (1..=5).map(|n| entry(&format!("e{n}"), &[channel])).collect()).await;
    let first = claim(&journal, channel, 1).await;
    assert_eq!(offsets(&first), [1]);
    all_is_held(&journal, channel).await; // the others are held back
    settle(&journal, &first[0], End::waiting(FAR.parse().unwrap(), 1)).await;
    let held = delivery(&journal, "e2", channel).await;
    drop_it(&journal, held).await.unwrap();
    all_is_held(&journal, channel).await; // the end of a held-back delivery releases none
    drop_it(&journal, first[0].delivery_id()).await.unwrap();
    let third = claim(&journal, channel, 1).await;
    assert_eq!(offsets(&third), [3], "the next remaining one");
    all_is_held(&journal, channel).await;
    settle(&journal, &third[0], End::delivered()).await;
    assert_eq!(offsets(&claim(&journal, channel, 1).await), [4]);
    sound(folder.path());
    journal.close().await;
}

#[tokio::test]
async fn a_channel_is_forgotten_as_a_whole_and_holds_back_nothing_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let options = fanfare_journal::Options { retention: Some(std::time::Duration::ZERO), ..options(folder.path()) };
    let journal = open(options.clone()).await;
    let (gone, stays) = (ordered(&journal).await, register(&journal, &["stays"]).await[0]);
    accept(&journal, (1..=600).map(|n| entry(&format!("e{n}"), &[gone, stays])).collect()).await;
    // One waits, those of its key are held back, the rest has not been handed out.
    let first = claim(&journal, gone, 1).await;
    all_is_held(&journal, gone).await;
    settle(&journal, &first[0], End::waiting(FAR.parse().unwrap(), 2)).await;
    for claim in claim(&journal, stays, 600).await {
        begin_settle(&journal, &claim, End::delivered()).await;
    }
    journal.close().await;

    // The channel is no longer configured.
    let journal = open(options).await;
    register(&journal, &["stays"]).await;
    journal.tidy().await;
    assert!(journal.history().event("e1".into(), None).await.unwrap().is_some(), "its backlog keeps every event");
    assert_eq!(journal.jobs().forget(&name("ordered"), &|| true).await.unwrap(), 600);
    let totals = journal.history().totals().await.unwrap();
    let counts = totals.channels.iter().find(|channel| channel.channel == name("ordered")).unwrap();
    assert_eq!((counts.accepted, counts.dead, counts.pending), (600, 600, 0));
    sound(folder.path());
    let letters = journal.history().dead_letters(DeadLetterQuery::default()).await.unwrap().items;
    assert!(letters.iter().all(|letter| letter.code == "forgotten"));
    journal.jobs().purge(fanfare_journal::DeadLetterFilter::default()).await.unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(30), async {
        while journal.history().totals().await.unwrap().channels[0].dead_letters > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    journal.tidy().await;
    assert!(journal.history().event("e1".into(), None).await.unwrap().is_none(), "nothing needs it any more");
    journal.close().await;
}

#[tokio::test]
async fn what_a_lane_has_given_back_can_be_dropped_and_releases_the_next_of_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channel = ordered(&journal).await;
    for n in 1..=4 {
        accept(&journal, vec![entry(&format!("e{n}"), &[channel])]).await;
    }
    // All have one key. The first is given back at its first attempt, the second at a retry.
    let first = claim(&journal, channel, 1).await;
    assert_eq!(drop_it(&journal, first[0].delivery_id()).await, Err(DropError::InFlight));
    let id = first[0].delivery_id();
    journal.release(first).await;
    drop_it(&journal, id).await.unwrap();
    let second = claim(&journal, channel, 1).await;
    assert_eq!(offsets(&second), [2]);
    settle(&journal, &second[0], End::waiting(Timestamp::UNIX_EPOCH, 1)).await;
    let again = claim(&journal, channel, 1).await;
    assert_eq!((again[0].offset.0, again[0].attempts), (2, 1));
    let id = again[0].delivery_id();
    journal.release(again).await;
    drop_it(&journal, id).await.unwrap();
    let third = claim(&journal, channel, 1).await;
    assert_eq!(offsets(&third), [3]);
    all_is_held(&journal, channel).await;
    // A removed channel: everything ends, whoever has it.
    journal.release(third).await;
    assert_eq!(journal.jobs().forget(&name("ordered"), &|| true).await.unwrap(), 2);
    let backlog = journal.backlog(channel);
    assert_eq!((backlog.pending, backlog.in_flight), (0, 0));
    sound(folder.path());
}
