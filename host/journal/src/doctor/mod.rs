//! Checks a journal for consistency: its rows against its counters.
//!
//! All reads use one snapshot, so a daemon may be running. Checks are independent: one that meets a damaged page
//! reports it, and the others continue. [`repair`] makes only changes that lose and repeat no more than a restart
//! would.

mod deliveries;
mod repair;
mod rows;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use serde::Serialize;

use crate::{OpenError, connect, place};

pub use repair::repair;

/// The maximum number of examples per finding.
const EXAMPLES: usize = 5;

/// The checks, in order.
const CHECKS: [&str; 13] = [
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
    "audit",
];

/// The result of an examination.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub path: PathBuf,
    /// The number of events, and the newest offset assigned so far.
    pub events: u64,
    pub last_offset: u64,
    /// Recounted deliveries that have begun and not ended.
    pub pending: u64,
    /// The checks that ran.
    pub checks: Vec<&'static str>,
    pub findings: Vec<Finding>,
    /// What was repaired before this examination.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repaired: Vec<String>,
}

/// One inconsistency.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The check that found it.
    pub check: &'static str,
    pub severity: Severity,
    pub what: String,
    /// Some of the places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
    /// What the operator can do.
    pub remedy: &'static str,
    /// Whether `repair` does it.
    pub repairable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something is lost, would be delivered wrongly, or is reported wrongly.
    Wrong,
    /// Harmless, or fixed at the next start.
    Note,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity == Severity::Note)
    }
}

/// Examines the journal at `path` without changing it. A daemon may be using it. Blocks, and takes as long as reading
/// every event.
///
/// # Errors
/// [`OpenError`] if there is no journal or it cannot be opened.
pub fn examine(path: &Path) -> Result<Report, OpenError> {
    let path = place::real(path)?;
    place::check_remains(&path)?;
    if !path.exists() {
        let reason = "the file does not exist; name another with `journal.path` or --journal".to_owned();
        return Err(OpenError::Unusable { path, reason });
    }
    let explain = |e: rusqlite::Error| connect::explain(&path, &e);
    let connection =
        Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(explain)?;
    connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(explain)?;
    connect::check_kind(&path, &connection)?;
    connect::check_layout(&path, &connection)?;
    let snapshot = connection.unchecked_transaction().map_err(explain)?;
    Ok(look(&path, &snapshot).0)
}

/// Runs all checks on a connection with a fixed snapshot.
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

/// Collects the findings of the checks.
#[derive(Default)]
struct Findings {
    found: Vec<Finding>,
}

impl Findings {
    /// Runs a check. A failure to complete it is itself a finding.
    fn run<T>(&mut self, check: &'static str, of: impl FnOnce(&mut Vec<Finding>) -> rusqlite::Result<T>) -> Option<T> {
        match of(&mut self.found) {
            Ok(done) => Some(done),
            Err(error) => {
                self.found.push(Finding {
                    check,
                    severity: Severity::Wrong,
                    what: format!("this check could not be completed: {error}"),
                    examples: vec![],
                    remedy: RESTORE,
                    repairable: false,
                });
                None
            }
        }
    }
}

/// The remedy for a damaged file.
const RESTORE: &str =
    "restore a backup (`fanfare backup` made it), or save what can be read with `sqlite3 journal.db .recover`";
