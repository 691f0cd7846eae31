//! The durable record: SQLite behind one writer thread, with group commit.
//!
//! # Layout
//!
//! | table | contains | written |
//! |---|---|---|
//! | `events` | one row per accepted event: identity, targets, and the event as JSON | once, never changed |
//! | `progress` | the progress of deliveries: one row per event and group commit, a list of entries | appended |
//! | `channels` | a channel's number, position, counters and hold | one update per touched channel and commit |
//! | `retries` | waiting deliveries: for a retry, for others of their key, or begun again | rare |
//! | `dead_letters` | deliveries that ended dead, with what a listing shows | rare |
//! | `troubled` | events that ever had a dead delivery | rare |
//! | `segments` | the types, sources, channels and times that occur in 256 events | once per 256 events |
//! | `jobs` | replays, redrives and purges, with their progress | once per step |
//! | `state` | the channels' own key-value state | with the settlement that carries the writes |
//! | `restores` | the copies that the journal was restored from | in a backup's copy; at the first start on a copy |
//! | `journal` | one row: the journal's own counters | once per commit |
//! | `recipients` | recipients set through the API | by the API |
//! | `audit` | the audit trail: administrative acts and their outcomes | twice per act |
//!
//! The hot path only appends: an event with four channels that all succeed at once costs one row in `events` and,
//! typically, one in `progress`. There is no row per delivery. The state of a delivery is the fold of its entries in
//! `progress`, in commit order.
//!
//! # Invariants
//!
//! Each holds after every commit, and therefore after a crash:
//!
//! 1. An offset is assigned once; offsets of accepted events have no gaps.
//! 2. `source` and `id` together are unique in `events`.
//! 3. For every channel, each targeted event at or below `floor` is settled or has a row in `retries`.
//! 4. For every channel, no event above `ceiling` is settled or has a row in `retries`, except deliveries begun
//!    again. So after a crash only the range from `floor` to `ceiling` has to be compared with `progress`. It
//!    reaches back as far as the oldest claim.
//! 5. For every channel, `accepted + redriven - delivered - dead - skipped` is the number of its pending deliveries.
//! 6. An attempt's writes to its channel's state are committed together with its settlement, or not at all.
//! 7. On an ordered channel, at most one row in `retries` per key is due. The settlement that ends it makes the
//!    earliest of the others due.
//! 8. A job's cursor is committed together with the deliveries that the step has begun or the letters it has deleted.
//! 9. A delivery that ended dead keeps its dead letter until it is delivered, redriven or the letter is deleted. A
//!    replay that is skipped leaves the letter in place.
//! 10. An event is pruned only at or below every channel's floor, without a row in `retries` and without a dead letter.
//!
//! Everything the writer takes from its queue at once is one commit: any number of whole `accept` calls, settlements,
//! and infrequent work (a step of a job, a pause, pruning), each of which succeeds or is rolled back on its own. If the
//! commit fails, its accepts are rejected, and its settlements are kept and retried. Memory follows a commit and never
//! leads it: a delivery stays in flight until its settlement is committed, and floors are derived from what is in
//! flight then. So it makes no difference between which two commits a crash happens.
//!
//! # Claims
//!
//! A channel consumes events through a cursor over the log, like a JetStream consumer. Recent events are served from a
//! window in memory that all channels share; older ones are read from disk in pages. Claims are not durable, and memory
//! contains only the deliveries in flight, so it stays flat however long the backlog is. A claim that is given back
//! stays in memory and is handed out again before all others; nothing is written. Each claim has a token, and only a
//! settlement with the token of the claim in force counts. Claims have no deadline: they end with the process.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic"))]

mod ahead;
mod audit;
mod backup;
mod cancel;
mod channels;
mod checkpoint;
mod chore;
mod claim;
mod connect;
mod consumer;
mod damage;
pub mod doctor;
mod ending;
mod flights;
mod group;
mod herald;
mod history;
mod hold;
mod identity;
mod job_ends;
mod jobs;
mod journal;
mod jumps;
mod keys;
mod late;
mod limit;
mod memory;
mod migrate;
mod open_journal;
mod options;
mod order;
mod orphans;
mod pace;
mod place;
mod prepared;
mod progress;
mod pulse;
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
mod skip;
mod state;
mod touch;
mod waits;
mod window;
mod writer;

pub use backup::{BackupError, backup};
// What this journal shows and lets people do. The daemon takes it from `fanfare_record`, so that it names no store.
#[doc(no_inline)]
pub use fanfare_record::{
    Act, ActEnd, ActQuery, Audit, CancelError, ChannelTotals, Damage, DeadLetter, DeadLetterFilter, DeadLetterQuery,
    DropError, End, EventQuery, History, Hole, Job, JobError, JobId, JobKind, JobState, JobWait, Jobs, Order, Page,
    RecipientRow, Recipients, RecordedAct, ReplayRequest, Restored, Start, StoredDelivery, StoredEvent, Totals,
    TypeCount, TypesRead,
};
pub use journal::SqliteJournal;
pub use memory::MemoryUse;
pub use options::{CommitHook, OpenError, Options};
