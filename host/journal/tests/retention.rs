//! Old data is removed, needed data stays, and the file shrinks.
#![allow(clippy::disallowed_methods, reason = "a test may ask what time it is")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::time::Duration;

use common::*;
use fanfare_dispatch::{Accepted, Entry, Journal};
use fanfare_journal::{DeadLetterQuery, EventQuery, Options, SqliteJournal, backup};
use jiff::{Timestamp, ToSpan};

const DAY: Duration = Duration::from_hours(24);

fn keeping(folder: &std::path::Path) -> Options {
    Options { retention: Some(7 * DAY), dead_letter_retention: Some(30 * DAY), ..options(folder) }
}

fn aged(id: &str, days: i64, targets: &[fanfare_core::ChannelId]) -> Entry {
    Entry { accepted_at: Timestamp::now() - (days * 24).hours(), ..entry(id, targets) }
}

async fn ids(journal: &SqliteJournal) -> Vec<String> {
    let page = journal.history().events(EventQuery { limit: 1_000, ..EventQuery::default() }).await.unwrap();
    page.items.into_iter().map(|stored| stored.event.id).collect()
}

#[tokio::test]
async fn only_what_is_old_and_settled_and_needed_by_nobody_goes() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(keeping(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    let old = |id| aged(id, 8, &channels);
    accept(&journal, vec![old("done"), old("dead"), old("waiting"), old("unrouted-too"), aged("young", 6, &channels)])
        .await;
    accept(&journal, vec![old("untouched")]).await;
    for claim in claim(&journal, channels[0], 5).await {
        let end = match claim.event.id.as_str() {
            "dead" => End::dead(1),
            "waiting" => End::waiting(Timestamp::now() + 1.hour(), 1),
            _ => End::delivered(),
        };
        settle(&journal, &claim, end).await;
    }
    journal.tidy().await;
    assert_eq!(ids(&journal).await, ["dead", "waiting", "young", "untouched"]);
    assert_eq!(journal.history().pruned_to().await.unwrap().0, 4);

    // Its identity is free again; that of a kept event is not.
    let again = journal.accept(vec![old("done")]).await.unwrap();
    assert!(matches!(again[0], Accepted::New { .. }), "{again:?}");
    let kept = journal.accept(vec![old("dead")]).await.unwrap();
    assert!(matches!(kept[0], Accepted::Duplicate { .. }), "{kept:?}");

    // The same after a restart, and untouched events are still delivered.
    journal.close().await;
    let journal = open(keeping(folder.path())).await;
    assert_eq!(journal.history().pruned_to().await.unwrap().0, 4);
    let claims = claim(&journal, channels[0], 2).await;
    assert_eq!(claims.iter().map(|claim| claim.event.id.as_str()).collect::<Vec<_>>(), ["untouched", "done"]);
}

#[tokio::test]
async fn a_dead_letter_past_its_retention_is_removed_and_then_its_event() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(Options { dead_letter_retention: Some(Duration::ZERO), ..keeping(folder.path()) }).await;
    let channels = register(&journal, &["log"]).await;
    accept(&journal, vec![aged("dead", 8, &channels)]).await;
    settle(&journal, &claim(&journal, channels[0], 1).await[0], End::dead(1)).await;
    journal.tidy().await;
    assert!(journal.history().dead_letters(DeadLetterQuery::default()).await.unwrap().items.is_empty());
    assert!(ids(&journal).await.is_empty());
    let totals = journal.history().totals().await.unwrap();
    assert_eq!((totals.channels[0].dead, totals.channels[0].dead_letters), (1, 0), "the counters keep it");
}

#[tokio::test]
async fn the_file_shrinks_when_much_has_gone_and_publishers_go_on_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = open(keeping(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    let fat = "x".repeat(4_000);
    for batch in 0..10 {
        let entries = (0..500).map(|n| {
            let mut event = event(&format!("{batch}-{n}"));
            event.data = Some(fanfare_core::Payload::Text(format!("\"{fat}\"")));
            Entry { accepted_at: Timestamp::now() - 240.hours(), ..entry_of(event, &channels) }
        });
        accept(&journal, entries.collect()).await;
        let mut last = None;
        for claim in claim(&journal, channels[0], 500).await {
            last = Some(begin_settle(&journal, &claim, End::delivered()).await);
        }
        last.unwrap().await.unwrap();
    }
    journal.close().await;
    let before = std::fs::metadata(&path).unwrap().len();

    let journal = open(keeping(folder.path())).await;
    let publishing = {
        let (journal, channels) = (journal.clone(), channels.clone());
        tokio::spawn(async move {
            for n in 0..50 {
                accept(&journal, vec![entry(&format!("live-{n}"), &channels)]).await;
            }
        })
    };
    journal.tidy().await;
    publishing.await.unwrap();
    assert_eq!(ids(&journal).await.len(), 50);
    journal.close().await;
    let after = std::fs::metadata(&path).unwrap().len();
    assert!(after < before / 4, "{before} bytes before, {after} after");
    let journal = open(keeping(folder.path())).await;
    assert_eq!(ids(&journal).await.len(), 50);
}

#[tokio::test]
async fn a_backup_is_a_whole_journal_of_one_moment_and_is_taken_while_events_come() {
    let folder = tempfile::tempdir().unwrap();
    let restored = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    for n in 0..200 {
        accept(&journal, vec![entry(&format!("before-{n}"), &channels)]).await;
    }
    let publishing = {
        let (journal, channels) = (journal.clone(), channels.clone());
        tokio::spawn(async move {
            for n in 0..200 {
                accept(&journal, vec![entry(&format!("meanwhile-{n}"), &channels)]).await;
            }
        })
    };
    let (from, to) = (folder.path().join("journal.db"), restored.path().join("journal.db"));
    let taken = tokio::task::spawn_blocking({
        let (from, to) = (from.clone(), to.clone());
        move || backup(&from, &to)
    });
    let size = taken.await.unwrap().unwrap();
    publishing.await.unwrap();
    assert_eq!(size, std::fs::metadata(&to).unwrap().len());
    let error = backup(&from, &to).unwrap_err().to_string();
    assert!(error.contains("already exists"), "{error}");

    let copy = open(options(restored.path())).await;
    let found = ids(&copy).await;
    assert!(found.len() >= 200 && found[..200].iter().enumerate().all(|(n, id)| *id == format!("before-{n}")));
    let channels = register(&copy, &["log"]).await;
    assert_eq!(copy.backlog(channels[0]).pending, found.len() as u64);
    let none = backup(&restored.path().join("nothing.db"), &restored.path().join("b")).unwrap_err().to_string();
    assert!(none.contains("there is no journal"), "{none}");
}
