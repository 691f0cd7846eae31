//! The database file: its layout and its settings.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use uuid::Uuid;

use crate::{
    OpenError,
    migrate::{self, Failure},
};

/// The layout that this version writes, stored in `user_version`. [`migrate`] converts older ones.
pub(crate) const LAYOUT: i64 = 5;

/// The number of pending deliveries of a row of `channels`. The only definition of this sum.
pub(crate) const PENDING: &str = "max(accepted + redriven - delivered - dead - skipped, 0)";

/// Identifies the file as a journal (`application_id`), so that another SQLite database is never mistaken for an empty
/// journal.
const APPLICATION: i64 = 0x4641_4E46;

/// The page cache of the writer. The hot pages of the indexes must fit into it.
const CACHE_KIB: u32 = 32 << 10;

const TABLES: &str = "
CREATE TABLE journal (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id BLOB NOT NULL,
    last_offset INTEGER NOT NULL,
    commits INTEGER NOT NULL,
    events INTEGER NOT NULL,
    pruned_to INTEGER NOT NULL DEFAULT 0
) STRICT;
-- The large column comes last, so that reading the others does not touch its overflow pages.
CREATE TABLE events (
    offset INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    accepted_at INTEGER NOT NULL,
    targets TEXT NOT NULL,
    id TEXT NOT NULL,
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    event TEXT NOT NULL
) STRICT;
-- For the identity and for look-ups by id. Ids that sort by time (UUIDv7) are adjacent, so that a commit touches few of
-- its pages; a hash would touch one page per event.
CREATE UNIQUE INDEX events_identity ON events (id, source);
CREATE TABLE progress (
    offset INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    entries TEXT NOT NULL,
    PRIMARY KEY (offset, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE channels (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    floor INTEGER NOT NULL DEFAULT 0,
    ceiling INTEGER NOT NULL DEFAULT 0,
    accepted INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0,
    dead INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    failed_attempts INTEGER NOT NULL DEFAULT 0,
    redriven INTEGER NOT NULL DEFAULT 0,
    hold TEXT,
    hold_reason TEXT,
    hold_at INTEGER,
    order_by TEXT
) STRICT;
CREATE TABLE retries (
    channel INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    since INTEGER NOT NULL,
    origin INTEGER NOT NULL DEFAULT 0,
    job INTEGER,
    order_key INTEGER,
    PRIMARY KEY (channel, offset)
) STRICT, WITHOUT ROWID;
CREATE TABLE dead_letters (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    key BLOB NOT NULL,
    channel INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    class TEXT NOT NULL,
    code TEXT NOT NULL,
    error TEXT NOT NULL,
    plugin TEXT,
    at INTEGER NOT NULL,
    settings TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX dead_letters_delivery ON dead_letters (key, channel);
CREATE TABLE state (
    channel INTEGER NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (channel, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX state_expiry ON state (expires_at) WHERE expires_at IS NOT NULL;
";

/// What layout 2 adds.
pub(crate) const SINCE_2: &str = "
CREATE INDEX retries_due ON retries (channel, due_at, offset);
CREATE INDEX retries_offset ON retries (offset);
CREATE INDEX retries_order ON retries (channel, order_key, offset) WHERE order_key IS NOT NULL;
CREATE INDEX dead_letters_offset ON dead_letters (offset);
CREATE INDEX dead_letters_at ON dead_letters (at);
-- Bitmaps over ranges of events, so that a query reads only where matches are possible; see `segment`.
CREATE TABLE segments (
    segment INTEGER PRIMARY KEY,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    types BLOB NOT NULL,
    sources BLOB NOT NULL,
    channels BLOB NOT NULL
) STRICT;
-- Events that ever had a dead delivery: the only ones that may have failed.
CREATE TABLE troubled (offset INTEGER PRIMARY KEY) STRICT;
-- Work in steps, which continues after a restart.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    request TEXT NOT NULL,
    cursor INTEGER NOT NULL,
    last INTEGER NOT NULL,
    matched INTEGER NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0,
    dead INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    error TEXT
) STRICT;
";

/// What layout 3 adds.
pub(crate) const SINCE_3: &str = "
-- The time of the last commit, in microseconds.
ALTER TABLE journal ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
";

/// What layout 4 adds.
pub(crate) const SINCE_4: &str = "
ALTER TABLE channels ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0;
-- Why a delivery is deferred, by its number in `record`; NULL if it waits for a retry.
ALTER TABLE retries ADD COLUMN wait_for INTEGER;
-- Finds the oldest waiting delivery, apart from scheduled ones.
CREATE INDEX retries_oldest ON retries (channel, offset) WHERE origin IN (0, 3) AND wait_for IS NOT 0;
";

/// What layout 5 adds for recipients set through the API. A body is a JSON object.
pub(crate) const RECIPIENTS: &str = "
CREATE TABLE recipients (
    subject TEXT PRIMARY KEY,
    changed_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// What layout 5 adds for stages.
pub(crate) const STAGES: &str = "
-- What the stages did, as JSON; NULL if none ran.
ALTER TABLE events ADD COLUMN stages TEXT;
-- A digest of the event as published; NULL if no stage changed it.
ALTER TABLE events ADD COLUMN published BLOB;
-- The key of these digests.
ALTER TABLE journal ADD COLUMN secret BLOB;
";

/// A key that is unique to this journal.
pub(crate) const SECRET: &str = "UPDATE journal SET secret = randomblob(64)";

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
