//! The front door: publish events, change the table of channels, put one on hold, drain.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arc_swap::{ArcSwap, ArcSwapOption};
use fanfare_core::{
    ChannelName, DeliveryId, Event, EventResult, Offset, Policy, Report, Staged, SystemEvent, Wishes,
    delivery::{Origin, Wait},
    filter::Verdict,
    turn::{self, Candidate, Turn},
};
use jiff::Timestamp;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    AcceptError, Accepted, Attempt, Backlog, Bounds, Changed, Channel, Clock, Entry, Follower, Gathered, Hold,
    HoldChange, HoldKind, Journal, JournalError, Observer, Queued, Recipients, Reconsidered, Registration, Snapshot,
    StageSpec, State, Watch,
    board::{Board, lock},
    lane::{Lane, Shared},
    recipients::Untold,
    rounds,
    system::{self, Announcements},
    table::{Routing, Table, TableState},
    tell::Teller,
};

/// Publishes events and runs the lanes.
pub struct Dispatcher {
    shared: Arc<Shared>,
    /// Every lane there ever was since the start: a channel that comes back finds its queue.
    lanes: Mutex<HashMap<ChannelName, Arc<Lane>>>,
    /// As long as it is there, it is told what was committed.
    _teller: Arc<dyn Follower>,
}

/// How long a drain waits for what it has dropped.
const LAST_CALL: Duration = Duration::from_secs(2);

/// One channel as it shall be from now on.
pub struct ChannelSpec {
    pub name: ChannelName,
    pub policy: Policy,
    /// `None` while the plugin is missing or broken: events are kept for the channel, and nothing is attempted.
    pub channel: Option<Arc<dyn Channel>>,
}

/// Channels and stages as they shall be from now on, in force at the same moment.
pub struct TableSpec {
    pub channels: Vec<ChannelSpec>,
    /// In the order in which events pass them.
    pub stages: Vec<StageSpec>,
}

impl From<Vec<ChannelSpec>> for TableSpec {
    fn from(channels: Vec<ChannelSpec>) -> Self {
        Self { channels, stages: vec![] }
    }
}

/// What a dispatcher works with.
pub struct Parts {
    pub journal: Arc<dyn Journal>,
    pub state: Arc<dyn State>,
    pub clock: Arc<dyn Clock>,
    pub observer: Arc<dyn Observer>,
    pub recipients: Arc<dyn Recipients>,
    /// Where lanes and guests run.
    pub guests: tokio::runtime::Handle,
}

/// How an event was taken.
#[derive(Debug)]
pub enum Published {
    /// It is durable, and this is where it stands.
    Accepted(Box<EventResult>),
    /// It is durable, and nobody has waited for more.
    Queued(Queued),
    /// The same event stands at this offset already; nothing was delivered.
    Duplicate(Offset),
}

/// What would become of an event at a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prospect {
    /// What the filter says.
    pub verdict: Verdict,
    /// Why its recipient does not want it, if they do not.
    pub unwanted: Option<String>,
    /// What its first attempt would wait for, and until when.
    pub waits: Option<(Wait, Timestamp)>,
}

impl Prospect {
    #[must_use]
    pub fn new(verdict: Verdict, event: &Event, policy: &Policy, wishes: Option<&Wishes>, now: Timestamp) -> Self {
        let (unwanted, waits) = match turn::turn(&Candidate::begun(event, now, wishes), policy, now) {
            Turn::Attempt => (None, None),
            Turn::Wait { until, wait } => (None, Some((wait, until))),
            Turn::Skip(unwanted) => (Some(unwanted.to_string()), None),
        };
        Self { verdict, unwanted, waits }
    }
}

/// What a lane does at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LaneState {
    Active,
    Held(Hold),
    /// There is no plugin to call.
    Missing,
}

