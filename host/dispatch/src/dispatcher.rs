//! The front door: publish an event, change the table of channels, drain.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use arc_swap::ArcSwap;
use fanfare_core::{ChannelId, ChannelName, DeliveryId, Event, EventResult, Offset, Policy, Summary};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    AcceptError, Accepted, Backlog, Channel, Clock, Entry, Journal, JournalError, Observer, State,
    board::{Board, lock},
    lane::{Generation, Lane, Pending, Shared},
};

/// Publishes events and runs the lanes.
pub struct Dispatcher {
    shared: Arc<Shared>,
    /// What a publisher reads, as one value: a reload in mid-request cannot split it.
    table: ArcSwap<Table>,
    /// Every lane there ever was since the start: a channel that comes back finds its queue.
    lanes: Mutex<HashMap<ChannelName, Arc<Lane>>>,
}

/// The channels that events go to.
#[derive(Default)]
struct Table {
    routes: Vec<Arc<Lane>>,
    /// The routes' numbers, made once instead of per event.
    targets: Arc<[ChannelId]>,
}

/// One channel as it shall be from now on.
pub struct ChannelSpec {
    pub name: ChannelName,
    pub policy: Policy,
    /// `None` while the plugin is missing or broken: events are kept for the channel, and nothing is attempted.
    pub channel: Option<Arc<dyn Channel>>,
}

/// What a dispatcher works with.
pub struct Parts {
    pub journal: Arc<dyn Journal>,
    pub state: Arc<dyn State>,
    pub clock: Arc<dyn Clock>,
    pub observer: Arc<dyn Observer>,
    /// Where lanes and guests run.
    pub guests: tokio::runtime::Handle,
}

/// How an event was taken.
#[derive(Debug)]
pub enum Published {
    /// It is durable, and this is where it stands.
    Accepted(Box<EventResult>),
    /// The same event stands at this offset already; nothing was delivered.
    Duplicate(Offset),
}

/// Why an event was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    #[error(transparent)]
    Refused(#[from] AcceptError),
    /// `source` and `id` stand in the journal already, with other content.
    #[error("an event with the same source and id, but other content, stands at offset {0}")]
    Conflict(Offset),
}

/// What a lane does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneState {
    Active,
    /// The receiver said that it is gone.
    Suspended,
    /// There is no plugin to call.
    Missing,
}

impl Dispatcher {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { journal, state, clock, observer, guests } = parts;
        let shared = Shared {
            journal,
            state,
            clock,
            observer,
            board: Board::default(),
            stopping: CancellationToken::new(),
            aborting: CancellationToken::new(),
            tasks: TaskTracker::new(),
            guests,
        };
        Self { shared: Arc::new(shared), table: ArcSwap::default(), lanes: Mutex::default() }
    }

    /// Makes these the channels that events go to. A channel that is not among them takes no new events; what it still has
    /// before it stays in the journal until it comes back.
    ///
    /// # Errors
    /// [`JournalError`] when a new channel cannot be registered; then nothing has changed.
    pub async fn apply(&self, specs: Vec<ChannelSpec>) -> Result<(), JournalError> {
        let names: Vec<_> = specs.iter().map(|spec| spec.name.clone()).collect();
        let ids = self.shared.journal.register(&names).await?;
        let mut lanes = lock(&self.lanes);
        let mut routes = Vec::with_capacity(specs.len());
        for (spec, id) in specs.into_iter().zip(ids) {
            let lane = lanes.entry(spec.name.clone()).or_insert_with(|| Lane::start(spec.name, id, &self.shared));
            let same = match (lane.current(), &spec.channel) {
                (Some(now), Some(channel)) => Arc::ptr_eq(&now.channel, channel) && now.policy == spec.policy,
                (None, None) => true,
                _ => false,
            };
            // What has not changed is not disturbed: a suspended channel stays suspended.
            if !same {
                lane.replace(spec.channel.map(|channel| Arc::new(Generation { channel, policy: spec.policy })));
            }
            routes.push(Arc::clone(lane));
        }
        for lane in lanes.values() {
            if !names.contains(&lane.name) {
                lane.replace(None);
            }
        }
        let targets = routes.iter().map(|lane| lane.id).collect();
        self.table.store(Arc::new(Table { routes, targets }));
        Ok(())
    }

    /// Records an event, hands it to its channels and waits up to `wait` for all of them to settle.
    ///
    /// # Errors
    /// [`PublishError`]; then nothing of the event was recorded.
    pub async fn publish(&self, event: Event, wait: Duration) -> Result<Published, PublishError> {
        let table = self.table.load_full();
        let accepted_at = self.shared.clock.now();
        let event = Arc::new(event);
        let entry =
            Entry { key: Uuid::now_v7(), event: Arc::clone(&event), accepted_at, targets: Arc::clone(&table.targets) };
        let key = entry.key;
        // Before the event can be claimed, or its first results would go unseen.
        let watch = (!wait.is_zero()).then(|| self.shared.board.watch(key));

        let mut accepted = self.shared.journal.accept(vec![entry]).await?;
        let offset = match accepted.pop() {
            Some(Accepted::New { offset }) => offset,
            Some(Accepted::Duplicate { offset }) => {
                self.shared.observer.duplicate();
                return Ok(Published::Duplicate(offset));
            }
            Some(Accepted::Conflict { offset }) => return Err(PublishError::Conflict(offset)),
            None => return Err(AcceptError::Unavailable("it gave no answer".to_owned()).into()),
        };
        self.shared.observer.accepted(1);

        let mut channels = match watch {
            None => BTreeMap::new(),
            Some(watch) => {
                // A drain ends the wait too: the answer then says what is still pending.
                tokio::select! {
                    () = watch.settled(table.routes.len()) => {}
                    () = tokio::time::sleep(wait) => {}
                    () = self.shared.aborting.cancelled() => {}
                }
                watch.take()
            }
        };
        for lane in &table.routes {
            channels.entry(lane.name.clone()).or_insert_with(|| {
                let delivery_id = DeliveryId { event: key, channel: lane.id };
                Pending { channel: lane.name.clone(), delivery_id, at: accepted_at }.result()
            });
        }
        let summary = Summary::of(channels.values().map(|result| &result.status));
        Ok(Published::Accepted(Box::new(EventResult {
            event_id: event.id.clone(),
            event_type: event.ty.clone(),
            offset,
            broadcast_at: accepted_at,
            overall_status: summary.overall(),
            duplicate: false,
            channels,
            summary,
        })))
    }

    /// What a channel's lane does, and how much it has before it. `None` for a name that was never applied.
    #[must_use]
    pub fn lane(&self, name: &str) -> Option<(LaneState, Backlog)> {
        let lane = Arc::clone(lock(&self.lanes).get(name)?);
        let state = match (lane.current(), lane.is_suspended()) {
            (None, _) => LaneState::Missing,
            (Some(_), true) => LaneState::Suspended,
            (Some(_), false) => LaneState::Active,
        };
        Some((state, self.shared.journal.backlog(lane.id)))
    }

    /// Stops claiming, lets attempts in flight finish until `deadline` has passed, drops the rest (they are attempted again
    /// at the next start) and answers how many those were. Publishing still works until the journal is closed.
    pub async fn drain(&self, deadline: Duration) -> usize {
        self.shared.stopping.cancel();
        self.shared.tasks.close();
        if tokio::time::timeout(deadline, self.shared.tasks.wait()).await.is_ok() {
            self.shared.aborting.cancel();
            return 0;
        }
        let left = self.shared.tasks.len();
        self.shared.aborting.cancel();
        self.shared.tasks.wait().await;
        left
    }
}
