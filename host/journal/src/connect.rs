//! Opens the database file, with its settings.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use uuid::Uuid;

use crate::{
    OpenError,
    migrate::{self, Failure},
    schema::{APPLICATION, AUDIT, LAYOUT, RECIPIENTS, SECRET, SINCE_2, SINCE_3, SINCE_4, STAGES, TABLES},
};

/// The page cache of the writer. The hot pages of the indexes must fit into it.
const CACHE_KIB: u32 = 8 << 10;

/// Opens the one connection that writes, and creates the tables if the file is new.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, OpenError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
        .map_err(|e| explain(path, &e))?;
    check_kind(path, &connection)?;
    prepare(&connection).map_err(|e| match e {
        Failure::Store(e) => explain(path, &e),
        Failure::Content(reason) => OpenError::Corrupt { path: path.to_owned(), reason },
    })?;
    Ok(connection)
}

/// Opens a read-only connection.
pub(crate) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Opens the connection that moves pages from the write-ahead log into the database.
pub(crate) fn open_checkpointer(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;")?;
    Ok(connection)
}

fn connect(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(48);
    Ok(connection)
}

/// Rejects a file that is not a journal or has a newer layout, before anything is written to it.
pub(crate) fn check_kind(path: &Path, connection: &Connection) -> Result<(), OpenError> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(|e| explain(path, &e));
    let application = number("SELECT application_id FROM pragma_application_id")?;
    let layout = number("SELECT user_version FROM pragma_user_version")?;
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    if application == APPLICATION && layout > LAYOUT {
        return Err(OpenError::Newer { path: path.to_owned(), found: layout, known: LAYOUT });
    }
    if application != APPLICATION && (application != 0 || layout != 0 || tables != 0) {
        return Err(OpenError::NotAJournal(path.to_owned()));
    }
    Ok(())
}

/// Rejects a layout other than this version's, for callers that only read.
pub(crate) fn check_layout(path: &Path, connection: &Connection) -> Result<(), OpenError> {
    let layout: i64 = connection
        .query_row("SELECT user_version FROM pragma_user_version", [], |row| row.get(0))
        .map_err(|e| explain(path, &e))?;
    if layout == LAYOUT {
        return Ok(());
    }
    let reason =
        format!("it has layout {layout}, but this version reads layout {LAYOUT}; starting the daemon converts it");
    Err(OpenError::Unusable { path: path.to_owned(), reason })
}

fn prepare(connection: &Connection) -> Result<(), Failure> {
    // FULL syncs the write-ahead log at every commit: an acknowledged event survives a power cut. `checkpoint` runs
    // checkpoints, so that a commit never waits for one.
    connection.execute_batch(&format!(
        // `auto_vacuum` affects only a new file and must come first. It lets pruning return free space in small steps.
        "PRAGMA auto_vacuum = INCREMENTAL;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA journal_size_limit = 67108864;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -{CACHE_KIB};
         PRAGMA foreign_keys = OFF;"
    ))?;
    match connection.query_row("SELECT user_version FROM pragma_user_version", [], |row| row.get(0))? {
        0 => Ok(create(connection)?),
        LAYOUT => Ok(()),
        older => migrate::migrate(connection, older),
    }
}

fn create(connection: &Connection) -> rusqlite::Result<()> {
    let id = Uuid::now_v7();
    connection.execute_batch("BEGIN IMMEDIATE")?;
    connection.execute_batch(TABLES)?;
    connection.execute_batch(SINCE_2)?;
    connection.execute_batch(SINCE_3)?;
    connection.execute_batch(SINCE_4)?;
    connection.execute_batch(RECIPIENTS)?;
    connection.execute_batch(STAGES)?;
    connection.execute_batch(AUDIT)?;
    connection.execute(
        "INSERT INTO journal (one, id, last_offset, commits, events) VALUES (1, ?, 0, 0, 0)",
        [id.as_bytes()],
    )?;
    connection.execute_batch(SECRET)?;
    connection.execute_batch(&format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {LAYOUT}; COMMIT"))
}

/// Translates an error at opening into one with a remedy.
pub(crate) fn explain(path: &Path, error: &rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::NotAJournal(path),
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Corrupt { path, reason: error.to_string() },
        Some(ErrorCode::DatabaseLocked | ErrorCode::DatabaseBusy) => OpenError::InUse(path),
        Some(_) => OpenError::Unusable { path, reason: error.to_string() },
        // The error does not come from SQLite itself: a value has the wrong type or is missing.
        None => OpenError::Corrupt { path, reason: error.to_string() },
    }
}
