//! Recipients set through the API. Each is a row with its body as the caller wrote it. The journal does not interpret
//! the body.

use std::sync::Arc;

use fanfare_dispatch::{BoxFuture, JournalError};
use fanfare_record::{RecipientRow, Recipients};
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

/// The recipients in a journal.
pub(crate) struct SqliteRecipients {
    journal: Arc<OpenJournal>,
}

impl SqliteRecipients {
    pub(crate) fn new(journal: Arc<OpenJournal>) -> Self {
        Self { journal }
    }
}

impl Recipients for SqliteRecipients {
    fn all(&self) -> BoxFuture<'_, Result<Vec<RecipientRow>, JournalError>> {
        Box::pin(self.journal.readers.run(|connection| all(connection).map_err(|e| store(&e))))
    }

    fn set(&self, row: RecipientRow) -> BoxFuture<'_, Result<(), JournalError>> {
        let RecipientRow { subject, body, changed_at } = row;
        Box::pin(self.journal.run(move |answer| Change { subject, body: Some((body, changed_at)), answer }))
    }

    fn remove(&self, subject: String) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.journal.run(|answer| Change { subject, body: None, answer }))
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
