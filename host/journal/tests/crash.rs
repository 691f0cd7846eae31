//! What a crash keeps and what it repeats.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use common::*;
use fanfare_dispatch::Journal;
use jiff::Timestamp;

#[tokio::test]
async fn a_crash_repeats_what_was_not_settled_under_the_same_delivery_id() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log", "webhook"]).await;
    accept(&journal, (1..=10).map(|n| entry(&format!("e{n}"), &channels)).collect()).await;
    let claims = claim(&journal, channels[0], 7).await;
    for i in [1, 2, 4] {
        settle(&journal, &claims[i], End::delivered()).await;
    }
    settle(&journal, &claims[5], End::dead(1)).await;
    settle(&journal, &claims[6], End::waiting(Timestamp::UNIX_EPOCH, 3)).await;

    let after = tempfile::tempdir().unwrap();
    let reopened = open(crash(folder.path(), after.path())).await;
    assert_eq!(register(&reopened, &["log", "webhook"]).await, channels);
    let backlog = reopened.backlog(channels[0]);
    assert_eq!((backlog.pending, backlog.in_flight), (6, 0));
    assert_eq!(backlog.oldest, Some(claims[0].since));
    let mut again = claim(&reopened, channels[0], 6).await;
    again.sort_by_key(|claim| claim.offset);
    assert_eq!(offsets(&again), [1, 4, 7, 8, 9, 10]);
    assert_eq!(again[2].attempts, 3);
    for old in &claims {
        if let Some(new) = again.iter().find(|new| new.offset == old.offset) {
            assert_eq!((new.delivery_id(), &new.event), (old.delivery_id(), &old.event));
            assert_eq!(new.since, old.since);
        }
    }
    nothing_to_claim(&reopened, channels[0]).await;
    assert_eq!(offsets(&claim(&reopened, channels[1], 10).await), (1..=10).collect::<Vec<_>>());

    // Again: what was claimed after the first crash is repeated after the second.
    for claim in &again[..3] {
        settle(&reopened, claim, End::delivered()).await;
    }
    let last = tempfile::tempdir().unwrap();
    let reopened = open(crash(after.path(), last.path())).await;
    let mut rest = offsets(&claim(&reopened, channels[0], 3).await);
    rest.sort_unstable();
    assert_eq!(rest, [8, 9, 10]);
    nothing_to_claim(&reopened, channels[0]).await;
}

#[tokio::test]
async fn offsets_go_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    accept(&journal, vec![entry("e1", &channels)]).await;
    journal.close().await;
    let journal = open(options(folder.path())).await;
    let offsets = accept(&journal, vec![entry("e2", &channels)]).await;
    assert_eq!(offsets[0].0, 2);
    assert_eq!(common::offsets(&claim(&journal, channels[0], 2).await), [1, 2]);
    assert_eq!(register(&journal, &["webhook", "log"]).await[1], channels[0], "channel numbers are stable");
}
#[tokio::test]
async fn closing_writes_what_is_queued() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    accept(&journal, (0..100).map(|n| entry(&format!("e{n}"), &channels)).collect()).await;
    let mut committed = vec![];
    for claim in claim(&journal, channels[0], 100).await {
        committed.push(begin_settle(&journal, &claim, End::delivered()).await);
    }
    journal.close().await;
    for committed in committed {
        committed.await.unwrap();
    }
    let wal = folder.path().join("journal.db-wal");
    assert!(std::fs::metadata(wal).map_or(0, |wal| wal.len()) == 0, "the log has been checkpointed");
    let journal = open(options(folder.path())).await;
    assert_eq!(journal.backlog(channels[0]).pending, 0);
    nothing_to_claim(&journal, channels[0]).await;
}
