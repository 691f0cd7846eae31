//! Which event types there are, how many events each has, and which was the newest: a summary in memory that follows
//! the journal.
//!
//! It starts with the events in the journal and adds new ones, reading each event's type once, some time after its
//! commit. So it costs publishers nothing, and events that retention deletes later still count.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
    time::Duration,
};

use fanfare_core::Offset;
use fanfare_dispatch::JournalError;
use fanfare_record::{History, TypesRead};
use jiff::Timestamp;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// The most types that are counted separately. Events of all others are counted together.
const MOST: usize = 10_000;
/// How many events one read of the journal examines.
const AT_ONCE: usize = 10_000;
/// How many reads a request waits for, so that it sees events that were accepted before it.
const FOR_A_REQUEST: usize = 5;
/// The pause between two reads while it catches up, so that it uses at most half of one reader.
const PAUSE: Duration = Duration::from_millis(50);
/// New events are counted after this delay, while the journal still has them in memory.
const LATER: Duration = Duration::from_secs(1);

/// The event types that were seen.
pub struct Catalogue {
    history: Arc<dyn History>,
    known: RwLock<Known>,
    /// Locked during a read, so that nothing is counted twice.
    reading: Mutex<()>,
}

/// What is known so far.
#[derive(Clone, Debug, Default)]
pub struct Known {
    types: BTreeMap<Arc<str>, Seen>,
    /// Events of types that are not counted separately: there are too many types, or their names are too long.
    pub others: u64,
    /// Everything up to this offset is counted.
    pub to: Offset,
    /// Some events could not be read, and are not counted.
    pub incomplete: bool,
}

/// The events of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub events: u64,
    /// The newest of them.
    pub last: Offset,
    pub last_at: Timestamp,
}

impl Known {
    fn add(&mut self, read: TypesRead) {
        for count in read.types {
            let seen = Seen { events: count.events, last: count.last, last_at: count.last_at };
            let is_full = self.types.len() >= MOST;
            match self.types.get_mut(count.ty.as_str()) {
                Some(have) => *have = Seen { events: have.events + seen.events, ..seen },
                None if is_full => self.others += seen.events,
                None => drop(self.types.insert(count.ty.into(), seen)),
            }
        }
        self.others += read.longer;
        self.incomplete |= read.incomplete;
        self.to = read.to;
    }

    /// How many types are counted separately.
    #[must_use]
    pub fn len(&self) -> usize {
        self.types.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    #[must_use]
    pub fn of(&self, ty: &str) -> Option<Seen> {
        self.types.get(ty).copied()
    }

    /// The types after this one, by name.
    pub fn after(&self, ty: &str) -> impl Iterator<Item = (&str, Seen)> {
        let behind = self.types.range::<str, _>((Bound::Excluded(ty), Bound::Unbounded));
        behind.map(|(ty, seen)| (&**ty, *seen))
    }
}

impl Catalogue {
    #[must_use]
    pub fn new(history: Arc<dyn History>) -> Self {
        Self { history, known: RwLock::default(), reading: Mutex::default() }
    }

    /// Follows the journal until the daemon stops.
    pub async fn follow(self: Arc<Self>, stopping: CancellationToken) {
        tokio::select! {
            () = stopping.cancelled() => {}
            () = self.go_on() => {}
        }
    }

    async fn go_on(&self) {
        loop {
            match self.read().await {
                Ok(true) => tokio::time::sleep(PAUSE).await,
                Ok(false) => {
                    let to = self.known().to;
                    if !self.history.wait_beyond(to).await {
                        return;
                    }
                    tokio::time::sleep(LATER).await;
                }
                // It is retried; requests report the error.
                Err(_) => tokio::time::sleep(LATER).await,
            }
        }
    }

    /// Counts what was accepted until now, as far as a request can wait for it.
    ///
    /// # Errors
    /// [`JournalError`] if the journal cannot be read.
    pub async fn catch_up(&self) -> Result<(), JournalError> {
        for _ in 0..FOR_A_REQUEST {
            if !self.read().await? {
                break;
            }
        }
        Ok(())
    }

    /// What is known now.
    pub fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one read's worth of events. Returns whether there are more.
    async fn read(&self) -> Result<bool, JournalError> {
        let _alone = self.reading.lock().await;
        let from = self.known().to;
        if from >= self.history.newest() {
            return Ok(false);
        }
        let read = self.history.types(from, AT_ONCE).await?;
        let more = read.to > from && read.to < self.history.newest();
        self.known.write().unwrap_or_else(PoisonError::into_inner).add(read);
        Ok(more)
    }
}

#[cfg(test)]
mod tests {
    use fanfare_record::TypeCount;

    use super::*;

    fn read(types: impl IntoIterator<Item = (String, u64)>, to: u64) -> TypesRead {
        let count = |(ty, events)| TypeCount { ty, events, last: Offset(to), last_at: Timestamp::UNIX_EPOCH };
        TypesRead { types: types.into_iter().map(count).collect(), longer: 1, to: Offset(to), incomplete: false }
    }

    #[test]
    fn types_are_summed_and_too_many_are_counted_together() {
        let mut known = Known::default();
        known.add(read([("b".to_owned(), 2), ("a".to_owned(), 1)], 3));
        known.add(read([("b".to_owned(), 5)], 9));
        assert_eq!(known.of("b").unwrap(), Seen { events: 7, last: Offset(9), last_at: Timestamp::UNIX_EPOCH });
        assert_eq!(known.after("a").map(|(ty, _)| ty).collect::<Vec<_>>(), ["b"]);
        known.add(read((0..20_000).map(|n| (format!("t{n:05}"), 1)), 20_009));
        assert_eq!((known.len(), known.others, known.to), (MOST, 3 + 10_002, Offset(20_009)));
        known.add(read([("b".to_owned(), 1)], 20_010));
        assert_eq!(known.of("b").unwrap().events, 8, "known types are still counted");
    }
}
