//! What a journal shows to people, and what they may do with it: the history, dead letters, jobs, recipients and the
//! audit trail. Values, and traits that a journal implements beside `fanfare_dispatch::Journal`. [`Write`] names all
//! that is written through any of them.
//!
//! Calls are rare compared to deliveries: each is a request of a person, a page of a list or a step of a stream.

mod answer;
mod audit;
mod dead_letters;
mod event;
mod history;
mod jobs;
mod page;
mod recipients;
mod totals;
mod write;

pub use answer::Answer;
pub use audit::{Act, ActEnd, ActQuery, Audit, RecordedAct};
pub use dead_letters::{DROPPED, DeadLetter, DeadLetterFilter, DeadLetterQuery};
pub use event::{EventQuery, StoredDelivery, StoredEvent};
pub use history::History;
pub use jobs::{
    CancelError, DropError, End, Job, JobError, JobId, JobKind, JobState, JobWait, Jobs, ReplayRequest, Start,
};
pub use page::{Hole, Order, Page};
pub use recipients::{RecipientRow, Recipients};
pub use totals::{ChannelTotals, Damage, Restored, Totals, TypeCount, TypesRead};
pub use write::Write;
