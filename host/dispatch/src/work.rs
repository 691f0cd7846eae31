//! A lane's queue and its runners, as one value: every transition is a plain function, called under the lane's lock.
//!
//! ```text
//!             add ──► queue ──► take ──► attempt ──► settled
//!              │                 ▲          │
//!  start that many runners       │   it has to wait: another runner takes its place at the queue
//!              ▼                 │          │
//!           runners ─────────────┴──────────┘
//! ```
//!
//! A runner that finds the queue empty leaves in the same step. So the lane, when it adds to the queue, knows exactly
//! which runners exist, and runners need not report that they left.

use std::collections::VecDeque;

/// The number of queued deliveries that justify another runner. A runner that has to wait starts the next by itself, so
/// this only spreads guests that compute over the cores.
const DELIVERIES_PER_RUNNER: usize = 8;

/// Only one of this many allowed runners is started for queued work: the concurrency determines how often a channel has
/// a thread, not the amount claimed ahead.
const RUNNERS_TO_COMPUTE: usize = 4;

/// The queue and its runners.
pub(crate) struct Work<T> {
    queue: VecDeque<T>,
    /// The number of runners; at most the policy's `concurrency`, apart from a moment after that is lowered.
    runners: usize,
    /// The runners whose attempt waits: they take nothing from the queue.
    waiting: usize,
}

impl<T> Default for Work<T> {
    fn default() -> Self {
        Self { queue: VecDeque::new(), runners: 0, waiting: 0 }
    }
}

impl<T> Work<T> {
    pub(crate) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// The next item.
    pub(crate) fn next(&self) -> Option<&T> {
        self.queue.front()
    }

    pub(crate) fn add(&mut self, items: Vec<T>) {
        self.queue.extend(items);
    }

    /// Adds items ahead of all others.
    pub(crate) fn add_first(&mut self, items: Vec<T>) {
        for item in items.into_iter().rev() {
            self.queue.push_front(item);
        }
    }

    /// Takes the whole queue.
    pub(crate) fn take_all(&mut self) -> VecDeque<T> {
        std::mem::take(&mut self.queue)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.queue.iter()
    }

    /// How many runners to start for the queue. They count from now on.
    #[must_use]
    pub(crate) fn start(&mut self, concurrency: usize) -> usize {
        let wanted = self.queue.len().div_ceil(DELIVERIES_PER_RUNNER).min(concurrency.div_ceil(RUNNERS_TO_COMPUTE));
        let free = self.runners - self.waiting;
        let started = wanted.saturating_sub(free).min(concurrency.saturating_sub(self.runners));
        self.runners += started;
        started
    }

    /// What a runner does next; `None` means that it has left.
    pub(crate) fn take(&mut self, concurrency: usize) -> Option<T> {
        let item = if self.runners > concurrency { None } else { self.queue.pop_front() };
        if item.is_none() {
            self.leave();
        }
        item
    }

    /// Removes a runner that does not ask for more.
    pub(crate) fn leave(&mut self) {
        self.runners -= 1;
    }

    /// Marks a runner's attempt as waiting. Returns whether to start another runner, which counts from now on.
    #[must_use]
    pub(crate) fn begin_waiting(&mut self, concurrency: usize) -> bool {
        self.waiting += 1;
        let start = !self.queue.is_empty() && self.runners == self.waiting && self.runners < concurrency;
        self.runners += usize::from(start);
        start
    }

