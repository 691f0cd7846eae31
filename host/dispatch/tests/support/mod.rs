#![allow(dead_code, reason = "each test file uses a part of it")]
//! An in-memory journal, scripted channels, and a dispatcher around both, all under tokio's paused time.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use fanfare_core::{
    AttemptRecord, Backoff, ChannelId, ChannelName, Class, Cost, Defaults, DeliveryId, Event, EventResult, Fault,
    Offset, Outcome, Policy, Report,
    delivery::{Next, Origin},
};
use fanfare_dispatch::{
    AcceptError, Accepted, Attempt, Backlog, BoxFuture, Channel, ChannelSpec, Claim, Clock, Commit, Dispatcher, End,
    Entry, Follower, Health, Hold, HoldChange, HoldKind, Journal, JournalError, LaneState, Nobody, Observer, Parts,
    Published, Reconsidered, Registered, Registration, Settlement, State,
};
use jiff::Timestamp;
use tokio::{sync::Notify, time::Instant};
use uuid::Uuid;

/// Follows tokio's clock.
pub struct PausedClock(Instant);

impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-11-20T10:30:00Z".parse().unwrap();
        start + self.0.elapsed()
    }
}

/// Keeps every delivery in one ordered list: slow, but obviously correct.
pub struct MemoryJournal {
    clock: Arc<PausedClock>,
    inner: Mutex<Inner>,
    changed: Notify,
    /// How long after the commit the caller that changes a hold gets the answer.
    pub slow_holds: Mutex<Duration>,
}

#[derive(Default)]
struct Inner {
    names: Vec<ChannelName>,
    holds: HashMap<ChannelId, Hold>,
    events: u64,
    open: BTreeMap<(ChannelId, Offset), Open>,
    followers: Vec<Weak<dyn Follower>>,
}

impl Inner {
    fn settle(&mut self, settlement: &Settlement, commit: &mut Commit) {
        let key = (settlement.channel, settlement.offset);
        let mut reopen = |due, attempts, deferred| {
            let open = self.open.get_mut(&key).unwrap();
            (open.due, open.claim.due, open.out, open.claim.attempts) = (due, due, false, attempts);
            open.claim.deferred = deferred;
        };
        match settlement.next {
            Next::Waiting { until, attempts } => reopen(until, attempts, None),
            Next::Deferred { until, attempts, wait } => reopen(until, attempts, Some(wait)),
            Next::Suspended { attempts } => {
                reopen(settlement.at, attempts, None);
                let hold = Hold { kind: HoldKind::Suspended, reason: String::new(), since: settlement.at };
                self.holds.entry(settlement.channel).or_insert(hold);
                commit.hold_changes.push(settlement.channel);
            }
            Next::Delivered | Next::Skipped(_) | Next::Dead { .. } => drop(self.open.remove(&key)),
        }
        commit.emitted += settlement.emits.len();
    }
}

struct Open {
    claim: Claim,
    due: Timestamp,
    out: bool,
}

