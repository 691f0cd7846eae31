//! A lane's [`Work`] under its lock, with the wake of the lane's task.
//!
//! Whoever changes what the lane's task may do next wakes it, after the lock is free. A wake is never lost: if the task
//! is not waiting, its next wait ends at once.

use std::sync::Mutex;

use tokio::sync::{Notify, futures::Notified};

use crate::{board, work::Work};

/// A lock. The tests have one that tries out many orders of what its users do.
pub(crate) trait Lock<T>: Default {
    fn with<R>(&self, change: impl FnOnce(&mut T) -> R) -> R;
}

impl<T: Default> Lock<T> for Mutex<T> {
    fn with<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        change(&mut board::lock(self))
    }
}

pub(crate) struct WorkQueue<T, L = Mutex<Work<T>>> {
    work: L,
    wake: Notify,
    items: std::marker::PhantomData<fn() -> T>,
}

impl<T, L: Default> Default for WorkQueue<T, L> {
    fn default() -> Self {
        Self { work: L::default(), wake: Notify::new(), items: std::marker::PhantomData }
    }
}

impl<T, L: Lock<Work<T>>> WorkQueue<T, L> {
    /// Reads or changes the work without waking the lane's task.
    pub(crate) fn with<R>(&self, change: impl FnOnce(&mut Work<T>) -> R) -> R {
        self.work.with(change)
    }

    /// Wakes the lane's task, because what it may do has changed.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Resolves when the lane's task has been woken since the last time.
    pub(crate) fn woken(&self) -> Notified<'_> {
        self.wake.notified()
    }

    /// The next item for a runner; with `None`, the runner has left. `may_begin` is asked only if there is an item.
    /// `is_low` says, of the taken item and the number left, whether the lane's task should claim more.
    pub(crate) fn take(
        &self,
        concurrency: usize,
        may_begin: impl FnOnce() -> bool,
        is_low: impl FnOnce(&T, usize) -> bool,
    ) -> Option<T> {
        let (item, wake) = self.with(|work| {
            if work.queued() > 0 && !may_begin() {
                work.leave();
                return (None, true);
            }
            let item = work.take(concurrency);
            let low = item.as_ref().is_some_and(|item| is_low(item, work.queued()));
            (item, low)
        });
        if wake {
            self.wake();
        }
        item
    }

    /// Removes a runner that has not found the queue empty; the lane's task checks whether another is needed.
    pub(crate) fn leave(&self) {
        self.with(Work::leave);
        self.wake();
    }

    /// Adds items ahead of all others.
    pub(crate) fn add_first(&self, items: Vec<T>) {
        self.with(|work| work.add_first(items));
        self.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use shuttle::{future, sync::Mutex};

    use super::*;

    impl<T: Default> Lock<T> for Mutex<T> {
        fn with<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
            change(&mut self.lock().unwrap())
        }
    }

    /// What the journal would hand out.
    const ITEMS: usize = 12;

    /// How many the lane's task keeps queued, as `claimed_ahead` says for a concurrency of one.
    const AHEAD: usize = 2;

    #[derive(Default)]
    struct Lane {
        queue: WorkQueue<usize, Mutex<Work<usize>>>,
        claimed: AtomicUsize,
        taken: Mutex<Vec<usize>>,
        /// Every item is taken.
        over: Notify,
        /// A runner stops once in the middle of an attempt, as one does whose task is dropped.
        drops: bool,
    }

    /// The steps of `claiming.rs`: start runners, wait while enough is queued, claim.
    async fn claim(lane: Arc<Lane>, concurrency: usize) {
        loop {
            let started = lane.queue.with(|work| work.start(concurrency));
            (0..started).for_each(|_| start(&lane, concurrency));
            let queued = lane.queue.with(|work| work.queued());
            if queued > AHEAD / 2 {
                lane.queue.woken().await;
                continue;
            }
            let from = lane.claimed.load(Ordering::SeqCst);
            let claims: Vec<_> = (from..ITEMS).take(AHEAD - queued).collect();
            if claims.is_empty() {
                // As if the claim waited for another event.
                lane.queue.woken().await;
                continue;
            }
            lane.claimed.store(from + claims.len(), Ordering::SeqCst);
            future::yield_now().await; // The journal's answer.
            lane.queue.with(|work| work.add(claims));
        }
    }

    fn start(lane: &Arc<Lane>, concurrency: usize) {
        future::spawn(run(Arc::clone(lane), concurrency));
    }

    /// The steps of `runner.rs`: take, attempt, leave. Every second attempt has to wait.
    async fn run(lane: Arc<Lane>, concurrency: usize) {
        while let Some(item) = lane.queue.take(concurrency, || true, |_, left| left == AHEAD / 2) {
            let taken = lane.taken.with(|taken| {
                taken.push(item);
                taken.len()
            });
            if taken == ITEMS {
                lane.over.notify_one();
            }
            if lane.drops && item == ITEMS / 2 {
                return lane.queue.leave();
            }
            if item % 2 == 0 {
                if lane.queue.with(|work| work.begin_waiting(concurrency)) {
                    start(&lane, concurrency);
                }
                future::yield_now().await;
                lane.queue.with(Work::end_waiting);
            }
        }
    }

    /// A lost wake would leave everyone waiting, which shuttle reports as a deadlock.
    fn all_is_taken(concurrency: usize, drops: bool) {
        shuttle::check_random(
            move || {
                let lane = Arc::new(Lane { drops, ..Lane::default() });
                drop(future::spawn(claim(Arc::clone(&lane), concurrency)));
                future::block_on(lane.over.notified());
                let mut taken = lane.taken.with(|taken| taken.clone());
                taken.sort_unstable();
                assert_eq!(taken, (0..ITEMS).collect::<Vec<_>>(), "each once");
            },
            2_000,
        );
    }

    #[test]
    fn one_runner_and_the_lane_never_wait_for_each_other() {
        all_is_taken(1, false);
        all_is_taken(1, true);
    }

    #[test]
    fn several_runners_and_the_lane_never_wait_for_each_other() {
        all_is_taken(3, false);
        all_is_taken(3, true);
    }
}
