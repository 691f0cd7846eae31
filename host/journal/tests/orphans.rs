//! Deliveries that layout 2 could lose are found once, when its journals are migrated.
#![allow(clippy::disallowed_methods, reason = "a test may ask what time it is")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use common::{recount::recount, *};
use fanfare_dispatch::Journal;
use jiff::Timestamp;
use rusqlite::Connection;

/// Gives a journal the layout of the version that could write a floor past uncommitted settlements.
fn as_layout_2(connection: &Connection) {
    connection
        .execute_batch(
            "DROP TABLE audit;
             DROP TABLE recipients;
             ALTER TABLE events DROP COLUMN stages;
             ALTER TABLE events DROP COLUMN published;
             ALTER TABLE journal DROP COLUMN secret;
             ALTER TABLE journal DROP COLUMN at;
             DROP INDEX retries_oldest;
             ALTER TABLE retries DROP COLUMN wait_for;
             ALTER TABLE channels DROP COLUMN skipped;
             PRAGMA user_version = 2;",
        )
        .unwrap();
}

#[tokio::test]
async fn what_an_earlier_version_lost_is_delivered_after_all() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log", "webhook"]).await;
    accept(&journal, (1..=6).map(|n| entry(&format!("e{n}"), &channels)).collect()).await;
    for channel in &channels {
        let claims = claim(&journal, *channel, 6).await;
        settle(&journal, &claims[0], End::delivered()).await;
        settle(&journal, &claims[1], End::dead(1)).await;
        settle(&journal, &claims[2], End::waiting(Timestamp::MAX, 1)).await;
        settle(&journal, &claims[3], End::waiting(Timestamp::now(), 2)).await;
    }
    journal.close().await;
    let path = folder.path().join("journal.db");
    let connection = Connection::open(&path).unwrap();
    // One that had been attempted twice, and two that were never settled.
    connection.execute("DELETE FROM retries WHERE channel = ? AND offset = 4", [channels[1].0]).unwrap();
    connection.execute("UPDATE channels SET floor = 6, ceiling = 6", []).unwrap();
    assert_eq!(recount(&path).len(), 5, "4, 5 and 6 of one channel, 5 and 6 of the other");
    as_layout_2(&connection);
    drop(connection);

    let journal = open(options(folder.path())).await;
    assert_eq!(register(&journal, &["log", "webhook"]).await, channels);
    for channel in &channels {
        let mut claims = claim(&journal, *channel, 3).await;
        claims.sort_by_key(|claim| claim.offset);
        assert_eq!(offsets(&claims), [4, 5, 6]);
        assert_eq!(claims[0].attempts, 2, "spent attempts still count");
        nothing_to_claim(&journal, *channel).await;
        for claim in &claims {
            settle(&journal, claim, End::delivered()).await;
        }
        assert_eq!(journal.backlog(*channel).pending, 1, "the one that waits");
    }
    assert_eq!(recount(&path), Vec::<String>::new());
}

#[tokio::test]
async fn no_counter_starts_below_what_the_tables_hold() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    accept(&journal, (1..=5).map(|n| entry(&format!("e{n}"), &channels)).collect()).await;
    for claim in claim(&journal, channels[0], 5).await {
        settle(&journal, &claim, End::waiting(Timestamp::now(), 1)).await;
    }
    journal.close().await;
    let connection = Connection::open(folder.path().join("journal.db")).unwrap();
    connection.execute("UPDATE journal SET last_offset = 0, commits = 0", []).unwrap();
    drop(connection);

    let journal = open(options(folder.path())).await;
    register(&journal, &["log"]).await;
    assert_eq!(accept(&journal, vec![entry("e6", &channels)]).await[0].0, 6);
    let again = claim(&journal, channels[0], 6).await;
    for claim in &again {
        settle(&journal, claim, End::delivered()).await;
    }
    assert_eq!(recount(&folder.path().join("journal.db")), Vec::<String>::new());
}
