//! Turns without an attempt: deferred, skipped, cancelled; urgent events; fallbacks.
#![allow(clippy::disallowed_methods, reason = "a test may ask what time it is")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use common::*;
use fanfare_core::{
    Attribute, ChannelId, ChannelStatus, Event, Offset, OverallStatus, WaitingFor,
    delivery::{Next, Origin, Skip, Wait},
};
use fanfare_dispatch::{Claim, Entry, Journal, Registration, Settlement};
use fanfare_journal::{CancelError, SqliteJournal};
use jiff::{Timestamp, ToSpan};

fn without_attempt(claim: &Claim, next: Next) -> Settlement {
    let detail = matches!(next, Next::Skipped(_)).then(|| "not wanted".to_owned());
    Settlement { next, attempt: None, detail, origin: claim.origin, ..settlement(claim, End::delivered()) }
}

async fn settle_as(journal: &SqliteJournal, settlement: Settlement) {
    Settling::begin(journal, settlement).await.await.unwrap();
}

fn later(id: &str, hours: i64, targets: &[ChannelId]) -> Entry {
    let at = Timestamp::now() + hours.hours();
    let mut event = event(id);
    event.extensions.push(("deliverat".into(), Attribute::String(at.to_string())));
    entry_of(event, targets)
}

async fn status(journal: &SqliteJournal, id: &str) -> OverallStatus {
    journal.history().event(id.into(), None).await.unwrap().unwrap().overall()
}

#[tokio::test]
async fn a_deferred_delivery_says_what_for_and_comes_back_with_it_after_a_crash() {
    let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let journal = open(options(folder.path())).await;
    let channel = register(&journal, &["log"]).await[0];
    accept(&journal, vec![entry("a", &[channel]), entry("b", &[channel])]).await;
    let claims = claim(&journal, channel, 2).await;
    assert!(claims.iter().all(|claim| claim.deferred.is_none()));
    let until = Timestamp::now() + 50.milliseconds();
    settle_as(&journal, without_attempt(&claims[0], Next::Deferred { until, attempts: 0, wait: Wait::Delay })).await;
    let shown = journal.history().event("a".into(), None).await.unwrap().unwrap();
    assert_eq!(shown.deliveries[0].waiting_for, Some(WaitingFor::Delay));
    assert_eq!((shown.deliveries[0].spent, shown.deliveries[0].attempts.len()), (0, 0));
    assert_eq!(recount::recount(&folder.path().join("journal.db")), Vec::<String>::new());

    let journal = open(crash(folder.path(), copy.path())).await;
    let channel = register(&journal, &["log"]).await[0];
    let claims = claim(&journal, channel, 2).await;
    let a = claims.iter().find(|claim| claim.offset == Offset(1)).unwrap();
    assert_eq!((a.deferred, a.attempts), (Some(Wait::Delay), 0));
}

#[tokio::test]
async fn a_skipped_delivery_has_ended_and_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let ordered = Registration { name: name("log"), order: Some("subject".into()) };
    let channel = journal.register(vec![ordered]).await.unwrap()[0].id;
    let keyed = |id: &str| entry_of(Event { subject: Some("s".into()), ..event(id) }, &[channel]);
    accept(&journal, vec![keyed("a"), keyed("b")]).await;
    let claims = claim(&journal, channel, 1).await;
    settle_as(&journal, without_attempt(&claims[0], Next::Skipped(Skip::Once))).await;
    let next = claim(&journal, channel, 1).await;
    assert_eq!(offsets(&next), [2], "the next of the key continues");
    let shown = journal.history().event("a".into(), None).await.unwrap().unwrap();
    assert_eq!((shown.deliveries[0].status, shown.overall()), (ChannelStatus::Skipped, OverallStatus::Success));
    assert_eq!(shown.deliveries[0].skipped.as_ref().unwrap().detail, "not wanted");
    let totals = journal.history().totals().await.unwrap();
    assert_eq!((totals.channels[0].skipped, totals.channels[0].pending), (1, 1));
    assert_eq!(recount::recount(&folder.path().join("journal.db")), Vec::<String>::new());
}

