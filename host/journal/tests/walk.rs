//! The path of one event: accepted, claimed, settled, read back.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use common::*;
use fanfare_core::{ChannelStatus, Class, DeliveryId, OverallStatus};
use fanfare_dispatch::{Backlog, Journal};
use fanfare_journal::{DeadLetterFilter, DeadLetterQuery, EventQuery, Order};

#[tokio::test]
async fn an_event_is_accepted_claimed_settled_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log", "webhook"]).await;
    assert_eq!(register(&journal, &["webhook", "log"]).await, [channels[1], channels[0]], "numbers are kept");

    let entry = entry("e1", &channels);
    let (key, accepted_at) = (entry.key, entry.accepted_at);
    let offset = accept(&journal, vec![entry]).await[0];
    assert_eq!(journal.backlog(channels[0]).pending, 1);

    let first = journal.claim(channels[0], 8).await.unwrap();
    assert_eq!(first.len(), 1);
    assert_eq!((first[0].offset, first[0].key, first[0].attempts), (offset, key, 0));
    assert_eq!(*first[0].event, event("e1"));
    assert_eq!(first[0].since.as_microsecond(), accepted_at.as_microsecond());
    assert_eq!(first[0].delivery_id(), DeliveryId { event: key, channel: channels[0] });
    assert_eq!(journal.backlog(channels[0]).in_flight, 1);
    settle(&journal, &first[0], End::delivered()).await;
    assert_eq!(journal.backlog(channels[0]), Backlog::default());

    let stored = journal.history().event("e1".into(), None).await.unwrap().unwrap();
    assert_eq!(stored.result(false).overall_status, OverallStatus::Pending, "one is still in flight");
    let second = journal.claim(channels[1], 8).await.unwrap();
    settle(&journal, &second[0], End::dead(1)).await;

    let stored = journal.history().event("e1".into(), Some("/test".into())).await.unwrap().unwrap();
    assert_eq!((stored.offset, stored.key, &stored.event), (offset, key, &event("e1")));
    let log = &stored.deliveries[0];
    assert_eq!((log.channel.as_str(), log.status, log.spent), ("log", ChannelStatus::Success, 1));
    assert_eq!(log.receipt.as_ref().unwrap().get(), r#"{"ok":true}"#);
    assert_eq!(log.attempts, [attempt(1, None)]);
    assert!(log.settled_at.is_some() && log.next_attempt_at.is_none());
    let webhook = &stored.deliveries[1];
    assert_eq!((webhook.status, webhook.attempts.len()), (ChannelStatus::Failed, 1));

    let result = serde_json::to_value(stored.result(true)).unwrap();
    assert_eq!(result["overall_status"], "partial");
    assert_eq!(result["duplicate"], true);
    assert_eq!(result["channels"]["webhook"]["class"], "rejected");
    assert_eq!(result["channels"]["webhook"]["code"], "http_503");
    assert!(result["channels"]["webhook"]["next_attempt_at"].is_null());
    assert_eq!(result["channels"]["log"]["duration_ms"], 0.4);
    assert_eq!(result["summary"]["failed"], 1);

    assert!(journal.history().event("e1".into(), Some("/other".into())).await.unwrap().is_none());
    assert!(journal.history().at(offset).await.unwrap().is_some());
    journal.close().await;
}

#[tokio::test]
async fn an_event_for_nobody_is_kept_as_history() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let offset = accept(&journal, vec![entry("e1", &[])]).await[0];
    let stored = journal.history().at(offset).await.unwrap().unwrap();
    assert_eq!(stored.result(false).overall_status, OverallStatus::Unrouted);
}

