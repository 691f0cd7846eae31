//! The state machine of one delivery: what follows an attempt.
//!
//! ```text
//!            ┌────────── waiting until T ◄─┐
//!            ▼                             │ retry, throttled, trap, fuel, timeout, memory (attempts left)
//! pending ─► attempt ──────────────────────┤ host, suspended (not counted)
//!            │                             │
//!            ├─► delivered                 └─► dead (no attempts left; rejected, denied at once)
//! ```

use std::time::Duration;

use jiff::Timestamp;

use crate::{Class, Outcome, Policy};

/// A receiver's `Retry-After` is honoured up to this.
pub const LONGEST_THROTTLE: Duration = Duration::from_hours(24);

/// The wait after a fault of our own: long enough not to spin, short enough not to matter.
const HOST_FAULT_WAIT: Duration = Duration::from_millis(500);

/// What follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Delivered,
    /// Again at `until`, with so many attempts spent.
    Waiting {
        until: Timestamp,
        attempts: u32,
    },
    /// The channel stops; the delivery stays pending, with so many attempts spent.
    Suspended {
        attempts: u32,
    },
    /// Into the dead letters.
    Dead {
        attempts: u32,
    },
}

/// Decides what follows an attempt that ended in `outcome`.
///
/// `spent` counts the attempts before this one, `random` is uniform in 0 to 1.
#[must_use]
pub fn next(spent: u32, outcome: &Outcome, policy: &Policy, now: Timestamp, random: f64) -> Next {
    let Outcome::Failed(fault) = outcome else { return Next::Delivered };
    let attempts = spent.saturating_add(1);
    match fault.class {
        Class::Host => Next::Waiting { until: later(now, HOST_FAULT_WAIT), attempts: spent },
        Class::Suspended => Next::Suspended { attempts: spent },
        Class::Rejected | Class::Denied => Next::Dead { attempts },
        Class::Retry | Class::Throttled | Class::Trap | Class::Fuel | Class::Timeout | Class::Memory => {
            if attempts > policy.retries {
                return Next::Dead { attempts };
            }
            let asked = fault.retry_after.unwrap_or_default().min(LONGEST_THROTTLE);
            let wait = policy.backoff.wait(attempts, random).max(asked);
            Next::Waiting { until: later(now, wait), attempts }
        }
    }
}

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Backoff, Fault};

    fn now() -> Timestamp {
        "2026-11-20T10:30:00Z".parse().unwrap()
    }

    fn policy(retries: u32) -> Policy {
        let backoff = Backoff::exponential(Duration::from_secs(1), 2.0, Duration::from_secs(60), 0.0).unwrap();
        Policy { retries, backoff, ..Policy::default() }
    }

    fn failed(class: Class, retry_after: Option<u64>) -> Outcome {
        Outcome::Failed(Fault { retry_after: retry_after.map(Duration::from_secs), ..Fault::new(class, "c", "m") })
    }

    #[track_caller]
    fn check(spent: u32, outcome: &Outcome, want: Next) {
        assert_eq!(next(spent, outcome, &policy(2), now(), 0.5), want);
    }

    fn waiting(millis: u64, attempts: u32) -> Next {
        Next::Waiting { until: later(now(), Duration::from_millis(millis)), attempts }
    }

    #[test]
    fn success_is_delivered_whatever_came_before() {
        check(0, &Outcome::Delivered { receipt: None }, Next::Delivered);
        check(9, &Outcome::Delivered { receipt: None }, Next::Delivered);
    }

    #[test]
    fn what_may_work_later_waits_longer_each_time_and_then_dies() {
        for class in [Class::Retry, Class::Throttled, Class::Trap, Class::Fuel, Class::Timeout, Class::Memory] {
            let outcome = failed(class, None);
            check(0, &outcome, waiting(1000, 1));
            check(1, &outcome, waiting(2000, 2));
            check(2, &outcome, Next::Dead { attempts: 3 });
        }
    }

    #[test]
    fn what_can_never_work_dies_at_once() {
        check(0, &failed(Class::Rejected, None), Next::Dead { attempts: 1 });
        check(0, &failed(Class::Denied, None), Next::Dead { attempts: 1 });
    }

    #[test]
    fn a_named_delay_is_the_least_wait_and_is_capped_at_a_day() {
        check(0, &failed(Class::Throttled, Some(30)), waiting(30_000, 1));
        check(1, &failed(Class::Throttled, Some(1)), waiting(2_000, 2));
        check(0, &failed(Class::Throttled, Some(u64::MAX)), waiting(24 * 3_600_000, 1));
    }

    #[test]
    fn our_own_fault_and_a_receiver_that_is_gone_spend_no_attempt() {
        check(2, &failed(Class::Host, None), waiting(500, 2));
        check(2, &failed(Class::Suspended, None), Next::Suspended { attempts: 2 });
    }
}
