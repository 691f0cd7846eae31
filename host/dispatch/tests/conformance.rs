//! The in-memory journal of these tests keeps every promise of a journal, so they run against the real contract.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod support;

use std::sync::{Arc, Mutex};

use fanfare_conformance::Store;
use fanfare_dispatch::{Clock, SystemClock};
use support::memory::MemoryJournal;

#[derive(Default)]
struct Memory(Mutex<Option<Arc<MemoryJournal>>>);

impl Store for Memory {
    type Journal = MemoryJournal;

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }

    async fn open(&self) -> Arc<MemoryJournal> {
        let mut last = self.0.lock().unwrap();
        let journal = last.as_ref().map_or_else(|| MemoryJournal::new(self.clock()), |last| last.after_a_crash());
        Arc::clone(last.insert(journal))
    }

    async fn crash(&self, _: Arc<MemoryJournal>) -> Arc<MemoryJournal> {
        self.open().await
    }
}

fanfare_conformance::conformance!(Memory::default());
