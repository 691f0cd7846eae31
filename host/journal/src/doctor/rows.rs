//! Checks that are single queries: dangling references, and values out of range.

use rusqlite::{Connection, params};

use super::{EXAMPLES, Finding, RESTORE, Severity};
use crate::{keys::NEVER, record};

type Check = fn(&Connection, &mut Vec<Finding>) -> rusqlite::Result<()>;

pub(super) const CHECKS: [(&str, Check); 8] = [
    ("channels", channels),
    ("retries", retries),
    ("order", order),
    ("jobs", jobs),
    ("dead_letters", dead_letters),
    ("state", state),
    ("recipients", recipients),
    ("audit", audit),
];

/// SQLite's own check of the file.
pub(super) fn integrity(connection: &Connection, out: &mut Vec<Finding>) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("PRAGMA integrity_check(100)")?;
    let said: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    if said != ["ok"] {
        out.push(Finding {
            check: "integrity",
            severity: Severity::Wrong,
            what: format!(
                "the file is damaged: SQLite finds {}{} faults",
                if said.len() < 100 { "" } else { "at least " },
                said.len()
            ),
            examples: said.into_iter().take(EXAMPLES).collect(),
            remedy: RESTORE,
            repairable: false,
        });
    }
    Ok(())
}

/// Compares the journal's counters with the rows. A counter that is too low would assign an offset or a number twice.
pub(super) fn counters(connection: &Connection, out: &mut Vec<Finding>) -> rusqlite::Result<()> {
    let number =
        |sql: &str| connection.query_row(sql, [], |row| row.get::<_, Option<i64>>(0)).map(Option::unwrap_or_default);
    let checks = [
        ("last_offset", number("SELECT last_offset FROM journal")?, number(LEAST_LAST_OFFSET)?),
        ("commits", number("SELECT commits FROM journal")?, number(LEAST_COMMITS)?),
        ("events", number("SELECT events FROM journal")?, number("SELECT count(*) FROM events")?),
    ];
    for (name, have, least) in checks {
        if have < least {
            out.push(Finding {
                check: "counters",
                severity: Severity::Wrong,
                what: format!("the journal's `{name}` is {have}, but its rows imply at least {least}"),
                examples: vec![],
                remedy: "stop the daemon and run `fanfare doctor --repair`: it raises the counter",
                repairable: true,
            });
        }
    }
    Ok(())
}

/// The newest offset in any row.
pub(super) const LEAST_LAST_OFFSET: &str = "SELECT max(n) FROM (
    SELECT max(offset) n FROM events UNION ALL SELECT max(offset) FROM progress
    UNION ALL SELECT max(ceiling) FROM channels)";

/// The newest commit in any row; a commit uses two numbers in `progress`.
pub(super) const LEAST_COMMITS: &str = "SELECT max(seq) / 2 FROM progress";

fn channels(connection: &Connection, out: &mut Vec<Finding>) -> rusqlite::Result<()> {
    tell(
        connection,
        out,
        Query {
            check: "channels",
            severity: Severity::Wrong,
            sql: "SELECT 'channel ' || c.id || ': floor ' || floor || ', ceiling ' || ceiling FROM channels c, journal
              WHERE floor > last_offset OR ceiling > last_offset OR floor < 0 OR ceiling < 0",
            what: "channels positioned beyond the newest event, which would skip the next events",
            remedy: RESTORE,
        },
    )
}

fn retries(connection: &Connection, out: &mut Vec<Finding>) -> rusqlite::Result<()> {
    tell(
        connection,
        out,
        Query {
            check: "retries",
            severity: Severity::Wrong,
            sql: "SELECT 'channel ' || channel || ', offset ' || offset FROM retries r
              WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.offset = r.offset)",
            what: "waiting deliveries whose events are lost",
            remedy: RESTORE,
        },
    )?;
    tell(
        connection,
        out,
        Query {
            check: "retries",
            severity: Severity::Wrong,
            sql: "SELECT 'channel ' || channel || ', offset ' || offset FROM retries
              WHERE channel NOT IN (SELECT id FROM channels)",
            what: "waiting deliveries of an unknown channel",
            remedy: RESTORE,
        },
    )
}

