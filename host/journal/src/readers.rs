//! A few connections that read, each from a snapshot of its own: readers never hold up the writer.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use fanfare_dispatch::JournalError;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::schema;

pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf, connections: usize) -> Self {
        Self { path, idle: Mutex::new(vec![]), permits: Arc::new(Semaphore::new(connections.max(1))) }
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
            let idle = readers.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match idle {
                Some(connection) => connection,
                None => schema::open_reader(&readers.path).map_err(|e| store(&e))?,
            };
            let result = work(&connection);
            readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            result
        };
        tokio::task::spawn_blocking(run).await.map_err(|e| JournalError::Store(format!("a read was cut short: {e}")))?
    }

    /// Closes the connections; nothing is read afterwards.
    pub(crate) fn close(&self) {
        self.permits.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// An error of the store as the traits have it.
pub(crate) fn store(error: &rusqlite::Error) -> JournalError {
    JournalError::Store(error.to_string())
}
