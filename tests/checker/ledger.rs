//! The journal's file as it stands on the disk, read with plain SQL and checked against the invariants that `host/journal/src/lib.rs`
//! promises after every commit. So it finds what no client can see: a delivery that nobody will ever make again.
//!
//! The check is a pure function over the rows. It shares no code with the journal.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use rusqlite::{Connection, Row};
use serde_json::Value;

/// When a delivery is due that waits for others of its key.
const NEVER: i64 = i64::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Delivered,
    Waiting,
    Suspended,
    Dead,
    Again,
}

/// One entry of `progress`.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub channel: u32,
    pub step: Step,
    pub attempted: bool,
    pub failed: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// As it stands in delivery ids.
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

/// Everything that has to be right.
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

/// Reads a copy, so that the next daemon finds the file and its log as the last one left them.
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
        return Ledger { integrity: "ok".to_owned(), ..Ledger::default() }; // killed before the tables were made
    }
    let mut ledger = Ledger {
        integrity: db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap(),
        ..Ledger::default()
    };
    db.query_row("SELECT last_offset, events, pruned_to FROM journal", [], |row| {
        (ledger.last_offset, ledger.events_ever, ledger.pruned_to) = (number(row, 0)?, number(row, 1)?, number(row, 2)?);
        Ok(())
    })
    .unwrap();
    rows(&db, "SELECT offset, hex(key), targets, id, source, event FROM events", |row| {
        let (key, targets, text): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(5)?);
        let event: Value = serde_json::from_str(&text).unwrap();
        ledger.events.insert(number(row, 0)?, Event {
            key: key.to_lowercase(),
            targets: serde_json::from_str(&targets).unwrap(),
            id: row.get(3)?,
            source: row.get(4)?,
            subject: event["subject"].as_str().map(str::to_owned),
        });
        Ok(())
    });
    rows(&db, "SELECT offset, entries FROM progress ORDER BY offset, seq", |row| {
        let entries: Vec<Value> = serde_json::from_str(&row.get::<_, String>(1)?).unwrap();
        ledger.progress.entry(number(row, 0)?).or_default().extend(entries.iter().map(entry));
        Ok(())
    });
    let columns = "id, name, floor, ceiling, accepted, delivered, dead, attempts, failed_attempts, redriven, order_by, hold";
    rows(&db, &format!("SELECT {columns} FROM channels"), |row| {
        ledger.channels.insert(row.get(0)?, Channel {
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
        });
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

/// Offsets and counts; none is ever negative.
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
        other => panic!("no step has the number {other}"),
    };
    let channel = u32::try_from(entry[0].as_u64().unwrap()).unwrap();
    Entry { channel, step, attempted: entry[3].is_array(), failed: entry[3][7].is_string() }
}

/// What became of one delivery so far.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    pub targeted: bool,
    pub entries: Vec<Entry>,
}

impl Fold {
    /// Delivered or dead, and not begun again since.
    pub fn settled(&self) -> bool {
        matches!(self.last(), Some(Step::Delivered | Step::Dead))
    }

