//! A copy of the journal, taken while it is in use.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use fanfare_dispatch::{Clock as _, SystemClock};
use rusqlite::{Connection, OpenFlags};

use crate::{OpenError, place, restored, schema};

/// Why there is no backup. The journal is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{} exists already; give a new name, or move it away", .0.display())]
    Exists(PathBuf),
    #[error("there is no journal at {}; `journal.path` in the configuration names it", .0.display())]
    Missing(PathBuf),
    #[error("the journal {} is empty; a copy of it would be no backup", .0.display())]
    Empty(PathBuf),
    #[error("the backup cannot be written to {}: {reason}; check that the folder exists, is writable and has room", path.display())]
    Unwritable { path: PathBuf, reason: String },
    #[error("the copy {} does not check out ({reason}); it was removed, try again", path.display())]
    Broken { path: PathBuf, reason: String },
    #[error(transparent)]
    Journal(#[from] OpenError),
}

/// Copies the journal at `from` to the new file `to`, as it is at this moment, and returns the copy's size in bytes. A
/// daemon may be using the journal, and goes on meanwhile; its write-ahead log grows until the copy is done. Blocks.
///
/// # Errors
/// [`BackupError`]; then there is nothing at `to`.
pub fn backup(from: &Path, to: &Path) -> Result<u64, BackupError> {
    if !from.is_file() {
        return Err(BackupError::Missing(from.to_owned()));
    }
    let from = &place::real(from)?;
    // SQLite would take what is left for a new database, and delete its write-ahead log.
    place::check_remains(from)?;
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let unwritable = |e: io::Error| BackupError::Unwritable { path: to.to_owned(), reason: e.to_string() };
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    let partial = to.with_file_name(name);
    // Left behind by a backup that was cut short.
    if partial.exists() {
        fs::remove_file(&partial).map_err(unwritable)?;
    }
    let copied = copy(from, &partial, to).and_then(|()| {
        mark(&partial).map_err(|e| BackupError::Unwritable { path: to.to_owned(), reason: e.to_string() })?;
        check(&partial)?;
        File::open(&partial).and_then(|file| file.sync_all()).map_err(unwritable)?;
        fs::rename(&partial, to).map_err(unwritable)?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(unwritable)?;
        Ok(fs::metadata(to).map_err(unwritable)?.len())
    });
    if copied.is_err() && partial.exists() {
        fs::remove_file(&partial).map_err(unwritable)?;
    }
    copied
}

fn copy(from: &Path, partial: &Path, to: &Path) -> Result<(), BackupError> {
    // Not read-only: without a daemon, someone has to look into the write-ahead log, and that needs its index file.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(from, flags).map_err(|e| schema::explain(from, &e))?;
    connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(|e| schema::explain(from, &e))?;
    schema::check_kind(from, &connection)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|e| schema::explain(from, &e))?;
    if tables == 0 {
        return Err(BackupError::Empty(from.to_owned()));
    }
    // Made first, for this user alone: events may be private. SQLite takes an empty file for none.
    let unwritable = |e: &dyn std::fmt::Display| BackupError::Unwritable { path: to.to_owned(), reason: e.to_string() };
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(partial).map_err(|e| unwritable(&e))?;
    // One read transaction: the copy is of one moment, and holds no free pages.
    connection.execute("VACUUM INTO ?", [partial.to_string_lossy()]).map(drop).map_err(|e| unwritable(&e))
}

/// The first start on the copy has to know that it is one. The mark must not stay in a write-ahead log: only the file is kept.
fn mark(partial: &Path) -> rusqlite::Result<()> {
    let copy =
        Connection::open_with_flags(partial, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    copy.execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;")?;
    restored::mark(&copy, SystemClock.now())
}

fn check(partial: &Path) -> Result<(), BackupError> {
    let broken = |reason: String| BackupError::Broken { path: partial.to_owned(), reason };
    let connection =
        Connection::open_with_flags(partial, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|e| broken(e.to_string()))?;
    schema::check_kind(partial, &connection)?;
    let said: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(|e| broken(e.to_string()))?;
    if said == "ok" { Ok(()) } else { Err(broken(said)) }
}
