//! The in-memory journal of these tests keeps every promise of a journal, so they run against the real contract.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod support;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use fanfare_conformance::Store;
use fanfare_dispatch::{Clock, SystemClock};
use support::{PausedClock, memory::MemoryJournal};

struct Memory {
    last: Mutex<Option<Arc<MemoryJournal>>>,
    clock: Arc<dyn Clock>,
    lease: Option<Duration>,
}

impl Memory {
    fn new(clock: Arc<dyn Clock>, lease: Option<Duration>) -> Self {
        Self { last: Mutex::default(), clock, lease }
    }

    fn first(&self) -> Arc<MemoryJournal> {
        match self.lease {
            None => MemoryJournal::new(self.clock()),
            Some(lease) => MemoryJournal::with_deadlines(self.clock(), lease),
        }
    }
}

impl Store for Memory {
    type Journal = MemoryJournal;

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    async fn open(&self) -> Arc<MemoryJournal> {
        let mut last = self.last.lock().unwrap();
        let journal = last.as_ref().map_or_else(|| self.first(), |last| last.after_a_crash());
        Arc::clone(last.insert(journal))
    }

    async fn crash(&self, _: Arc<MemoryJournal>) -> Arc<MemoryJournal> {
        self.open().await
    }
}

fanfare_conformance::conformance!(Memory::new(Arc::new(SystemClock), None));

/// Each claim is in force for a limited time.
mod with_deadlines {
    use std::{sync::Arc, time::Duration};

    use super::{Memory, PausedClock, SystemClock};

    fanfare_conformance::conformance!(Memory::new(Arc::new(SystemClock), Some(Duration::from_secs(3_600))));
    fanfare_conformance::deadlines!(Memory::new(PausedClock::new(), Some(Duration::from_secs(30))));
}
