//! The layout of the database: the statements that create it.

/// The layout that this version writes, stored in `user_version`. [`migrate`](crate::migrate) converts older ones.
pub(crate) const LAYOUT: i64 = 8;

/// The number of pending deliveries of a row of `channels`. The only definition of this sum.
pub(crate) const PENDING: &str = "max(accepted + redriven - delivered - dead - skipped, 0)";

/// Identifies the file as a journal (`application_id`), so that another SQLite database is never mistaken for an empty
/// journal.
pub(crate) const APPLICATION: i64 = 0x4641_4E46;

pub(crate) const TABLES: &str = "
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

/// What layout 6 adds: the audit trail. An act without an outcome has not ended, or was interrupted.
pub(crate) const AUDIT: &str = "
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    target TEXT NOT NULL,
    source TEXT,
    details TEXT,
    outcome TEXT
) STRICT;
CREATE INDEX audit_at ON audit (at);
";
