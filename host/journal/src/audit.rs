//! The audit trail: who did what, when, from where, and how it ended.
//!
//! An act is recorded before it begins, and its outcome before the response. So a crash loses no act. If it comes
//! between the two, the act has no outcome.

use std::{borrow::Cow, sync::Arc};

use fanfare_dispatch::JournalError;
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use serde_json::json;
use tokio::sync::oneshot;

use crate::{
    chore::{self, Chore},
    group::Group,
    history::Order,
    memory::Memory,
    open_journal::OpenJournal,
    readers::store,
    record,
};

/// The maximum number of acts per page.
const MOST: usize = 1_000;

/// The maximum length of a name, a target or an address, in bytes. The rest is cut off.
const LONGEST_TEXT: usize = 1 << 10;

/// The maximum length of an act's details, in bytes. Of longer ones, the beginning is recorded as text.
const LONGEST_DETAILS: usize = 8 << 10;

/// The audit trail of a journal. Cheap to clone.
#[derive(Clone)]
pub struct Audit {
    journal: Arc<OpenJournal>,
}

/// An administrative act. Its values are shortened when it is recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Act {
    pub who: String,
    pub what: String,
    /// What it applies to.
    pub target: String,
    /// The address that it comes from.
    pub source: Option<String>,
    /// A JSON value.
    pub details: Option<String>,
}

/// How an act ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActEnd {
    pub outcome: String,
    /// Replaces the details that the act began with.
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

impl Audit {
    pub(crate) fn new(journal: Arc<OpenJournal>) -> Self {
        Self { journal }
    }

    /// Records an act that begins. Durable when this returns.
    ///
    /// # Errors
    /// [`JournalError`]; then it is not recorded.
    pub async fn begin(&self, act: Act) -> Result<i64, JournalError> {
        self.journal.run(|answer| Begin { act, outcome: None, id: 0, answer }).await
    }

    /// Records how an act has ended. Durable when this returns.
    ///
    /// # Errors
    /// [`JournalError`]; then the act has no outcome.
    pub async fn end(&self, id: i64, end: ActEnd) -> Result<(), JournalError> {
        self.journal.run(|answer| End { id, end, answer }).await
    }

    /// Records an act that has ended. Durable when this returns.
    ///
    /// # Errors
    /// [`JournalError`]; then it is not recorded.
    pub async fn record(&self, act: Act, outcome: &str) -> Result<i64, JournalError> {
        let outcome = Some(outcome.to_owned());
        self.journal.run(|answer| Begin { act, outcome, id: 0, answer }).await
    }

    /// The acts that match, and the cursor of the next page.
    ///
    /// # Errors
    /// [`JournalError`] if the store cannot be read.
    pub async fn acts(&self, query: ActQuery) -> Result<(Vec<RecordedAct>, Option<i64>), JournalError> {
        self.journal.readers.run(move |connection| page(connection, &query).map_err(|e| store(&e))).await
    }
}

const COLUMNS: &str = "id, at, who, what, target, source, details, outcome";

fn page(connection: &Connection, query: &ActQuery) -> rusqlite::Result<(Vec<RecordedAct>, Option<i64>)> {
    let limit = match query.limit {
        0 => 100,
        limit => limit.min(MOST),
    };
    let (compare, direction, from) = match query.order {
        Order::Oldest => (">", "ASC", query.after),
        Order::Newest => ("<", "DESC", if query.after == 0 { i64::MAX } else { query.after }),
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM audit
         WHERE id {compare} ?1 AND (?2 IS NULL OR who = ?2) AND (?3 IS NULL OR what = ?3) AND at >= ?4 AND at < ?5
         ORDER BY id {direction} LIMIT ?6"
    );
    let since = query.since.map_or(i64::MIN, Timestamp::as_microsecond);
    let until = query.until.map_or(i64::MAX, Timestamp::as_microsecond);
    let mut statement = connection.prepare_cached(&sql)?;
    let values = params![from, query.who, query.what, since, until, record::column(limit as u64 + 1)];
    let mut acts = statement.query_map(values, act)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let more = acts.len() > limit;
    acts.truncate(limit);
    let next = acts.last().filter(|_| more).map(|act| act.id);
    Ok((acts, next))
}

fn act(row: &Row<'_>) -> rusqlite::Result<RecordedAct> {
    Ok(RecordedAct {
        id: row.get(0)?,
        at: record::timestamp(row.get(1)?),
        act: Act {
            who: row.get(2)?,
            what: row.get(3)?,
            target: row.get(4)?,
            source: row.get(5)?,
            details: row.get(6)?,
        },
        outcome: row.get(7)?,
    })
}

fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_TEXT)]
}

/// Details of at most twice the maximum length: quoting may double a text.
fn bounded(details: &str) -> Cow<'_, str> {
    if details.len() <= LONGEST_DETAILS {
        return Cow::Borrowed(details);
    }
    let beginning = &details[..details.floor_char_boundary(LONGEST_DETAILS)];
    Cow::Owned(json!({ "truncated": beginning }).to_string())
}

struct Begin {
    act: Act,
    outcome: Option<String>,
    id: i64,
    answer: oneshot::Sender<Result<i64, JournalError>>,
}

impl Chore for Begin {
    fn write(&mut self, group: &mut Group<'_>, memory: &Memory) -> rusqlite::Result<()> {
        let Act { who, what, target, source, details } = &self.act;
        let source = source.as_deref().map(shortened);
        let values = params![
            memory.now(),
            shortened(who),
            shortened(what),
            shortened(target),
            source,
            details.as_deref().map(bounded),
            self.outcome
        ];
        group
            .connection
            .prepare_cached(
                "INSERT INTO audit (at, who, what, target, source, details, outcome) VALUES (?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(values)?;
        self.id = group.connection.last_insert_rowid();
        Ok(())
    }

    fn finish(self: Box<Self>, _: &Memory, result: Result<(), String>) {
        let id = self.id;
        chore::answer(self.answer, result.map(|()| id));
    }
}

struct End {
    id: i64,
    end: ActEnd,
    answer: oneshot::Sender<Result<(), JournalError>>,
}

impl Chore for End {
    fn write(&mut self, group: &mut Group<'_>, _: &Memory) -> rusqlite::Result<()> {
        let ActEnd { outcome, details } = &self.end;
        group
            .connection
            .prepare_cached("UPDATE audit SET outcome = ?, details = ifnull(?, details) WHERE id = ?")?
            .execute(params![outcome, details.as_deref().map(bounded), self.id])?;
        Ok(())
    }

    fn finish(self: Box<Self>, _: &Memory, result: Result<(), String>) {
        chore::answer(self.answer, result);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut_between_characters_and_details_stay_json() {
        assert_eq!(shortened(&"ü".repeat(LONGEST_TEXT)).len(), LONGEST_TEXT);
        assert_eq!(shortened(&format!("a{}", "ü".repeat(LONGEST_TEXT))).len(), LONGEST_TEXT - 1);
        assert_eq!(bounded("{}"), "{}");
        let long = json!({ "reason": "\"".repeat(LONGEST_DETAILS) }).to_string();
        let kept: serde_json::Value = serde_json::from_str(&bounded(&long)).unwrap();
        assert_eq!(kept["truncated"].as_str().unwrap(), &long[..LONGEST_DETAILS]);
    }
}
