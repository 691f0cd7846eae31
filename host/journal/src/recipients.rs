//! Recipients set through the API. Each is a row with its body as the caller wrote it. The journal does not interpret
//! the body.

use std::sync::Arc;

use fanfare_dispatch::JournalError;
use jiff::Timestamp;
use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use crate::{
    chore::{self, Chore},
    group::Group,
    memory::Memory,
    open_journal::OpenJournal,
    readers::store,
};

/// The recipients in a journal. Cheap to clone.
#[derive(Clone)]
pub struct Recipients {
    journal: Arc<OpenJournal>,
}

/// One recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientRow {
    pub subject: String,
    /// A JSON object.
    pub body: String,
    pub changed_at: Timestamp,
}

impl Recipients {
    pub(crate) fn new(journal: Arc<OpenJournal>) -> Self {
        Self { journal }
    }

    /// All of them, by subject.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn all(&self) -> Result<Vec<RecipientRow>, JournalError> {
        self.journal.readers.run(|connection| all(connection).map_err(|e| store(&e))).await
    }

    /// Sets a recipient, replacing the one with the same subject. Durable when this returns.
    ///
    /// # Errors
    /// [`JournalError`]; then nothing has changed.
    pub async fn set(&self, row: RecipientRow) -> Result<(), JournalError> {
        let RecipientRow { subject, body, changed_at } = row;
        self.journal.run(|answer| Change { subject, body: Some((body, changed_at)), answer }).await
    }

    /// Removes a recipient. Durable when this returns.
    ///
    /// # Errors
    /// [`JournalError`]; then nothing has changed.
    pub async fn remove(&self, subject: String) -> Result<(), JournalError> {
        self.journal.run(|answer| Change { subject, body: None, answer }).await
    }
}

fn all(connection: &Connection) -> rusqlite::Result<Vec<RecipientRow>> {
    let mut rows = connection.prepare("SELECT subject, body, changed_at FROM recipients ORDER BY subject")?;
    let row = |row: &rusqlite::Row<'_>| {
        let changed_at = Timestamp::from_microsecond(row.get(2)?).unwrap_or_default();
        Ok(RecipientRow { subject: row.get(0)?, body: row.get(1)?, changed_at })
    };
    rows.query_map([], row)?.collect()
}

struct Change {
    subject: String,
    body: Option<(String, Timestamp)>,
    answer: oneshot::Sender<Result<(), JournalError>>,
}

impl Chore for Change {
    fn write(&mut self, group: &mut Group<'_>, _: &Memory) -> rusqlite::Result<()> {
        // The replaced or removed row contains somebody's address. It must not remain in free space of the file.
        overwrite_deleted(group.connection, true)?;
        let changed = self.change(group);
        overwrite_deleted(group.connection, false)?;
        changed
    }

    fn finish(self: Box<Self>, _: &Memory, result: Result<(), String>) {
        chore::answer(self.answer, result);
    }
}

fn overwrite_deleted(connection: &Connection, on: bool) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "secure_delete", on, |_| Ok(()))
}

impl Change {
    fn change(&self, group: &Group<'_>) -> rusqlite::Result<()> {
        match &self.body {
            Some((body, at)) => group
                .connection
                .prepare_cached(
                    "INSERT INTO recipients (subject, changed_at, body) VALUES (?, ?, ?)
                     ON CONFLICT (subject) DO UPDATE SET changed_at = excluded.changed_at, body = excluded.body",
                )?
                .execute(params![self.subject, at.as_microsecond(), body])?,
            None => group
                .connection
                .prepare_cached("DELETE FROM recipients WHERE subject = ?")?
                .execute(params![self.subject])?,
        };
        Ok(())
    }
}