    pub(crate) fn end_waiting(&mut self) {
        self.waiting -= 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a runner does next. Every step is one transition, so any order of steps is a possible execution.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Runner {
        Asking,
        Attempting,
        Waiting,
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Add(usize),
        Concurrency(usize),
        /// The runner's next step, and whether an attempt has to wait.
        Runner(usize, bool),
        /// A runner is dropped in the middle of an attempt.
        Drop(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            2 => (1..40_usize).prop_map(Step::Add),
            1 => (1..12_usize).prop_map(Step::Concurrency),
            12 => (any::<usize>(), any::<bool>()).prop_map(|(which, waits)| Step::Runner(which, waits)),
            1 => any::<usize>().prop_map(Step::Drop),
        ]
    }

    struct World {
        work: Work<usize>,
        concurrency: usize,
        runners: Vec<Runner>,
        added: usize,
        taken: usize,
    }

    impl World {
        fn run(&mut self, step: Step) {
            match step {
                Step::Add(count) => {
                    self.work.add((self.added..self.added + count).collect());
                    self.added += count;
                    self.start();
                }
                Step::Concurrency(concurrency) => {
                    self.concurrency = concurrency;
                    self.start();
                }
                Step::Runner(which, waits) => self.advance(which, waits),
                Step::Drop(which) => {
                    if !self.runners.is_empty() {
                        let which = which % self.runners.len();
                        if self.runners.remove(which) == Runner::Waiting {
                            self.work.end_waiting();
                        }
                        self.work.leave();
                        // A dropped runner wakes the lane.
                        self.start();
                    }
                }
            }
            self.check();
        }

        fn start(&mut self) {
            let started = self.work.start(self.concurrency);
            self.runners.extend(std::iter::repeat_n(Runner::Asking, started));
        }

        fn advance(&mut self, which: usize, waits: bool) {
            if self.runners.is_empty() {
                return;
            }
            let which = which % self.runners.len();
            match self.runners[which] {
                Runner::Asking => match self.work.take(self.concurrency) {
                    Some(item) => {
                        assert_eq!(item, self.taken, "taken once each, in order");
                        self.taken += 1;
                        self.runners[which] = Runner::Attempting;
                    }
                    None => drop(self.runners.remove(which)),
                },
                Runner::Attempting if waits => {
                    self.runners[which] = Runner::Waiting;
                    if self.work.begin_waiting(self.concurrency) {
                        self.runners.push(Runner::Asking);
                    }
                }
                Runner::Attempting => self.runners[which] = Runner::Asking,
                Runner::Waiting => {
                    self.work.end_waiting();
                    self.runners[which] = Runner::Asking;
                }
            }
        }

        fn check(&self) {
            let waiting = self.runners.iter().filter(|runner| **runner == Runner::Waiting).count();
            assert_eq!((self.work.runners, self.work.waiting), (self.runners.len(), waiting));
            assert_eq!(self.work.queued(), self.added - self.taken);
            // The queue is never abandoned: a runner will ask for more, or every place is taken.
            let someone = self.runners.len() > waiting;
            assert!(self.work.queued() == 0 || someone || self.runners.len() >= self.concurrency);
        }
    }

    proptest! {
        #[test]
        fn what_is_queued_is_taken_once_in_order_and_never_left_alone(
            steps in prop::collection::vec(step(), 1..200)
        ) {
            let mut world =
                World { work: Work::default(), concurrency: 4, runners: vec![], added: 0, taken: 0 };
            for step in steps {
                world.run(step);
            }
            // The remaining runners take everything.
            let mut turns = 0;
            while !world.runners.is_empty() {
                world.run(Step::Runner(turns, false));
                turns += 1;
                prop_assert!(turns < 100_000);
            }
            prop_assert_eq!(world.taken, world.added);
        }
    }

    #[test]
    fn there_are_never_more_runners_than_the_policy_allows() {
        let mut work = Work::default();
        work.add((0..100).collect());
        assert_eq!(work.start(16), 4, "13 would have work");
        assert_eq!(work.start(16), 0);
        assert!(!work.begin_waiting(4), "every place is taken");
        work.end_waiting();
        // Lowered: surplus runners leave when they ask.
        assert_eq!((work.take(2), work.take(2)), (None, None));
        assert_eq!(work.take(2), Some(0));
    }

    #[test]
    fn an_attempt_that_waits_gives_its_turn_to_another_runner() {
        let mut work = Work::default();
        work.add(vec![1, 2]);
        assert_eq!(work.start(16), 1);
        assert_eq!(work.take(16), Some(1));
        assert!(work.begin_waiting(16));
        assert_eq!(work.take(16), Some(2));
        work.add(vec![3]);
        assert_eq!(work.start(16), 0, "the second may be done soon");
        assert!(work.begin_waiting(16), "it is waiting");
    }
}
