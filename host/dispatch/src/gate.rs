//! Whether a lane may make attempts, as one value under one lock: holds and the breaker.
//!
//! The journal records holds, including an open breaker, and is authoritative for them. State that matters only while
//! the daemon runs, such as the progress of a half-open breaker, exists only here.

use fanfare_core::{
    Policy,
    breaker::{Breaker, BreakerPolicy, Change, Sign},
    rate::{Meter, Rate},
};
use jiff::Timestamp;
use tokio::time::{Duration, Instant};

use crate::{Hold, HoldKind};

pub(crate) struct Gate {
    hold: Option<Hold>,
    breaker: Breaker,
    /// When the breaker opened, by the monotonic clock.
    opened: Instant,
    /// When the breaker opened, if the opening has been announced and the closing has not.
    announced: Option<Timestamp>,
    /// Each phase of the breaker is a round. An attempt counts in the round in which it began.
    round: u32,
    /// The origin of the meter's times.
    epoch: Instant,
    /// The attempts so far and the rate that they are counted by, if the policy has a rate.
    meter: Option<(Rate, Meter)>,
}

/// What a lane may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// As many attempts as the policy allows.
    Free,
    /// This many at once: the breaker is half-open.
    Probes(usize),
    /// None, until this time if known.
    Shut(Option<Instant>),
}

impl Gate {
    /// `open_for` is the time since the hold began.
    pub(crate) fn new(hold: Option<Hold>, open_for: Duration) -> Self {
        let now = Instant::now();
        let mut gate = Self {
            hold: None,
            breaker: Breaker::default(),
            opened: now.checked_sub(open_for).unwrap_or(now),
            announced: hold.as_ref().filter(|hold| is_open(hold)).map(|hold| hold.since),
            round: 0,
            epoch: now,
            meter: None,
        };
        if hold.as_ref().is_some_and(is_open) {
            gate.breaker.open();
        }
        gate.hold = hold;
        gate
    }

    pub(crate) fn hold(&self) -> Option<&Hold> {
        self.hold.as_ref()
    }

    /// Records that the opening of the breaker has been announced.
    pub(crate) fn announced(&mut self, opened: Timestamp) {
        self.announced = Some(opened);
    }

    /// Returns the announced opening once it is over, at most once.
    pub(crate) fn announced_and_over(&mut self) -> Option<Timestamp> {
        self.announced.take_if(|_| !self.hold.as_ref().is_some_and(is_open))
    }

    pub(crate) fn round(&self) -> u32 {
        self.round
    }

    /// What the lane may do now. Makes a breaker half-open when its time is over.
    pub(crate) fn admit(&mut self, policy: &Policy, now: Instant) -> Admission {
        match (self.admit_by_holds(policy, now), self.limited_until(policy, now)) {
            (Admission::Free | Admission::Probes(_), Some(until)) => Admission::Shut(Some(until)),
            (admission, _) => admission,
        }
    }

    /// Books an attempt, if the rate allows one now.
    pub(crate) fn begin(&mut self, policy: &Policy, now: Instant) -> bool {
        let since = now.duration_since(self.epoch);
        self.meter(policy, now).is_none_or(|(rate, meter)| meter.take(since, rate))
    }

    /// Returns a booking that did not become an attempt.
    pub(crate) fn give_back(&mut self) {
        if let Some((rate, meter)) = &mut self.meter {
            meter.give_back(rate);
        }
    }

    /// When the rate allows the next attempt; `None` if it may start now.
    pub(crate) fn limited_until(&mut self, policy: &Policy, now: Instant) -> Option<Instant> {
        let since = now.duration_since(self.epoch);
        let (rate, meter) = self.meter(policy, now)?;
        let wait = meter.wait(since, rate);
        (!wait.is_zero()).then(|| now + wait)
    }

    fn meter(&mut self, policy: &Policy, now: Instant) -> Option<&mut (Rate, Meter)> {
        let rate = policy.rate?;
        // A changed rate starts over, without a burst.
        if self.meter.is_none_or(|(before, _)| before != rate) {
            self.meter = Some((rate, Meter::new(now.duration_since(self.epoch), &rate)));
        }
        self.meter.as_mut()
    }

    fn admit_by_holds(&mut self, policy: &Policy, now: Instant) -> Admission {
        match (&self.hold, policy.breaker) {
            (None, _) => Admission::Free,
            (Some(hold), Some(breaker)) if is_open(hold) => {
                let until = self.opened + breaker.open;
                if !self.breaker.is_half_open() {
                    if now < until {
                        return Admission::Shut(Some(until));
                    }
                    self.breaker.half_open();
                    self.round += 1;
                }
                Admission::Probes(policy.concurrency.min(breaker.probes as usize))
            }
            // Without a breaker policy, nothing would ever close it.
            (Some(hold), None) if is_open(hold) => Admission::Free,
            (Some(_), _) => Admission::Shut(None),
        }
    }

    /// Follows the journal, which is authoritative.
    pub(crate) fn follow(&mut self, hold: Option<Hold>, now: Instant) {
        let is_news = match (&self.hold, &hold) {
            (Some(mine), Some(theirs)) if is_open(mine) && is_open(theirs) => mine.since < theirs.since,
            _ => true,
        };
        if is_news {
            match &hold {
                Some(hold) if is_open(hold) => self.open(now),
                _ => {
                    self.breaker.close();
                    self.round += 1;
                }
            }
        }
        self.hold = hold;
    }

    /// Suspends the lane because the receiver is gone. Returns false if it is already on hold.
    pub(crate) fn suspend(&mut self, hold: Hold) -> bool {
        if self.hold.as_ref().is_some_and(|before| !is_open(before)) {
            return false;
        }
        self.breaker.close();
        self.round += 1;
        self.hold = Some(hold);
        true
    }

    /// Records the end of an attempt that began in this round. `hold` is put in force if the breaker opens.
    pub(crate) fn ended(
        &mut self,
        round: u32,
        sign: Sign,
        policy: &BreakerPolicy,
        hold: impl FnOnce() -> Hold,
    ) -> Change {
        let is_held = self.hold.as_ref().is_some_and(|hold| !is_open(hold));
        if round != self.round || is_held {
            return Change::Stays;
        }
        let change = self.breaker.ended(sign, policy);
        match change {
            Change::Stays => {}
            Change::Opens => {
                self.open(Instant::now());
                self.hold = Some(hold());
            }
            Change::Closes => {
                self.round += 1;
                self.hold = None;
            }
        }
        change
    }

    fn open(&mut self, now: Instant) {
        self.breaker.open();
        self.opened = now;
        self.round += 1;
    }
}

fn is_open(hold: &Hold) -> bool {
    hold.kind == HoldKind::Open
}
