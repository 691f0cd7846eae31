//! Recipients set through the API. The journal does not interpret their bodies.

use fanfare_core::as_json;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Answer;

/// One recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientRow {
    pub subject: String,
    /// A JSON object.
    #[serde(with = "as_json")]
    pub body: String,
    pub changed_at: Timestamp,
}

/// The recipients in a journal.
///
/// # Errors
/// All calls return [`JournalError`](fanfare_dispatch::JournalError) if the store fails; then nothing has changed.
pub trait Recipients: Send + Sync + 'static {
    /// All of them, by subject.
    fn all(&self) -> Answer<'_, Vec<RecipientRow>>;

    /// Sets a recipient, replacing the one with the same subject. Durable when this returns.
    fn set(&self, row: RecipientRow) -> Answer<'_, ()>;

    /// Removes a recipient. Durable when this returns.
    fn remove(&self, subject: String) -> Answer<'_, ()>;
}
