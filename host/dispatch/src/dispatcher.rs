//! The entry point: publish events, replace the table of channels, pause and resume channels, drain.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arc_swap::{ArcSwap, ArcSwapOption};
use fanfare_core::{
    ChannelName, DeliveryId, Event, EventResult, Offset, Policy, Report, SpanId, Staged, SystemEvent, TraceId,
    delivery::Origin,
};
use jiff::Timestamp;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    AcceptError, Accepted, Attempt, Backlog, Bounds, Changed, Channel, Clock, Entry, Follower, Gathered, Hold,
    HoldChange, HoldKind, Journal, JournalError, LaneState, Observer, Queued, Recipients, Reconsidered, Recorded,
    Registration, Snapshot, StageSpec, State, Watch,
    announcements::Announcements,
    board::Board,
    dispatch_core::DispatchCore,
    lane::Lane,
    lanes::Lanes,
    recipients::Untold,
    rounds, system,
    table::{Member, Routing, Table, TableState},
    tell::Teller,
};

/// Publishes events and runs the lanes.
pub struct Dispatcher {
    core: Arc<DispatchCore>,
    lanes: Arc<Lanes>,
    /// Keeps the follower of the journal alive.
    _teller: Arc<dyn Follower>,
}

/// How long a drain waits for the attempts that it has dropped.
const LAST_CALL: Duration = Duration::from_secs(2);

/// The new configuration of one channel.
pub struct ChannelSpec {
    pub name: ChannelName,
    pub policy: Policy,
    /// `None` while the plugin is missing or broken: events are kept for the channel, but not attempted.
    pub channel: Option<Arc<dyn Channel>>,
}

/// The new channels and stages. They take effect at the same moment.
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

/// The collaborators of a dispatcher.
pub struct Parts {
    pub journal: Arc<dyn Journal>,
    pub state: Arc<dyn State>,
    pub clock: Arc<dyn Clock>,
    pub observer: Arc<dyn Observer>,
    pub recipients: Arc<dyn Recipients>,
    /// The runtime for lanes and guests.
    pub guests: tokio::runtime::Handle,
}

/// The result of publishing an event.
#[derive(Debug)]
pub enum Published {
    /// It is durable; this is its result so far.
    Accepted(Box<EventResult>),
    /// It is durable; the publisher does not wait for results.
    Queued(Queued),
    /// The same event is already recorded at this offset; nothing was delivered.
    Duplicate(Offset),
}

impl Dispatcher {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { journal, state, clock, observer, recipients, guests } = parts;
        let (announcements, announced) = Announcements::new();
        let core = DispatchCore {
            announcements,
            table: ArcSwapOption::empty(),
            behind: ArcSwapOption::empty(),
            names: ArcSwap::default(),
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
        let (core, lanes) = (Arc::new(core), Arc::new(Lanes::default()));
        let teller: Arc<dyn Follower> = Arc::new(Teller::new(&core, &lanes));
        core.journal.follow(Arc::downgrade(&teller));
        core.tasks.spawn_on(system::record_all(Arc::clone(&core), announced), &core.guests);
        core.tasks.spawn_on(rounds::make(Arc::clone(&core), Arc::clone(&lanes)), &core.guests);
        Self { core, lanes, _teller: teller }
    }

