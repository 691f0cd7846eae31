//! The trait of the durable record.

use std::{
    collections::HashSet,
    sync::{Arc, Weak},
    time::Duration,
};

use fanfare_core::{
    AttemptRecord, ChannelId, ChannelName, Class, DeliveryId, Event, Fault, Offset, Sample, StateWrite, Trail, as_json,
    delivery::{Deferred, Next, Origin, Wait},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{BoxFuture, StageRefusal, Traced};

/// The durable record of events and their deliveries.
///
/// Inputs are values that include the time: an empty journal that is given the same values in the same order becomes
/// the same journal. They serialize as JSON. Committed changes come back as values too ([`Commit`]), for followers.
///
/// Calls that follow one another take effect in their order. Calls that are made at the same time may share a commit.
/// Within one, they take effect by kind, and within a kind in the order of the calls: first what is rare (a job's step,
/// a recipient), then accepted events, then the events that settlements emit, and the settlements last. A log of what
/// was written has to list them in that order. Registrations, changes of holds, `reconsider` and `fall_back` share no
/// commit.
///
/// Accepted means durable: `accept` returns after the commit. Claims are not durable: deliveries that were claimed and
/// not settled when the process dies are claimed again, under the same delivery ids.
///
/// A claim has a [`Token`], and its settlement carries it back. Once a delivery is given back or handed out again, or
/// has ended, the settlement of an earlier claim is stale: it changes nothing, and the commit says so.
///
/// `fanfare_conformance` has a test for each of these promises, which every implementation runs.
pub trait Journal: State {
    /// Registers channels and returns what is known about them, in their order. A new name gets a new number. From then
    /// on, the channel's deliveries are handed out in the order that it asks for.
    fn register(&self, channels: Vec<Registration>) -> BoxFuture<'_, Result<Vec<Registered>, JournalError>>;

    /// Records events for their targets, all or none, in one commit. The results are in the order of the entries.
    fn accept(&self, entries: Vec<Entry>) -> BoxFuture<'_, Result<Vec<Accepted>, AcceptError>>;

    /// Waits until the channel has something due, then hands out 1 to `max` deliveries, including due retries. New ones
    /// come in the order of their offsets. A delivery is handed out once until it is settled or
    /// [given back](Self::release), or until its deadline if it has one. Dropping the future claims nothing.
    fn claim(&self, channel: ChannelId, max: usize) -> BoxFuture<'_, Result<Vec<Claim>, JournalError>>;

    /// Gives claims back that no attempt was made for. They are handed out again in this order and before all others;
    /// on an ordered channel, one of each key at a time. Nothing is written, because a claim is not recorded. A claim
    /// that is no longer in force is ignored.
    fn release(&self, claims: Vec<Claim>) -> BoxFuture<'_, ()>;

    /// Hands out up to `max` deliveries that began before `before`, without waiting. For a channel that is on hold or
    /// has no plugin, whose deliveries still expire.
    fn claim_expired(
        &self,
        channel: ChannelId,
        before: Timestamp,
        max: usize,
    ) -> BoxFuture<'_, Result<Vec<Claim>, JournalError>>;

    /// Gives deferred deliveries of the channel another turn from `at` on, because the reason no longer applies.
    fn reconsider(
        &self,
        channel: ChannelId,
        which: Reconsidered,
        at: Timestamp,
    ) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Begins a fallback, at `at`, for each delivery of the channel that began at `before` or earlier and has not
    /// fallen back yet: on the first of `fallback` that does not have the event. Returns how many were begun.
    fn fall_back(
        &self,
        channel: ChannelId,
        before: Timestamp,
        fallback: Vec<ChannelId>,
        at: Timestamp,
    ) -> BoxFuture<'_, Result<usize, JournalError>>;

    /// Puts a channel on hold, or ends a hold; returns the resulting hold. The journal only records it: callers of
    /// `claim` have to obey it. A settlement with [`Next::Suspended`] suspends a channel that is not on hold.
    fn change_hold(&self, channel: ChannelId, change: HoldChange) -> BoxFuture<'_, Result<Option<Hold>, JournalError>>;

    /// The channel's hold as of the last commit. Of two changes the later commit wins, whoever learns of it first.
    fn hold(&self, channel: ChannelId) -> Option<Hold>;

    /// Records settlements, in this order. Resolves once they are queued, which is at once unless the writer is far
    /// behind; followers are notified after the commit. A store that cannot write keeps settlements and retries.
    fn settle(&self, settlements: Vec<Settlement>) -> BoxFuture<'_, ()>;

    /// Adds a follower, which is notified of every commit while it exists.
    fn follow(&self, follower: Weak<dyn Follower>);

    /// A channel's backlog.
    fn backlog(&self, channel: ChannelId) -> Backlog;

    /// Whether the journal can write.
    fn health(&self) -> Health;

    /// Writes what is queued, then stops. Later calls are rejected.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// Reads a channel's own key-value state, as last committed.
pub trait State: Send + Sync + 'static {
    fn get<'a>(&'a self, channel: ChannelId, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, JournalError>>;
}

/// Which deferred deliveries get another turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reconsidered {
    /// All except those whose events name a time.
    All,
    /// Those that wait for the end of quiet hours.
    Quiet,
    /// Of those, the ones whose events have one of these subjects.
    QuietFor(Arc<HashSet<String>>),
}

