//! Who gets which delivery when.
//!
//! A [`Dispatcher`] has one immutable table of channels, publishes events into the [`Journal`] and runs one lane per
//! channel. A lane claims deliveries from the journal, calls [`Channel::deliver`], lets `fanfare_core::delivery::next`
//! decide what follows, and settles that in the journal. This crate owns the two traits: the journal and the runtime
//! implement them and never see each other.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on should panic"))]

mod announcements;
mod board;
mod bounds;
mod channel;
mod claiming;
mod clock;
mod dispatch_core;
mod dispatcher;
mod gate;
mod gather;
mod gathering;
mod journal;
mod keyed;
mod lag;
mod lane;
mod lanes;
mod late;
mod noted;
mod observer;
mod once;
mod piece;
mod queued;
mod recipients;
mod refusal;
mod result;
mod rounds;
mod runner;
mod slice;
mod snapshot;
mod stages;
mod system;
mod table;
mod tell;
mod traced;
mod turn;
mod work;
mod work_queue;

pub use board::Watch;
pub use bounds::Bounds;
pub use channel::{Attempt, Channel};
pub use clock::{Clock, SystemClock};
pub use dispatcher::{ChannelSpec, Dispatcher, Parts, Published, TableSpec};
pub use gather::Gathered;
pub use journal::{
    AcceptError, Accepted, Backlog, Claim, Commit, Entry, Follower, Haste, Health, Hold, HoldChange, HoldKind, Journal,
    JournalError, Outage, Reconsidered, Registered, Registration, Settlement, State, Token, Why,
};
pub use lane::LaneState;
pub use observer::{End, Observer, Recorded, Settled};
pub use once::RESERVED;
pub use queued::Queued;
pub use recipients::{Changed, Nobody, Recipients};
pub use refusal::StageRefusal;
pub use snapshot::{Prospect, Snapshot};
pub use stages::{Refused, Stage, StageSpec, try_stages};
pub use table::TableState;
pub use traced::{Emitted, Traced};

/// A boxed future, so that the traits here are object-safe.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