    /// Replaces the table of channels. A channel that is no longer in it gets no new events; its backlog stays in the
    /// journal until it returns. Before the first successful call there is no table, and events are rejected.
    ///
    /// # Errors
    /// [`JournalError`] if the journal cannot record the changes that must come first; then nothing has changed.
    pub async fn apply(&self, table: impl Into<TableSpec>) -> Result<(), JournalError> {
        let TableSpec { channels: specs, stages } = table.into();
        let register = |spec: &ChannelSpec| Registration { name: spec.name.clone(), order: spec.policy.order.clone() };
        let mut known = self.core.journal.register(specs.iter().map(register).collect()).await?;
        // A breaker that was open when the daemon stopped, on a channel that no longer has one to close it.
        for (spec, known) in specs.iter().zip(&mut known) {
            let is_open = known.hold.as_ref().is_some_and(|hold| hold.kind == HoldKind::Open);
            if is_open && spec.policy.breaker.is_none() && self.lanes.find(spec.name.as_str()).is_none() {
                known.hold = self.core.journal.change_hold(known.id, HoldChange::EndSuspension).await?;
            }
        }
        // Everything that can fail comes before the first change.
        let resumed: Vec<_> = specs
            .iter()
            .filter_map(|spec| self.lanes.find(spec.name.as_str()).filter(|lane| resumes(lane, spec)))
            .collect();
        for lane in &resumed {
            self.core.journal.change_hold(lane.id, HoldChange::EndSuspension).await?;
        }
        let mut lanes = self.lanes.lock();
        let there_before: HashSet<_> = lanes.values().map(|lane| lane.id).collect();
        let mut routes = Vec::with_capacity(specs.len());
        for (spec, known) in specs.iter().zip(known) {
            let start = || Lane::start(spec.name.clone(), known.id, known.hold, &self.core);
            routes.push(Arc::clone(lanes.entry(spec.name.clone()).or_insert_with(start)));
        }
        self.lanes.publish(&lanes);
        self.core.names.store(Arc::new(lanes.values().map(|lane| (lane.id, lane.name.clone())).collect()));
        // Before any lane may call a guest of the new table, because what the guest emits goes to this table.
        let channels: Vec<_> = routes
            .iter()
            .zip(&specs)
            .map(|(lane, spec)| Member { name: &lane.name, id: lane.id, policy: &spec.policy })
            .collect();
        self.core.table.store(Some(Arc::new(Table::new(&channels, stages))));
        for (lane, spec) in routes.iter().zip(specs) {
            // Unchanged channels are not disturbed.
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
            lane.follow_hold(&self.core);
        }
        Ok(())
    }

    /// Gives deliveries that the previous policy has deferred another turn.
    fn reconsider(&self, lane: &Arc<Lane>) {
        let (lane, core) = (Arc::clone(lane), Arc::clone(&self.core));
        let reconsider = async move {
            if let Err(error) = core.journal.reconsider(lane.id, Reconsidered::All, core.clock.now()).await {
                tracing::error!(
                    channel = %lane.name, %error,
                    "waiting deliveries could not be reconsidered under the changed policy; they follow it after \
                     their current waits"
                );
            }
        };
        self.core.tasks.spawn_on(reconsider, &self.core.guests);
    }

    /// Reports changed preferences: deliveries that wait for the end of quiet hours get another turn soon.
    pub fn recipients_changed(&self, changed: Changed) {
        self.core.untold.add(changed);
    }

    /// Records a system event soon, if a channel asks for it.
    pub fn announce(&self, event: SystemEvent) {
        self.core.announce(event);
    }

    /// Reports that the table of channels is outdated, and why; `None` means that it is current. While it is outdated,
    /// events without targets are rejected.
    pub fn set_behind(&self, reason: Option<String>) {
        self.core.behind.store(reason.map(Arc::new));
    }

    /// Which table of channels is in force.
    #[must_use]
    pub fn table(&self) -> TableState {
        self.core.table_state()
    }

    /// The stages and channels that apply to one request from here on.
    ///
    /// # Errors
    /// Why they are not known.
    pub fn snapshot(&self) -> Result<Snapshot, AcceptError> {
        let table = self.core.table().map_err(AcceptError::NoChannels)?;
        Ok(Snapshot::new(table, Arc::clone(&self.core)))
    }

    /// Passes an event through the stages, records it, hands it to its channels and waits up to `wait` for all of them
    /// to settle.
    ///
    /// # Errors
    /// [`AcceptError`]; then nothing was recorded.
    pub async fn publish(&self, event: Event, wait: Duration) -> Result<Published, AcceptError> {
        let mut published = self.publish_all(vec![event], wait).await?;
        published.pop().ok_or_else(|| AcceptError::Unavailable("the journal returned no result".to_owned()))
    }

    /// Publishes several events, all or none. The results are in the order of the events.
    ///
    /// # Errors
    /// [`AcceptError`]; then nothing was recorded.
    pub async fn publish_all(&self, events: Vec<Event>, wait: Duration) -> Result<Vec<Published>, AcceptError> {
        let snapshot = self.snapshot()?;
        let staged = snapshot.stage_all(events).await?;
        self.fan_out(&snapshot, staged, wait, None).await
    }

