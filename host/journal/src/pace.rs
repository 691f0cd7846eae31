//! How fast events arrive, and how many a commit has, which decides whether commits wait for more of them.

use std::time::{Duration, Instant};

/// Over this long, or longer if nothing is taken.
const OVER: Duration = Duration::from_millis(20);

/// From this rate on, in events per second, a wait of a millisecond brings in two or more.
const FAST: f64 = 2_000.0;

/// Waits begin if commits have fewer events than this on average, and end if they have more than the other.
const FEW: usize = 6;
const MANY: usize = 9;

/// What was taken lately.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    since: Option<Instant>,
    events: usize,
    /// Those with events.
    commits: usize,
    waits: bool,
}

impl Pace {
    /// Notes the events of a commit that begins now.
    pub(crate) fn took(&mut self, events: usize, now: Instant) {
        self.events += events;
        self.commits += usize::from(events > 0);
        let elapsed = now.saturating_duration_since(*self.since.get_or_insert(now));
        if elapsed < OVER {
            return;
        }
        #[allow(clippy::cast_precision_loss, reason = "a count of some milliseconds")]
        let rate = self.events as f64 / elapsed.as_secs_f64();
        let most = if self.waits { MANY } else { FEW };
        let waits = rate >= FAST && self.events < most * self.commits;
        *self = Self { since: Some(now), waits, ..Self::default() };
    }

    /// A wait brought in nothing: a few publishers wait for their own commits. It is tried again later.
    pub(crate) fn waited_in_vain(&mut self) {
        self.waits = false;
    }

    /// Whether a commit with few events waits for more.
    pub(crate) fn waits(&self) -> bool {
        self.waits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_wait_while_many_events_come_in_small_commits() {
        #[allow(clippy::disallowed_methods, reason = "the beginning of a sequence of times")]
        let begin = Instant::now();
        let (mut pace, mut at) = (Pace::default(), begin);
        let mut run = |pace: &mut Pace, times: u32, events, every| {
            for _ in 0..times {
                at += Duration::from_micros(every);
                pace.took(events, at);
            }
            pace.waits()
        };
        assert!(!run(&mut pace, 100, 1, 2_000), "500 a second");
        assert!(!run(&mut pace, 100, 9, 1_000), "9,000 a second, and commits have enough of them");
        assert!(run(&mut pace, 100, 1, 400), "2,500 a second");
        assert!(run(&mut pace, 100, 7, 2_000), "more, because commits wait");
        assert!(!run(&mut pace, 100, 30, 5_000), "more than a wait is for");
        assert!(run(&mut pace, 100, 1, 400));
        assert!(!run(&mut pace, 1, 1, 1_000_000), "the first one after a break");
        assert!(!run(&mut pace, 20, 0, 1_000), "only settlements");
        assert!(run(&mut pace, 100, 1, 400));
        pace.waited_in_vain();
        assert!(!run(&mut pace, 10, 1, 400) && run(&mut pace, 60, 1, 400), "until it is measured again");
    }
}
