//! Damage found while the journal is in use: unreadable data is never reported as absent.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use common::*;
use fanfare_dispatch::{Journal, JournalError};
use fanfare_journal::{DeadLetterQuery, EventQuery, History, Hole, Order};

const EVENTS: u64 = 1_500;

/// Creates a journal with many settled events, and returns the pages that contain some of its events.
async fn journal_with_pages(folder: &Path) -> Vec<u32> {
    let journal = open(options(folder)).await;
    let channels = register(&journal, &["log"]).await;
    for first in (0..EVENTS).step_by(500) {
        accept(&journal, (first..first + 500).map(|n| entry(&format!("e{n}"), &channels)).collect()).await;
    }
    for claim in claim(&journal, channels[0], usize::try_from(EVENTS).unwrap()).await {
        begin_settle(&journal, &claim, End::delivered()).await;
    }
    journal.close().await;
    let file = rusqlite::Connection::open(folder.join("journal.db")).unwrap();
    let mut pages =
        file.prepare("SELECT pageno FROM dbstat WHERE name = 'events' AND pagetype = 'leaf' ORDER BY path").unwrap();
    pages.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

fn damage_page(folder: &Path, page: u32, change: impl FnOnce(&mut [u8])) {
    let path = folder.join("journal.db");
    let mut bytes = fs::read(&path).unwrap();
    let start = usize::try_from((page - 1) * 4096).unwrap();
    change(&mut bytes[start..start + 4096]);
    fs::write(path, bytes).unwrap();
}

/// Reads the whole list, page by page.
async fn read_all(history: &Arc<dyn History>, query: EventQuery) -> (Vec<u64>, Vec<Hole>) {
    let (mut offsets, mut holes, mut after) = (vec![], vec![], query.after);
    loop {
        let page = history.events(EventQuery { after, limit: 300, ..query.clone() }).await.unwrap();
        offsets.extend(page.items.iter().map(|stored| stored.offset.0));
        holes.extend(page.holes);
        match page.next {
            Some(next) => after = next,
            None => return (offsets, holes),
        }
    }
}

#[tokio::test]
async fn a_damaged_page_leaves_reported_holes_and_everything_else_is_read() {
    type Change = fn(&mut [u8]);
    let changes: [(&str, Change); 5] = [
        ("zeros", |page| page.fill(0)),
        ("noise", |page| page.fill(0xA5)),
        ("no cells", |page| page[3..5].fill(0)),
        ("half of it overwritten", |page| page[2048..].fill(b'x')),
        ("every text broken", |page| {
            // At the start of an event, and not at similar bytes elsewhere.
            let texts: Vec<_> =
                page.windows(2).enumerate().filter(|(_, two)| two == b"{\"").map(|(at, _)| at).collect();
            texts.into_iter().for_each(|at| page[at] = b'?');
        }),
    ];
    for (what, change) in changes {
        let folder = tempfile::tempdir().unwrap();
        let pages = journal_with_pages(folder.path()).await;
        damage_page(folder.path(), pages[pages.len() / 2], change);
        let journal = open(options(folder.path())).await;
        let history = journal.history();
        for order in [Order::Oldest, Order::Newest] {
            for ty in [None, Some("user.signup".to_owned())] {
                let (offsets, holes) = read_all(&history, EventQuery { order, ty, ..EventQuery::default() }).await;
                let told: BTreeSet<u64> =
                    holes.iter().flat_map(|hole| (hole.after + 1)..hole.before).map(i64::unsigned_abs).collect();
                let read: BTreeSet<u64> = offsets.iter().copied().collect();
                assert_eq!(read.len(), offsets.len(), "{what}, {order:?}: an event was returned twice");
                assert!(!told.is_empty() && told.len() < 100, "{what}, {order:?}: {holes:?}");
                assert!(told.is_disjoint(&read), "{what}, {order:?}");
                let all: BTreeSet<u64> = told.union(&read).copied().collect();
                assert_eq!(all, (1..=EVENTS).collect(), "{what}, {order:?}: neither read nor reported");
            }
        }
        let damage = history.damage().unwrap();
        assert!(damage.found > 0 && damage.last.contains("unreadable"), "{damage:?}");
        journal.close().await;
    }
}

#[tokio::test]
async fn a_sound_journal_has_no_holes_whatever_was_pruned_or_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let options = fanfare_journal::Options { retention: Some(std::time::Duration::ZERO), ..options(folder.path()) };
    let journal = open(options).await;
    let channels = register(&journal, &["log"]).await;
    for part in 0..3 {
        accept(&journal, (0..400).map(|n| entry(&format!("e{part}-{n}"), &channels)).collect()).await;
        let claims = claim(&journal, channels[0], 400).await;
        for (n, claim) in claims.iter().enumerate() {
            let end = if n % 100 == 0 { End::dead(1) } else { End::delivered() };
            begin_settle(&journal, claim, end).await;
        }
        if part == 0 {
            settle_all(&journal, channels[0]).await;
            journal.tidy().await;
        }
    }
    let history = journal.history();
    for query in [
        EventQuery::default(),
        EventQuery { after: 10_000, ..EventQuery::default() },
        EventQuery { order: Order::Newest, after: 10_000, ..EventQuery::default() },
        EventQuery { channel: Some(name("log")), ..EventQuery::default() },
        EventQuery { status: Some(fanfare_core::OverallStatus::Failed), ..EventQuery::default() },
        EventQuery {
            status: Some(fanfare_core::OverallStatus::Pending),
            order: Order::Newest,
            ..EventQuery::default()
        },
    ] {
        let (_, holes) = read_all(&history, query.clone()).await;
        assert_eq!(holes, [], "{query:?}");
    }
    assert_eq!(history.damage(), None);
    journal.close().await;
}

