//! The circuit breaker of one channel: when its receiver is in trouble, deliveries wait instead of spending their attempts.
//!
//! ```text
//!            too many failures                 the wait is over
//!   closed ────────────────────► open ──────────────────────────► half-open
//!      ▲                           ▲                                  │
//!      │                           └────── an attempt fails ──────────┤
//!      └───────────────────────── `probes` attempts succeed ──────────┘
//! ```
//!
//! How long it is open is for whoever keeps the time; here is what follows from the ends of attempts.

use std::{collections::VecDeque, time::Duration};

use crate::{Class, Outcome};

/// When a breaker opens, and how it closes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakerPolicy {
    pub trip: Trip,
    /// How long it stays open before it lets attempts through to see.
    pub open: Duration,
    /// So many at once while it is half-open, and so many have to succeed.
    pub probes: u32,
}

/// What opens a breaker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trip {
    /// So many failures, one after the other.
    InARow(u32),
    /// This share of the last so many attempts.
    Ratio { ratio: f64, of: u32 },
}

/// What an attempt says about its receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Healthy,
    Failing,
    /// It says nothing: it never got that far, or it is an operator's matter.
    None,
}

impl Sign {
    /// Failures that another time may not be: those count. A receiver that says no is there.
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

/// What follows from an attempt's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Stays,
    Opens,
    Closes,
}

/// Where a breaker stands, as far as attempts decide it. While it is open no attempt is made, so none ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Breaker {
    phase: Phase,
}

#[derive(Clone, Debug, PartialEq)]
enum Phase {
    /// Whether each of the last attempts failed, the newest last; no more than the policy looks at.
    Closed(VecDeque<bool>),
    Open,
    /// So many attempts have succeeded.
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

    /// An attempt that began in this phase has ended.
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

/// Notes one more attempt; whether that is too much.
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
    // Before there have been so many, their share says little.
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

    /// The ends of attempts, `f` for a failing one, `.` for a healthy one, `-` for one that says nothing; where it opens.
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
        assert_eq!(breaker.ended(Sign::Failing, &two), Change::Stays, "it began before");
        breaker.half_open();
        assert_eq!(breaker.ended(Sign::Healthy, &two), Change::Stays);
        assert_eq!(breaker.ended(Sign::None, &two), Change::Stays);
        assert_eq!(breaker.ended(Sign::Failing, &two), Change::Opens);
        breaker.half_open();
        assert_eq!(breaker.ended(Sign::Healthy, &two), Change::Stays, "those before do not count");
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
