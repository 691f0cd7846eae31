//! Moving committed pages from the write-ahead log into the database, without holding up commits.
//!
//! A thread of its own does the bulk, on its own connection, while the writer goes on. What the writer adds meanwhile is
//! small; the writer moves that rest itself, because only a log that is moved as a whole starts over at its beginning.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
};

use rusqlite::Connection;

use crate::schema;

/// Log pages from which a checkpoint is worth its sync: 16 MiB.
const ENOUGH: i64 = 4_096;

/// Commits between two looks at the log's length.
const LOOK_EVERY: u32 = 32;

pub(crate) struct Checkpointer {
    start: Option<SyncSender<()>>,
    /// The bulk is done, the rest is the writer's.
    rest: Arc<AtomicBool>,
    commits: u32,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub(crate) fn spawn(path: PathBuf) -> std::io::Result<Self> {
        let rest = Arc::new(AtomicBool::new(false));
        // One order at a time: a second one would find nothing to do.
        let (start, orders) = sync_channel(1);
        let flag = rest.clone();
        let thread = std::thread::Builder::new()
            .name("journal-checkpoint".to_owned())
            .spawn(move || run(path, &orders, &flag))?;
        Ok(Self { start: Some(start), rest, commits: 0, thread: Some(thread) })
    }

    /// To be called by the writer between two commits.
    pub(crate) fn after_commit(&mut self, connection: &Connection) {
        if self.rest.swap(false, Ordering::AcqRel) {
            report(checkpoint(connection, "PASSIVE"));
        }
        self.commits += 1;
        if self.commits < LOOK_EVERY {
            return;
        }
        self.commits = 0;
        // NOOP moves nothing; it tells how long the log is and how much of it has been moved.
        match checkpoint(connection, "NOOP") {
            Ok((log, moved)) if log - moved >= ENOUGH => {
                // Full means that an order stands already.
                let _ordered = self.start.as_ref().is_some_and(|start| start.try_send(()).is_ok());
            }
            other => report(other),
        }
    }

    /// Moves everything and empties the log; the last act of a writer.
    pub(crate) fn finish(&mut self, connection: &Connection) {
        self.start = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the journal's checkpoint thread panicked");
        }
        report(checkpoint(connection, "TRUNCATE"));
    }
}

fn run(path: PathBuf, orders: &Receiver<()>, rest: &AtomicBool) {
    let mut connection = None;
    while orders.recv().is_ok() {
        if connection.is_none() {
            connection = schema::open_checkpointer(&path)
                .map_err(|e| tracing::warn!("the journal cannot be opened for a checkpoint: {e}"))
                .ok();
        }
        if let Some(connection) = &connection {
            report(checkpoint(connection, "PASSIVE"));
            rest.store(true, Ordering::Release);
        }
    }
}

/// Pages in the log, and how many of them are in the database.
fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<(i64, i64)> {
    connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| Ok((row.get(1)?, row.get(2)?)))
}

/// A checkpoint that fails costs nothing but room: the log keeps everything, and the next one moves it.
fn report(result: rusqlite::Result<(i64, i64)>) {
    if let Err(e) = result {
        tracing::warn!("a checkpoint of the journal failed, the next one makes up for it: {e}");
    }
}