fn order(connection: &Connection, out: &mut Vec<Finding>) -> rusqlite::Result<()> {
    tell(
        connection,
        out,
        Query {
            check: "order",
            severity: Severity::Wrong,
            sql: "SELECT 'channel ' || channel || ', offsets ' || group_concat(offset) FROM retries
              WHERE order_key IS NOT NULL AND due_at < ?1 GROUP BY channel, order_key HAVING count(*) > 1",
            what: "keys of ordered channels with more than one due delivery",
            remedy: "restart the daemon to fix it. If `order` was switched on while deliveries were in flight, \
                 this resolves itself",
        },
    )?;
    tell(
        connection,
        out,
        Query {
            check: "order",
            severity: Severity::Wrong,
            sql: "SELECT 'channel ' || r.channel || ', offset ' || r.offset FROM retries r
              JOIN channels c ON c.id = r.channel
              WHERE r.due_at = ?1 AND (r.order_key IS NULL OR c.order_by IS NULL)",
            what: "held-back deliveries on channels without an order",
            remedy: "restart the daemon: it releases them",
        },
    )
}

fn jobs(connection: &Connection, out: &mut Vec<Finding>) -> rusqlite::Result<()> {
    tell(
        connection,
        out,
        Query {
            check: "jobs",
            severity: Severity::Wrong,
            sql: "SELECT 'job ' || id || ': ' || (sent - delivered - dead) || ' under way, of which '
                  || (SELECT count(*) FROM retries r WHERE r.job = j.id) || ' wait'
              FROM jobs j WHERE kind <> 'purge'
                  AND sent - delivered - dead <> (SELECT count(*) FROM retries r WHERE r.job = j.id)",
            what: "replays that have miscounted their deliveries, so that they never end",
            remedy: "cancel them (`fanfare replay cancel`); the deliveries they began are not affected",
        },
    )?;
    tell(
        connection,
        out,
        Query {
            check: "jobs",
            severity: Severity::Wrong,
            sql: "SELECT 'channel ' || channel || ', offset ' || offset || ', job ' || job FROM retries
              WHERE job IS NOT NULL AND job NOT IN (SELECT id FROM jobs)",
            what: "waiting deliveries of unknown replays",
            remedy: "none: they are delivered like any other",
        },
    )
}

fn dead_letters(connection: &Connection, out: &mut Vec<Finding>) -> rusqlite::Result<()> {
    tell(
        connection,
        out,
        Query {
            check: "dead_letters",
            severity: Severity::Wrong,
            sql: "SELECT 'dead letter ' || seq || ', offset ' || offset FROM dead_letters d
              WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.offset = d.offset)",
            what: "dead letters whose events are lost, so that they cannot be redriven",
            remedy: "look at them (`fanfare dead-letters show`) and delete them (`fanfare dead-letters purge`)",
        },
    )?;
    tell(
        connection,
        out,
        Query {
            check: "dead_letters",
            severity: Severity::Wrong,
            sql: "SELECT 'dead letter ' || seq || ', channel ' || channel FROM dead_letters
              WHERE channel NOT IN (SELECT id FROM channels)",
            what: "dead letters of an unknown channel",
            remedy: RESTORE,
        },
    )?;
    tell(
        connection,
        out,
        Query {
            check: "dead_letters",
            severity: Severity::Wrong,
            sql: "SELECT 'offset ' || offset FROM dead_letters WHERE offset NOT IN (SELECT offset FROM troubled)",
            what: "events with dead letters that are not listed as failed",
            remedy: "stop the daemon and run `fanfare doctor --repair`: it lists them",
        },
    )
}

