//! The SQLite journal keeps every promise of a journal, from memory and from disk.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod common;

use std::sync::{Arc, Mutex};

use common::{crash, open, options};
use fanfare_conformance::{JobStore, Store};
use fanfare_dispatch::{Clock, SystemClock};
use fanfare_journal::{Jobs, Options, SqliteJournal};
use tempfile::TempDir;

/// A journal in a folder. A crash moves on to a copy in another.
struct Files {
    /// The last one is in use.
    folders: Mutex<Vec<TempDir>>,
    options: fn(Options) -> Options,
}

impl Files {
    fn new(options: fn(Options) -> Options) -> Self {
        Self { folders: Mutex::new(vec![tempfile::tempdir().unwrap()]), options }
    }
}

impl Store for Files {
    type Journal = SqliteJournal;

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }

    async fn open(&self) -> Arc<SqliteJournal> {
        let options = options(self.folders.lock().unwrap().last().unwrap().path());
        open((self.options)(options)).await
    }

    async fn crash(&self, _: Arc<SqliteJournal>) -> Arc<SqliteJournal> {
        let after = tempfile::tempdir().unwrap();
        crash(self.folders.lock().unwrap().last().unwrap().path(), after.path());
        self.folders.lock().unwrap().push(after);
        self.open().await
    }
}

impl JobStore for Files {
    fn jobs(&self, journal: &Arc<SqliteJournal>) -> Arc<dyn Jobs> {
        journal.jobs()
    }
}

mod from_memory {
    fanfare_conformance::conformance!(super::Files::new(|options| options));
    fanfare_conformance::jobs!(super::Files::new(|options| options));
}

/// With so little memory that nearly everything is read from disk.
mod from_disk {
    use fanfare_journal::Options;

    fn little(options: Options) -> Options {
        Options { window_bytes: 0, page_events: 2, retry_front: 2, ..options }
    }

    fanfare_conformance::conformance!(super::Files::new(little));
    fanfare_conformance::jobs!(super::Files::new(little));
}
