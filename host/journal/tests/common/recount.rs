//! Recounts a journal from its tables alone, as simply as possible, to check the invariants in `lib.rs`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

#[derive(Default)]
struct Channel {
    floor: i64,
    ceiling: i64,
    order_by: Option<String>,
    counted: [i64; 5],
    recounted: [i64; 5],
}

/// Every violation, one line each. Empty if the journal no longer exists.
pub fn recount(path: &Path) -> Vec<String> {
    if !path.exists() {
        return vec![];
    }
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let snapshot = connection.unchecked_transaction().unwrap();
    let mut wrong = vec![];
    let mut channels: BTreeMap<i64, Channel> = BTreeMap::new();
    let sql = "SELECT id, floor, ceiling, order_by, accepted, delivered, dead, redriven, skipped FROM channels";
    let mut statement = snapshot.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let number = |column| row.get::<_, i64>(column).unwrap();
        let counted = [number(4), number(5), number(6), number(7), number(8)];
        let (floor, ceiling, order_by) = (number(1), number(2), row.get(3).unwrap());
        channels.insert(number(0), Channel { floor, ceiling, order_by, counted, ..Channel::default() });
    }
    let retries = retries(&snapshot, &channels, &mut wrong);

    let mut offsets = vec![];
    let mut statement = snapshot.prepare("SELECT offset, targets FROM events ORDER BY offset").unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let offset: i64 = row.get(0).unwrap();
        offsets.push(offset);
        let targets: BTreeSet<i64> = serde_json::from_str(&row.get::<_, String>(1).unwrap()).unwrap();
        let steps = steps(&snapshot, offset);
        // A replay may have sent it to other channels as well.
        let owners: BTreeSet<i64> = targets.iter().copied().chain(steps.iter().map(|(of, _)| *of)).collect();
        for target in owners {
            let channel = channels.get_mut(&target).unwrap();
            channel.recounted[0] += i64::from(targets.contains(&target));
            let mine: Vec<i64> = steps.iter().filter(|(of, _)| *of == target).map(|(_, step)| *step).collect();
            for step in &mine {
                match step {
                    0 => channel.recounted[1] += 1,
                    3 => channel.recounted[2] += 1,
                    4 => channel.recounted[3] += 1,
                    6 => channel.recounted[4] += 1,
                    _ => {}
                }
            }
            let ended = matches!(mine.last(), Some(0 | 3 | 6));
            let waits = retries.contains_key(&(target, offset));
            match (ended, waits) {
                (true, true) => wrong.push(format!("{offset} on {target} has ended and waits")),
                (false, false) if offset <= channel.floor => {
                    wrong.push(format!(
                        "{offset} on {target} is lost: below the floor {}, steps {mine:?}",
                        channel.floor
                    ));
                }
                (false, false) if !mine.is_empty() => {
                    wrong.push(format!("{offset} on {target} was begun and waits for nothing: {mine:?}"));
                }
                _ => {}
            }
            if !mine.is_empty() && !mine.contains(&4) && offset > channel.ceiling {
                wrong.push(format!("{offset} on {target} was begun above the ceiling {}", channel.ceiling));
            }
        }
    }
    for (id, channel) in &channels {
        if channel.counted != channel.recounted {
            let (counted, recounted) = (channel.counted, channel.recounted);
            wrong.push(format!(
                "channel {id}: accepted, delivered, dead, redriven, skipped {counted:?} and not {recounted:?}"
            ));
        }
    }
    let (last, events): (i64, i64) = snapshot
        .query_row("SELECT last_offset, events FROM journal", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    if !offsets.iter().copied().eq(1..=last) || events != last {
        wrong.push(format!("{events} events up to {last}, but {} rows", offsets.len()));
    }
    wrong
}

/// Checks the waiting deliveries: of each key of an ordered channel at most one is due, and it is the earliest.
fn retries(
    connection: &Connection,
    channels: &BTreeMap<i64, Channel>,
    wrong: &mut Vec<String>,
) -> BTreeMap<(i64, i64), i64> {
    let sql = "SELECT channel, offset, due_at, order_key FROM retries ORDER BY channel, offset";
    let mut statement = connection.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    let (mut found, mut keys) = (BTreeMap::new(), BTreeMap::<(i64, i64), Vec<bool>>::new());
    while let Some(row) = rows.next().unwrap() {
        let (channel, offset, due_at): (i64, i64, i64) =
            (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
        found.insert((channel, offset), due_at);
        if let Some(key) = row.get::<_, Option<i64>>(3).unwrap() {
            keys.entry((channel, key)).or_default().push(due_at == i64::MAX);
            if channels[&channel].order_by.is_none() {
                wrong.push(format!("{offset} on {channel} has a key, and there is no order"));
            }
        }
    }
    for ((channel, key), held) in keys {
        if held.iter().filter(|held| !**held).count() > 1 {
            wrong.push(format!("several of key {key} on {channel} are due: {held:?}"));
        }
    }
    found
}

/// Channel and step of every entry of an event, in order.
fn steps(connection: &Connection, offset: i64) -> Vec<(i64, i64)> {
    let mut statement =
        connection.prepare_cached("SELECT entries FROM progress WHERE offset = ? ORDER BY seq").unwrap();
    let rows = statement.query_map([offset], |row| row.get::<_, String>(0)).unwrap();
    let entries = rows.flat_map(|text| serde_json::from_str::<Vec<Value>>(&text.unwrap()).unwrap());
    // The first element of a row may be the time that its entries count from.
    let entries = entries.filter(Value::is_array);
    entries.map(|entry| (entry[0].as_i64().unwrap(), entry[1].as_i64().unwrap())).collect()
}