fn state(connection: &Connection, out: &mut Vec<Finding>) -> rusqlite::Result<()> {
    tell(
        connection,
        out,
        Query {
            check: "state",
            severity: Severity::Note,
            sql: "SELECT DISTINCT 'channel ' || channel FROM state WHERE channel NOT IN (SELECT id FROM channels)",
            what: "unknown channels that have state",
            remedy: "none: it is never read",
        },
    )
}

struct Query {
    check: &'static str,
    severity: Severity,
    /// Selects the affected places as text.
    sql: &'static str,
    what: &'static str,
    remedy: &'static str,
}

fn recipients(connection: &Connection, out: &mut Vec<Finding>) -> rusqlite::Result<()> {
    tell(
        connection,
        out,
        Query {
            check: "recipients",
            severity: Severity::Wrong,
            sql: "SELECT 'recipient ' || quote(subject) FROM recipients
              WHERE subject = '' OR CASE WHEN json_valid(body) THEN json_type(body) <> 'object' ELSE 1 END",
            what: "unreadable recipients, for whom the file's entry or the defaults apply",
            remedy: "set them again: `fanfare recipients set`",
        },
    )
}

fn audit(connection: &Connection, out: &mut Vec<Finding>) -> rusqlite::Result<()> {
    tell(
        connection,
        out,
        Query {
            check: "audit",
            severity: Severity::Wrong,
            sql: "SELECT 'act ' || id FROM audit
              WHERE who = '' OR what = '' OR outcome = '' OR (details IS NOT NULL AND NOT json_valid(details))",
            what: "unreadable acts of the audit trail, which something other than the daemon has written",
            remedy: "compare the trail with that of a backup (`fanfare backup` made it), and check who can write the \
                     file",
        },
    )
}

fn tell(connection: &Connection, out: &mut Vec<Finding>, query: Query) -> rusqlite::Result<()> {
    let Query { check, severity, sql, what, remedy } = query;
    let mut statement = connection.prepare(sql)?;
    let parameters = if sql.contains("?1") { params![NEVER] } else { params![] };
    let mut rows = statement.query(parameters)?;
    let (mut count, mut examples): (u64, Vec<String>) = (0, vec![]);
    while let Some(row) = rows.next()? {
        count += 1;
        if examples.len() < EXAMPLES {
            examples.push(row.get(0)?);
        }
    }
    if count > 0 {
        let repairable = remedy.contains("--repair");
        out.push(Finding { check, severity, what: format!("{what}: {count}"), examples, remedy, repairable });
    }
    Ok(())
}

/// Raises the journal's counters to what its rows imply, and lists the failed events. Returns what was done.
pub(super) fn mend(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut done = vec![];
    let raised = connection.execute(
        &format!(
            "UPDATE journal SET last_offset = max(last_offset, coalesce(({LEAST_LAST_OFFSET}), 0)),
                 commits = max(commits, coalesce(({LEAST_COMMITS}), 0)),
                 events = max(events, (SELECT count(*) FROM events))
             WHERE last_offset < ({LEAST_LAST_OFFSET}) OR commits < ({LEAST_COMMITS})
                 OR events < (SELECT count(*) FROM events)"
        ),
        [],
    )?;
    if raised > 0 {
        done.push("raised the journal's counters to what its rows imply".to_owned());
    }
    let listed = connection.execute(
        "INSERT OR IGNORE INTO troubled (offset) SELECT offset FROM dead_letters
         WHERE offset IN (SELECT offset FROM events)",
        [],
    )?;
    if listed > 0 {
        done.push(format!("events with dead letters now listed as failed: {listed}"));
    }
    Ok(done)
}

/// Removes incomplete rows of the skip index.
pub(super) fn drop_segments(connection: &Connection, segments: &[u64]) -> rusqlite::Result<usize> {
    let mut delete = connection.prepare("DELETE FROM segments WHERE segment = ?")?;
    let mut removed = 0;
    for &segment in segments {
        removed += delete.execute([record::column(segment)])?;
    }
    Ok(removed)
}