    /// Records events that have passed the stages of the snapshot, all or none, hands them to its channels and waits up
    /// to `wait` for all of them to settle. The results are in the order of the events. `request` is the
    /// trace and span of the publishing request.
    ///
    /// # Errors
    /// [`AcceptError`]; then nothing was recorded.
    pub async fn fan_out(
        &self,
        snapshot: &Snapshot,
        events: Vec<Staged>,
        wait: Duration,
        request: Option<(TraceId, SpanId)>,
    ) -> Result<Vec<Published>, AcceptError> {
        let accepted_at = self.core.clock.now();
        let routings = snapshot.table.routings(&events, &*self.core.observer);
        let entry = |(staged, routing): (Staged, &Routing)| Entry {
            key: Uuid::now_v7(),
            event: Arc::new(staged.event),
            accepted_at,
            targets: Arc::clone(&routing.targets),
            first: routing.first.clone(),
            trail: staged.trail,
        };
        let entries: Vec<_> = events.into_iter().zip(&routings).map(entry).collect();
        // Before the events can be claimed, so that their first results are not missed.
        let watches: Vec<_> = match wait.is_zero() {
            true => vec![],
            false => entries.iter().map(|entry| self.core.board.watch(entry.key, entry.targets.len())).collect(),
        };
        let asked: Vec<_> = entries
            .iter()
            .zip(routings)
            .map(|(entry, routing)| (entry.key, Arc::clone(&entry.event), routing))
            .collect();
        let stages = self.core.observer.tracing().map(|_| {
            let of = |entry: &Entry| entry.trail.as_ref().map(|trail| trail.records.clone()).unwrap_or_default();
            entries.iter().map(of).collect::<Vec<_>>()
        });
        let accepted = self.core.journal.accept(entries).await?;
        if accepted.len() != asked.len() {
            return Err(AcceptError::Unavailable("the journal returned no result".to_owned()));
        }
        let new = |accepted: &&Accepted| matches!(accepted, Accepted::New { .. });
        self.core.observer.accepted(accepted.iter().filter(new).count());
        if let Some(stages) = stages {
            let recorded = accepted.iter().zip(&asked).zip(stages).filter_map(|((accepted, asked), stages)| {
                let (Accepted::New { offset }, (key, event, routing)) = (*accepted, asked) else { return None };
                let channels = routing.routes().map(|route| &route.name).collect();
                Some(Recorded { key: *key, offset, event, at: accepted_at, channels, stages, request })
            });
            self.core.observer.recorded(&recorded.collect::<Vec<_>>());
        }
        if !watches.is_empty() {
            let all_settled = async {
                let events = watches.iter().zip(&asked).zip(&accepted);
                let until = accepted_at.saturating_add(wait).unwrap_or(jiff::Timestamp::MAX);
                // Do not wait for events that are scheduled beyond the wait.
                let is_later = |event: &Event| event.deliver_at().is_some_and(|at| at > until);
                for ((watch, (_, event, routing)), _) in events.filter(|(_, accepted)| new(accepted)) {
                    if is_later(event) {
                        continue;
                    }
                    watch.settled(routing.len()).await;
                }
            };
            // A drain ends the wait too; the response then shows what is still pending.
            tokio::select! {
                () = all_settled => {}
                () = tokio::time::sleep(wait) => {}
                () = self.core.aborting.cancelled() => {}
            }
        }
        let mut watches = watches.into_iter();
        let answers = accepted.into_iter().zip(asked).map(|(accepted, (key, event, routing))| {
            let watch = watches.next();
            match accepted {
                Accepted::Duplicate { offset } => {
                    self.core.observer.duplicate();
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

    /// Watches an event that is already in the journal. Start watching, then look up its state.
    #[must_use]
    pub fn watch(&self, key: Uuid) -> Watch {
        self.core.board.watch(key, 0)
    }

    /// Pauses a channel until it is resumed, across restarts. Attempts in flight finish. Returns `None` for an unknown
    /// name.
    ///
    /// # Errors
    /// [`JournalError`] if the pause cannot be recorded; then nothing has changed.
    pub async fn pause(&self, name: &str, reason: String) -> Result<Option<()>, JournalError> {
        let Some(lane) = self.lanes.find(name) else { return Ok(None) };
        let hold = Hold { kind: HoldKind::Paused, reason, since: self.core.clock.now() };
        self.change_hold(&lane, HoldChange::Pause(hold)).await.map(Some)
    }

    /// Ends a pause or a suspension. Returns `None` for an unknown name.
    ///
    /// # Errors
    /// [`JournalError`] if it cannot be recorded; then nothing has changed.
    pub async fn resume(&self, name: &str) -> Result<Option<()>, JournalError> {
        let Some(lane) = self.lanes.find(name) else { return Ok(None) };
        self.change_hold(&lane, HoldChange::Resume).await.map(Some)
    }

    async fn change_hold(&self, lane: &Lane, change: HoldChange) -> Result<(), JournalError> {
        self.core.journal.change_hold(lane.id, change).await?;
        lane.follow_hold(&self.core);
        Ok(())
    }

    /// Delivers an event to one channel, on hold or not, and returns the report. Nothing is recorded. `None` if the
    /// channel does not exist or has no plugin.
    pub async fn test(&self, name: &str, event: Event) -> Option<(DeliveryId, Report)> {
        let lane = self.lanes.find(name)?;
        let current = lane.current()?;
        let delivery = DeliveryId { event: Uuid::now_v7(), channel: lane.id };
        let attempt = Attempt {
            delivery,
            number: 1,
            replayed: Origin::Live.is_repeat(),
            event: Arc::new(event),
            bounds: Bounds::from(&current.policy),
            state: Arc::clone(&self.core.state),
            trace: None,
        };
        // On the guests' threads, and to its end even if the caller is gone.
        let attempt =
            self.core.tasks.spawn_on(async move { current.channel.deliver(attempt).await }, &self.core.guests);
        attempt.await.ok().map(|report| (delivery, report))
    }

    /// The state of a channel's lane, and its backlog. `None` for an unknown name.
    #[must_use]
    pub fn lane(&self, name: &str) -> Option<(LaneState, Backlog)> {
        let lane = self.lanes.find(name)?;
        Some((lane.state(), self.core.journal.backlog(lane.id)))
    }

    /// Whether the channel has been reported as lagging, and has not caught up.
    #[must_use]
    pub fn lags(&self, name: &str) -> bool {
        self.lanes.find(name).is_some_and(|lane| lane.lags())
    }

    /// How long the channel's rate delays its next attempt.
    #[must_use]
    pub fn limited_for(&self, name: &str) -> Option<Duration> {
        self.lanes.find(name)?.limited_for()
    }

    /// What a channel's lane has gathered into batches.
    #[must_use]
    pub fn gathered(&self, name: &str) -> Option<Gathered> {
        self.lanes.find(name)?.gathered()
    }

    /// When the batch is due that contains the channel's delivery of this event.
    #[must_use]
    pub fn gathered_until(&self, name: &str, offset: Offset) -> Option<Timestamp> {
        self.lanes.find(name)?.gathered_until(offset)
    }

    /// Stops claiming, waits until `deadline` for attempts in flight, drops the rest (the next start repeats them) and
    /// returns their number. An attempt that cannot be dropped, because it never yields its thread, is given a moment
    /// longer and then abandoned. Publishing works until the journal is closed.
    pub async fn drain(&self, deadline: Duration) -> usize {
        self.core.stopped.store(true, Ordering::Relaxed);
        self.core.stopping.cancel();
        self.core.tasks.close();
        if tokio::time::timeout(deadline, self.core.tasks.wait()).await.is_ok() {
            self.core.aborting.cancel();
            return 0;
        }
        let left = self.core.tasks.len();
        self.core.aborting.cancel();
        if tokio::time::timeout(LAST_CALL, self.core.tasks.wait()).await.is_err() {
            tracing::error!(
                tasks = self.core.tasks.len(),
                "some attempts do not yield their threads and cannot be dropped; continuing without them"
            );
        }
        left
    }
}

/// A new plugin or new settings may mean another receiver, and without a breaker policy no breaker is open.
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
