//! Batches, under paused time.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod support;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use fanfare_core::{
    BatchPolicy, BatchReport, ChannelName, Class, Cost, Defaults, Event, Fault, KeyOf, Outcome, Policy, Report,
    breaker::{BreakerPolicy, Trip},
    rate::Rate,
};
use fanfare_dispatch::{Attempt, BoxFuture, Channel, ChannelSpec, HoldKind};
use support::{Bench, delivered, failed, policy};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// The script of a batch: one outcome per delivery, or none for unknown ones.
type Script = dyn Fn(&[Attempt]) -> Vec<Option<Outcome>> + Send + Sync;

/// A channel that records its calls, by the events' ids.
struct Batching {
    script: Box<Script>,
    batches: Mutex<Vec<Vec<String>>>,
    alone: Mutex<Vec<String>>,
}

impl Batching {
    fn new(script: impl Fn(&[Attempt]) -> Vec<Option<Outcome>> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { script: Box::new(script), batches: Mutex::default(), alone: Mutex::default() })
    }

    /// Delivers each, in a batch and alone.
    fn well() -> Arc<Self> {
        Self::new(|batch| vec![Some(delivered()); batch.len()])
    }

    fn batches(&self) -> Vec<Vec<String>> {
        self.batches.lock().unwrap().clone()
    }

    fn alone(&self) -> Vec<String> {
        self.alone.lock().unwrap().clone()
    }
}

impl Channel for Batching {
    fn deliver(&self, attempt: Attempt) -> BoxFuture<'_, Report> {
        self.alone.lock().unwrap().push(attempt.event.id.clone());
        let outcome = (self.script)(std::slice::from_ref(&attempt)).pop().flatten();
        let outcome = outcome.unwrap_or_else(|| failed(Class::Trap));
        Box::pin(async move {
            Report {
                outcome,
                cost: Cost::default(),
                writes: vec![],
                samples: vec![],
                emits: vec![],
                trace: vec![],
                sent: vec![],
            }
        })
    }

    fn takes_batches(&self) -> bool {
        true
    }

    fn deliver_batch(&self, batch: Vec<Attempt>) -> BoxFuture<'_, BatchReport> {
        self.batches.lock().unwrap().push(batch.iter().map(|attempt| attempt.event.id.clone()).collect());
        let outcomes = (self.script)(&batch);
        Box::pin(async move {
            sleep(Duration::from_millis(1)).await;
            let fault = outcomes.iter().any(Option::is_none).then(|| Fault::new(Class::Trap, "trap", "scripted"));
            let cost = Cost { fuel: 10, ..Cost::default() };
            BatchReport { outcomes, fault, ..BatchReport::failed(0, &Fault::new(Class::Host, "", ""), cost) }
        })
    }

    fn plugin_digest(&self) -> &'static str {
        "0123456789abcdef"
    }

    fn settings_digest(&self) -> Arc<str> {
        "fedcba9876543210".into()
    }
}

