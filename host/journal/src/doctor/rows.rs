//! Checks that SQLite can do by itself: what refers to what, and what lies beyond what.

use rusqlite::{Connection, params};

use super::{EXAMPLES, Finding, RESTORE, Severity};
use crate::{order::NEVER, record};

type Check = fn(&Connection, &mut Vec<Finding>) -> rusqlite::Result<()>;

pub(super) const CHECKS: [(&str, Check); 7] = [
    ("channels", channels),
    ("retries", retries),
    ("order", order),
    ("jobs", jobs),
    ("dead_letters", dead_letters),
    ("state", state),
    ("recipients", recipients),
];

/// The file as SQLite sees it.
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

/// The journal's own counters against the rows: one that is too low would give an offset or a number twice.
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
                what: format!("the journal's `{name}` is {have}, and its rows say at least {least}"),
                examples: vec![],
                remedy: "stop the daemon and run `fanfare doctor --repair`: the counter is raised",
                repairable: true,
            });
        }
    }
    Ok(())
}

/// The newest offset that any row knows.
pub(super) const LEAST_LAST_OFFSET: &str = "SELECT max(n) FROM (
    SELECT max(offset) n FROM events UNION ALL SELECT max(offset) FROM progress UNION ALL SELECT max(ceiling) FROM channels)";

/// The newest commit that any row knows; a commit has two numbers in `progress`.
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
            what: "channels stand beyond the newest event; what comes next would be left out",
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
            what: "waiting deliveries have no event any more",
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
            what: "waiting deliveries are of a channel that the journal does not know",
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
            what: "keys of ordered channels have more than one delivery that is due",
            remedy: "restart the daemon: it puts the order right. Where `order` was switched on while deliveries were under way, this \
                 passes by itself",
        },
    )?;
    tell(connection, out, Query {
        check: "order",
        severity: Severity::Wrong,
        sql: "SELECT 'channel ' || r.channel || ', offset ' || r.offset FROM retries r JOIN channels c ON c.id = r.channel
              WHERE r.due_at = ?1 AND (r.order_key IS NULL OR c.order_by IS NULL)",
        what: "deliveries are held behind others, on channels that keep no order",
        remedy: "restart the daemon: it lets them go",
    })
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
            what: "replays have lost count of their deliveries; one that is running will not come to its end",
            remedy: "cancel them (`fanfare replay cancel`); what they had begun is pending or has ended like any other",
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
            what: "waiting deliveries are of replays that do not exist",
            remedy: "nothing: they are delivered like any other",
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
            what: "dead letters have no event any more, and cannot be sent again",
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
            what: "dead letters are of a channel that the journal does not know",
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
            what: "events with dead letters are not listed as failed",
            remedy: "stop the daemon and run `fanfare doctor --repair`: they are listed",
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
            what: "state is kept of channels that the journal does not know",
            remedy: "nothing: nobody reads it",
        },
    )
}

struct Query {
    check: &'static str,
    severity: Severity,
    /// Selects where it is so, as text.
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
            what: "recipients cannot be read; they have the file's entry or the defaults",
            remedy: "set them again: `fanfare recipients set`",
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
        out.push(Finding { check, severity, what: format!("{count} {what}"), examples, remedy, repairable });
    }
    Ok(())
}

/// Raises the journal's counters to what its rows say, and lists the failed events. Returns what was done.
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
        done.push("the journal's counters were raised to what its rows say".to_owned());
    }
    let listed = connection.execute(
        "INSERT OR IGNORE INTO troubled (offset) SELECT offset FROM dead_letters
         WHERE offset IN (SELECT offset FROM events)",
        [],
    )?;
    if listed > 0 {
        done.push(format!("{listed} events with dead letters are listed as failed"));
    }
    Ok(done)
}

/// Removes rows of the skip index that say too little.
pub(super) fn drop_segments(connection: &Connection, segments: &[u64]) -> rusqlite::Result<usize> {
    let mut delete = connection.prepare("DELETE FROM segments WHERE segment = ?")?;
    let mut removed = 0;
    for &segment in segments {
        removed += delete.execute([record::column(segment)])?;
    }
    Ok(removed)
}
