//! A journal in memory, channels that follow a script, and a dispatcher around both, all under tokio's paused time.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use fanfare_core::{
    AttemptRecord, Backoff, ChannelId, ChannelName, Class, Cost, Defaults, Event, EventResult, Fault, Offset, Outcome,
    Policy, Report, Sample, delivery::Next,
};
use fanfare_dispatch::{
    AcceptError, Accepted, Attempt, Backlog, BoxFuture, Channel, ChannelSpec, Claim, Clock, Dispatcher, Entry, Health,
    Journal, JournalError, Observer, Parts, Published, Settled, Settlement, State,
};
use jiff::Timestamp;
use tokio::{sync::Notify, time::Instant};
use uuid::Uuid;

/// A clock that stands still unless tokio's does not.
pub struct PausedClock(Instant);

impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-11-20T10:30:00Z".parse().unwrap();
        start + self.0.elapsed()
    }
}

/// Keeps every delivery in one ordered list. Slow, and easy to believe in.
pub struct MemoryJournal {
    clock: Arc<PausedClock>,
    inner: Mutex<Inner>,
    changed: Notify,
}

#[derive(Default)]
struct Inner {
    names: Vec<ChannelName>,
    events: u64,
    open: BTreeMap<(ChannelId, Offset), Open>,
}

struct Open {
    claim: Claim,
    due: Timestamp,
    out: bool,
}

impl Journal for MemoryJournal {
    fn register<'a>(&'a self, names: &'a [ChannelName]) -> BoxFuture<'a, Result<Vec<ChannelId>, JournalError>> {
        Box::pin(async move {
            let known = &mut self.inner.lock().unwrap().names;
            let mut ids = Vec::new();
            for name in names {
                let index = known.iter().position(|have| have == name).unwrap_or_else(|| {
                    known.push(name.clone());
                    known.len() - 1
                });
                ids.push(ChannelId(u32::try_from(index).unwrap()));
            }
            Ok(ids)
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
                        accepted_at: entry.accepted_at,
                        attempts: 0,
                        replayed: false,
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

    fn settle(&self, settlement: Settlement) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut inner = self.inner.lock().unwrap();
            let key = (settlement.channel, settlement.offset);
            let mut reopen = |due, attempts| {
                let open = inner.open.get_mut(&key).unwrap();
                (open.due, open.out, open.claim.attempts) = (due, false, attempts);
            };
            match settlement.next {
                Next::Waiting { until, attempts } => reopen(until, attempts),
                Next::Suspended { attempts } => reopen(settlement.at, attempts),
                Next::Delivered | Next::Dead { .. } => drop(inner.open.remove(&key)),
            }
            drop(inner);
            (settlement.done)();
            self.changed.notify_waiters();
        })
    }

    fn backlog(&self, channel: ChannelId) -> Backlog {
        let inner = self.inner.lock().unwrap();
        let mine: Vec<_> = inner.open.iter().filter(|((of, _), _)| *of == channel).map(|(_, open)| open).collect();
        Backlog {
            pending: mine.len() as u64,
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

/// A channel that follows a script and remembers its attempts.
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
            Report { outcome, cost: Cost::default(), writes: vec![], samples: vec![], trace: vec![] }
        })
    }

    fn plugin_digest(&self) -> &'static str {
        "0123456789abcdef"
    }
}

/// Counts what it is told.
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
    fn attempted(&self, channel: &ChannelName, class: Option<Class>, _: &AttemptRecord) {
        self.add(format!("{channel} {}", class.map_or("ok", Class::as_str)));
    }
    fn settled(&self, channel: &ChannelName, how: Settled, _: Duration, _: &[Sample]) {
        self.add(format!("{channel} {how:?}"));
    }
}

/// A dispatcher over a journal in memory.
pub struct Bench {
    pub dispatcher: Arc<Dispatcher>,
    pub counts: Arc<Counts>,
    pub clock: Arc<PausedClock>,
}

impl Bench {
    pub fn new() -> Self {
        let clock = Arc::new(PausedClock(Instant::now()));
        let journal =
            Arc::new(MemoryJournal { clock: Arc::clone(&clock), inner: Mutex::default(), changed: Notify::new() });
        let counts = Arc::<Counts>::default();
        let dispatcher = Dispatcher::new(Parts {
            journal: journal.clone(),
            state: journal,
            clock: clock.clone(),
            observer: counts.clone(),
            guests: tokio::runtime::Handle::current(),
        });
        Self { dispatcher: Arc::new(dispatcher), counts, clock }
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
        self.dispatcher.apply(channels.iter().map(spec).collect()).await.unwrap();
    }

    pub async fn publish(&self, wait_secs: u64) -> EventResult {
        match self.dispatcher.publish(event(), Duration::from_secs(wait_secs)).await.unwrap() {
            Published::Accepted(result) => *result,
            Published::Duplicate(offset) => panic!("a duplicate of {offset}"),
        }
    }

    /// Waits until nothing is pending for the channel; paused time runs on meanwhile.
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
