//! The durable record: SQLite behind one writer thread, with group commit.
//!
//! # Layout
//!
//! | table | holds | written |
//! |---|---|---|
//! | `events` | one row per accepted event: its identity, its targets, the event itself as CloudEvents JSON | once, never changed |
//! | `progress` | what became of an event's deliveries: one row per event and group commit, a list of entries | appended |
//! | `channels` | a channel's number, its place in the events, its counters, its hold | one update per touched channel and commit |
//! | `retries` | deliveries that wait: for a further attempt, for others of their key, or because they are made again | rare |
//! | `dead_letters` | deliveries that ended dead, with what a listing shows | rare |
//! | `troubled` | events of which some delivery was ever dead | rare |
//! | `segments` | which types, sources and channels occur in 256 events, and when | once per 256 events |
//! | `jobs` | replays, redrives and purges, and how far they have come | once per step |
//! | `state` | the channels' own key-value state | with the settlement that carries the writes |
//! | `restores` | copies of the journal that it comes from, and when it was put back | by a backup, in the copy; at the first start on one |
//! | `journal` | one row: the last offset, the last commit's number and time, how many events there are, how far they are pruned | once per commit |
//!
//! The hot path only appends: an event with four channels that all succeed at once costs one row in `events` and,
//! typically, one in `progress`. There is no row per delivery. The state of a delivery is the fold of its entries in
//! `progress`, in the order of commits.
//!
//! # Invariants
//!
//! Each holds after every commit, so also after a crash:
//!
//! 1. An offset is given once; offsets of accepted events have no gaps.
//! 2. `source` and `id` together are unique in `events`.
//! 3. For every channel, each targeted event at or below `floor` is settled or has a row in `retries`.
//! 4. For every channel, no event above `ceiling` is settled or has a row in `retries`, those aside that are made again. So only the
//!    stretch from `floor` to `ceiling` has to be compared with `progress` after a crash, and it is as long as the oldest claim was
//!    old.
//! 5. For every channel, `accepted + redriven - delivered - dead - skipped` is the number of its pending deliveries.
//! 6. What an attempt did to its channel's state is committed together with its settlement, or not at all.
//! 7. On a channel that keeps an order, of the rows in `retries` with the same key at most one is due; it is the earliest begun.
//! 8. A job's cursor is committed together with what the step before it has begun or deleted.
//! 9. What ended dead has its dead letter until it is delivered, a redrive takes it out, or it is deleted. A replay leaves it
//!    where it is: one that is skipped changes nothing.
//! 10. An event is pruned only at or below every channel's floor, without a row in `retries` and without a dead letter.
//!
//! Whatever the writer takes from its queue at once is one commit: any number of whole `accept` calls, of settlements, and of
//! rarer work (a step of a job, a pause, pruning), each of which succeeds or is undone by itself. If the commit fails, its
//! accepts are refused and its settlements are kept and tried again. Memory follows a commit and never leads it: a delivery
//! stays in flight until what became of it is committed, and a floor is derived from what is in flight then. So it makes no
//! difference between which two commits a crash falls.
//!
//! # Claims
//!
//! A channel consumes the events like a cursor over the log, as a JetStream consumer does. What was just accepted is served from a
//! window in memory shared by all channels; what lies further back is read from disk in pages. Claims are not durable: only the
//! deliveries in flight are held in memory, so memory stays flat however long the backlog is.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic"))]

mod again;
mod backup;
mod cancel;
mod checkpoint;
mod chore;
mod claim;
mod consumer;
mod damage;
pub mod doctor;
mod group;
mod herald;
mod history;
mod hold;
mod identity;
mod jobs;
mod journal;
mod jumps;
mod late;
mod limit;
mod migrate;
mod options;
mod order;
mod orphans;
mod place;
mod queue;
mod readers;
mod recipients;
mod reconsider;
mod record;
mod recovery;
mod restored;
mod retention;
mod retries;
mod schema;
mod segment;
mod shared;
mod skip;
mod state;
mod window;
mod writer;

pub use backup::{BackupError, backup};
pub use cancel::CancelError;
pub use damage::Damage;
pub use history::{
    ChannelTotals, DeadLetter, DeadLetterFilter, DeadLetterQuery, EventQuery, History, Hole, Order, Page,
    StoredDelivery, StoredEvent, Totals, TypeCount, TypesRead,
};
pub use jobs::{End, Job, JobError, JobId, JobKind, JobState, JobWait, Jobs, ReplayRequest, Start};
pub use journal::SqliteJournal;
pub use options::{CommitHook, OpenError, Options};
pub use recipients::{RecipientRow, Recipients};
pub use restored::Restored;
pub use shared::Held;
pub use skip::DropError;