impl Dispatcher {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { journal, state, clock, observer, recipients, guests } = parts;
        let (announcements, announced) = Announcements::new();
        let shared = Shared {
            announcements,
            table: ArcSwapOption::empty(),
            behind: ArcSwapOption::empty(),
            lanes: ArcSwap::default(),
            journal,
            state,
            clock,
            observer,
            board: Arc::new(Board::default()),
            stopping: CancellationToken::new(),
            stopped: AtomicBool::new(false),
            aborting: CancellationToken::new(),
            tasks: TaskTracker::new(),
            guests,
            recipients,
            untold: Untold::default(),
        };
        let shared = Arc::new(shared);
        let teller: Arc<dyn Follower> = Arc::new(Teller(Arc::downgrade(&shared)));
        shared.journal.follow(Arc::downgrade(&teller));
        shared.tasks.spawn_on(system::record_all(Arc::clone(&shared), announced), &shared.guests);
        shared.tasks.spawn_on(rounds::make(Arc::clone(&shared)), &shared.guests);
        Self { shared, lanes: Mutex::default(), _teller: teller }
    }

    /// Makes these the channels that events go to. A channel that is not among them takes no new events; what it still has
    /// before it stays in the journal until it comes back.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot record what it has to know first; then nothing has changed.
    /// Before the first call that succeeds there is no table, and events are refused.
    pub async fn apply(&self, table: impl Into<TableSpec>) -> Result<(), JournalError> {
        let TableSpec { channels: specs, stages } = table.into();
        let register = |spec: &ChannelSpec| Registration { name: spec.name.clone(), order: spec.policy.order.clone() };
        let mut known = self.shared.journal.register(specs.iter().map(register).collect()).await?;
        // A breaker that was open when the daemon ended, and that nobody would close now.
        for (spec, known) in specs.iter().zip(&mut known) {
            let is_open = known.hold.as_ref().is_some_and(|hold| hold.kind == HoldKind::Open);
            if is_open && spec.policy.breaker.is_none() && self.find(spec.name.as_str()).is_none() {
                known.hold = self.shared.journal.change_hold(known.id, HoldChange::EndSuspension).await?;
            }
        }
        // All that can fail comes before anything changes.
        let resumed: Vec<_> =
            specs.iter().filter_map(|spec| self.find(spec.name.as_str()).filter(|lane| resumes(lane, spec))).collect();
        for lane in &resumed {
            self.shared.journal.change_hold(lane.id, HoldChange::EndSuspension).await?;
        }
        let mut lanes = lock(&self.lanes);
        let there_before: HashSet<_> = lanes.values().map(|lane| lane.id).collect();
        let mut routes = Vec::with_capacity(specs.len());
        for (spec, known) in specs.iter().zip(known) {
            let start = || Lane::start(spec.name.clone(), known.id, known.hold, &self.shared);
            routes.push(Arc::clone(lanes.entry(spec.name.clone()).or_insert_with(start)));
        }
        self.shared.lanes.store(Arc::new(lanes.values().map(|lane| (lane.id, Arc::clone(lane))).collect()));
        // Before any lane may call a guest of the new table: what the guest emits goes to this table already.
        let channels: Vec<_> = routes.iter().zip(specs.iter().map(|spec| &spec.policy)).collect();
        self.shared.table.store(Some(Arc::new(Table::new(&channels, stages))));
        for (lane, spec) in routes.iter().zip(specs) {
            // What has not changed is not disturbed.
            if !calls_the_same(lane, &spec) || *lane.policy() != spec.policy {
                let other_waits = there_before.contains(&lane.id) && !lane.policy().defers_like(&spec.policy);
                lane.replace(spec.channel, spec.policy);
                if other_waits {
                    self.reconsider(lane);
                }
            }
        }
        for lane in lanes.values() {
            if !routes.iter().any(|route| Arc::ptr_eq(route, lane)) {
                lane.replace(None, Policy::default());
            }
        }
        for lane in resumed {
            lane.follow_hold(&self.shared);
        }
        Ok(())
    }

    /// What the policy before has deferred comes to its turn again.
    fn reconsider(&self, lane: &Arc<Lane>) {
        let (lane, shared) = (Arc::clone(lane), Arc::clone(&self.shared));
        let reconsider = async move {
            if let Err(error) = shared.journal.reconsider(lane.id, Reconsidered::All).await {
                tracing::error!(
                    channel = %lane.name, %error,
                    "what waits could not be told of the changed policy; it waits as it did, and obeys it after that"
                );
            }
        };
        self.shared.tasks.spawn_on(reconsider, &self.shared.guests);
    }

    /// Says whose wishes have changed: what waits for the end of their quiet hours comes to its turn again soon.
    pub fn recipients_changed(&self, changed: Changed) {
        self.shared.untold.add(changed);
    }

    /// Has an event of the daemon's own recorded soon, if some channel asks for it.
    pub fn announce(&self, event: SystemEvent) {
        self.shared.announce(event);
    }

    /// Says that the table of channels is not the one that is asked for, and why; `None` says that it is. Until then an event
    /// that would go to nobody is refused.
    pub fn set_behind(&self, reason: Option<String>) {
        self.shared.behind.store(reason.map(Arc::new));
    }

    /// Which table of channels is in force.
    #[must_use]
    pub fn table(&self) -> TableState {
        self.shared.table_state()
    }

    /// The stages and channels that a request goes by from here on.
    ///
    /// # Errors
    /// Why it is not known which there are.
    pub fn snapshot(&self) -> Result<Snapshot, AcceptError> {
        let table = self.shared.table().map_err(AcceptError::NoChannels)?;
        Ok(Snapshot::new(table, Arc::clone(&self.shared)))
    }

    /// Has an event pass the stages, records it, hands it to its channels and waits up to `wait` for all of them to
    /// settle.
    ///
    /// # Errors
    /// [`AcceptError`]; then nothing of the event was recorded.
    pub async fn publish(&self, event: Event, wait: Duration) -> Result<Published, AcceptError> {
        let mut published = self.publish_all(vec![event], wait).await?;
        published.pop().ok_or_else(|| AcceptError::Unavailable("it gave no answer".to_owned()))
    }

    /// The same for several, all or none. The answers stand in the order of the events.
    ///
    /// # Errors
    /// [`AcceptError`]; then nothing of any event was recorded.
    pub async fn publish_all(&self, events: Vec<Event>, wait: Duration) -> Result<Vec<Published>, AcceptError> {
        let snapshot = self.snapshot()?;
        let staged = snapshot.stage_all(events).await?;
        self.fan_out(&snapshot, staged, wait).await
    }

    /// Records events that have passed the stages of the snapshot, all or none, hands them to its channels and waits up
    /// to
    /// `wait` for all of them to settle. The answers stand in the order of the events.
    ///
    /// # Errors
    /// [`AcceptError`]; then nothing of any event was recorded.
    pub async fn fan_out(
        &self,
        snapshot: &Snapshot,
        events: Vec<Staged>,
        wait: Duration,
    ) -> Result<Vec<Published>, AcceptError> {
        let accepted_at = self.shared.clock.now();
        let routings = snapshot.table.routings(&events, &self.shared);
        let entry = |(staged, routing): (Staged, &Routing)| Entry {
            key: Uuid::now_v7(),
            event: Arc::new(staged.event),
            accepted_at,
            targets: Arc::clone(&routing.targets),
            first: routing.first.clone(),
            trail: staged.trail,
        };
        let entries: Vec<_> = events.into_iter().zip(&routings).map(entry).collect();
        // Before the events can be claimed, or their first results would go unseen.
        let watches: Vec<_> = match wait.is_zero() {
            true => vec![],
            false => entries.iter().map(|entry| self.shared.board.watch(entry.key, entry.targets.len())).collect(),
        };
        let asked: Vec<_> = entries
            .iter()
            .zip(routings)
            .map(|(entry, routing)| (entry.key, Arc::clone(&entry.event), routing))
            .collect();
        let accepted = self.shared.journal.accept(entries).await?;
        if accepted.len() != asked.len() {
            return Err(AcceptError::Unavailable("it gave no answer".to_owned()));
        }
        let new = |accepted: &&Accepted| matches!(accepted, Accepted::New { .. });
        self.shared.observer.accepted(accepted.iter().filter(new).count());
        if !watches.is_empty() {
            let all_settled = async {
                let events = watches.iter().zip(&asked).zip(&accepted);
                let until = accepted_at.saturating_add(wait).unwrap_or(jiff::Timestamp::MAX);
                // Nobody waits for what is to be delivered later than that.
                let is_later = |event: &Event| event.deliver_at().is_some_and(|at| at > until);
                for ((watch, (_, event, routing)), _) in events.filter(|(_, accepted)| new(accepted)) {
                    if is_later(event) {
                        continue;
                    }
                    watch.settled(routing.len()).await;
                }
            };
            // A drain ends the wait too: the answer then says what is still pending.
            tokio::select! {
                () = all_settled => {}
                () = tokio::time::sleep(wait) => {}
                () = self.shared.aborting.cancelled() => {}
            }
        }
        let mut watches = watches.into_iter();
        let answers = accepted.into_iter().zip(asked).map(|(accepted, (key, event, routing))| {
            let watch = watches.next();
            match accepted {
                Accepted::Duplicate { offset } => {
                    self.shared.observer.duplicate();
                    Published::Duplicate(offset)
                }
                Accepted::New { offset } => {
                    let queued = Queued { event, key, offset, at: accepted_at, routing };
                    match watch {
                        None => Published::Queued(queued),
                        Some(watch) => Published::Accepted(Box::new(queued.result_so_far(watch.results()))),
                    }
                }
            }
        });
        Ok(answers.collect())
    }

    /// Watches an event that is in the journal already. Begin to watch, then look where it stands.
    #[must_use]
    pub fn watch(&self, key: Uuid) -> Watch {
        self.shared.board.watch(key, 0)
    }

    /// Attempts nothing more on a channel until it is resumed, also after a restart. Attempts in flight finish. Returns
    /// `None` for a name that was never applied.
    ///
    /// # Errors
    /// [`JournalError`] when that cannot be recorded; then nothing has changed.
    pub async fn pause(&self, name: &str, reason: String) -> Result<Option<()>, JournalError> {
        let Some(lane) = self.find(name) else { return Ok(None) };
        let hold = Hold { kind: HoldKind::Paused, reason, since: self.shared.clock.now() };
        self.change_hold(&lane, HoldChange::Pause(hold)).await.map(Some)
    }

    /// Ends a pause or a suspension. Returns `None` for a name that was never applied.
    ///
    /// # Errors
    /// [`JournalError`] when that cannot be recorded; then nothing has changed.
    pub async fn resume(&self, name: &str) -> Result<Option<()>, JournalError> {
        let Some(lane) = self.find(name) else { return Ok(None) };
        self.change_hold(&lane, HoldChange::Resume).await.map(Some)
    }

    async fn change_hold(&self, lane: &Lane, change: HoldChange) -> Result<(), JournalError> {
        self.shared.journal.change_hold(lane.id, change).await?;
        lane.follow_hold(&self.shared);
        Ok(())
    }

    /// Delivers an event to one channel alone, on hold or not, and returns how that went. Nothing is recorded. `None`
    /// when there is no such channel, or nothing to call.
    pub async fn test(&self, name: &str, event: Event) -> Option<(DeliveryId, Report)> {
        let lane = self.find(name)?;
        let current = lane.current()?;
        let delivery = DeliveryId { event: Uuid::now_v7(), channel: lane.id };
        let attempt = Attempt {
            delivery,
            number: 1,
            replayed: Origin::Live.is_repeat(),
            event: Arc::new(event),
            bounds: Bounds::from(&current.policy),
            state: Arc::clone(&self.shared.state),
        };
        // On the guests' threads, and to its end even if whoever asked has gone.
        let attempt =
            self.shared.tasks.spawn_on(async move { current.channel.deliver(attempt).await }, &self.shared.guests);
        attempt.await.ok().map(|report| (delivery, report))
    }

    /// What a channel's lane does, and how much it has before it. `None` for a name that was never applied.
    #[must_use]
    pub fn lane(&self, name: &str) -> Option<(LaneState, Backlog)> {
        let lane = self.find(name)?;
        Some((lane.state(), self.shared.journal.backlog(lane.id)))
    }

    /// How long a channel's rate keeps its next attempt waiting, if it does.
    #[must_use]
    pub fn limited_for(&self, name: &str) -> Option<Duration> {
        self.find(name)?.limited_for()
    }

    /// What a channel's lane gathers into batches at the moment, if it does.
    #[must_use]
    pub fn gathered(&self, name: &str) -> Option<Gathered> {
        self.find(name)?.gathered()
    }

    /// When the batch is due that a channel's delivery of this event waits in, if it does.
    #[must_use]
    pub fn gathered_until(&self, name: &str, offset: Offset) -> Option<Timestamp> {
        self.find(name)?.gathered_until(offset)
    }

    fn find(&self, name: &str) -> Option<Arc<Lane>> {
        lock(&self.lanes).get(name).cloned()
    }

    /// Stops claiming, lets attempts in flight finish until `deadline` has passed, drops the rest (they are attempted again
    /// at the next start) and returns how many those were. One that cannot be dropped, because it never comes back to its
    /// thread, is waited for a moment longer and then left behind. Publishing still works until the journal is closed.
    pub async fn drain(&self, deadline: Duration) -> usize {
        self.shared.stopped.store(true, Ordering::Relaxed);
        self.shared.stopping.cancel();
        self.shared.tasks.close();
        if tokio::time::timeout(deadline, self.shared.tasks.wait()).await.is_ok() {
            self.shared.aborting.cancel();
            return 0;
        }
        let left = self.shared.tasks.len();
        self.shared.aborting.cancel();
        if tokio::time::timeout(LAST_CALL, self.shared.tasks.wait()).await.is_err() {
            tracing::error!(
                tasks = self.shared.tasks.len(),
                "attempts keep their threads and cannot be ended; going on without them"
            );
        }
        left
    }
}

/// Another plugin, or other settings, may well have another receiver; and without a breaker none is open.
fn resumes(lane: &Lane, spec: &ChannelSpec) -> bool {
    let Some(hold) = lane.hold().filter(|hold| hold.kind != HoldKind::Paused) else { return false };
    let changed = spec.channel.is_some() && lane.current().is_some() && !calls_the_same(lane, spec);
    changed || (hold.kind == HoldKind::Open && spec.policy.breaker.is_none())
}

fn calls_the_same(lane: &Lane, spec: &ChannelSpec) -> bool {
    match (&lane.current(), &spec.channel) {
        (Some(before), Some(channel)) => Arc::ptr_eq(&before.channel, channel),
        (None, None) => true,
        _ => false,
    }
}
