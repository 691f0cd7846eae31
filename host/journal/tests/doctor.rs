//! The doctor finds every inconsistency and reports nothing on a sound journal. What it repairs is right afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::{collections::BTreeSet, path::Path, time::Duration};

use common::*;
use fanfare_dispatch::{Journal, Registration};
use fanfare_journal::{
    DeadLetterFilter, End as Until, OpenError, Options, ReplayRequest, SqliteJournal, Start,
    doctor::{self, Report},
};
use jiff::Timestamp;

const FAR: &str = "2100-01-01T00:00:00Z";

/// A journal with all kinds of history, still open, with deliveries in flight.
async fn busy(folder: &Path) -> std::sync::Arc<SqliteJournal> {
    let options = Options { retention: Some(Duration::ZERO), ..options(folder) };
    let journal = open(options).await;
    let ordered = Registration { name: name("ordered"), order: Some("source".to_owned()) };
    let plain = Registration { name: name("plain"), order: None };
    let ids: Vec<_> = journal.register(vec![ordered, plain]).await.unwrap().iter().map(|known| known.id).collect();
    accept(&journal, (0..600).map(|n| entry(&format!("old{n}"), &ids[1..])).collect()).await;
    for claim in claim(&journal, ids[1], 600).await {
        settle(&journal, &claim, End::delivered()).await;
    }
    journal.tidy().await;
    accept(&journal, (0..300).map(|n| entry(&format!("new{n}"), &ids)).collect()).await;
    for (n, claim) in claim(&journal, ids[1], 200).await.iter().enumerate() {
        let end = match n % 10 {
            0 => End::dead(2),
            1 => End::waiting(FAR.parse::<Timestamp>().unwrap(), 1),
            2 => continue, // stays in flight
            _ => End::delivered(),
        };
        settle(&journal, claim, end).await;
    }
    // One at a time: the others of its key are held back behind it.
    for _ in 0..3 {
        let claims = claim(&journal, ids[0], 1).await;
        settle(&journal, &claims[0], End::delivered()).await;
    }
    let active = claim(&journal, ids[0], 1).await;
    let held = tokio::time::timeout(Duration::from_millis(100), journal.claim(ids[0], 10)).await;
    assert!(held.is_err(), "all others are held back");
    settle(&journal, &active[0], End::waiting(FAR.parse::<Timestamp>().unwrap(), 1)).await;
    journal
        .jobs()
        .redrive(DeadLetterFilter { channel: Some(name("plain")), ..DeadLetterFilter::default() })
        .await
        .unwrap();
    let replay = ReplayRequest {
        after: Start::Offset(600),
        until: Until::Offset(650),
        types: vec![],
        channels: vec![name("plain")],
    };
    journal.jobs().replay(replay).await.unwrap();
    let _in_flight = claim(&journal, ids[1], 5).await;
    journal
}

fn examined(options: &Options) -> Report {
    doctor::examine(&options.path).unwrap()
}

/// The checks with findings.
fn wrong(report: &Report) -> BTreeSet<&'static str> {
    report
        .findings
        .iter()
        .filter(|finding| finding.severity == doctor::Severity::Wrong)
        .map(|found| found.check)
        .collect()
}

#[tokio::test]
async fn a_busy_journal_is_sound_while_it_is_used_after_a_crash_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let journal = busy(folder.path()).await;
    let report = examined(&options(folder.path()));
    assert!(report.is_sound() && report.pending > 300, "{report:#?}");
    let after = tempfile::tempdir().unwrap();
    let crashed = crash(folder.path(), after.path());
    let report = examined(&crashed);
    assert!(report.is_sound(), "{:#?}", report.findings);
    journal.close().await;
    open(crashed.clone()).await.close().await;
    let report = examined(&crashed);
    assert!(report.is_sound() && report.findings.is_empty(), "{:#?}", report.findings);
}

