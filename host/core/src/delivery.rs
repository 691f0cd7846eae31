//! The state machine of one delivery: what follows an attempt.
//!
//! ```text
//!     deferred until T ◄─┐ ┌────────── waiting until T ◄─┐
//! │           │ ▼                             │ retry, throttled, trap, fuel, timeout, memory (attempts left)
//! pending ─► its turn ───┴─► attempt ────────────────────┤ host, suspended (not counted)
//!            │               │                           │
//!            └─► skipped     ├─► delivered               └─► dead (no attempts left; rejected, denied at once)
//! ```
//!
//! [`turn`](crate::turn) decides what happens when a delivery's turn comes.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Class, Outcome, Policy};

/// The longest `Retry-After` of a receiver that is honoured.
pub(crate) const LONGEST_THROTTLE: Duration = Duration::from_hours(24);

/// The wait after a fault of the host: long enough not to spin, short enough not to matter.
const HOST_FAULT_WAIT: Duration = Duration::from_millis(500);

/// The next state of a delivery, after an attempt or when its turn came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Next {
    Delivered,
    /// Retried at `until`; `attempts` are spent.
    Waiting {
        until: Timestamp,
        attempts: u32,
    },
    /// Its turn came, but a policy or the event itself defers it to `until`; `attempts` are spent.
    Deferred {
        until: Timestamp,
        attempts: u32,
        wait: Wait,
    },
    /// Ends without an attempt because the delivery is no longer wanted.
    Skipped(Skip),
    /// The channel is suspended. The delivery stays pending; `attempts` are spent.
    Suspended {
        attempts: u32,
    },
    /// Becomes a dead letter.
    Dead {
        attempts: u32,
    },
}

impl Next {
    /// Whether the delivery ends.
    #[must_use]
    pub fn is_end(self) -> bool {
        matches!(self, Self::Delivered | Self::Dead { .. } | Self::Skipped(_))
    }
}

/// What a deferred delivery waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Wait {
    /// The time that its event names (`deliverat`).
    At,
    /// The channel's `delay`.
    Delay,
    /// The end of the quiet hours of the channel, or of the recipient.
    Quiet,
    /// The end of the window of `once` when the last event of the window is delivered.
    Once,
    /// The rate of its key.
    Rate,
    /// Its batch to close.
    Batch,
}

impl Wait {
    pub const ALL: [Self; 6] = [Self::At, Self::Delay, Self::Quiet, Self::Once, Self::Rate, Self::Batch];

    /// The name shown in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::At => "at",
            Self::Delay => "delay",
            Self::Quiet => "quiet",
            Self::Once => "once",
            Self::Rate => "rate",
            Self::Batch => "batch",
        }
    }
}

/// How many deliveries are deferred, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deferred([u64; Wait::ALL.len()]);

impl Deferred {
    pub fn add(&mut self, wait: Wait, count: u64) {
        self.0[wait as usize] += count;
    }

    pub fn remove(&mut self, wait: Wait) {
        self.0[wait as usize] = self.0[wait as usize].saturating_sub(1);
    }

    /// Sets this count to zero.
    pub fn clear(&mut self, wait: Wait) {
        self.0[wait as usize] = 0;
    }

    /// The reasons with a count above zero.
    pub fn iter(&self) -> impl Iterator<Item = (Wait, u64)> {
        Wait::ALL.into_iter().zip(self.0).filter(|(_, count)| *count > 0)
    }
}

/// Why a delivery ends without an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Skip {
    /// Another event with the same key has been delivered within the window of `once`.
    Once,
    /// The event was cancelled before it was due.
    Cancelled,
    /// The recipient has switched it off.
    Preference,
}

/// Why a delivery was begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The event was just accepted.
    #[default]
    Live,
    /// A replay from the history.
    Replay,
    /// A redrive of a dead letter.
    Manual,
    /// Another channel could not deliver the event, and this one is its fallback.
    Fallback,
}

/// What triggered an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Trigger {
    First,
    Retry,
    Replay,
    Manual,
    Fallback,
}

impl Origin {
    /// What triggers the attempt after `spent` others of the same round.
    #[must_use]
    pub fn trigger(self, spent: u32) -> Trigger {
        match self {
            _ if spent > 0 => Trigger::Retry,
            Self::Live => Trigger::First,
            Self::Replay => Trigger::Replay,
            Self::Manual => Trigger::Manual,
            Self::Fallback => Trigger::Fallback,
        }
    }