#[tokio::test]
async fn a_dead_delivery_has_a_letter_that_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log", "webhook"]).await;
    accept(&journal, (0..6).map(|n| entry(&format!("e{n}"), &channels)).collect()).await;
    for &channel in &channels {
        for claim in claim(&journal, channel, 6).await {
            let end = if claim.offset.0 % 2 == 0 { End::dead(1) } else { End::delivered() };
            settle(&journal, &claim, end).await;
        }
    }
    let history = journal.history();
    let filter = DeadLetterFilter { channel: Some(name("webhook")), ..DeadLetterFilter::default() };
    let query = DeadLetterQuery { filter: filter.clone(), limit: 2, ..DeadLetterQuery::default() };
    let page = history.dead_letters(query.clone()).await.unwrap();
    let letter = &page.items[0];
    assert_eq!((letter.event_id.as_str(), letter.ty.as_str(), letter.attempts), ("e1", "user.signup", 1));
    assert_eq!((letter.class.as_str(), letter.code.as_str()), (Class::Rejected.as_str(), "http_503"));
    assert_eq!(letter.plugin.as_deref(), Some("0123456789abcdef"));
    assert_eq!(letter.settings, "fedcba9876543210");
    let (shown, event) = history.dead_letter(letter.delivery_id).await.unwrap().unwrap();
    assert_eq!(shown, *letter);
    assert_eq!(event.unwrap().deliveries[1].attempts.len(), 1);
    let rest = history.dead_letters(DeadLetterQuery { after: page.next.unwrap(), ..query.clone() }).await.unwrap();
    assert_eq!((rest.items.len(), rest.next), (1, None));
    for (ty, code, want) in [(Some("user.*"), None, 3), (Some("order.*"), None, 0), (None, Some("http_500"), 0)] {
        let filter = DeadLetterFilter { ty: ty.map(str::to_owned), code: code.map(str::to_owned), ..filter.clone() };
        let query = DeadLetterQuery { filter, ..DeadLetterQuery::default() };
        assert_eq!(history.dead_letters(query).await.unwrap().items.len(), want, "{ty:?} {code:?}");
    }
    let totals = history.totals().await.unwrap();
    assert_eq!((totals.events, totals.last_offset), (6, 6));
    let webhook = &totals.channels[1];
    assert_eq!((webhook.accepted, webhook.delivered, webhook.dead, webhook.dead_letters), (6, 3, 3, 3));
    assert_eq!((webhook.attempts, webhook.failed_attempts), (6, 3));
}

#[tokio::test]
async fn a_page_ends_before_its_content_gets_too_large_and_never_before_its_first_item() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log"]).await;
    let entries = (1..=5).map(|n| {
        let mut event = event(&format!("e{n}"));
        event.data = Some(fanfare_core::Payload::Text(format!("\"{}\"", "x".repeat(10_000))));
        entry_of(event, &channels)
    });
    accept(&journal, entries.collect()).await;
    for claim in claim(&journal, channels[0], 5).await {
        settle(&journal, &claim, End::dead(1)).await;
    }
    let history = journal.history();
    for (bytes, order, pages) in [
        (25_000, Order::Oldest, vec![vec![1, 2], vec![3, 4], vec![5]]),
        (25_000, Order::Newest, vec![vec![5, 4], vec![3, 2], vec![1]]),
        (1, Order::Newest, vec![vec![5], vec![4], vec![3], vec![2], vec![1]]),
        (0, Order::Oldest, vec![vec![1, 2, 3, 4, 5]]),
    ] {
        let (mut after, mut have) = (0, vec![]);
        loop {
            let query = EventQuery { after, order, bytes, ..EventQuery::default() };
            let page = history.events(query).await.unwrap();
            have.push(page.items.iter().map(|stored| stored.offset.0).collect::<Vec<_>>());
            let Some(next) = page.next else { break };
            after = next;
        }
        assert_eq!(have, pages, "{bytes} {order:?}");
    }
    let (mut after, mut have) = (0, vec![]);
    loop {
        let query = DeadLetterQuery { after, bytes: 1, ..DeadLetterQuery::default() };
        let page = history.dead_letters(query).await.unwrap();
        have.push(page.items.iter().map(|letter| letter.offset.0).collect::<Vec<_>>());
        let Some(next) = page.next else { break };
        after = next;
    }
    assert_eq!(have, [[1], [2], [3], [4], [5]]);
}
