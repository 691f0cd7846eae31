//! Unreadable parts of a list. They are reported, so that missing items are not mistaken for absent ones.

use fanfare_dispatch::JournalError;
use fanfare_record::Hole;
use rusqlite::Connection;

use crate::{damage::DamageLog, readers::store};

/// The maximum number of holes per page; any more are merged into the last.
const MOST: usize = 100;

/// Collects holes, and reports each as damage.
pub(super) struct Holes<'a> {
    damage: &'a DamageLog,
    what: &'static str,
    found: Vec<Hole>,
}

impl<'a> Holes<'a> {
    /// `what` names the items, in the plural.
    pub(super) fn new(damage: &'a DamageLog, what: &'static str) -> Self {
        Self { damage, what, found: vec![] }
    }

    /// Adds a hole between `after` and `before`, exclusive.
    pub(super) fn add(&mut self, after: i64, before: i64, reason: &str) {
        if before <= after.saturating_add(1) {
            return;
        }
        self.damage.found(format_args!("{} {} to {} are unreadable ({reason})", self.what, after + 1, before - 1));
        let full = self.found.len() >= MOST;
        match self.found.last_mut() {
            Some(last) if last.before - 1 == after && last.reason == reason => last.before = before,
            Some(last) if last.after + 1 == before && last.reason == reason => last.after = after,
            Some(last) if full => {
                last.after = last.after.min(after);
                last.before = last.before.max(before);
                "there are more holes than are listed".clone_into(&mut last.reason);
            }
            _ => self.found.push(Hole { after, before, reason: reason.to_owned() }),
        }
    }

    pub(super) fn into_found(self) -> Vec<Hole> {
        self.found
    }
}

/// Where a scan can continue after damage: the nearest readable offset from `from` towards `end`. Searches in growing
/// steps, then between the last two, so that damage of any size costs only a few reads.
pub(super) fn readable(connection: &Connection, from: i64, end: i64) -> Result<Option<i64>, JournalError> {
    let forward = from <= end;
    let sql = if forward {
        "SELECT offset, length(event) FROM events WHERE offset >= ? ORDER BY offset LIMIT 1"
    } else {
        "SELECT offset, length(event) FROM events WHERE offset <= ? ORDER BY offset DESC LIMIT 1"
    };
    let mut statement = connection.prepare_cached(sql).map_err(|e| store(&e))?;
    let mut sound = |offset: i64| match statement.query_row([offset], |row| row.get::<_, i64>(0)) {
        Ok(_) | Err(rusqlite::Error::QueryReturnedNoRows) => Ok(true),
        Err(e) => match store(&e) {
            JournalError::Damaged(_) => Ok(false),
            other => Err(other),
        },
    };
    let span = from.abs_diff(end);
    let at = |distance: u64| {
        let distance = i64::try_from(distance).unwrap_or(i64::MAX);
        if forward { from.saturating_add(distance) } else { from.saturating_sub(distance) }
    };
    let (mut bad, mut step) = (0, 1);
    let mut good = loop {
        if step > span {
            return Ok(None);
        }
        if sound(at(step))? {
            break step;
        }
        (bad, step) = (step, step * 2);
    };
    while good - bad > 1 {
        let middle = bad + (good - bad) / 2;
        if sound(at(middle))? {
            good = middle;
        } else {
            bad = middle;
        }
    }
    Ok(Some(at(good)))
}
