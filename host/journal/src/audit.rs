//! The audit trail: who did what, when, from where, and how it ended.
//!
//! An act is recorded before it begins, and its outcome before the response. So a crash loses no act. If it comes
//! between the two, the act has no outcome.

use std::{borrow::Cow, sync::Arc};

use fanfare_dispatch::{BoxFuture, JournalError};
use fanfare_record::{Act, ActEnd, ActQuery, Audit, Order, RecordedAct};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use serde_json::json;
use tokio::sync::oneshot;

use crate::{
    chore::{self, Chore},
    group::Group,
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

/// The audit trail of a journal.
pub(crate) struct SqliteAudit {
    journal: Arc<OpenJournal>,
}

impl SqliteAudit {
    pub(crate) fn new(journal: Arc<OpenJournal>) -> Self {
        Self { journal }
    }
}

impl Audit for SqliteAudit {
    fn begin(&self, act: Act) -> BoxFuture<'_, Result<i64, JournalError>> {
        Box::pin(self.journal.run(|answer| Begin { act, outcome: None, id: 0, answer }))
    }

    fn end(&self, id: i64, end: ActEnd) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.journal.run(move |answer| End { id, end, answer }))
    }

    fn record(&self, act: Act, outcome: &str) -> BoxFuture<'_, Result<i64, JournalError>> {
        let outcome = Some(outcome.to_owned());
        Box::pin(self.journal.run(|answer| Begin { act, outcome, id: 0, answer }))
    }

    fn acts(&self, query: ActQuery) -> BoxFuture<'_, Result<(Vec<RecordedAct>, Option<i64>), JournalError>> {
        Box::pin(self.journal.readers.run(move |connection| page(connection, &query).map_err(|e| store(&e))))
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