/// Waits until nothing of a channel is pending.
async fn settle_all(journal: &fanfare_journal::SqliteJournal, channel: fanfare_core::ChannelId) {
    tokio::time::timeout(std::time::Duration::from_secs(30), async {
        while journal.backlog(channel).pending > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_segment_whose_row_is_gone_is_looked_at_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    journal_with_pages(folder.path()).await;
    alter(
        folder.path(),
        "DELETE FROM segments WHERE segment = 2; UPDATE segments SET channels = x'01' WHERE segment = 3",
    );
    let journal = open(options(folder.path())).await;
    for order in [Order::Oldest, Order::Newest] {
        let query = EventQuery { order, channel: Some(name("log")), ..EventQuery::default() };
        let (offsets, holes) = read_all(&journal.history(), query).await;
        assert_eq!((offsets.len() as u64, holes), (EVENTS, vec![]), "{order:?}");
    }
    journal.close().await;
}

#[tokio::test]
async fn what_cannot_be_read_of_one_event_is_an_error_and_not_its_absence() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    accept(&journal, (1..=3).map(|n| entry(&format!("e{n}"), &channels)).collect()).await;
    for claim in claim(&journal, channels[0], 3).await {
        settle(&journal, &claim, End::dead(1)).await;
    }
    journal.close().await;
    alter(
        folder.path(),
        "UPDATE events SET event = '{' WHERE offset = 1; UPDATE progress SET entries = '[[' WHERE offset = 2;
         UPDATE dead_letters SET channel = 77 WHERE offset = 3",
    );
    let journal = open(options(folder.path())).await;
    let history = journal.history();
    let error = history.event("e1".into(), None).await.unwrap_err();
    assert!(matches!(&error, JournalError::Damaged(what) if what.contains("offset 1")), "{error}");
    let second = history.event("e2".into(), None).await.unwrap().unwrap();
    assert!(second.incomplete.is_some(), "its end is unknown");
    assert!(history.event("e3".into(), None).await.unwrap().unwrap().incomplete.is_none());
    assert_eq!(history.event("e4".into(), None).await.unwrap().map(|stored| stored.offset), None);
    let letters = history.dead_letters(DeadLetterQuery::default()).await.unwrap();
    assert_eq!((letters.items.len(), letters.holes.len()), (2, 1), "{:?}", letters.holes);
    assert!(history.damage().unwrap().found >= 3);
    journal.close().await;
}

#[tokio::test]
async fn what_the_journal_skips_because_it_cannot_read_it_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["log", "spare"];
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &names).await;
    accept(&journal, (1..=4).map(|n| entry(&format!("e{n}"), &channels[..1])).collect()).await;
    for claim in claim(&journal, channels[0], 2).await {
        settle(&journal, &claim, End::waiting("2100-01-01T00:00:00Z".parse().unwrap(), 1)).await;
    }
    journal.close().await;
    alter(
        folder.path(),
        "UPDATE progress SET entries = '[[' WHERE offset = 1; UPDATE events SET event = '{' WHERE offset = 2;
         UPDATE events SET targets = '[' WHERE offset = 3",
    );
    let journal = open(options(folder.path())).await;
    register(&journal, &names).await;
    let history = journal.history();
    let last = || history.damage().map(|damage| damage.last).unwrap_or_default();
    let later = "2090-01-01T00:00:00Z".parse().unwrap();
    let begun = journal.fall_back(channels[0], later, vec![channels[1]], later).await.unwrap();
    assert_eq!(begun, 2, "the first and the fourth");
    assert_eq!(last().split(':').next(), Some("the event at offset 2 is unreadable"));
    let found = history.damage().unwrap().found;
    assert!(found >= 4, "twice the first's progress, the second and the third's channels: {found}");
    assert_eq!(offsets(&claim(&journal, channels[0], 1).await), [4]);
    assert_eq!(last().split(':').next(), Some("the list of channels of the event at offset 3 is unreadable"));
    journal.close().await;
}

#[tokio::test]
async fn what_a_start_cannot_resume_because_it_cannot_read_it_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log", "spare"]).await;
    accept(&journal, (1..=3).map(|n| entry(&format!("e{n}"), &channels)).collect()).await;
    let settled = claim(&journal, channels[0], 3).await;
    begin_settle(&journal, &settled[1], End::delivered()).await;
    assert_eq!(claim(&journal, channels[1], 3).await.len(), 3, "in flight when the journal is closed");
    journal.close().await;
    alter(
        folder.path(),
        "UPDATE events SET targets = '[' WHERE offset = 1; UPDATE progress SET entries = '[[' WHERE offset = 2",
    );
    let journal = open(options(folder.path())).await;
    let damage = journal.history().damage().unwrap();
    assert_eq!(damage.found, 2, "{damage:?}");
    let told = "a part of the progress of the event at offset 2, whose deliveries may be repeated, is unreadable";
    assert_eq!(damage.last.split(':').next(), Some(told));
    register(&journal, &["log", "spare"]).await;
    for channel in channels {
        let resumed: BTreeSet<u64> = offsets(&claim(&journal, channel, 2).await).into_iter().collect();
        assert_eq!(resumed, [2, 3].into());
    }
    journal.close().await;
}
