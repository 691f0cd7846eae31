//! What dispatch asks of the durable record.

use std::{
    collections::HashSet,
    sync::{Arc, Weak},
    time::Duration,
};

use fanfare_core::{
    AttemptRecord, ChannelId, ChannelName, DeliveryId, Event, Fault, Offset, Sample, StateWrite, Trail,
    delivery::{Deferred, Next, Origin, Wait},
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{BoxFuture, StageRefusal};

/// The durable record of events and of what became of them.
///
/// What goes in is a value, with the time in it: given the same values in the same order, an empty journal becomes the
/// same journal. What was committed comes back as a value too ([`Commit`]), to whoever follows.
///
/// Accepted means durable: `accept` answers after the commit. A claim is not durable: what was claimed and not settled when
/// the process dies is claimed again, under the same delivery id.
pub trait Journal: State {
    /// Makes the channels known, and returns what is known of them, in their order. A name that was never seen gets a
    /// new number. From then on the channel's deliveries are handed out in the order it asks for.
    fn register(&self, channels: Vec<Registration>) -> BoxFuture<'_, Result<Vec<Registered>, JournalError>>;

    /// Records events for their targets, all or none, in one commit. The answers stand in the order of the entries.
    fn accept(&self, entries: Vec<Entry>) -> BoxFuture<'_, Result<Vec<Accepted>, AcceptError>>;

    /// Waits until the channel has something due, then hands out 1 to `max` deliveries, retries that are due among them. A
    /// delivery is out once until it is settled. Dropping the future claims nothing.
    fn claim(&self, channel: ChannelId, max: usize) -> BoxFuture<'_, Result<Vec<Claim>, JournalError>>;

    /// Hands out up to `max` deliveries that have been under way since before `before`; returns none when there are
    /// none. For a channel that is on hold or has no plugin, whose deliveries still expire.
    fn claim_expired(
        &self,
        channel: ChannelId,
        before: Timestamp,
        max: usize,
    ) -> BoxFuture<'_, Result<Vec<Claim>, JournalError>>;

    /// Has deferred deliveries of the channel come to their turn again: what deferred them is no longer in force.
    fn reconsider(&self, channel: ChannelId, which: Reconsidered) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Has the first of `fallback` that has not had it get the event of each delivery of the channel that is under way since
    /// `before` or earlier and has not fallen back before. Returns how many those were.
    fn fall_back(
        &self,
        channel: ChannelId,
        before: Timestamp,
        fallback: Vec<ChannelId>,
    ) -> BoxFuture<'_, Result<usize, JournalError>>;

    /// Puts a channel on hold, or ends that; returns the hold that is in force after it. The journal only remembers it: whoever
    /// claims has to obey. A settlement of [`Next::Suspended`] suspends a channel that is not on hold.
    fn change_hold(&self, channel: ChannelId, change: HoldChange) -> BoxFuture<'_, Result<Option<Hold>, JournalError>>;

    /// The channel's hold as of the last commit. Of two changes the one that was committed later counts, whoever hears of it
    /// first.
    fn hold(&self, channel: ChannelId) -> Option<Hold>;

    /// Records what became of claims, in this order. Resolves when the settlements are queued, which is at once unless
    /// the writer is far behind; those who follow are told after the commit. A store that cannot write keeps
    /// settlements and tries on.
    fn settle(&self, settlements: Vec<Settlement>) -> BoxFuture<'_, ()>;

    /// Has someone told of every commit from now on, as long as they are there.
    fn follow(&self, follower: Weak<dyn Follower>);

    /// How much a channel has before it.
    fn backlog(&self, channel: ChannelId) -> Backlog;

    /// Whether writes go through.
    fn health(&self) -> Health;

    /// Writes what is queued, then stops. Nothing is accepted afterwards.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// Reads a channel's own key-value state, as it was last committed.
pub trait State: Send + Sync + 'static {
    fn get<'a>(&'a self, channel: ChannelId, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, JournalError>>;
}

/// Deferred deliveries that come to their turn again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reconsidered {
    /// All but those whose events name a time.
    All,
    /// Those that wait for the end of quiet hours.
    Quiet,
    /// Of these, those whose events have one of these subjects.
    QuietFor(Arc<HashSet<String>>),
}

/// A channel to be made known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    pub name: ChannelName,
    /// The attribute whose values keep their order: of the events with the same one, the next is not handed out before the one
    /// before it has ended.
    pub order: Option<String>,
}

/// What is known of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    pub id: ChannelId,
    pub hold: Option<Hold>,
}

/// Nothing is attempted on the channel, and nothing of it is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    pub kind: HoldKind,
    pub reason: String,
    pub since: Timestamp,
}

/// What becomes of a channel's hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldChange {
    Pause(Hold),
    /// Ends whatever holds it.
    Resume,
    /// Ends a suspension, or closes a breaker; an operator's pause stays.
    EndSuspension,
    /// The breaker opens, or opens anew. Where somebody else holds the channel, that stays.
    Open(Hold),
    /// The breaker closes.
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldKind {
    /// By an operator.
    Paused,
    /// The receiver said that it is gone.
    Suspended,
    /// The breaker is open, or half-open: attempts failed.
    Open,
}

/// An event to be accepted.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Made by the caller, so that it can watch for the results before they can come. Version 7: sorts by time.
    pub key: Uuid,
    pub event: Arc<Event>,
    pub accepted_at: Timestamp,
    /// May be empty: the event is kept as history all the same.
    pub targets: Arc<[ChannelId]>,
    /// Of the targets, those that get it ahead of their backlogs. A channel that keeps an order does not let an event overtake
    /// others of its key.
    pub first: Vec<ChannelId>,
    /// How it came through the stages; absent where none ran.
    pub trail: Option<Box<Trail>>,
}

