//! Moves committed pages from the write-ahead log into the database, without blocking commits.
//!
//! A separate thread does the bulk on its own connection while the writer continues. The writer then moves the small
//! rest itself: the log restarts at its beginning only after it has been moved completely.

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

use crate::connect;

/// The log length in pages that makes a checkpoint worth its sync: 16 MiB.
const ENOUGH: i64 = 4_096;

/// Commits between two checks of the log's length.
const LOOK_EVERY: u32 = 32;

pub(crate) struct Checkpointer {
    start: Option<SyncSender<()>>,
    /// The bulk is done; the writer moves the rest.
    rest: Arc<AtomicBool>,
    commits: u32,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub(crate) fn spawn(path: PathBuf) -> std::io::Result<Self> {
        let rest = Arc::new(AtomicBool::new(false));
        // One order at a time; a second one would find nothing to do.
        let (start, orders) = sync_channel(1);
        let flag = rest.clone();
        let thread = std::thread::Builder::new()
            .name("journal-checkpoint".to_owned())
            .spawn(move || run(path, &orders, &flag))?;
        Ok(Self { start: Some(start), rest, commits: 0, thread: Some(thread) })
    }

    /// The writer calls this between two commits.
    pub(crate) fn after_commit(&mut self, connection: &Connection) {
        if self.rest.swap(false, Ordering::AcqRel) {
            report(checkpoint(connection, "PASSIVE"));
        }
        self.commits += 1;
        if self.commits < LOOK_EVERY {
            return;
        }
        self.commits = 0;
        // NOOP moves nothing. It reports the length of the log and how much of it has been moved.
        match checkpoint(connection, "NOOP") {
            Ok((log, moved)) if log - moved >= ENOUGH => {
                // A full channel means that an order is already queued.
                let _ordered = self.start.as_ref().is_some_and(|start| start.try_send(()).is_ok());
            }
            other => report(other),
        }
    }

    /// Moves everything and empties the log; the writer's last step.
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
            connection = connect::open_checkpointer(&path)
                .map_err(|e| tracing::warn!("the journal could not be opened for a checkpoint: {e}"))
                .ok();
        }
        if let Some(connection) = &connection {
            report(checkpoint(connection, "PASSIVE"));
            rest.store(true, Ordering::Release);
        }
    }
}

/// The number of pages in the log, and how many of them are in the database.
fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<(i64, i64)> {
    connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| Ok((row.get(1)?, row.get(2)?)))
}

/// A failed checkpoint costs only disk space: the log keeps everything, and the next checkpoint moves it.
fn report(result: rusqlite::Result<(i64, i64)>) {
    if let Err(e) = result {
        tracing::warn!("a checkpoint of the journal failed; the next one will catch up: {e}");
    }
}
