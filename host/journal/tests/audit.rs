//! Administrative acts are recorded durably, and kept as long as configured.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::time::Duration;

use common::*;
use fanfare_dispatch::Journal as _;
use fanfare_journal::{Act, ActEnd, ActQuery, Options, Order};

fn act(who: &str, what: &str) -> Act {
    Act { who: who.into(), what: what.into(), target: "/x".into(), ..Act::default() }
}

#[tokio::test]
async fn an_act_is_durable_before_it_ends_and_survives_a_crash_and_a_backup() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let first = journal.audit().begin(act("ops", "pauseChannel")).await.unwrap();
    let second = journal.audit().begin(act("local", "reload")).await.unwrap();
    let end = ActEnd { outcome: "ok".into(), details: Some("{\"reason\":\"tea\"}".into()) };
    journal.audit().end(first, end).await.unwrap();
    // As after a kill: what is on the disk is read, and nothing was closed.
    let copy = tempfile::tempdir().unwrap();
    for name in ["journal.db", "journal.db-wal"] {
        std::fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    }
    let backup = tempfile::tempdir().unwrap();
    fanfare_journal::backup(&options(folder.path()).path, &options(backup.path()).path).unwrap();
    journal.close().await;
    let restored = open(options(backup.path())).await;
    assert_eq!(restored.audit().acts(ActQuery::default()).await.unwrap().0.len(), 2);
    restored.close().await;
    let journal = open(options(copy.path())).await;
    let (acts, next) = journal.audit().acts(ActQuery::default()).await.unwrap();
    assert_eq!(
        acts.iter().map(|act| (act.id, act.outcome.as_deref())).collect::<Vec<_>>(),
        [(first, Some("ok")), (second, None)]
    );
    assert_eq!((acts[0].act.details.as_deref(), next), (Some("{\"reason\":\"tea\"}"), None));
    journal.close().await;
}

#[tokio::test]
async fn acts_are_found_by_who_what_and_when_and_in_pages() {
    let folder = tempfile::tempdir().unwrap();
    let keep = Options { audit_retention: Some(Duration::ZERO), ..options(folder.path()) };
    let journal = open(keep).await;
    let audit = journal.audit();
    for n in 0..6 {
        audit.record(act(if n % 2 == 0 { "ops" } else { "local" }, "reload"), "ok").await.unwrap();
        // So that no two have the same time.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let all = audit.acts(ActQuery::default()).await.unwrap().0;
    let ids = |query: ActQuery| {
        let audit = audit.clone();
        async move {
            let (acts, next) = audit.acts(query).await.unwrap();
            (acts.iter().map(|act| act.id).collect::<Vec<_>>(), next)
        }
    };
    assert_eq!(ids(ActQuery { limit: 2, ..ActQuery::default() }).await, (vec![1, 2], Some(2)));
    assert_eq!(ids(ActQuery { after: 4, limit: 2, ..ActQuery::default() }).await, (vec![5, 6], None));
    assert_eq!(ids(ActQuery { order: Order::Newest, limit: 2, ..ActQuery::default() }).await, (vec![6, 5], Some(5)));
    assert_eq!(ids(ActQuery { who: Some("ops".into()), ..ActQuery::default() }).await.0, [1, 3, 5]);
    assert_eq!(ids(ActQuery { what: Some("purge".into()), ..ActQuery::default() }).await.0, [0; 0]);
    let (since, until) = (Some(all[1].at), Some(all[3].at));
    assert_eq!(ids(ActQuery { since, until, ..ActQuery::default() }).await.0, [2, 3]);
    journal.tidy().await;
    assert_eq!(ids(ActQuery::default()).await.0, [0; 0]);
    journal.close().await;
}