/// A channel to register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    pub name: ChannelName,
    /// The attribute to order by: of events with the same value, the next is handed out when the one before has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
}

/// What the journal knows about a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    pub id: ChannelId,
    pub hold: Option<Hold>,
}

/// A stop of a channel: no attempts are made, and its backlog is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub kind: HoldKind,
    pub reason: String,
    pub since: Timestamp,
}

/// A change of a channel's hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldChange {
    Pause(Hold),
    /// Ends any hold.
    Resume,
    /// Ends a suspension or closes the breaker; an operator's pause stays.
    EndSuspension,
    /// The breaker opens, or opens again. Another hold stays.
    Open(Hold),
    /// The breaker closes.
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HoldKind {
    /// Paused by an operator.
    Paused,
    /// The receiver reported that it is gone.
    Suspended,
    /// The breaker is open or half-open because attempts failed.
    Open,
}

impl HoldKind {
    /// The name used in the HTTP API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Suspended => "suspended",
            Self::Open => "open",
        }
    }
}

/// An event to accept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Assigned by the caller, so that it can watch for results before they can arrive. A UUIDv7: sorts by time.
    pub key: Uuid,
    pub event: Arc<Event>,
    pub accepted_at: Timestamp,
    /// May be empty: the event is still recorded as history.
    pub targets: Arc<[ChannelId]>,
    /// The targets that get it ahead of their backlogs. On an ordered channel, it does not overtake others of its key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<ChannelId>,
    /// What the stages did; absent if none ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trail: Option<Box<Trail>>,
}

/// The result of accepting an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    New {
        offset: Offset,
    },
    /// An event with this `source` and `id` and the same content exists; nothing was recorded.
    Duplicate {
        offset: Offset,
    },
}

/// The number of a claim. It grows with each claim of its channel, also from one run of the daemon to the next, so that
/// the journal can tell which claim a settlement belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(pub u64);

/// A delivery that is handed out for one attempt.
#[derive(Clone, Debug)]
pub struct Claim {
    pub channel: ChannelId,
    pub offset: Offset,
    pub key: Uuid,
    pub event: Arc<Event>,
    /// When the event was accepted, or the later time that it names. For a delivery that is begun again, when that was
    /// requested.
    pub since: Timestamp,
    /// Attempts spent since then.
    pub attempts: u32,
    pub origin: Origin,
    /// Since when it may be attempted.
    pub due: Timestamp,
    /// Why it was deferred, if that is why it was not attempted before.
    pub deferred: Option<Wait>,
    pub token: Token,
    /// Until when the claim is in force; then the delivery is handed out again. `None`: for as long as the process
    /// lives. A store that sets it must allow for a batch to close and for an attempt.
    pub deadline: Option<Timestamp>,
}

