//! Idle connections: as many as were busy at once, up to a limit over all hosts. Beyond it, the oldest is closed; each
//! is closed after a while.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::{task::JoinHandle, time::Instant};

pub(super) struct Pool<K, C> {
    idle: Arc<Mutex<Idle<K, C>>>,
    most: usize,
    patience: Duration,
}

impl<K, C> Clone for Pool<K, C> {
    fn clone(&self) -> Self {
        Self { idle: Arc::clone(&self.idle), ..*self }
    }
}

struct Idle<K, C> {
    /// The newest connection of a host is taken first, so that surplus ones age.
    by_host: HashMap<K, Vec<(u64, C)>>,
    /// In order of arrival.
    ages: BTreeMap<u64, (Instant, K)>,
    next: u64,
    sweeper: Option<JoinHandle<()>>,
}

impl<K: Clone + Eq + Hash + Send + 'static, C: Send + 'static> Pool<K, C> {
    pub(super) fn new(most: usize, patience: Duration) -> Self {
        let idle = Idle { by_host: HashMap::new(), ages: BTreeMap::new(), next: 0, sweeper: None };
        Self { idle: Arc::new(Mutex::new(idle)), most, patience }
    }

    /// An idle connection to this host that is still alive.
    pub(super) fn take(&self, host: &K, alive: impl Fn(&C) -> bool) -> Option<C> {
        let mut idle = lock(&self.idle);
        loop {
            let connection = idle.take(host)?;
            if alive(&connection) {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection for later.
    pub(super) fn put(&self, host: K, connection: C) {
        let mut idle = lock(&self.idle);
        let number = idle.next;
        idle.next += 1;
        idle.ages.insert(number, (Instant::now(), host.clone()));
        idle.by_host.entry(host).or_default().push((number, connection));
        while idle.ages.len() > self.most {
            drop(idle.take_oldest());
        }
        if idle.sweeper.as_ref().is_none_or(JoinHandle::is_finished) {
            idle.sweeper = Some(tokio::spawn(sweep(Arc::downgrade(&self.idle), self.patience)));
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        lock(&self.idle).ages.len()
    }

    /// Closes an idle connection to make room for a new one.
    pub(super) fn give_up_one(&self) {
        drop(lock(&self.idle).take_oldest());
    }
}

impl<K: Clone + Eq + Hash, C> Idle<K, C> {
    fn take(&mut self, host: &K) -> Option<C> {
        let waiting = self.by_host.get_mut(host)?;
        let taken = waiting.pop();
        if waiting.is_empty() {
            self.by_host.remove(host);
        }
        let (number, connection) = taken?;
        self.ages.remove(&number);
        Some(connection)
    }

    fn take_oldest(&mut self) -> Option<C> {
        let (number, (_, host)) = self.ages.pop_first()?;
        let waiting = self.by_host.get_mut(&host)?;
        let at = waiting.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        let (_, connection) = waiting.remove(at);
        if waiting.is_empty() {
            self.by_host.remove(&host);
        }
        Some(connection)
    }
}

/// Closes connections that have been idle for too long. Ends when none is left.
async fn sweep<K: Clone + Eq + Hash, C>(idle: Weak<Mutex<Idle<K, C>>>, patience: Duration) {
    while let Some(idle) = idle.upgrade() {
        let due = {
            let mut idle = lock(&idle);
            while idle.ages.first_key_value().is_some_and(|(_, (since, _))| since.elapsed() >= patience) {
                drop(idle.take_oldest());
            }
            let Some((_, (since, _))) = idle.ages.first_key_value() else {
                // Under the lock, so that the next `put` starts a new sweeper.
                drop(mem::take(&mut idle.sweeper));
                return;
            };
            *since + patience
        };
        drop(idle);
        tokio::time::sleep_until(due).await;
    }
}

fn lock<K, C>(idle: &Mutex<Idle<K, C>>) -> MutexGuard<'_, Idle<K, C>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(most: usize) -> Pool<&'static str, u32> {
        Pool::new(most, Duration::from_secs(600))
    }

    fn waiting(pool: &Pool<&'static str, u32>) -> Vec<u32> {
        let idle = lock(&pool.idle);
        let mut all: Vec<_> = idle.by_host.values().flatten().map(|(_, connection)| *connection).collect();
        assert_eq!(all.len(), idle.ages.len());
        all.sort_unstable();
        all
    }

    #[tokio::test]
    async fn a_connection_is_taken_by_the_next_for_its_host_alone() {
        let pool = pool(10);
        pool.put("a", 1);
        pool.put("a", 2);
        pool.put("b", 3);
        assert_eq!(pool.take(&"a", |_| true), Some(2));
        assert_eq!(pool.take(&"c", |_| true), None);
        assert_eq!(pool.take(&"a", |_| true), Some(1));
        assert_eq!(pool.take(&"a", |_| true), None);
        assert_eq!(waiting(&pool), [3]);
    }

    #[tokio::test]
    async fn a_closed_idle_connection_is_passed_over_and_forgotten() {
        let pool = pool(10);
        for connection in 1..=3 {
            pool.put("a", connection);
        }
        assert_eq!(pool.take(&"a", |&connection| connection < 2), Some(1));
        assert_eq!(waiting(&pool), [] as [u32; 0]);
    }

    #[tokio::test]
    async fn past_the_most_over_all_hosts_the_oldest_goes() {
        let pool = pool(3);
        for (host, connection) in [("a", 1), ("b", 2), ("a", 3), ("c", 4), ("b", 5)] {
            pool.put(host, connection);
        }
        assert_eq!(waiting(&pool), [3, 4, 5]);
        pool.give_up_one();
        assert_eq!(waiting(&pool), [4, 5]);
    }

    #[tokio::test]
    async fn what_waits_too_long_goes_by_itself() {
        let pool = Pool::new(10, Duration::from_millis(20));
        // Twice: also after the sweeper has ended.
        for _ in 0..2 {
            pool.put("a", 1);
            pool.put("b", 2);
            while pool.len() > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            assert_eq!(waiting(&pool), [] as [u32; 0]);
        }
    }
}