fn event(id: &str, subject: &str) -> Event {
    let defaults = Defaults { now: jiff::Timestamp::UNIX_EPOCH, id: Uuid::now_v7() };
    let json = format!(r#"{{"type":"t","id":"{id}","subject":"{subject}"}}"#);
    Event::from_simple(json.as_bytes(), defaults).unwrap()
}

fn batches(max: usize, linger: u64) -> Policy {
    let linger = Duration::from_millis(linger);
    Policy { batch: Some(BatchPolicy { max, linger, ..BatchPolicy::default() }), ..policy() }
}

async fn apply(bench: &Bench, channel: Option<Arc<Batching>>, policy: Policy) {
    let channel = channel.map(|channel| channel as Arc<dyn Channel>);
    let spec = ChannelSpec { name: ChannelName::new("c").unwrap(), policy, channel };
    bench.dispatcher.apply(vec![spec]).await.unwrap();
}

async fn publish(bench: &Bench, ids: &[&str]) {
    for id in ids {
        bench.dispatcher.publish(event(id, "s"), Duration::ZERO).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_waits_for_its_time_or_until_it_is_full() {
    let bench = Bench::new();
    let channel = Batching::well();
    apply(&bench, Some(channel.clone()), batches(3, 200)).await;
    let start = Instant::now();
    publish(&bench, &["1", "2"]).await;
    sleep(Duration::from_millis(190)).await;
    assert_eq!(channel.batches().len(), 0);
    assert_eq!(bench.dispatcher.gathered("c").unwrap().deliveries, 2);
    bench.drained("c").await;
    assert!((200..220).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
    assert_eq!(channel.batches(), [["1", "2"]]);

    publish(&bench, &["3", "4", "5", "6"]).await;
    sleep(Duration::from_millis(10)).await;
    assert_eq!(channel.batches(), [vec!["1", "2"], vec!["3", "4", "5"]], "full, and sent at once");
    bench.drained("c").await;
    assert_eq!(channel.batches().len(), 3);
    assert_eq!(bench.counts.of("c ok"), 6, "one attempt per delivery");
    assert_eq!(bench.counts.of("c batch of 3"), 1);
    assert_eq!(bench.counts.of("c Delivered"), 6);
    assert_eq!(channel.alone().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn each_value_has_a_batch_of_its_own() {
    let bench = Bench::new();
    let channel = Batching::well();
    let mut policy = batches(100, 200);
    policy.batch.as_mut().unwrap().per = Some(KeyOf::parse("subject").unwrap());
    apply(&bench, Some(channel.clone()), policy).await;
    for (id, subject) in [("1", "a"), ("2", "b"), ("3", "a"), ("4", "b")] {
        bench.dispatcher.publish(event(id, subject), Duration::ZERO).await.unwrap();
    }
    bench.drained("c").await;
    let mut seen = channel.batches();
    seen.sort();
    assert_eq!(seen, [["1", "3"], ["2", "4"]]);
}

#[tokio::test(start_paused = true)]
async fn a_member_that_fails_is_tried_again_and_no_other() {
    let bench = Bench::new();
    let channel = Batching::new(|batch| {
        let outcome = |attempt: &Attempt| match (attempt.event.id.as_str(), attempt.number) {
            ("2", 1) => failed(Class::Retry),
            ("3", _) => failed(Class::Rejected),
            _ => delivered(),
        };
        batch.iter().map(|attempt| Some(outcome(attempt))).collect()
    });
    apply(&bench, Some(channel.clone()), batches(3, 200)).await;
    publish(&bench, &["1", "2", "3"]).await;
    bench.drained("c").await;
    assert_eq!(channel.batches(), [vec!["1", "2", "3"], vec!["2"]]);
    assert_eq!((bench.counts.of("c Delivered"), bench.counts.of("c Dead")), (2, 1));
    assert_eq!((bench.counts.of("c retry"), bench.counts.of("c rejected")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn after_a_call_that_fails_as_a_whole_each_is_attempted_alone_and_only_that_counts() {
    let bench = Bench::new();
    let poisoned = |batch: &[Attempt]| batch.iter().any(|attempt| attempt.event.id == "poison");
    let channel = Batching::new(move |batch| vec![(!poisoned(batch)).then(delivered); batch.len()]);
    apply(&bench, Some(channel.clone()), Policy { retries: 0, ..batches(4, 200) }).await;
    publish(&bench, &["1", "2", "poison", "4"]).await;
    bench.drained("c").await;
    assert_eq!(channel.batches().len(), 1);
    assert_eq!(channel.alone(), ["1", "2", "poison", "4"]);
    assert_eq!((bench.counts.of("c Delivered"), bench.counts.of("c Dead")), (3, 1));
    assert_eq!((bench.counts.of("c ok"), bench.counts.of("c trap")), (3, 1), "the call itself is not an attempt");
    assert_eq!(bench.counts.of("c failed batch of 4"), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_gathered_outlives_a_pause_a_change_of_policy_and_a_missing_plugin() {
    let bench = Bench::new();
    let channel = Batching::well();
    apply(&bench, Some(channel.clone()), batches(100, 60_000)).await;
    publish(&bench, &["1", "2"]).await;
    sleep(Duration::from_secs(1)).await;
    bench.dispatcher.pause("c", String::new()).await.unwrap();
    sleep(Duration::from_secs(100)).await;
    assert_eq!(channel.batches().len(), 0, "no attempts while paused");
    assert!(bench.holds("c", HoldKind::Paused));
    bench.dispatcher.resume("c").await.unwrap();
    bench.drained("c").await;
    assert_eq!(channel.batches(), [["1", "2"]]);

    // A shorter wait takes effect at once.
    publish(&bench, &["3", "4"]).await;
    sleep(Duration::from_secs(1)).await;
    apply(&bench, Some(channel.clone()), batches(100, 2_000)).await;
    sleep(Duration::from_millis(1_100)).await;
    assert_eq!(channel.batches().last().unwrap(), &["3", "4"]);

    // Without batches, each goes alone.
    apply(&bench, Some(channel.clone()), batches(100, 60_000)).await;
    publish(&bench, &["5", "6"]).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(bench.dispatcher.gathered("c").unwrap().deliveries, 2);
    apply(&bench, Some(channel.clone()), policy()).await;
    bench.drained("c").await;
    assert_eq!(channel.alone(), ["5", "6"]);
    assert_eq!(bench.dispatcher.gathered("c"), None);

    // Without a plugin nothing is gathered: an operator who ends deliveries finds them in the journal.
    apply(&bench, Some(channel.clone()), batches(100, 60_000)).await;
    publish(&bench, &["7", "8"]).await;
    sleep(Duration::from_secs(1)).await;
    apply(&bench, None, batches(100, 60_000)).await;
    sleep(Duration::from_secs(1)).await;
    let backlog = bench.dispatcher.lane("c").unwrap().1;
    assert_eq!((backlog.pending, backlog.in_flight), (2, 0));
    apply(&bench, Some(channel.clone()), batches(100, 60_000)).await;
    bench.drained("c").await;
    assert_eq!(channel.batches().last().unwrap(), &["7", "8"]);
}

#[tokio::test(start_paused = true)]
async fn an_expired_delivery_is_dead_without_an_attempt_also_while_it_is_gathered() {
    let bench = Bench::new();
    let channel = Batching::well();
    let expiring = Policy { expires: Some(Duration::from_secs(30)), ..batches(100, 20_000) };
    apply(&bench, Some(channel.clone()), expiring).await;
    publish(&bench, &["old"]).await;
    sleep(Duration::from_secs(15)).await;
    publish(&bench, &["new"]).await;
    sleep(Duration::from_secs(1)).await;
    bench.dispatcher.pause("c", String::new()).await.unwrap();
    sleep(Duration::from_secs(16)).await;
    assert_eq!(bench.counts.of("c Dead"), 1);
    bench.dispatcher.resume("c").await.unwrap();
    bench.drained("c").await;
    assert_eq!(channel.batches(), [["new"]]);
    assert_eq!((bench.counts.of("c Delivered"), bench.counts.of("c Dead")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_call_for_a_batch_is_one_attempt_to_the_rate_and_one_sign_to_the_breaker() {
    let bench = Bench::new();
    let channel = Batching::well();
    let limited = Policy { rate: Some(Rate { burst: 1, ..Rate::parse("1/min").unwrap() }), ..batches(10, 100) };
    apply(&bench, Some(channel.clone()), limited).await;
    let ids: Vec<_> = (0..20).map(|n| n.to_string()).collect();
    publish(&bench, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let start = Instant::now();
    bench.drained("c").await;
    assert_eq!(channel.batches().iter().map(Vec::len).collect::<Vec<_>>(), [10, 10]);
    assert!((59..62).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());

    let bench = Bench::new();
    let channel = Batching::new(|batch| vec![Some(failed(Class::Retry)); batch.len()]);
    let breaker = BreakerPolicy { trip: Trip::InARow(2), open: Duration::from_secs(3_600), probes: 1 };
    apply(&bench, Some(channel.clone()), Policy { breaker: Some(breaker), ..batches(10, 100) }).await;
    publish(&bench, &["1", "2", "3"]).await;
    sleep(Duration::from_millis(500)).await;
    assert!(!bench.holds("c", HoldKind::Open), "three deliveries count as one sign");
    sleep(Duration::from_secs(5)).await;
    assert!(bench.holds("c", HoldKind::Open));
    assert_eq!(channel.batches().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_plugin_without_batches_gets_each_alone_whatever_the_policy_says() {
    let bench = Bench::new();
    let channel = bench.channel(|_| async { delivered() });
    bench.apply_with(&[("c", Some(channel.clone()))], batches(10, 60_000)).await;
    publish(&bench, &["1", "2"]).await;
    bench.drained("c").await;
    assert_eq!(channel.attempts.lock().unwrap().len(), 2);
}