impl Claim {
    /// Whether its deadline has passed, so that a settlement would be stale.
    pub(crate) fn is_lost(&self, now: Timestamp) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }

    #[must_use]
    pub fn delivery_id(&self) -> DeliveryId {
        DeliveryId { event: self.key, channel: self.channel }
    }

    /// A settlement with nothing but the next state.
    pub(crate) fn settle(self, next: Next, at: Timestamp) -> Settlement {
        let Claim { channel, offset, key, event, since, origin, token, .. } = self;
        Settlement { token, event: Some(event), since, origin, ..Settlement::new((channel, offset, key), next, at) }
    }
}

/// The result of a claim: everything to record and to report about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settlement {
    pub channel: ChannelId,
    pub offset: Offset,
    /// From the claim.
    pub key: Uuid,
    /// From the claim. It counts only while that claim is in force.
    pub token: Token,
    /// Absent if it is unreadable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Arc<Event>>,
    pub since: Timestamp,
    /// From the claim.
    pub origin: Origin,
    /// The next state of the delivery. `Suspended` is recorded like a wait that is over.
    pub next: Next,
    /// Absent if no attempt counts (a fault of the host).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<AttemptRecord>,
    /// A JSON object; only if delivered.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "as_json::optional")]
    pub receipt: Option<String>,
    /// Why it was not delivered, if no attempt shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// Why it was skipped, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Fallback channels. The first that does not have the event yet gets it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback: Vec<ChannelId>,
    /// The digest of the settings in force, for the dead letter.
    pub settings: Arc<str>,
    /// When the attempt ended.
    pub at: Timestamp,
    /// Committed together with this settlement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub writes: Vec<StateWrite>,
    /// Emitted events, recorded in the same commit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emits: Vec<Entry>,
    /// The guest's own metrics; only if delivered. They are reported, not recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<Sample>,
    /// What traces record of the attempt, if it is sampled. Reported, but not stored. It is not serialized: the
    /// daemon that made the attempt exports it.
    #[serde(skip)]
    pub traced: Option<Box<Traced>>,
    /// How soon it is to be committed. It is not serialized: what is read back has been committed.
    #[serde(skip)]
    pub haste: Haste,
}

/// How soon a settlement is to be committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Haste {
    /// It may wait some milliseconds for others, as if the attempt had ended later.
    CanWait,
    /// It may wait for others that arrive at the same time.
    #[default]
    Prompt,
    /// It waits for nothing but other events that arrive fast: nothing that belongs to it is still to come.
    AtOnce,
}

impl Settlement {
    /// The next state of a delivery that nothing else is known of: its channel, its event's offset and key.
    #[must_use]
    pub fn new((channel, offset, key): (ChannelId, Offset, Uuid), next: Next, at: Timestamp) -> Self {
        Self {
            channel,
            offset,
            key,
            token: Token::default(),
            event: None,
            since: at,
            origin: Origin::Live,
            next,
            attempt: None,
            receipt: None,
            fault: None,
            detail: None,
            fallback: vec![],
            settings: Arc::default(),
            at,
            writes: vec![],
            emits: vec![],
            samples: vec![],
            traced: None,
            haste: Haste::default(),
        }
    }

    /// Whether only history depends on it: it is delivered, and nothing else is written with it.
    pub(crate) fn is_plain(&self) -> bool {
        let is_live = self.next == Next::Delivered && self.origin == Origin::Live;
        is_live && self.writes.is_empty() && self.emits.is_empty()
    }
}

impl Settlement {
    #[must_use]
    pub fn delivery_id(&self) -> DeliveryId {
        DeliveryId { event: self.key, channel: self.channel }
    }