    /// Whether the receiver may already have seen this delivery, apart from retries.
    #[must_use]
    pub fn is_repeat(self) -> bool {
        matches!(self, Self::Replay | Self::Manual)
    }
}

/// Whether a delivery begun at `since` has expired by `now`.
#[must_use]
pub fn is_expired(since: Timestamp, now: Timestamp, policy: &Policy) -> bool {
    policy.expires.is_some_and(|expires| now >= later(since, expires))
}

/// A round before the attempt that has just ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// When it began.
    pub since: Timestamp,
    /// The number of its earlier attempts.
    pub spent: u32,
}

/// Decides what follows an attempt of `round` that ended in `outcome`.
///
/// `random` is uniform in 0 to 1. No wait goes past the delivery's expiry.
#[must_use]
pub fn next(round: Round, outcome: &Outcome, policy: &Policy, now: Timestamp, random: f64) -> Next {
    let Outcome::Failed(fault) = outcome else { return Next::Delivered };
    let Round { since, spent } = round;
    let end = policy.expires.map_or(Timestamp::MAX, |expires| later(since, expires));
    let attempts = spent.saturating_add(1);
    match fault.class {
        Class::Host => Next::Waiting { until: later(now, HOST_FAULT_WAIT).min(end), attempts: spent },
        Class::Suspended => Next::Suspended { attempts: spent },
        Class::Rejected | Class::Denied | Class::Expired => Next::Dead { attempts },
        Class::Retry | Class::Throttled | Class::Trap | Class::Fuel | Class::Timeout | Class::Memory => {
            if attempts > policy.retries {
                return Next::Dead { attempts };
            }
            let asked = fault.retry_after.unwrap_or_default().min(LONGEST_THROTTLE);
            let wait = policy.backoff.wait(attempts, random).max(asked);
            Next::Waiting { until: later(now, wait).min(end), attempts }
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
        assert_eq!(next(Round { since: now(), spent }, outcome, &policy(2), now(), 0.5), want);
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
    fn what_may_work_later_waits_longer_each_time_and_then_is_dead() {
        for class in [Class::Retry, Class::Throttled, Class::Trap, Class::Fuel, Class::Timeout, Class::Memory] {
            let outcome = failed(class, None);
            check(0, &outcome, waiting(1000, 1));
            check(1, &outcome, waiting(2000, 2));
            check(2, &outcome, Next::Dead { attempts: 3 });
        }
    }

    #[test]
    fn what_can_never_work_is_dead_at_once() {
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
    fn the_first_attempt_says_where_it_came_from_and_the_others_are_retries() {
        assert_eq!(Origin::Live.trigger(0), Trigger::First);
        assert_eq!(Origin::Replay.trigger(0), Trigger::Replay);
        assert_eq!(Origin::Manual.trigger(0), Trigger::Manual);
        assert!(
            [Origin::Live, Origin::Replay, Origin::Manual].iter().all(|origin| origin.trigger(1) == Trigger::Retry)
        );
    }

    #[test]
    fn a_delivery_expires_at_its_age_and_never_without_a_limit() {
        let policy = |expires| Policy { expires, ..policy(2) };
        let day = Duration::from_hours(24);
        assert!(!is_expired(now(), later(now(), day - Duration::from_micros(1)), &policy(Some(day))));
        assert!(is_expired(now(), later(now(), day), &policy(Some(day))));
        assert!(!is_expired(Timestamp::MIN, now(), &policy(None)));
    }

    #[test]
    fn no_wait_outlasts_the_delivery() {
        let policy = Policy { expires: Some(Duration::from_secs(30)), ..policy(2) };
        let asked_for_an_hour = failed(Class::Throttled, Some(3600));
        let round = Round { since: now(), spent: 0 };
        assert_eq!(next(round, &asked_for_an_hour, &policy, now(), 0.5), waiting(30_000, 1));
    }

    #[test]
    fn our_own_fault_and_a_receiver_that_is_gone_spend_no_attempt() {
        check(2, &failed(Class::Host, None), waiting(500, 2));
        check(2, &failed(Class::Suspended, None), Next::Suspended { attempts: 2 });
    }
}