    pub fn last(&self) -> Option<Step> {
        self.entries.last().map(|entry| entry.step)
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

/// Everything that is wrong. `tallies` are channels of the guest that counts its deliveries in its state, under `n`, and emits an
/// event for each.
pub fn check(ledger: &Ledger, tallies: &[&str]) -> Vec<String> {
    let mut wrong = vec![];
    let folds = ledger.folds();
    if ledger.integrity != "ok" {
        wrong.push(format!("PRAGMA integrity_check: {}", ledger.integrity));
    }
    offsets(ledger, &mut wrong);
    for (&at, fold) in &folds {
        delivery(ledger, at, fold, &mut wrong);
    }
    for (_, offset) in ledger.retries.keys().chain(&ledger.letters) {
        if !ledger.events.contains_key(offset) {
            wrong.push(format!("event {offset} is needed and was removed"));
        }
    }
    for offset in ledger.progress.keys().chain(&ledger.troubled) {
        if !ledger.events.contains_key(offset) {
            wrong.push(format!("event {offset} was removed, and not all that is known of it"));
        }
    }
    counters(ledger, &folds, &mut wrong);
    order(ledger, &folds, &mut wrong);
    for name in tallies {
        tally(ledger, &folds, name, &mut wrong);
    }
    wrong
}

/// Invariant 1.
fn offsets(ledger: &Ledger, wrong: &mut Vec<String>) {
    if ledger.pruned_to == 0 && ledger.events.len() as u64 != ledger.last_offset {
        wrong.push(format!("{} events up to offset {}", ledger.events.len(), ledger.last_offset));
    }
    if ledger.events_ever != ledger.last_offset {
        wrong.push(format!("{} events counted, the last offset is {}", ledger.events_ever, ledger.last_offset));
    }
    for (before, after) in ledger.events.keys().zip(ledger.events.keys().skip(1)) {
        if before + 1 != *after && *after > ledger.pruned_to + 1 {
            wrong.push(format!("no event between {before} and {after}"));
        }
    }
}

/// Invariants 3 and 4, and that whatever is open has a row that says when it goes on.
fn delivery(ledger: &Ledger, at: (u32, u64), fold: &Fold, wrong: &mut Vec<String>) {
    let (channel, offset) = at;
    let Some(Channel { name, floor, ceiling, .. }) = ledger.channels.get(&channel) else {
        wrong.push(format!("event {offset} goes to channel {channel}, which does not exist"));
        return;
    };
    let retry = ledger.retries.get(&at);
    let begun_again = fold.ever(Step::Again) || retry.is_some_and(|retry| !retry.live);
    match (fold.last(), retry) {
        (None, None) if offset <= *floor => {
            wrong.push(format!("orphan: {name} will never make its delivery of event {offset}"));
        }
        (Some(Step::Waiting | Step::Suspended | Step::Again), None) => {
            wrong.push(format!("orphan: {name} has begun its delivery of event {offset}, and nothing goes on with it"));
        }
        (Some(Step::Delivered | Step::Dead), Some(_)) => {
            wrong.push(format!("{name}: the delivery of event {offset} has ended and waits all the same"));
        }
        _ => {}
    }
    if offset > *ceiling && !begun_again && (fold.last().is_some() || retry.is_some()) {
        wrong.push(format!("{name}: event {offset} stands above the ceiling {ceiling}"));
    }
    let letter = ledger.letters.contains(&at);
    if letter && fold.last() != Some(Step::Dead) {
        wrong.push(format!("{name}: a dead letter of event {offset}, which is not dead"));
    }
    if !letter && fold.last() == Some(Step::Dead) && ledger.jobs.purges == 0 && ledger.pruned_to == 0 {
        wrong.push(format!("{name}: event {offset} is dead without a letter"));
    }
    if fold.ever(Step::Dead) && !ledger.troubled.contains(&offset) {
        wrong.push(format!("{name}: event {offset} was dead and is not among the troubled"));
    }
}

/// Invariants 5 and 8: what is counted is what is recorded.
fn counters(ledger: &Ledger, folds: &BTreeMap<(u32, u64), Fold>, wrong: &mut Vec<String>) {
    if ledger.pruned_to > 0 {
        return; // what was removed is still counted
    }
    let mut again = 0;
    for (id, channel) in &ledger.channels {
        let mut found = Channel { accepted: 0, delivered: 0, dead: 0, redriven: 0, ..channel.clone() };
        (found.attempts, found.failed_attempts) = (0, 0);
        let mut open = 0;
        for (_, fold) in folds.range((*id, 0)..=(*id, u64::MAX)) {
            found.accepted += u64::from(fold.targeted);
            open += u64::from(!fold.settled());
            for entry in &fold.entries {
                match entry.step {
                    Step::Delivered => found.delivered += 1,
                    Step::Dead => found.dead += 1,
                    Step::Again => found.redriven += 1,
                    Step::Waiting | Step::Suspended => {}
                }
                found.attempts += u64::from(entry.attempted);
                found.failed_attempts += u64::from(entry.failed);
            }
        }
        again += found.redriven;
        if found != *channel {
            wrong.push(format!("counted and recorded differ: {channel:?}, {found:?}"));
        }
        let pending = (channel.accepted + channel.redriven).saturating_sub(channel.delivered + channel.dead);
        if pending != open {
            wrong.push(format!("{}: {pending} pending by its counters, {open} by its deliveries", channel.name));
        }
    }
    if ledger.jobs.begun != again {
        wrong.push(format!("jobs have begun {} deliveries, {again} are on record", ledger.jobs.begun));
    }
}

/// Invariant 7, and that nothing was attempted before an earlier one of its key had ended.
fn order(ledger: &Ledger, folds: &BTreeMap<(u32, u64), Fold>, wrong: &mut Vec<String>) {
    for (id, channel) in ledger.channels.iter().filter(|(_, channel)| channel.order_by.as_deref() == Some("subject")) {
        let mut due: BTreeMap<i64, u64> = BTreeMap::new();
        for ((_, offset), retry) in ledger.retries.range((*id, 0)..=(*id, u64::MAX)) {
            let (Some(key), true) = (retry.order_key, retry.due_at != NEVER) else { continue };
            if let Some(other) = due.insert(key, *offset) {
                wrong.push(format!("{}: events {other} and {offset} of one key are due at once", channel.name));
            }
        }
        // Only those that nobody has begun again: for the others, what was once later may now be first.
        let mut open: BTreeMap<&str, u64> = BTreeMap::new();
        for ((_, offset), fold) in folds.range((*id, 0)..=(*id, u64::MAX)) {
            let subject = ledger.events.get(offset).and_then(|event| event.subject.as_deref());
            let (Some(subject), false) = (subject, fold.ever(Step::Again) || !fold.targeted) else { continue };
            let retry = ledger.retries.get(&(*id, *offset));
            if retry.is_some_and(|retry| !retry.live) {
                continue;
            }
            let attempted = fold.entries.iter().any(|entry| entry.attempted);
            let active = retry.is_some_and(|retry| retry.order_key.is_some() && retry.due_at != NEVER);
            if let Some(earlier) = open.get(subject)
                && (attempted || active)
            {
                let name = &channel.name;
                wrong.push(format!("{name}: event {offset} has overtaken event {earlier} of the same subject {subject}"));
            }
            if !fold.settled() {
                open.entry(subject).or_insert(*offset);
            }
        }
    }
}

/// State and emitted events stand with the settlements, neither more nor less.
fn tally(ledger: &Ledger, folds: &BTreeMap<(u32, u64), Fold>, name: &str, wrong: &mut Vec<String>) {
    let Some((id, channel)) = ledger.channel(name) else { return };
    let counted = ledger.state.get(&(id, "n".to_owned())).map_or("0", String::as_str);
    if counted != channel.delivered.to_string() {
        wrong.push(format!("{name} has counted {counted} of its {} deliveries in its state", channel.delivered));
    }
    if ledger.pruned_to > 0 {
        return;
    }
    let source = format!("/channels/{name}");
    let mut emitted: BTreeSet<&str> = BTreeSet::new();
    for event in ledger.events.values().filter(|event| event.source == source) {
        if !emitted.insert(&event.id) {
            wrong.push(format!("{name} has emitted {} twice", event.id));
        }
    }
    for ((_, offset), fold) in folds.range((id, 0)..=(id, u64::MAX)) {
        let Some(event) = ledger.events.get(offset) else { continue };
        let emits = fold.ever(Step::Delivered) && !event.source.starts_with("/channels/");
        let there = emitted.remove(format!("dlv_{}_{id}.1", event.key).as_str());
        if emits != there {
            wrong.push(format!("{name}: event {offset} was delivered: {emits}; what it emits is there: {there}"));
        }
    }
    wrong.extend(emitted.iter().map(|id| format!("{name} has emitted {id} for no delivery")));
}