    /// The failure in it: its own fault, or that of the last attempt.
    pub(crate) fn why(&self) -> Option<Why<'_>> {
        if let Some(fault) = &self.fault {
            return Some(Why { class: fault.class, code: &fault.code, error: &fault.message });
        }
        let attempt = self.attempt.as_ref()?;
        let (code, error) = (attempt.code.as_deref().unwrap_or_default(), attempt.error.as_deref().unwrap_or_default());
        Some(Why { class: attempt.class?, code, error })
    }
}

/// Why a delivery became a dead letter.
#[derive(Clone, Copy, Debug)]
pub struct Why<'a> {
    pub class: Class,
    pub code: &'a str,
    pub error: &'a str,
}

/// The changes of one commit, for followers.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// In the order in which they were queued. Emitted events have been recorded by now and are not included.
    pub settled: Vec<Settlement>,
    /// Deliveries whose settlements were stale and changed nothing.
    pub stale: Vec<DeliveryId>,
    /// The number of new events that attempts have emitted. A delivery that is begun again emits the same events, which
    /// are recorded once.
    pub emitted: usize,
    /// Channels whose hold has changed.
    pub hold_changes: Vec<ChannelId>,
    /// The outage that this commit ended.
    pub outage: Option<Outage>,
}

/// A period in which nothing could be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Why the last commit failed.
    pub reason: String,
    pub since: Timestamp,
    pub until: Timestamp,
}

/// Is notified of commits.
pub trait Follower: Send + Sync + 'static {
    /// Called for each commit, in order, by the task that notifies everyone: it must be quick and must not block.
    fn committed(&self, commit: &Commit);

    /// Called before the journal makes a delivery a dead letter because its event is unreadable. Returns what to record
    /// with it.
    fn dying(&self, channel: &ChannelName, settlement: &Settlement) -> Option<Entry> {
        let _ = (channel, settlement);
        None
    }
}

/// A channel's backlog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Accepted and not settled, including claimed and waiting deliveries.
    pub pending: u64,
    /// Claimed, and neither settled nor given back.
    pub in_flight: u64,
    /// The pending ones that wait for a retry or are deferred.
    pub waiting: u64,
    /// The waiting ones that are deferred, by reason.
    pub deferred: Deferred,
    /// When the oldest pending one was accepted.
    pub oldest: Option<Timestamp>,
    /// When the first delivery that is not claimed was or will be due, as far as memory knows.
    pub due: Option<Timestamp>,
}

/// Whether the journal can write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    Ok,
    /// The last commit failed for this reason; it is retried.
    Failing(String),
}

/// Why events were rejected. Nothing was recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// An event with the same `source` and `id` but different content exists: at this offset or, if there is none,
    /// earlier in the same call.
    #[error(
        "an event with the same source and id but different content {}",
        .offset.map_or("comes earlier in the same request".to_owned(), |offset| format!("exists at offset {offset}"))
    )]
    Conflict {
        /// The index of the entry.
        entry: usize,
        offset: Option<Offset>,
    },
    /// The writer is behind; retry after this long.
    #[error("the journal's queue is full")]
    Busy { retry_after: Duration },
    /// The store cannot write, for example because the disk is full.
    #[error("the journal cannot write: {0}")]
    Unavailable(String),
    /// The table of channels is unknown, for this reason.
    #[error("the table of channels is not known: {0}")]
    NoChannels(Arc<String>),
    #[error("the daemon is shutting down")]
    Closed,
    /// Stages rejected these events; contains at least one refusal.
    #[error("{}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Refused(Vec<StageRefusal>),
}

/// The store failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    #[error("the journal could not be read or written: {0}")]
    Store(String),
    /// The stored data is invalid. Retrying does not help.
    #[error("the journal is damaged: {0}")]
    Damaged(String),
    #[error("the journal is closed")]
    Closed,
}