/// How an entry was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    New {
        offset: Offset,
    },
    /// `source` and `id` were seen before with the same content; nothing was recorded.
    Duplicate {
        offset: Offset,
    },
}

/// One delivery, handed out for one attempt.
#[derive(Clone, Debug)]
pub struct Claim {
    pub channel: ChannelId,
    pub offset: Offset,
    pub key: Uuid,
    pub event: Arc<Event>,
    /// When the event was accepted, or the later time that it names; for a delivery that is made again, when that was asked
    /// for.
    pub since: Timestamp,
    /// Attempts already spent, since then.
    pub attempts: u32,
    pub origin: Origin,
    /// Since when it may be attempted.
    pub due: Timestamp,
    /// What it was deferred for, if that is why it was not attempted before.
    pub deferred: Option<Wait>,
}

impl Claim {
    #[must_use]
    pub fn delivery_id(&self) -> DeliveryId {
        DeliveryId { event: self.key, channel: self.channel }
    }
}

/// What became of a claim: all that is to be recorded of it, and told.
#[derive(Clone, Debug)]
pub struct Settlement {
    pub channel: ChannelId,
    pub offset: Offset,
    /// As the claim has it.
    pub key: Uuid,
    /// Absent where it cannot be read any more.
    pub event: Option<Arc<Event>>,
    pub since: Timestamp,
    /// As the claim has it.
    pub origin: Origin,
    /// Where the delivery goes from here. `Suspended` is kept like a wait that is over.
    pub next: Next,
    /// Absent when no attempt counts (a fault of our own).
    pub attempt: Option<AttemptRecord>,
    /// A JSON object; delivered only.
    pub receipt: Option<String>,
    /// Why it did not deliver, where no attempt says so.
    pub fault: Option<Fault>,
    /// Why it is skipped, in words.
    pub detail: Option<String>,
    /// Channels that are to deliver the event instead: the first of them that has not had it.
    pub fallback: Vec<ChannelId>,
    /// The digest of the settings at work, for the dead letter.
    pub settings: Arc<str>,
    /// When the attempt ended.
    pub at: Timestamp,
    /// Committed together with this settlement.
    pub writes: Vec<StateWrite>,
    /// New events, recorded in the same commit.
    pub emits: Vec<Entry>,
    /// The guest's own numbers; delivered only. They are told and not recorded.
    pub samples: Vec<Sample>,
}

impl Settlement {
    #[must_use]
    pub fn delivery_id(&self) -> DeliveryId {
        DeliveryId { event: self.key, channel: self.channel }
    }
}

/// What one commit has changed, as far as others than its callers want to know.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// In the order in which they were queued. What they emitted is among the events now, and not here.
    pub settled: Vec<Settlement>,
    /// Events that attempts have emitted and that are new. A delivery that is made again emits the same ones again, and
    /// they are recorded once.
    pub emitted: usize,
    /// Channels whose hold has changed.
    pub held: Vec<ChannelId>,
    /// Commits have failed until this one.
    pub outage: Option<Outage>,
}

/// A time in which nothing could be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Why the last commit failed.
    pub reason: String,
    pub since: Timestamp,
    pub until: Timestamp,
}

/// Someone who wants to know what was committed.
pub trait Follower: Send + Sync + 'static {
    /// Called for each commit in their order, by a task that tells everyone: it must be quick and must not block.
    fn committed(&self, commit: &Commit);

    /// Asked before the journal itself gives a delivery up, because it cannot read its event: what else to record then.
    fn dying(&self, channel: &ChannelName, settlement: &Settlement) -> Option<Entry> {
        let _ = (channel, settlement);
        None
    }
}

/// What a channel has before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Accepted and not settled, claimed and waiting ones included.
    pub pending: u64,
    /// Claimed and not settled.
    pub in_flight: u64,
    /// Of those pending, how many wait for a further attempt, or are deferred.
    pub waiting: u64,
    /// Of those waiting, how many are deferred.
    pub deferred: Deferred,
    /// When the oldest pending one was accepted.
    pub oldest: Option<Timestamp>,
    /// Of those not claimed, since or from when the first one is due, as far as memory knows.
    pub due: Option<Timestamp>,
}

/// Whether the journal can write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    Ok,
    /// The last commit failed for this reason; it is tried again.
    Failing(String),
}

/// Why events were not accepted. Nothing of them was recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// An event with the same `source` and `id`, but other content, is there already: at this offset or, if there is none,
    /// earlier in the same call.
    #[error(
        "an event with the same source and id, but other content, {}",
        .offset.map_or("stands earlier in the same request".to_owned(), |offset| format!("stands at offset {offset}"))
    )]
    Conflict {
        /// Which of the entries it is, from 0.
        entry: usize,
        offset: Option<Offset>,
    },
    /// Too much is queued for the disk; worth another try after this long.
    #[error("the journal's queue is full")]
    Busy { retry_after: Duration },
    /// The store cannot write (disk full, for one).
    #[error("the journal cannot write: {0}")]
    Unavailable(String),
    /// It is not known where the events go, for this reason.
    #[error("it is not known which channels there are: {0}")]
    NoChannels(Arc<String>),
    #[error("the daemon is shutting down")]
    Closed,
    /// Stages do not let these events through; there is one refusal at least.
    #[error("{}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Refused(Vec<StageRefusal>),
}

/// The store failed us.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    #[error("the journal could not be read or written: {0}")]
    Store(String),
    /// What is there makes no sense. Asking again does not help.
    #[error("the journal is damaged: {0}")]
    Damaged(String),
    #[error("the journal is closed")]
    Closed,
}
