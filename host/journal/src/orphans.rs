//! Orphans: deliveries that no claim would ever hand out, because they have begun, not ended, and have no row in
//! `retries`.
//!
//! After a stop, these are the deliveries that were in flight, between a channel's floor and its ceiling. Below the
//! floor there are none, except in journals of layout 2: that version could write a floor past a settlement that a
//! crash then cut off.

use std::collections::BTreeMap;

use fanfare_core::{ChannelId, delivery::Origin};
use rusqlite::{CachedStatement, Connection, params, types::ValueRef};

use crate::{
    damage::DamageLog,
    progress::{self, EntryEnd, Step},
    record,
};

/// Where to look for a channel's orphans: offsets after the first, up to the second.
pub(crate) type Within = BTreeMap<ChannelId, (u64, u64)>;

/// The state of a delivery according to `progress`.
#[derive(Clone, Copy)]
struct Stand {
    ended: bool,
    attempts: u32,
    origin: Origin,
}

/// The event being read, with the states of its deliveries.
struct Current {
    offset: i64,
    accepted_at: i64,
    stands: BTreeMap<ChannelId, Stand>,
}

/// Makes orphans pending again, due `now`. Returns how many there were.
///
/// One pass over the events and their progress; settled events are streamed past. What is unreadable is recorded: the
/// deliveries of such targets cannot be resumed, and those of such progress may be repeated.
pub(crate) fn adopt(connection: &Connection, damage: &DamageLog, within: &Within, now: i64) -> rusqlite::Result<usize> {
    let from = within.values().map(|(from, _)| *from).min().unwrap_or(0);
    let to = within.values().map(|(_, to)| *to).max().unwrap_or(0);
    if from >= to {
        return Ok(0);
    }
    let mut select = connection.prepare_cached(
        "SELECT e.offset, e.accepted_at, e.targets, p.entries
         FROM events e LEFT JOIN progress p ON p.offset = e.offset
         WHERE e.offset > ? AND e.offset <= ? ORDER BY e.offset, p.seq",
    )?;
    // Retries that were in flight have their row already.
    let mut insert = connection.prepare_cached(
        "INSERT OR IGNORE INTO retries (channel, offset, due_at, attempts, since, origin) VALUES (?, ?, ?, ?, ?, ?)",
    )?;
    let mut adopted = 0;
    let mut current: Option<Current> = None;
    let mut rows = select.query(params![record::column(from), record::column(to)])?;
    while let Some(row) = rows.next()? {
        let offset: i64 = row.get(0)?;
        if current.as_ref().is_none_or(|event| event.offset != offset) {
            adopted += finish(current.take(), &mut insert, now)?;
            let what = format_args!(
                "the list of channels of the event at offset {offset}, whose deliveries cannot be resumed,"
            );
            let Some(targets) = damage.readable(record::decoded(row, 2, record::decode_targets), what) else {
                continue;
            };
            let wanted = |channel: &ChannelId| {
                let at = record::offset(offset);
                within.get(channel).is_some_and(|&(from, to)| from < at && at <= to)
            };
            let begun = Stand { ended: false, attempts: 0, origin: Origin::Live };
            let stands = targets.into_iter().filter(wanted).map(|channel| (channel, begun)).collect();
            current = Some(Current { offset, accepted_at: row.get(1)?, stands });
        }
        if let Some(event) = &mut current
            && row.get_ref(3)? != ValueRef::Null
        {
            let what = format_args!(
                "a part of the progress of the event at offset {offset}, whose deliveries may be repeated,"
            );
            event.follow(damage.readable(record::decoded(row, 3, progress::read_ends), what).unwrap_or_default());
        }
    }
    adopted += finish(current, &mut insert, now)?;
    Ok(adopted)
}

impl Current {
    fn follow(&mut self, entries: Vec<EntryEnd>) {
        for entry in entries {
            let Some(stand) = self.stands.get_mut(&entry.channel) else { continue };
            let more = entry.more.unwrap_or_default();
            stand.ended = entry.step.is_end();
            stand.attempts = more.spent.unwrap_or(0);
            if entry.step == Step::Again {
                stand.origin = more.origin.unwrap_or_default();
            }
        }
    }
}

fn finish(event: Option<Current>, insert: &mut CachedStatement<'_>, now: i64) -> rusqlite::Result<usize> {
    let Some(Current { offset, accepted_at, stands }) = event else { return Ok(0) };
    let mut adopted = 0;
    for (channel, Stand { attempts, origin, .. }) in stands.into_iter().filter(|(_, stand)| !stand.ended) {
        let origin = record::origin_column(origin);
        adopted += insert.execute(params![channel.0, offset, now, attempts, accepted_at, origin])?;
    }
    Ok(adopted)
}