impl Journal for MemoryJournal {
    fn register(&self, channels: Vec<Registration>) -> BoxFuture<'_, Result<Vec<Registered>, JournalError>> {
        Box::pin(async move {
            let mut inner = self.inner.lock().unwrap();
            let mut answers = Vec::new();
            for Registration { name, .. } in channels {
                let index = inner.names.iter().position(|have| *have == name).unwrap_or_else(|| {
                    inner.names.push(name);
                    inner.names.len() - 1
                });
                let id = ChannelId(u32::try_from(index).unwrap());
                answers.push(Registered { id, hold: inner.holds.get(&id).cloned() });
            }
            Ok(answers)
        })
    }

    fn accept(&self, entries: Vec<Entry>) -> BoxFuture<'_, Result<Vec<Accepted>, AcceptError>> {
        Box::pin(async move {
            let mut inner = self.inner.lock().unwrap();
            let mut accepted = Vec::new();
            for entry in entries {
                inner.events += 1;
                let offset = Offset(inner.events);
                for &channel in entry.targets.iter() {
                    let claim = Claim {
                        channel,
                        offset,
                        key: entry.key,
                        event: Arc::clone(&entry.event),
                        since: entry.accepted_at,
                        attempts: 0,
                        origin: Origin::Live,
                        due: entry.accepted_at,
                        deferred: None,
                    };
                    inner.open.insert((channel, offset), Open { claim, due: entry.accepted_at, out: false });
                }
                accepted.push(Accepted::New { offset });
            }
            self.changed.notify_waiters();
            Ok(accepted)
        })
    }

    fn claim(&self, channel: ChannelId, max: usize) -> BoxFuture<'_, Result<Vec<Claim>, JournalError>> {
        Box::pin(async move {
            loop {
                let changed = self.changed.notified();
                let now = self.clock.now();
                let next_due = {
                    let mut inner = self.inner.lock().unwrap();
                    let mut mine: Vec<_> = inner
                        .open
                        .iter_mut()
                        .filter(|((of, _), open)| *of == channel && !open.out)
                        .map(|(_, o)| o)
                        .collect();
                    let due: Vec<_> = mine.iter_mut().filter(|open| open.due <= now).take(max).collect();
                    if !due.is_empty() {
                        let take = |open: &mut &mut Open| {
                            open.out = true;
                            open.claim.clone()
                        };
                        return Ok(due.into_iter().map(take).collect());
                    }
                    mine.iter().map(|open| open.due).min()
                };
                match next_due {
                    Some(due) => {
                        let wait = Duration::try_from(due.duration_since(now)).unwrap();
                        tokio::select! { () = changed => {}, () = tokio::time::sleep(wait) => {} }
                    }
                    None => changed.await,
                }
            }
        })
    }

    fn reconsider(&self, _: ChannelId, _: Reconsidered) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async { Ok(()) })
    }

    fn fall_back(&self, _: ChannelId, _: Timestamp, _: Vec<ChannelId>) -> BoxFuture<'_, Result<usize, JournalError>> {
        Box::pin(async { Ok(0) })
    }

    fn claim_expired(
        &self,
        channel: ChannelId,
        before: Timestamp,
        max: usize,
    ) -> BoxFuture<'_, Result<Vec<Claim>, JournalError>> {
        Box::pin(async move {
            let mut inner = self.inner.lock().unwrap();
            let mine = inner.open.iter_mut().filter(|((of, _), open)| *of == channel && !open.out);
            let expired = mine.filter(|(_, open)| open.claim.since <= before).take(max);
            let take = |(_, open): (_, &mut Open)| {
                open.out = true;
                open.claim.clone()
            };
            Ok(expired.map(take).collect())
        })
    }

    fn change_hold(&self, channel: ChannelId, change: HoldChange) -> BoxFuture<'_, Result<Option<Hold>, JournalError>> {
        Box::pin(async move {
            let changed = {
                let holds = &mut self.inner.lock().unwrap().holds;
                match change {
                    HoldChange::Pause(hold) => drop(holds.insert(channel, hold)),
                    HoldChange::Resume => drop(holds.remove(&channel)),
                    HoldChange::EndSuspension => {
                        if holds.get(&channel).is_some_and(|hold| hold.kind != HoldKind::Paused) {
                            holds.remove(&channel);
                        }
                    }
                    HoldChange::Open(hold) => {
                        if holds.get(&channel).is_none_or(|before| before.kind == HoldKind::Open) {
                            holds.insert(channel, hold);
                        }
                    }
                    HoldChange::Close => {
                        if holds.get(&channel).is_some_and(|hold| hold.kind == HoldKind::Open) {
                            holds.remove(&channel);
                        }
                    }
                }
                holds.get(&channel).cloned()
            };
            let slow = *self.slow_holds.lock().unwrap();
            tokio::time::sleep(slow).await;
            Ok(changed)
        })
    }

    fn hold(&self, channel: ChannelId) -> Option<Hold> {
        self.inner.lock().unwrap().holds.get(&channel).cloned()
    }

    fn settle(&self, settled: Vec<Settlement>) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut commit = Commit::default();
            let followers = {
                let mut inner = self.inner.lock().unwrap();
                for settlement in &settled {
                    inner.settle(settlement, &mut commit);
                }
                inner.followers.clone()
            };
            commit.settled = settled;
            for follower in followers.iter().filter_map(Weak::upgrade) {
                follower.committed(&commit);
            }
            self.changed.notify_waiters();
        })
    }

    fn follow(&self, follower: Weak<dyn Follower>) {
        self.inner.lock().unwrap().followers.push(follower);
    }

    fn backlog(&self, channel: ChannelId) -> Backlog {
        let inner = self.inner.lock().unwrap();
        let mine: Vec<_> = inner.open.iter().filter(|((of, _), _)| *of == channel).map(|(_, open)| open).collect();
        Backlog {
            pending: mine.len() as u64,
            oldest: mine.iter().map(|open| open.claim.since).min(),
            in_flight: mine.iter().filter(|open| open.out).count() as u64,
            ..Backlog::default()
        }
    }

    fn health(&self) -> Health {
        Health::Ok
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

impl State for MemoryJournal {
    fn get<'a>(&'a self, _: ChannelId, _: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, JournalError>> {
        Box::pin(async { Ok(None) })
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
    fn filter_failed(&self, channel: &ChannelName) {
        self.add(format!("{channel} filter"));
    }
    fn attempted(&self, channel: &ChannelName, _: DeliveryId, record: &AttemptRecord) {
        self.add(format!("{channel} {}", record.class.map_or("ok", Class::as_str)));
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
        let clock = Arc::new(PausedClock(Instant::now()));
        let journal = Arc::new(MemoryJournal {
            clock: Arc::clone(&clock),
            inner: Mutex::default(),
            changed: Notify::new(),
            slow_holds: Mutex::default(),
        });
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
