//! Closing leaves one file with everything in it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use common::*;
use fanfare_dispatch::Journal;

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
