//! How to open a journal, and why opening can fail.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

/// How to open a journal. The defaults suit a daemon on one machine.
#[derive(Clone, Debug)]
pub struct Options {
    /// The database file. Its folder is created if it is missing.
    pub path: PathBuf,
    /// The memory for the newest events, in bytes, shared by all channels.
    pub window_bytes: usize,
    /// The number of events queued for the writer before `accept` reports that it is full.
    pub queue_entries: usize,
    /// The bytes of events queued for the writer before `accept` reports that it is full.
    pub queue_bytes: usize,
    /// The number of settlements queued for the writer before `settle` waits. Their space is separate: accepts never
    /// block them.
    pub queue_settlements: usize,
    /// The maximum number of events and settlements per commit.
    pub group_entries: usize,
    /// Events per page read from disk, per channel.
    pub page_events: usize,
    /// Bytes of events per page read from disk, per channel.
    pub page_bytes: usize,
    /// How many due times of waiting deliveries are kept in memory, per channel.
    pub retry_front: usize,
    /// The number of connections that read.
    pub readers: usize,
    /// The maximum size of the database file; beyond it accepts fail as on a full disk. `None`: as large as the disk.
    pub max_bytes: Option<u64>,
    /// Settled events are removed after this long. `None`: never.
    pub retention: Option<Duration>,
    /// Dead letters are removed after this long. `None`: never.
    pub dead_letter_retention: Option<Duration>,
    /// Acts are removed from the audit trail after this long. `None`: never.
    pub audit_retention: Option<Duration>,
    pub on_commit: Option<CommitHook>,
}

/// Called for every commit, on the writer's thread, with its duration and the number of its events and settlements. It
/// must be quick and must not block.
#[derive(Clone)]
pub struct CommitHook(pub Arc<dyn Fn(Duration, usize) + Send + Sync>);

impl fmt::Debug for CommitHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CommitHook")
    }
}

impl Options {
    /// The defaults, for the database at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            window_bytes: 32 << 20,
            queue_entries: 16_384,
            queue_bytes: 64 << 20,
            queue_settlements: 65_536,
            group_entries: 4_096,
            page_events: 256,
            page_bytes: 1 << 20,
            retry_front: 1_024,
            readers: 4,
            max_bytes: None,
            retention: None,
            dead_letter_retention: None,
            audit_retention: None,
            on_commit: None,
        }
    }
}

/// Why a journal could not be opened, with the file and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the journal {path} is in use by another process; stop that daemon, or set another `journal.path`",
        path = .0.display()
    )]
    InUse(PathBuf),
    #[error(
        "{path} is not a Fanfare journal; move the file away, or set another `journal.path`",
        path = .0.display()
    )]
    NotAJournal(PathBuf),
    #[error(
        "the journal {path} has layout {found}, but this version supports layouts up to {known}; run the newer version \
         that wrote it, or set another `journal.path`",
        path = .path.display()
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error(
        "the journal {path} is damaged ({reason}); restore it from a backup. Or save what is left \
         with `sqlite3 {path} .recover`, and move it away together with `{path}-wal` and `{path}-shm` to start with an \
         empty journal",
        path = .path.display()
    )]
    Corrupt { path: PathBuf, reason: String },
    #[error(
        "the journal {path} has lost its contents: {why}; restore it from a backup. To start with an empty \
         journal instead, move {path}, {path}-wal and {path}.lock away together",
        path = .path.display()
    )]
    Lost { path: PathBuf, why: String },
    #[error(
        "the journal {path} has {names} names (hard links), each with its own write-ahead log; remove the other names, \
         or replace this one with a copy (`cp {path} {path}.copy`, then move the copy here)",
        path = .path.display()
    )]
    Linked { path: PathBuf, names: u64 },
    #[error(
        "the journal {path} cannot be opened: {reason}; check that the folder exists, is writable and has free space",
        path = .path.display()
    )]
    Unusable { path: PathBuf, reason: String },
}
