//! The audit trail: who did what, when, from where, and how it ended.

use fanfare_core::as_json;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Answer, Order};

/// An administrative act. Its values are shortened when it is recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    pub who: String,
    pub what: String,
    /// What it applies to.
    pub target: String,
    /// The address that it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// A JSON value.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "as_json::optional")]
    pub details: Option<String>,
}

/// How an act ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActEnd {
    pub outcome: String,
    /// Replaces the details that the act began with.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "as_json::optional")]
    pub details: Option<String>,
}

/// An act as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedAct {
    pub id: i64,
    pub at: Timestamp,
    pub act: Act,
    /// `None` if the act has not ended, or was interrupted.
    pub outcome: Option<String>,
}

/// Filters acts, and selects a page.
#[derive(Clone, Debug, Default)]
pub struct ActQuery {
    pub order: Order,
    /// The id to continue after; 0 for the beginning.
    pub after: i64,
    /// 0 means 100; at most 1000.
    pub limit: usize,
    pub who: Option<String>,
    pub what: Option<String>,
    /// Done at or after this time.
    pub since: Option<Timestamp>,
    /// Done before this time.
    pub until: Option<Timestamp>,
}

/// The audit trail of a journal. An act is recorded before it begins, and its outcome before the response.
///
/// # Errors
/// All calls return [`JournalError`](fanfare_dispatch::JournalError) if the store fails; then nothing is recorded.
pub trait Audit: Send + Sync + 'static {
    /// Records an act that begins, and returns its id. Durable when this returns.
    fn begin(&self, act: Act) -> Answer<'_, i64>;

    /// Records how an act has ended. Durable when this returns.
    fn end(&self, id: i64, end: ActEnd) -> Answer<'_, ()>;

    /// Records an act that has ended, and returns its id. Durable when this returns.
    fn record(&self, act: Act, outcome: &str) -> Answer<'_, i64>;

    /// The acts that match, and the cursor of the next page.
    fn acts(&self, query: ActQuery) -> Answer<'_, (Vec<RecordedAct>, Option<i64>)>;
}