#[tokio::test]
async fn each_kind_of_damage_is_found_and_what_is_repairable_is_repaired() {
    // The damage done to a sound journal, the check that finds it, and whether a repair fixes it.
    let cases: [(&str, &str, &str, bool); 14] = [
        (
            "a waiting delivery lost",
            "DELETE FROM retries WHERE due_at > 4000000000000000 AND order_key IS NULL AND job IS NULL",
            "deliveries",
            true,
        ),
        ("the offset set back", "UPDATE journal SET last_offset = 3", "counters", true),
        ("the commits set back", "UPDATE journal SET commits = 3", "counters", true),
        ("a channel's count", "UPDATE channels SET accepted = accepted + 5 WHERE name = 'plain'", "channels", true),
        (
            "a channel's other count",
            "UPDATE channels SET delivered = delivered + 5 WHERE name = 'plain'",
            "channels",
            true,
        ),
        ("failures that are not listed", "DELETE FROM troubled", "dead_letters", true),
        ("a segment that says nothing", "UPDATE segments SET types = zeroblob(128)", "segments", true),
        ("an event removed", "DELETE FROM events WHERE offset = 700", "events", false),
        ("an event nobody can read", "UPDATE events SET event = '{' WHERE offset = 700", "events", false),
        (
            "an event of a dead letter removed",
            "DELETE FROM events WHERE offset IN (SELECT offset FROM dead_letters)",
            "dead_letters",
            false,
        ),
        ("two of a key at once", "UPDATE retries SET due_at = 5 WHERE order_key IS NOT NULL", "order", false),
        ("a replay that lost count", "UPDATE jobs SET sent = sent + 1", "jobs", false),
        ("a channel beyond the newest event", "UPDATE channels SET floor = 5000", "channels", false),
        (
            "an act that the daemon did not write",
            "INSERT INTO audit (at, who, what, target, details) VALUES (0, 'ops', 'reload', '', '{')",
            "audit",
            false,
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    let journal = busy(folder.path()).await;
    // Replays and redrives have begun; some dead letters exist again.
    let plain = register(&journal, &["plain"]).await[0];
    tokio::time::timeout(Duration::from_secs(30), async {
        while journal.jobs().list().await.unwrap().iter().any(|job| job.sent + job.skipped < job.matched) {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    for claim in claim(&journal, plain, 5).await {
        settle(&journal, &claim, End::dead(1)).await;
    }
    journal.close().await;
    for (what, sql, check, repairable) in cases {
        let copy = tempfile::tempdir().unwrap();
        let options = options(copy.path());
        std::fs::copy(folder.path().join("journal.db"), &options.path).unwrap();
        let file = rusqlite::Connection::open(&options.path).unwrap();
        file.execute_batch(sql).unwrap();
        assert!(file.changes() > 0, "{what}: nothing was changed");
        drop(file);
        let report = examined(&options);
        assert!(wrong(&report).contains(check), "{what}: {:#?}", report.findings);
        assert!(report.findings.iter().all(|finding| !finding.remedy.is_empty()));
        if repairable {
            let repaired = doctor::repair(&options.path).unwrap();
            assert!(repaired.is_sound() && !repaired.repaired.is_empty(), "{what}: {repaired:#?}");
            assert_eq!(repaired.pending, examined(&options).pending);
        }
    }
}

#[tokio::test]
async fn a_lost_delivery_is_made_after_a_repair() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    accept(&journal, vec![entry("e1", &channels)]).await;
    let claims = claim(&journal, channels[0], 1).await;
    settle(&journal, &claims[0], End::waiting(Timestamp::UNIX_EPOCH, 1)).await;
    journal.close().await;
    alter(folder.path(), "DELETE FROM retries");
    doctor::repair(&folder.path().join("journal.db")).unwrap();
    let journal = open(options(folder.path())).await;
    register(&journal, &["log"]).await;
    assert_eq!(claim(&journal, channels[0], 1).await[0].delivery_id(), claims[0].delivery_id());
    journal.close().await;
}

#[tokio::test]
async fn a_journal_in_use_is_not_repaired_and_a_missing_one_is_not_created() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    assert!(doctor::examine(&path).is_err() && doctor::repair(&path).is_err());
    assert!(!path.exists());
    let journal = open(options(folder.path())).await;
    assert!(matches!(doctor::repair(&path), Err(OpenError::InUse(_))));
    journal.close().await;
}
