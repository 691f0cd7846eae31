//! Databases of older layouts still open, and lose nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::{fs, path::Path, sync::Arc};

use common::*;
use fanfare_core::{
    ChannelStatus, Class, Event,
    delivery::{Origin, Trigger},
};
use fanfare_dispatch::{AcceptError, Accepted, Entry, HoldKind, Journal, Registration};
use fanfare_journal::{Act, ActQuery, DeadLetterQuery, EventQuery, SqliteJournal, StoredEvent};

fn fixture(layout: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/layout-{layout}.db"));
    fs::copy(from, folder.path().join("journal.db")).unwrap();
    folder
}

/// Shortly after the fixture was created: deliveries that wait for a day still wait whenever the test runs, and nothing
/// is past its retention.
async fn open_fixture(layout: u32, folder: &Path) -> Arc<SqliteJournal> {
    let made = match layout {
        1 | 2 => "2026-11-21T06:30:00Z",
        5 => "2026-11-22T12:30:00Z",
        6 => "2026-11-22T22:10:00Z",
        7 => "2026-11-23T05:00:00Z",
        _ => "2026-11-22T04:30:00Z",
    };
    SqliteJournal::open(options(folder), TestClock::from(made)).await.unwrap()
}

/// Twelve events to five channels: `log` and `metrics` delivered, `dead` has dead letters, `waiting` has made one
/// attempt and waits for a day, `missing` never attempted anything.
#[tokio::test]
async fn layout_1_is_brought_up_to_date_with_all_it_holds() {
    let folder = fixture(1);
    for round in ["migrated", "opened again"] {
        let journal = open_fixture(1, folder.path()).await;
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

    // And it continues from there.
    let journal = open_fixture(1, folder.path()).await;
    let ids = register(&journal, &["missing"]).await;
    let claims = claim(&journal, ids[0], 12).await;
    assert_eq!(offsets(&claims), (1..=12).collect::<Vec<_>>());
    settle(&journal, &claims[0], End::delivered()).await;
    assert_eq!(accept(&journal, vec![entry("new", &ids)]).await[0].0, 13);
}

/// Twelve events of two subjects to five channels: `log` delivered them in order, and 11 and 12 again by a replay;
/// `waiting`, also ordered, has attempted the first of each subject; `dead` has dead letters, one of them twice; `gone`
/// is suspended, `paused` is paused. Created by a daemon with these channels that was killed; its write-ahead log was
/// moved into the file with `sqlite3`.
#[tokio::test]
async fn layout_2_keeps_opening() {
    let folder = fixture(2);
    let journal = open_fixture(2, folder.path()).await;
    let history = journal.history();
    assert_eq!(history.totals().await.unwrap().events, 12);
    let shown = history.event("evt-11".into(), None).await.unwrap().unwrap();
    let of = |channel: &str| shown.deliveries.iter().find(|have| have.channel.as_str() == channel).unwrap();
    let triggers = |channel: &str| of(channel).attempts.iter().map(|attempt| attempt.trigger).collect::<Vec<_>>();
    assert_eq!((of("log").status, of("log").origin), (ChannelStatus::Success, Origin::Replay));
    assert_eq!(triggers("log"), [Trigger::First, Trigger::Replay]);
    let letters = history.dead_letters(DeadLetterQuery::default()).await.unwrap().items;
    assert_eq!(letters.len(), 12);
    assert!(
        letters.iter().all(|letter| letter.settings.len() == 16 && letter.code == "connection_refused"),
        "{letters:?}"
    );
    assert_eq!(journal.jobs().list().await.unwrap().iter().map(|job| job.sent).collect::<Vec<_>>(), [1, 0, 2]);

    let registration = |channel: &str| Registration { name: name(channel), order: None };
    let known = journal.register(vec![registration("gone"), registration("paused")]).await.unwrap();
    let holds: Vec<_> = known.iter().map(|known| known.hold.as_ref().unwrap().kind).collect();
    assert_eq!(holds, [HoldKind::Suspended, HoldKind::Paused]);
    assert_eq!(journal.backlog(known[1].id).pending, 12);
    let ordered = Registration { order: Some("subject".into()), ..registration("waiting") };
    let waiting = journal.register(vec![ordered]).await.unwrap()[0].id;
    assert_eq!(journal.backlog(waiting).waiting, 12);
    nothing_to_claim(&journal, waiting).await;
}

/// Twelve events of two types and two subjects to five channels: `log` delivered them in order, `few` only those of one
/// type, `dead` has dead letters, `waiting` has attempted the first of each subject and waits for a day, `open` failed
/// once and has an open breaker. Created like the previous one.
#[tokio::test]
async fn layout_3_keeps_opening() {
    let folder = fixture(3);
    for round in ["migrated", "opened again"] {
        let journal = open_fixture(3, folder.path()).await;
        let totals = journal.history().totals().await.unwrap();
        let of = |channel: &str| totals.channels.iter().find(|have| have.channel.as_str() == channel).unwrap();
        assert_eq!((of("log").delivered, of("few").delivered, of("few").accepted), (12, 6, 6), "{round}");
        assert_eq!((of("dead").dead, of("waiting").pending, of("open").pending), (12, 12, 12), "{round}");
        assert!(totals.channels.iter().all(|channel| channel.skipped == 0), "{round}");
        let registration = |channel: &str| Registration { name: name(channel), order: None };
        let open = journal.register(vec![registration("open")]).await.unwrap().remove(0);
        assert_eq!(open.hold.unwrap().kind, HoldKind::Open, "{round}");
        journal.close().await;
    }
    let journal = open_fixture(3, folder.path()).await;
    let ordered = Registration { name: name("waiting"), order: Some("subject".into()) };
    let waiting = journal.register(vec![ordered]).await.unwrap()[0].id;
    nothing_to_claim(&journal, waiting).await;
    let shown = journal.history().event("evt-3".into(), None).await.unwrap().unwrap();
    let held = shown.deliveries.iter().find(|have| have.channel.as_str() == "waiting").unwrap();
    assert_eq!(held.waiting_for, Some(fanfare_core::WaitingFor::Order), "evt-1 of its subject is retried tomorrow");
}

/// Twelve events of two subjects to six channels: `log` delivered them, `once` two of them and skipped the rest, `dead`
/// has dead letters, so `spare` has them as its fallback, `later` waits for a day, `waiting` has attempted the first of
/// each subject. Created like the previous one.
#[tokio::test]
async fn layout_4_keeps_opening() {
    let folder = fixture(4);
    for round in ["migrated", "opened again"] {
        let journal = open_fixture(4, folder.path()).await;
        let totals = journal.history().totals().await.unwrap();
        let of = |channel: &str| totals.channels.iter().find(|have| have.channel.as_str() == channel).unwrap();
        assert_eq!((of("log").delivered, of("once").delivered, of("once").skipped), (12, 2, 10), "{round}");
        assert_eq!((of("dead").dead, of("spare").delivered, of("later").pending), (12, 12, 12), "{round}");
        let shown = journal.history().event("evt-3".into(), None).await.unwrap().unwrap();
        assert_eq!((shown.event.source.as_str(), shown.stages.len()), ("/shop", 0), "{round}");
        journal.close().await;
    }
    // Without a digest, a repeat is recognized by its content, as before.
    let journal = open_fixture(4, folder.path()).await;
    let was = journal.history().event("evt-3".into(), None).await.unwrap().unwrap();
    let again = Entry { event: Arc::new(was.event.clone()), ..entry("evt-3", &[]) };
    assert_eq!(journal.accept(vec![again]).await.unwrap(), [Accepted::Duplicate { offset: was.offset }]);
    let other = Event { subject: None, ..was.event };
    let other = Entry { event: Arc::new(other), ..entry("evt-3", &[]) };
    assert!(matches!(journal.accept(vec![other]).await, Err(AcceptError::Conflict { .. })));
}

/// Twelve events to three channels: `log` delivered them, `dead` has dead letters, also redriven ones, `paused` is
/// paused; a recipient was set. Created like the previous one.
#[tokio::test]
async fn layout_5_keeps_opening() {
    let folder = fixture(5);
    for round in ["migrated", "opened again"] {
        let journal = open_fixture(5, folder.path()).await;
        let totals = journal.history().totals().await.unwrap();
        let of = |channel: &str| totals.channels.iter().find(|have| have.channel.as_str() == channel).unwrap();
        assert_eq!((of("log").delivered, of("dead").dead_letters, of("paused").pending), (12, 12, 12), "{round}");
        assert_eq!(journal.recipients().all().await.unwrap()[0].subject, "ada", "{round}");
        let acts = journal.audit().acts(ActQuery::default()).await.unwrap().0;
        assert_eq!(acts.len(), usize::from(round == "opened again"), "{round}");
        journal.audit().record(Act { who: "local".into(), ..Act::default() }, "ok").await.unwrap();
        journal.close().await;
    }
}

/// Twelve events to four channels: `log` delivered them, 11 and 12 again by a replay, `mail` too, `dead` has dead
/// letters, `waiting` has made one attempt and waits for a day. Created like the one before.
#[tokio::test]
async fn layout_6_keeps_opening_with_its_rows_of_progress_as_they_are() {
    let folder = fixture(6);
    for round in ["migrated", "opened again"] {
        let journal = open_fixture(6, folder.path()).await;
        let shown = replayed(&journal, round).await;
        let of = |channel: &str| shown.deliveries.iter().find(|have| have.channel.as_str() == channel).unwrap();
        let receipt = |channel| of(channel).receipt.as_ref().map(|receipt| receipt.get());
        assert_eq!(receipt("log"), Some(r#"{"receipt":"receipt guest evt-11 fields=1"}"#));
        assert_eq!((receipt("mail"), receipt("dead")), (receipt("log"), None));
        let attempts = &of("log").attempts;
        let started: Vec<_> = attempts.iter().map(|attempt| attempt.started.to_string()).collect();
        assert_eq!(started, ["2026-11-22T22:09:02.957149Z", "2026-11-22T22:09:04.994247Z"], "{round}");
        assert_eq!((attempts[0].trigger, attempts[1].trigger), (Trigger::First, Trigger::Replay));
        assert_eq!((attempts[0].plugin.as_str(), attempts[0].fuel), ("207298c26d906e1d", 11872));
        assert_eq!(of("log").settled_at.unwrap().to_string(), "2026-11-22T22:09:04.994405Z");
        assert_eq!(of("waiting").next_attempt_at.unwrap().to_string(), "2026-11-23T22:09:02.95747Z");
        journal.close().await;
    }

    // And it continues from there: an event has rows of both kinds.
    continues(&open_fixture(6, folder.path()).await).await;
}

/// An event of layouts 6 and 7 that was replayed, from a journal whose totals are right.
async fn replayed(journal: &Arc<SqliteJournal>, round: &str) -> StoredEvent {
    let totals = journal.history().totals().await.unwrap();
    let of = |channel: &str| totals.channels.iter().find(|have| have.channel.as_str() == channel).unwrap();
    assert_eq!((of("log").delivered, of("mail").delivered, of("dead").dead_letters), (14, 12, 12), "{round}");
    let shown = journal.history().event("evt-11".into(), None).await.unwrap().unwrap();
    assert!(shown.incomplete.is_none(), "{round}");
    shown
}

/// The channels that layouts 6 and 7 have deliver a new event.
async fn continues(journal: &Arc<SqliteJournal>) {
    let ids = register(journal, &["dead", "log", "mail", "waiting"]).await;
    accept(journal, vec![entry("new", &ids[1..3])]).await;
    for id in &ids[1..3] {
        let claims = claim(journal, *id, 1).await;
        settle(journal, &claims[0], End::delivered()).await;
    }
    let shown = journal.history().event("new".into(), None).await.unwrap().unwrap();
    assert!(shown.deliveries.iter().all(|delivery| delivery.status == ChannelStatus::Success), "{shown:?}");
}

/// Twelve events to four webhooks: `log` delivered them, 11 and 12 again by a replay, `mail` too, `dead` has dead
/// letters, `waiting` has made one attempt and waits for a day. Created like the one before.
#[tokio::test]
async fn layout_7_keeps_opening_with_its_receipts_as_they_are() {
    let folder = fixture(7);
    for round in ["migrated", "opened again"] {
        let journal = open_fixture(7, folder.path()).await;
        let shown = replayed(&journal, round).await;
        for name in ["log", "mail"] {
            let of = shown.deliveries.iter().find(|have| have.channel.as_str() == name).unwrap();
            let receipt = format!(r#"{{"delivery_id":"{}","payload_bytes":141,"status":204}}"#, of.delivery_id);
            assert_eq!(of.receipt.as_ref().map(|receipt| receipt.get()), Some(&*receipt), "{round}");
        }
        journal.close().await;
    }
    continues(&open_fixture(7, folder.path()).await).await;
}
