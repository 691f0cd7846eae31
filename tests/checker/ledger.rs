//! The journal's file, read with plain SQL. It shares no code with the journal.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use rusqlite::{Connection, Row};
use serde_json::Value;

/// The due time of a delivery that is held back behind others with its key.
pub const NEVER: i64 = i64::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Delivered,
    Waiting,
    Suspended,
    Dead,
    Again,
    Deferred,
    Skipped,
}

/// One entry of `progress`.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub channel: u32,
    pub step: Step,
    pub attempted: bool,
    pub failed: bool,
    /// Begun as a fallback, and not by a job.
    pub by_policy: bool,
    /// Begun by a redrive, which removes its dead letter.
    pub by_hand: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// As in delivery ids.
    pub key: String,
    pub targets: Vec<u32>,
    pub id: String,
    pub source: String,
    pub subject: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Channel {
    pub name: String,
    pub floor: u64,
    pub ceiling: u64,
    pub accepted: u64,
    pub delivered: u64,
    pub dead: u64,
    pub skipped: u64,
    pub attempts: u64,
    pub failed_attempts: u64,
    pub redriven: u64,
    pub order_by: Option<String>,
    pub hold: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    pub due_at: i64,
    pub live: bool,
    pub order_key: Option<i64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Jobs {
    /// Deliveries begun again, by all jobs.
    pub begun: u64,
    pub purges: u64,
}

/// Everything that is checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    pub integrity: String,
    pub last_offset: u64,
    pub events_ever: u64,
    pub pruned_to: u64,
    pub events: BTreeMap<u64, Event>,
    /// By offset, in the order of commits.
    pub progress: BTreeMap<u64, Vec<Entry>>,
    pub channels: BTreeMap<u32, Channel>,
    /// By channel and offset.
    pub retries: BTreeMap<(u32, u64), Retry>,
    pub letters: BTreeSet<(u32, u64)>,
    pub troubled: BTreeSet<u64>,
    pub state: BTreeMap<(u32, String), String>,
    pub jobs: Jobs,
}

/// Reads a copy, so that the next daemon finds the file and its log unchanged.
pub fn read(folder: &Path) -> Ledger {
    let copy = tempfile::tempdir().unwrap();
    for name in ["journal.db", "journal.db-wal"] {
        if folder.join(name).exists() {
            fs::copy(folder.join(name), copy.path().join(name)).unwrap();
        }
    }
    let db = Connection::open(copy.path().join("journal.db")).unwrap();
    let known = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| number(row, 0)).unwrap();
    if known == 0 {
        return Ledger { integrity: "ok".to_owned(), ..Ledger::default() }; // killed before the tables were created
    }
    let mut ledger = Ledger {
        integrity: db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap(),
        ..Ledger::default()
    };
    db.query_row("SELECT last_offset, events, pruned_to FROM journal", [], |row| {
        (ledger.last_offset, ledger.events_ever, ledger.pruned_to) =
            (number(row, 0)?, number(row, 1)?, number(row, 2)?);
        Ok(())
    })
    .unwrap();
    rows(&db, "SELECT offset, hex(key), targets, id, source, event FROM events", |row| {
        let (key, targets, text): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(5)?);
        let event: Value = serde_json::from_str(&text).unwrap();
        ledger.events.insert(
            number(row, 0)?,
            Event {
                key: key.to_lowercase(),
                targets: serde_json::from_str(&targets).unwrap(),
                id: row.get(3)?,
                source: row.get(4)?,
                // An event that is due later does not hold back others of its subject.
                subject: event["subject"].as_str().filter(|_| event["deliverat"].is_null()).map(str::to_owned),
            },
        );
        Ok(())
    });
    rows(&db, "SELECT offset, entries FROM progress ORDER BY offset, seq", |row| {
        // The first element of a row may be the time that its entries count from.
        let entries: Vec<Value> = serde_json::from_str(&row.get::<_, String>(1)?).unwrap();
        ledger
            .progress
            .entry(number(row, 0)?)
            .or_default()
            .extend(entries.iter().filter(|entry| entry.is_array()).map(entry));
        Ok(())
    });
    let columns = "id, name, floor, ceiling, accepted, delivered, dead, attempts, failed_attempts, redriven, \
                   order_by, hold, skipped";
    rows(&db, &format!("SELECT {columns} FROM channels"), |row| {
        ledger.channels.insert(
            row.get(0)?,
            Channel {
                name: row.get(1)?,
                floor: number(row, 2)?,
                ceiling: number(row, 3)?,
                accepted: number(row, 4)?,
                delivered: number(row, 5)?,
                dead: number(row, 6)?,
                attempts: number(row, 7)?,
                failed_attempts: number(row, 8)?,
                redriven: number(row, 9)?,
                order_by: row.get(10)?,
                hold: row.get(11)?,
                skipped: number(row, 12)?,
            },
        );
        Ok(())
    });
    rows(&db, "SELECT channel, offset, due_at, origin, order_key FROM retries", |row| {
        let retry = Retry { due_at: row.get(2)?, live: row.get::<_, i64>(3)? == 0, order_key: row.get(4)? };
        ledger.retries.insert((row.get(0)?, number(row, 1)?), retry);
        Ok(())
    });
    rows(&db, "SELECT channel, offset FROM dead_letters", |row| {
        ledger.letters.insert((row.get(0)?, number(row, 1)?));
        Ok(())
    });
    rows(&db, "SELECT offset FROM troubled", |row| {
        ledger.troubled.insert(number(row, 0)?);
        Ok(())
    });
    rows(&db, "SELECT channel, key, value FROM state", |row| {
        let value: Vec<u8> = row.get(2)?;
        ledger.state.insert((row.get(0)?, row.get(1)?), String::from_utf8(value).unwrap());
        Ok(())
    });
    rows(&db, "SELECT kind, sent FROM jobs", |row| {
        match row.get::<_, String>(0)?.as_str() {
            "purge" => ledger.jobs.purges += 1,
            _ => ledger.jobs.begun += number(row, 1)?,
        }
        Ok(())
    });
    ledger
}

