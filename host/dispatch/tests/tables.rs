//! Events follow the table of channels, and never an outdated one.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod support;

use std::{sync::Arc, time::Duration};

use fanfare_core::{ChannelName, Cost, Event, OverallStatus, Report};
use fanfare_dispatch::{AcceptError, Attempt, BoxFuture, Channel, ChannelSpec, TableState};
use support::{Bench, delivered, event, policy};
use tokio::sync::Notify;

async fn refusal(bench: &Bench) -> String {
    match bench.dispatcher.publish(event(), Duration::ZERO).await {
        Err(AcceptError::NoChannels(reason)) => reason.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn before_the_first_table_events_are_refused_and_not_unrouted() {
    let bench = Bench::new();
    assert!(matches!(bench.dispatcher.table(), TableState::Missing { .. }));
    assert!(refusal(&bench).await.contains("not registered yet"));
    bench.dispatcher.set_behind(Some("the disk is full".to_owned()));
    assert_eq!(refusal(&bench).await, "the disk is full");

    // An intended empty table is a table.
    bench.apply(&[]).await;
    bench.dispatcher.set_behind(None);
    assert_eq!(bench.dispatcher.table(), TableState::Current);
    assert_eq!(bench.publish(0).await.overall_status, OverallStatus::Unrouted);
}

#[tokio::test(start_paused = true)]
async fn an_older_table_stays_in_force_and_an_empty_one_rejects_events() {
    let bench = Bench::new();
    bench.apply(&[]).await;
    bench.dispatcher.set_behind(Some("the disk is full".to_owned()));
    assert_eq!(refusal(&bench).await, "the disk is full");
    assert!(matches!(bench.dispatcher.table(), TableState::Behind { refuses: true, .. }));

    let fine = bench.channel(|_| async { delivered() });
    bench.apply(&[("c", Some(fine))]).await;
    assert!(matches!(bench.dispatcher.table(), TableState::Behind { refuses: false, .. }));
    assert_eq!(bench.publish(5).await.overall_status, OverallStatus::Success);
}

/// Emits an event for each one that it gets from outside, when allowed to.
struct Emits(Arc<Notify>);

impl Channel for Emits {
    fn deliver(&self, attempt: Attempt) -> BoxFuture<'_, Report> {
        Box::pin(async move {
            let emits = match attempt.event.ty.as_str() {
                "emitted" => vec![],
                _ => {
                    self.0.notified().await;
                    vec![Event { ty: "emitted".to_owned(), ..event() }.into()]
                }
            };
            let (outcome, cost) = (delivered(), Cost::default());
            Report { outcome, cost, writes: vec![], samples: vec![], emits, trace: vec![], sent: vec![] }
        })
    }

    fn plugin_digest(&self) -> &'static str {
        "0123456789abcdef"
    }

    fn settings_digest(&self) -> Arc<str> {
        "fedcba9876543210".into()
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_emitted_while_the_table_is_not_known_is_not_lost_either() {
    let bench = Bench::new();
    let (go, name) = (Arc::<Notify>::default(), ChannelName::new("c").unwrap());
    let spec = || {
        let channel: Arc<dyn Channel> = Arc::new(Emits(Arc::clone(&go)));
        ChannelSpec { name: name.clone(), policy: policy(), channel: Some(channel) }
    };
    bench.dispatcher.apply(vec![spec()]).await.unwrap();
    bench.publish(0).await;
    while bench.dispatcher.lane("c").unwrap().1.in_flight == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // Its channel has left, and the table after it cannot be applied.
    bench.apply(&[]).await;
    bench.dispatcher.set_behind(Some("the disk is full".to_owned()));
    go.notify_one();
    while bench.counts.of("c host") == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(bench.dispatcher.lane("c").unwrap().1.pending, 1, "a fault of the host: it is retried");

    bench.dispatcher.apply(vec![spec()]).await.unwrap();
    bench.dispatcher.set_behind(None);
    go.notify_one();
    bench.drained("c").await;
    assert_eq!(bench.counts.of("c Delivered"), 2, "the event, and the one that it emitted");
}
