//! A few read connections, each with its own snapshot: readers never block the writer.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use fanfare_dispatch::JournalError;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::Semaphore;

use crate::{connect, damage::DamageLog, place::Guard, restored};

pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Idle>,
    permits: Arc<Semaphore>,
    pub(crate) damage: Arc<DamageLog>,
}

struct Idle {
    connections: Vec<Connection>,
    /// Absent once the connections are closed.
    guard: Option<Arc<Guard>>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf, connections: usize, guard: Arc<Guard>, damage: Arc<DamageLog>) -> Self {
        let idle = Mutex::new(Idle { connections: vec![], guard: Some(guard) });
        Self { path, idle, permits: Arc::new(Semaphore::new(connections.max(1))), damage }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` on a connection, off the async threads.
    pub(crate) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let permit = self.permits.clone().acquire_owned().await.map_err(|_closed| JournalError::Closed)?;
        let readers = self.clone();
        let run = move || {
            let _permit = permit;
            // Dropped in reverse order: the guard after the connection.
            let (_guard, connection) = {
                let mut idle = readers.idle();
                let guard = idle.guard.clone().ok_or(JournalError::Closed)?;
                (guard, idle.connections.pop())
            };
            let connection = match connection {
                Some(connection) => connection,
                None => connect::open_reader(&readers.path).map_err(|e| store(&e))?,
            };
            let result = work(&connection);
            match &result {
                Err(JournalError::Damaged(what)) => readers.damage.found(what),
                Err(JournalError::Store(error)) => tracing::warn!(error, "the journal could not be read"),
                _ => {}
            }
            let mut idle = readers.idle();
            if idle.guard.is_some() {
                idle.connections.push(connection);
            }
            result
        };
        tokio::task::spawn_blocking(run)
            .await
            .map_err(|e| JournalError::Store(format!("a read was interrupted: {e}")))?
    }

    /// Records how far the journal has come, for the next start.
    pub(crate) async fn note(self: &Arc<Self>) {
        let Some(guard) = self.idle().guard.clone() else { return };
        match self.run(|connection| restored::note(connection).map_err(|e| store(&e))).await {
            Ok(note) => guard.write_note(&note),
            Err(error) => tracing::warn!(%error, "the journal's progress could not be read"),
        }
    }

    /// Closes the connections. Later reads fail.
    pub(crate) fn close(&self) {
        self.permits.close();
        let mut idle = self.idle();
        idle.connections.clear();
        idle.guard = None;
    }
}

/// Converts an SQLite error to the error of the traits.
pub(crate) fn store(error: &rusqlite::Error) -> JournalError {
    match error.sqlite_error_code() {
        // An error without a code does not come from SQLite itself: a value has the wrong type or is missing.
        None | Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => JournalError::Damaged(error.to_string()),
        Some(_) => JournalError::Store(error.to_string()),
    }
}
