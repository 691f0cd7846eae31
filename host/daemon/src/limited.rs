//! Log lines that a storm must not multiply: some in each period, and the number of those that were left out.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fanfare_dispatch::Clock;
use jiff::Timestamp;

/// The most lines in a period; the rest is only counted.
const LINES: u32 = 10;
const SPAN: Duration = Duration::from_secs(10);

/// Limits the lines about one kind of occurrence.
#[derive(Clone)]
pub(crate) struct Limited {
    clock: Arc<dyn Clock>,
    said: Arc<Mutex<Said>>,
    /// Logs how many were left out.
    tell: fn(u64),
}

/// What was logged in the current period.
#[derive(Debug, Default)]
struct Said {
    /// When the period ends.
    until: Option<Timestamp>,
    lines: u32,
    /// Occurrences that were only counted.
    unsaid: u64,
}

/// What to do about one more occurrence.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    Say,
    /// The first one that is only counted: the count has to be logged when the period is over.
    BeginToCount,
    Count,
}

impl Said {
    fn another(&mut self, now: Timestamp) -> Turn {
        if self.until.is_none_or(|until| now >= until) {
            // The waiter for the end of the previous period logs that period's count.
            (self.until, self.lines) = (now.checked_add(SPAN).ok(), 0);
        }
        if self.lines < LINES {
            self.lines += 1;
            return Turn::Say;
        }
        self.unsaid += 1;
        if self.unsaid == 1 { Turn::BeginToCount } else { Turn::Count }
    }
}

impl Limited {
    pub(crate) fn new(clock: Arc<dyn Clock>, tell: fn(u64)) -> Self {
        Self { clock, said: Arc::default(), tell }
    }

    /// Whether to log one more line. Otherwise it is counted.
    pub(crate) fn says(&self) -> bool {
        match lock(&self.said).another(self.clock.now()) {
            Turn::Say => return true,
            Turn::BeginToCount => self.tell_the_count(),
            Turn::Count => {}
        }
        false
    }

    /// Logs the count once the period is over.
    fn tell_the_count(&self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (said, tell) = (Arc::clone(&self.said), self.tell);
        runtime.spawn(async move {
            tokio::time::sleep(SPAN).await;
            let unsaid = std::mem::take(&mut lock(&said).unsaid);
            tell(unsaid);
        });
    }
}

fn lock(said: &Mutex<Said>) -> std::sync::MutexGuard<'_, Said> {
    said.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;

    #[test]
    fn only_some_are_named_and_the_rest_is_counted() {
        let start: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let mut said = Said::default();
        for _ in 0..LINES {
            assert_eq!(said.another(start), Turn::Say);
        }
        assert_eq!(said.another(start), Turn::BeginToCount);
        assert_eq!((said.another(start), said.unsaid), (Turn::Count, 2));
        // In the next period they are named again, and the previous count is still to be logged.
        assert_eq!((said.another(start + 10.seconds()), said.unsaid), (Turn::Say, 2));
    }
}
