//! Copies the journal while it is in use.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use fanfare_dispatch::{Clock as _, SystemClock};
use rusqlite::{Connection, OpenFlags};

use crate::{OpenError, connect, place, restored};

/// Why the backup failed. The journal itself is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{} already exists; choose another name, or move it away", .0.display())]
    Exists(PathBuf),
    #[error("there is no journal at {}; set `journal.path` in the configuration", .0.display())]
    Missing(PathBuf),
    #[error("the journal {} is empty; there is nothing to back up", .0.display())]
    Empty(PathBuf),
    #[error("the backup cannot be written to {}: {reason}; check that the folder exists, is writable and has free \
        space", path.display())]
    Unwritable { path: PathBuf, reason: String },
    #[error("the copy {} failed its check ({reason}) and was removed; try again", path.display())]
    Broken { path: PathBuf, reason: String },
    #[error(transparent)]
    Journal(#[from] OpenError),
}

/// Copies the journal at `from` to the new file `to`, as of this moment, and returns the size of the copy in bytes. A
/// daemon may keep using the journal meanwhile; its write-ahead log grows until the copy is done. Blocks.
///
/// # Errors
/// [`BackupError`]; then `to` does not exist.
pub fn backup(from: &Path, to: &Path) -> Result<u64, BackupError> {
    if !from.is_file() {
        return Err(BackupError::Missing(from.to_owned()));
    }
    let from = &place::real(from)?;
    // SQLite would treat the leftovers as a new database and delete its write-ahead log.
    place::check_remains(from)?;
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let unwritable = |e: io::Error| BackupError::Unwritable { path: to.to_owned(), reason: e.to_string() };
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    let partial = to.with_file_name(name);
    // Left behind by an interrupted backup.
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
    // Not read-only: without a daemon, this connection must read the write-ahead log, which needs a writable index
    // file.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(from, flags).map_err(|e| connect::explain(from, &e))?;
    connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(|e| connect::explain(from, &e))?;
    connect::check_kind(from, &connection)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|e| connect::explain(from, &e))?;
    if tables == 0 {
        return Err(BackupError::Empty(from.to_owned()));
    }
    // Created first and for this user only, because events may be private. SQLite treats an empty file as a new
    // database.
    let unwritable = |e: &dyn std::fmt::Display| BackupError::Unwritable { path: to.to_owned(), reason: e.to_string() };
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(partial).map_err(|e| unwritable(&e))?;
    // One read transaction: the copy is a snapshot and contains no free pages.
    connection.execute("VACUUM INTO ?", [partial.to_string_lossy()]).map(drop).map_err(|e| unwritable(&e))
}

/// Marks the copy, so that the first start on it notices. The mark must not stay in a write-ahead log, because only the
/// main file is kept.
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
    connect::check_kind(partial, &connection)?;
    let said: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(|e| broken(e.to_string()))?;
    if said == "ok" { Ok(()) } else { Err(broken(said)) }
}