#[tokio::test]
async fn an_event_is_cancelled_wherever_its_deliveries_stand_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let ids = register(&journal, &["log", "paused"]).await;
    let jobs = journal.jobs();
    accept(&journal, vec![later("a", 1, &ids), later("b", 1, &ids), entry("now", &ids)]).await;
    assert_eq!(jobs.cancel_event(Offset(3)).await, Err(CancelError::Due));
    assert_eq!(jobs.cancel_event(Offset(9)).await, Err(CancelError::NotPending));

    // On `log` the first is deferred and the second in flight; on `paused` no lane has looked at them.
    let claims = claim(&journal, ids[0], 3).await;
    assert!(claims[0].since > Timestamp::now(), "it begins at its time");
    let defer =
        |claim: &Claim| without_attempt(claim, Next::Deferred { until: claim.since, attempts: 0, wait: Wait::At });
    settle_as(&journal, defer(&claims[0])).await;
    jobs.cancel_event(Offset(1)).await.unwrap();
    assert_eq!(status(&journal, "a").await, OverallStatus::Cancelled);
    assert_eq!(jobs.cancel_event(Offset(2)).await, Err(CancelError::InFlight));
    assert_eq!(status(&journal, "b").await, OverallStatus::Pending, "all deliveries or none");
    // The lane gives it back without having begun it.
    journal.release(vec![claims[1].clone()]).await;
    jobs.cancel_event(Offset(2)).await.unwrap();
    assert_eq!(status(&journal, "b").await, OverallStatus::Cancelled);
    assert_eq!(jobs.cancel_event(Offset(2)).await, Err(CancelError::NotPending));
    assert_eq!(offsets(&claim(&journal, ids[1], 1).await), [3], "the others continue");
    assert_eq!(recount::recount(&folder.path().join("journal.db")), Vec::<String>::new());
}

#[tokio::test]
async fn a_dead_delivery_falls_back_to_the_first_channel_that_has_not_had_the_event() {
    let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let journal = open(options(folder.path())).await;
    let ids = register(&journal, &["email", "log", "sms", "pager"]).await;
    let (email, log, sms, pager) = (ids[0], ids[1], ids[2], ids[3]);
    accept(&journal, vec![entry("a", &[email, log])]).await;
    let dead = |claim: &Claim, fallback: &[ChannelId]| Settlement {
        fallback: fallback.to_vec(),
        origin: claim.origin,
        ..settlement(claim, End::dead(1))
    };
    let first = claim(&journal, email, 1).await.remove(0);
    // `log` has the event already.
    settle_as(&journal, dead(&first, &[log, sms, pager])).await;
    let journal = {
        journal.close().await;
        open(crash(folder.path(), copy.path())).await
    };
    register(&journal, &["email", "log", "sms", "pager"]).await;
    let second = claim(&journal, sms, 1).await.remove(0);
    assert_eq!((second.origin, second.attempts), (Origin::Fallback, 0));
    settle_as(&journal, dead(&second, &[log, sms, pager])).await;
    let third = claim(&journal, pager, 1).await.remove(0);
    settle_as(&journal, dead(&third, &[email, log, sms, pager])).await;
    for channel in [email, sms, pager] {
        nothing_to_claim(&journal, channel).await;
    }
    let shown = journal.history().event("a".into(), None).await.unwrap().unwrap();
    let of = |channel: &str| shown.deliveries.iter().find(|have| have.channel.as_str() == channel).unwrap();
    assert_eq!(of("sms").fallback_for, Some(name("email")));
    assert_eq!((of("pager").fallback_for.clone(), of("pager").status), (Some(name("sms")), ChannelStatus::Failed));
    assert_eq!(recount::recount(&copy.path().join("journal.db")), Vec::<String>::new());
}
