//! Databases of older layouts keep opening, and nothing of them is lost.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::{fs, path::Path};

use common::*;
use fanfare_core::{ChannelStatus, Class, delivery::Trigger};
use fanfare_dispatch::Journal;
use fanfare_journal::{DeadLetterQuery, EventQuery};

fn fixture(layout: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/layout-{layout}.db"));
    fs::copy(from, folder.path().join("journal.db")).unwrap();
    folder
}

/// Twelve events to five channels: `log` and `metrics` delivered, `dead` gave up, `waiting` has one attempt behind it and waits
/// for a day, `missing` never attempted anything.
#[tokio::test]
async fn layout_1_is_brought_up_to_date_with_all_it_holds() {
    let folder = fixture(1);
    for round in ["migrated", "opened again"] {
        let journal = open(options(folder.path())).await;
        let history = journal.history();
        let totals = history.totals().await.unwrap();
        assert_eq!((totals.events, totals.last_offset), (12, 12), "{round}");

        let shown = history.event("evt-7".into(), None).await.unwrap().unwrap();
        assert_eq!(shown.event.source, "/shop");
        let of = |channel: &str| shown.deliveries.iter().find(|have| have.channel.as_str() == channel).unwrap();
        assert_eq!(of("log").status, ChannelStatus::Success);
        assert!(of("log").receipt.as_ref().unwrap().get().contains("log_id"));
        assert_eq!(of("dead").status, ChannelStatus::Failed);
        let attempt = &of("dead").attempts[0];
        assert_eq!((attempt.number, attempt.trigger, attempt.class), (1, Trigger::First, Some(Class::Retry)));
        assert!(attempt.duration_ms > 0.0 && attempt.fuel > 0 && !attempt.plugin.is_empty());
        assert!(of("waiting").next_attempt_at.is_some());
        assert_eq!(of("missing").attempts, []);

        let letters = history.dead_letters(DeadLetterQuery::default()).await.unwrap();
        assert_eq!(letters.items.len(), 12);
        let ids = register(&journal, &["missing", "waiting"]).await;
        assert_eq!((journal.backlog(ids[0]).pending, journal.backlog(ids[1]).waiting), (12, 12));
        let page = history.events(EventQuery { ty: Some("order.*".into()), ..EventQuery::default() }).await.unwrap();
        assert_eq!(page.items.len(), 12);
        journal.close().await;
    }

    // And it goes on from there.
    let journal = open(options(folder.path())).await;
    let ids = register(&journal, &["missing"]).await;
    let claims = claim(&journal, ids[0], 12).await;
    assert_eq!(offsets(&claims), (1..=12).collect::<Vec<_>>());
    settle(&journal, &claims[0], End::delivered()).await;
    assert_eq!(accept(&journal, vec![entry("new", &ids)]).await[0].0, 13);
}
