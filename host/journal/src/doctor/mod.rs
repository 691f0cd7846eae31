//! Checks a journal against itself: what the rows say, and what is counted of them.
//!
//! Everything is read in one snapshot, so a daemon may be at work meanwhile. Each check stands for itself: one that meets a damaged
//! page says so, and the others go on. [`repair`] does only what cannot lose or repeat more than a restart would.

mod deliveries;
mod repair;
mod rows;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use serde::Serialize;

use crate::{OpenError, place, schema};

pub use repair::repair;

/// Examples given of one finding.
const EXAMPLES: usize = 5;

/// What is looked at, in this order.
const CHECKS: [&str; 12] = [
    "integrity",
    "counters",
    "events",
    "segments",
    "deliveries",
    "channels",
    "retries",
    "order",
    "jobs",
    "dead_letters",
    "state",
    "recipients",
];

/// What came of looking at a journal.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub path: PathBuf,
    /// Events that are there, and the newest offset that was given.
    pub events: u64,
    pub last_offset: u64,
    /// Deliveries that have begun and not ended, counted anew.
    pub pending: u64,
    /// What was looked at.
    pub checks: Vec<&'static str>,
    pub findings: Vec<Finding>,
    /// What was repaired before this was found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repaired: Vec<String>,
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Which check found it.
    pub check: &'static str,
    pub severity: Severity,
    pub what: String,
    /// Where, for some of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
    /// What can be done.
    pub remedy: &'static str,
    /// Whether `repair` does it.
    pub repairable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something is lost, would be delivered wrongly, or is told wrongly.
    Wrong,
    /// Harmless, or mended at the next start.
    Note,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity == Severity::Note)
    }
}

/// Looks at the journal at `path`, and changes nothing. A daemon may be using it. Blocks; takes as long as reading every event.
///
/// # Errors
/// [`OpenError`] when there is no journal, or it cannot be opened at all.
pub fn examine(path: &Path) -> Result<Report, OpenError> {
    let path = place::real(path)?;
    place::check_remains(&path)?;
    if !path.exists() {
        let reason = "there is no such file; name another by `journal.path` or --journal".to_owned();
        return Err(OpenError::Unusable { path, reason });
    }
    let explain = |e: rusqlite::Error| schema::explain(&path, &e);
    let connection =
        Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(explain)?;
    connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(explain)?;
    schema::check_kind(&path, &connection)?;
    schema::check_layout(&path, &connection)?;
    let snapshot = connection.unchecked_transaction().map_err(explain)?;
    Ok(look(&path, &snapshot).0)
}

/// All checks, on a connection whose snapshot does not move.
fn look(path: &Path, connection: &Connection) -> (Report, Option<deliveries::Recount>) {
    let mut findings = Findings::default();
    findings.run("integrity", |out| rows::integrity(connection, out));
    findings.run("counters", |out| rows::counters(connection, out));
    let recount = findings.run("events", |_| deliveries::recount(connection));
    if let Some(recount) = &recount {
        findings.run("deliveries", |out| recount.tell(connection, out));
    }
    for (check, of) in rows::CHECKS {
        findings.run(check, |out| of(connection, out));
    }
    let report = Report {
        path: path.to_owned(),
        events: recount.as_ref().map_or(0, |recount| recount.events),
        last_offset: recount.as_ref().map_or(0, |recount| recount.last_offset),
        pending: recount.as_ref().map_or(0, deliveries::Recount::pending),
        checks: CHECKS.to_vec(),
        findings: findings.found,
        repaired: vec![],
    };
    (report, recount)
}

/// Where checks put what they find.
#[derive(Default)]
struct Findings {
    found: Vec<Finding>,
}

impl Findings {
    /// Runs a check. One that cannot be done is a finding itself.
    fn run<T>(&mut self, check: &'static str, of: impl FnOnce(&mut Vec<Finding>) -> rusqlite::Result<T>) -> Option<T> {
        match of(&mut self.found) {
            Ok(done) => Some(done),
            Err(error) => {
                self.found.push(Finding {
                    check,
                    severity: Severity::Wrong,
                    what: format!("this cannot be checked to the end: {error}"),
                    examples: vec![],
                    remedy: RESTORE,
                    repairable: false,
                });
                None
            }
        }
    }
}

/// What helps where the file itself is damaged.
const RESTORE: &str =
    "restore a backup (`fanfare backup` made it), or save what can be read with `sqlite3 journal.db .recover`";
