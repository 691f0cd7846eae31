#![allow(dead_code, reason = "each test file uses a part of it")]
//! An in-memory journal, scripted channels, and a dispatcher around both, all under tokio's paused time.

pub mod memory;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use fanfare_core::{
    AttemptRecord, Backoff, ChannelName, Class, Cost, Defaults, DeliveryId, Event, EventResult, Fault, Outcome, Policy,
    Report,
};
use fanfare_dispatch::{
    Attempt, BoxFuture, Channel, ChannelSpec, Clock, Dispatcher, End, HoldKind, LaneState, Nobody, Observer, Parts,
    Published,
};
use jiff::Timestamp;
use tokio::time::Instant;
use uuid::Uuid;

use memory::MemoryJournal;

/// Follows tokio's clock.
pub struct PausedClock(Instant);

impl PausedClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Instant::now()))
    }
}

impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-11-20T10:30:00Z".parse().unwrap();
        start + self.0.elapsed()
    }
}

/// What a scripted channel does with an attempt.
pub type Script = dyn Fn(Attempt) -> BoxFuture<'static, Outcome> + Send + Sync;

/// A channel that follows a script and records its attempts.
pub struct Scripted {
    script: Box<Script>,
    pub attempts: Mutex<Vec<(String, u32, Timestamp)>>,
    pub running: AtomicUsize,
    pub most_running: AtomicUsize,
    clock: Arc<PausedClock>,
}

impl Channel for Scripted {
    fn deliver(&self, attempt: Attempt) -> BoxFuture<'_, Report> {
        Box::pin(async move {
            let seen = (attempt.delivery.to_string(), attempt.number, self.clock.now());
            self.attempts.lock().unwrap().push(seen);
            let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_running.fetch_max(running, Ordering::SeqCst);
            let outcome = (self.script)(attempt).await;
            self.running.fetch_sub(1, Ordering::SeqCst);
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

    fn plugin_digest(&self) -> &'static str {
        "0123456789abcdef"
    }

    fn settings_digest(&self) -> Arc<str> {
        "fedcba9876543210".into()
    }
}

/// Counts notifications.
#[derive(Default)]
pub struct Counts(pub Mutex<HashMap<String, usize>>);

impl Counts {
    fn add(&self, what: String) {
        *self.0.lock().unwrap().entry(what).or_default() += 1;
    }
    pub fn of(&self, what: &str) -> usize {
        self.0.lock().unwrap().get(what).copied().unwrap_or_default()
    }
}

impl Observer for Counts {
    fn accepted(&self, events: usize) {
        (0..events).for_each(|_| self.add("accepted".into()));
    }
    fn duplicate(&self) {
        self.add("duplicate".into());
    }
    fn filter_failed(&self, channel: &ChannelName, _: &Event, _: &str) {
        self.add(format!("{channel} filter"));
    }
    fn attempted(&self, channel: &ChannelName, _: DeliveryId, record: &AttemptRecord) {
        self.add(format!("{channel} {}", record.class.map_or("ok", Class::as_str)));
    }
    fn stale(&self, channel: &ChannelName, settlements: usize) {
        (0..settlements).for_each(|_| self.add(format!("{channel} stale")));
    }
    fn batched(&self, channel: &ChannelName, deliveries: usize, failed: bool) {
        self.add(format!("{channel} {} {deliveries}", if failed { "failed batch of" } else { "batch of" }));
    }
    fn settled(&self, channel: &ChannelName, ends: &[End<'_>]) {
        ends.iter().for_each(|end| self.add(format!("{channel} {:?}", end.how)));
    }
}

/// A dispatcher over the in-memory journal.
pub struct Bench {
    pub dispatcher: Arc<Dispatcher>,
    pub counts: Arc<Counts>,
    pub clock: Arc<PausedClock>,
    pub journal: Arc<MemoryJournal>,
}

impl Bench {
    pub fn new() -> Self {
        let clock = PausedClock::new();
        Self::of(MemoryJournal::new(clock.clone()), clock)
    }

    /// Each claim is in force for this long.
    pub fn with_deadlines(lease: Duration) -> Self {
        let clock = PausedClock::new();
        Self::of(MemoryJournal::with_deadlines(clock.clone(), lease), clock)
    }

    fn of(journal: Arc<MemoryJournal>, clock: Arc<PausedClock>) -> Self {
        let counts = Arc::<Counts>::default();
        let dispatcher = Dispatcher::new(Parts {
            journal: journal.clone(),
            state: journal.clone(),
            clock: clock.clone(),
            observer: counts.clone(),
            recipients: Arc::new(Nobody),
            guests: tokio::runtime::Handle::current(),
        });
        Self { dispatcher: Arc::new(dispatcher), counts, clock, journal }
    }

    pub fn channel<F>(&self, script: impl Fn(Attempt) -> F + Send + Sync + 'static) -> Arc<Scripted>
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        Arc::new(Scripted {
            script: Box::new(move |attempt| Box::pin(script(attempt))),
            attempts: Mutex::default(),
            running: AtomicUsize::new(0),
            most_running: AtomicUsize::new(0),
            clock: Arc::clone(&self.clock),
        })
    }

    pub async fn apply(&self, channels: &[(&str, Option<Arc<Scripted>>)]) {
        self.apply_with(channels, policy()).await;
    }

    pub async fn apply_with(&self, channels: &[(&str, Option<Arc<Scripted>>)], policy: Policy) {
        let spec = |(name, channel): &(&str, Option<Arc<Scripted>>)| ChannelSpec {
            name: ChannelName::new(name).unwrap(),
            policy: policy.clone(),
            channel: channel.clone().map(|channel| channel as Arc<dyn Channel>),
        };
        self.dispatcher.apply(channels.iter().map(spec).collect::<Vec<_>>()).await.unwrap();
    }

    pub async fn publish(&self, wait_secs: u64) -> EventResult {
        match self.dispatcher.publish(event(), Duration::from_secs(wait_secs)).await.unwrap() {
            Published::Accepted(result) => *result,
            Published::Queued(queued) => {
                let result = queued.result();
                assert_eq!(queued.to_json(), serde_json::to_string(&result).unwrap());
                result
            }
            Published::Duplicate(offset) => panic!("a duplicate of {offset}"),
        }
    }

    pub fn holds(&self, name: &str, kind: HoldKind) -> bool {
        matches!(self.dispatcher.lane(name).unwrap().0, LaneState::Held(hold) if hold.kind == kind)
    }

    /// Waits until nothing is pending for the channel; paused time advances meanwhile.
    pub async fn drained(&self, name: &str) {
        while self.dispatcher.lane(name).unwrap().1.pending > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

pub fn event() -> Event {
    let defaults = Defaults { now: Timestamp::UNIX_EPOCH, id: Uuid::now_v7() };
    Event::from_simple(br#"{"type":"user.signup"}"#, defaults).unwrap()
}

/// Two retries, one second and two seconds apart.
pub fn policy() -> Policy {
    let backoff = Backoff::exponential(Duration::from_secs(1), 2.0, Duration::from_secs(60), 0.0).unwrap();
    Policy { retries: 2, backoff, ..Policy::default() }
}

pub fn delivered() -> Outcome {
    Outcome::Delivered { receipt: Some(r#"{"ok":true}"#.to_owned()) }
}

pub fn failed(class: Class) -> Outcome {
    Outcome::Failed(Fault::new(class, "scripted", "as the script has it"))
}
