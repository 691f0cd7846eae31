//! The circuit breaker of one channel. While the receiver is in trouble, deliveries wait instead of using up their
//! attempts.
//!
//! ```text
//!            too many failures                 the wait is over
//!   closed ────────────────────► open ──────────────────────────► half-open
//!      ▲                           ▲                                  │
//!      │                           └────── an attempt fails ──────────┤
//!      └───────────────────────── `probes` attempts succeed ──────────┘
//! ```
//!
//! The caller keeps the time and decides when the breaker half-opens. This module decides what the end of an attempt
//! changes.

use std::{collections::VecDeque, time::Duration};

use crate::{Class, Outcome};

/// When a breaker opens, and how it closes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakerPolicy {
    pub trip: Trip,
    /// How long it stays open before it lets probes through.
    pub open: Duration,
    /// How many attempts may run at once while half-open, and how many must succeed to close it.
    pub probes: u32,
}

/// What opens a breaker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trip {
    /// This many consecutive failures.
    InARow(u32),
    /// This share of the last `of` attempts.
    Ratio { ratio: f64, of: u32 },
}

/// What the end of an attempt says about the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Healthy,
    Failing,
    /// Nothing: the attempt never reached the receiver, or the fault is the operator's to fix.
    None,
}

impl Sign {
    /// Transient failures count as failing. A receiver that rejects an event is up, so it counts as healthy.
    #[must_use]
    pub fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Delivered { .. } => Self::Healthy,
            Outcome::Failed(fault) => match fault.class {
                Class::Retry | Class::Throttled | Class::Trap | Class::Fuel | Class::Timeout | Class::Memory => {
                    Self::Failing
                }
                Class::Rejected => Self::Healthy,
                _ => Self::None,
            },
        }
    }
}

/// What the end of an attempt changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Stays,
    Opens,
    Closes,
}

/// The state of a breaker, as far as attempts decide it. No attempt is made while it is open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Breaker {
    phase: Phase,
}

#[derive(Clone, Debug, PartialEq)]
enum Phase {
    /// Whether each of the last attempts failed, newest last; at most as many as the policy looks at.
    Closed(VecDeque<bool>),
    Open,
    /// How many probes have succeeded.
    HalfOpen(u32),
}

impl Default for Phase {
    fn default() -> Self {
        Self::Closed(VecDeque::new())
    }
}

impl Breaker {
    pub fn open(&mut self) {
        self.phase = Phase::Open;
    }

    pub fn half_open(&mut self) {
        self.phase = Phase::HalfOpen(0);
    }

    pub fn close(&mut self) {
        self.phase = Phase::default();
    }

    #[must_use]
    pub fn is_half_open(&self) -> bool {
        matches!(self.phase, Phase::HalfOpen(_))
    }

    /// Records the end of an attempt that began in the current phase.
    #[must_use]
    pub fn ended(&mut self, sign: Sign, policy: &BreakerPolicy) -> Change {
        let change = match (&mut self.phase, sign) {
            (Phase::Open, _) | (_, Sign::None) => Change::Stays,
            (Phase::Closed(recent), sign) => {
                if trips(recent, sign == Sign::Failing, policy.trip) {
                    Change::Opens
                } else {
                    Change::Stays
                }
            }
            (Phase::HalfOpen(_), Sign::Failing) => Change::Opens,
            (Phase::HalfOpen(succeeded), Sign::Healthy) => {
                *succeeded += 1;
                if *succeeded >= policy.probes { Change::Closes } else { Change::Stays }
            }
        };
        match change {
            Change::Stays => {}
            Change::Opens => self.open(),
            Change::Closes => self.close(),
        }
        change
    }
}

/// Records one more attempt. Returns whether the breaker trips.
fn trips(recent: &mut VecDeque<bool>, failed: bool, trip: Trip) -> bool {
    let keep = match trip {
        Trip::InARow(failures) => failures,
        Trip::Ratio { of, .. } => of,
    } as usize;
    recent.push_back(failed);
    while recent.len() > keep {
        recent.pop_front();
    }
    let failures = recent.iter().filter(|failed| **failed).count();
    // A share means little until the window is full.
    recent.len() == keep
        && match trip {
            Trip::InARow(_) => failures == keep,
            Trip::Ratio { ratio, of } => failures as f64 >= ratio * f64::from(of),
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fault;

    fn policy(trip: Trip, probes: u32) -> BreakerPolicy {
        BreakerPolicy { trip, open: Duration::from_secs(60), probes }
    }

    /// Runs the attempts in `ends` (`f` failing, `.` healthy, `-` no sign) and returns where the breaker opens.
    fn opens(ends: &str, trip: Trip) -> Option<usize> {
        let mut breaker = Breaker::default();
        ends.chars().position(|end| {
            let sign = match end {
                'f' => Sign::Failing,
                '.' => Sign::Healthy,
                _ => Sign::None,
            };
            breaker.ended(sign, &policy(trip, 1)) == Change::Opens
        })
    }

    #[test]
    fn so_many_failures_in_a_row_open_it() {
        for (ends, at) in
            [("fff", Some(2)), ("ff.ff", None), ("ff.fff", Some(5)), ("f-f-f", Some(4)), ("...", None), ("", None)]
        {
            assert_eq!(opens(ends, Trip::InARow(3)), at, "{ends}");
        }
    }

    #[test]
    fn a_share_of_the_last_attempts_opens_it_once_there_have_been_so_many() {
        let half = Trip::Ratio { ratio: 0.5, of: 4 };
        for (ends, at) in
            [("fff", None), ("ffff", Some(3)), ("f.f.", Some(3)), ("....f.f", Some(6)), ("...f...f", None)]
        {
            assert_eq!(opens(ends, half), at, "{ends}");
        }
    }

    #[test]
    fn half_open_it_closes_after_the_probes_and_opens_at_the_first_failure() {
        let two = policy(Trip::InARow(3), 2);
        let mut breaker = Breaker::default();
        breaker.open();
        assert_eq!(breaker.ended(Sign::Failing, &two), Change::Stays, "the attempt began before");
        breaker.half_open();
        assert_eq!(breaker.ended(Sign::Healthy, &two), Change::Stays);
        assert_eq!(breaker.ended(Sign::None, &two), Change::Stays);
        assert_eq!(breaker.ended(Sign::Failing, &two), Change::Opens);
        breaker.half_open();
        assert_eq!(breaker.ended(Sign::Healthy, &two), Change::Stays, "earlier successes do not count");
        assert_eq!(breaker.ended(Sign::Healthy, &two), Change::Closes);
        assert_eq!(breaker, Breaker::default());
    }

    #[test]
    fn what_counts_is_what_the_contract_says() {
        for class in Class::ALL {
            let sign = Sign::of(&Outcome::Failed(Fault::new(class, "x", "y")));
            let failing = ["retry", "throttled", "trap", "fuel", "timeout", "memory"].contains(&class.as_str());
            assert_eq!(sign == Sign::Failing, failing, "{class}");
        }
        assert_eq!(Sign::of(&Outcome::Delivered { receipt: None }), Sign::Healthy);
    }
}
