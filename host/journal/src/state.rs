//! The channels' own key-value state.

use fanfare_core::{ChannelId, StateWrite};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// Reads the last committed value; an expired one is absent.
pub(crate) fn get(
    connection: &Connection,
    channel: ChannelId,
    key: &str,
    now: i64,
) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .prepare_cached(
            "SELECT value FROM state WHERE channel = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)",
        )?
        .query_row(params![channel.0, key, now], |row| row.get(0))
        .optional()
}

/// Applies the writes of an attempt in order, as of the attempt's end.
pub(crate) fn apply(
    connection: &Connection,
    channel: ChannelId,
    writes: &[StateWrite],
    at: Timestamp,
) -> rusqlite::Result<()> {
    for write in writes {
        match write {
            StateWrite::Set { key, value, ttl } => {
                let expires_at = ttl.map(|ttl| at.saturating_add(ttl).unwrap_or(Timestamp::MAX).as_microsecond());
                set(connection, channel, key, value, expires_at)?;
            }
            StateWrite::SetNewer { key, value, ttl } => {
                let expires_at = at.saturating_add(*ttl).unwrap_or(Timestamp::MAX).as_microsecond();
                connection
                    .prepare_cached(
                        "INSERT INTO state (channel, key, value, expires_at) VALUES (?1, ?2, ?3, ?4)
                         ON CONFLICT (channel, key) DO UPDATE SET value = excluded.value,
                             expires_at = excluded.expires_at
                         WHERE excluded.value > value OR expires_at <= ?5",
                    )?
                    .execute(params![channel.0, key, value, expires_at, at.as_microsecond()])?;
            }
            StateWrite::Delete { key } => {
                connection
                    .prepare_cached("DELETE FROM state WHERE channel = ? AND key = ?")?
                    .execute(params![channel.0, key])?;
            }
            StateWrite::Increment { key, by } => increment(connection, channel, key, *by, at)?,
        }
    }
    Ok(())
}

fn set(
    connection: &Connection,
    channel: ChannelId,
    key: &str,
    value: &[u8],
    expires_at: Option<i64>,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO state (channel, key, value, expires_at) VALUES (?, ?, ?, ?)")?
        .execute(params![channel.0, key, value, expires_at])?;
    Ok(())
}

/// Adds to an integer and keeps its expiry. Saturates at the limits of 64 bits. A value that is not an integer stays
/// unchanged, because a settlement must not fail over it.
fn increment(connection: &Connection, channel: ChannelId, key: &str, by: i64, at: Timestamp) -> rusqlite::Result<()> {
    let found: Option<(Vec<u8>, Option<i64>)> = connection
        .prepare_cached(
            "SELECT value, expires_at FROM state
             WHERE channel = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)",
        )?
        .query_row(params![channel.0, key, at.as_microsecond()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (value, expires_at) = found.unwrap_or_else(|| (b"0".to_vec(), None));
    let number = std::str::from_utf8(&value).ok().and_then(|text| text.parse::<i64>().ok());
    let Some(number) = number else {
        tracing::warn!(channel_id = channel.0, key, "a value that is not an integer is not incremented");
        return Ok(());
    };
    set(connection, channel, key, number.saturating_add(by).to_string().as_bytes(), expires_at)
}

/// Removes expired values.
pub(crate) fn purge(connection: &Connection, now: i64) -> rusqlite::Result<usize> {
    connection.prepare_cached("DELETE FROM state WHERE expires_at <= ?")?.execute([now])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const CHANNEL: ChannelId = ChannelId(1);
    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn database() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE state (channel INTEGER, key TEXT, value BLOB, expires_at INTEGER,
                 PRIMARY KEY (channel, key))",
            )
            .unwrap();
        connection
    }

    fn number(by: i64) -> StateWrite {
        StateWrite::Increment { key: "n".into(), by }
    }

    fn text(connection: &Connection, now: i64) -> Option<String> {
        get(connection, CHANNEL, "n", now).unwrap().map(|value| String::from_utf8(value).unwrap())
    }

    #[test]
    fn increments_add_up_and_stop_at_the_ends() {
        let db = database();
        apply(&db, CHANNEL, &[number(2), number(-5), number(1)], NOW).unwrap();
        assert_eq!(text(&db, 0).as_deref(), Some("-2"));
        apply(&db, CHANNEL, &[number(i64::MAX), number(i64::MAX)], NOW).unwrap();
        assert_eq!(text(&db, 0), Some(i64::MAX.to_string()));
        assert_eq!(get(&db, ChannelId(2), "n", 0).unwrap(), None, "state of another channel");
    }

    #[test]
    fn what_was_decided_later_stays_whatever_is_recorded_last() {
        let db = database();
        let newer =
            |value: &str| StateWrite::SetNewer { key: "n".into(), value: value.into(), ttl: Duration::from_secs(1) };
        apply(&db, CHANNEL, &[newer("02"), newer("01")], NOW).unwrap();
        assert_eq!(text(&db, 0).as_deref(), Some("02"));
        apply(&db, CHANNEL, &[newer("03")], NOW).unwrap();
        assert_eq!(text(&db, 0).as_deref(), Some("03"));
        let later = Timestamp::from_second(5).unwrap();
        apply(&db, CHANNEL, &[newer("00")], later).unwrap();
        assert_eq!(text(&db, later.as_microsecond()).as_deref(), Some("00"), "expired values are absent");
    }

    #[test]
    fn a_value_that_is_not_a_number_is_unchanged() {
        let db = database();
        let set = StateWrite::Set { key: "n".into(), value: b"many".to_vec(), ttl: None };
        apply(&db, CHANNEL, &[set, number(1)], NOW).unwrap();
        assert_eq!(text(&db, 0).as_deref(), Some("many"));
    }

    #[test]
    fn a_value_expires_and_counting_starts_over() {
        let db = database();
        let set = StateWrite::Set { key: "n".into(), value: b"7".to_vec(), ttl: Some(Duration::from_secs(1)) };
        apply(&db, CHANNEL, &[set, number(1)], NOW).unwrap();
        assert_eq!(text(&db, 999_999).as_deref(), Some("8"));
        assert_eq!(text(&db, 1_000_000), None);
        let later = Timestamp::from_second(5).unwrap();
        apply(&db, CHANNEL, &[number(1)], later).unwrap();
        assert_eq!(text(&db, i64::MAX).as_deref(), Some("1"));
        assert_eq!(purge(&db, i64::MAX).unwrap(), 0);
    }
}