/// Offsets and counts, which are never negative.
fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(|number| u64::try_from(number).unwrap())
}

fn rows(db: &Connection, sql: &str, mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>) {
    let mut statement = db.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        take(row).unwrap();
    }
}

fn entry(entry: &Value) -> Entry {
    let step = match entry[1].as_u64().unwrap() {
        0 => Step::Delivered,
        1 => Step::Waiting,
        2 => Step::Suspended,
        3 => Step::Dead,
        4 => Step::Again,
        5 => Step::Deferred,
        6 => Step::Skipped,
        other => panic!("unknown step {other}"),
    };
    let channel = u32::try_from(entry[0].as_u64().unwrap()).unwrap();
    let origin = &entry[5]["origin"];
    let (by_policy, by_hand) = (origin == "fallback", origin == "manual");
    Entry { channel, step, attempted: entry[3].is_array(), failed: entry[3][7].is_string(), by_policy, by_hand }
}

/// One delivery's progress.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    pub targeted: bool,
    pub entries: Vec<Entry>,
}

impl Fold {
    /// Delivered, dead or skipped, and not begun again since.
    pub fn settled(&self) -> bool {
        matches!(self.last(), Some(Step::Delivered | Step::Dead | Step::Skipped))
    }

    pub fn last(&self) -> Option<Step> {
        self.entries.last().map(|entry| entry.step)
    }

    /// It ended dead, and was neither delivered nor redriven since.
    pub fn is_dead(&self) -> bool {
        self.entries.iter().fold(false, |dead, entry| match entry.step {
            Step::Dead => true,
            Step::Delivered => false,
            _ => dead && !entry.by_hand,
        })
    }

    pub fn ever(&self, step: Step) -> bool {
        self.entries.iter().any(|entry| entry.step == step)
    }
}

impl Ledger {
    pub fn folds(&self) -> BTreeMap<(u32, u64), Fold> {
        let mut folds: BTreeMap<(u32, u64), Fold> = BTreeMap::new();
        for (&offset, event) in &self.events {
            for &channel in &event.targets {
                folds.entry((channel, offset)).or_default().targeted = true;
            }
        }
        for (&offset, entries) in &self.progress {
            for entry in entries {
                folds.entry((entry.channel, offset)).or_default().entries.push(entry.clone());
            }
        }
        folds
    }

    pub fn channel(&self, name: &str) -> Option<(u32, &Channel)> {
        self.channels.iter().find(|(_, channel)| channel.name == name).map(|(id, channel)| (*id, channel))
    }
}
