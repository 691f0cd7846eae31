//! How often a channel may attempt.

use std::time::Duration;

use crate::KeyOf;

/// A number of attempts per period, evenly spread, with a burst after an idle time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub count: u32,
    pub period: Duration,
    /// How many attempts may start at once after a long enough idle time.
    pub burst: u32,
}

/// A rate per key.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyedRate {
    pub rate: Rate,
    pub per: KeyOf,
}

/// Timers are coarse: without this tolerance, a rate of 1,000 per second would reach only half of that.
const TOLERANCE: Duration = Duration::from_millis(5);

/// Why a text is not a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRate {
    #[error("is not a valid rate, such as \"100/min\"")]
    Form,
    #[error("must be from 1 to 1,000,000 in a period")]
    Count,
    #[error("must be per second (`s`), minute (`min`), hour (`h`) or day (`d`)")]
    Period,
}

impl Rate {
    /// Parses `10/s`, `100/min`, `1000/h` or `20/d`, without a burst.
    ///
    /// # Errors
    /// [`InvalidRate`] otherwise.
    pub fn parse(text: &str) -> Result<Self, InvalidRate> {
        let (count, period) = text.split_once('/').ok_or(InvalidRate::Form)?;
        let count: u32 = count.trim().parse().map_err(|_| InvalidRate::Form)?;
        let period = match period.trim() {
            "s" | "sec" | "second" => Duration::from_secs(1),
            "min" | "m" | "minute" => Duration::from_mins(1),
            "h" | "hour" => Duration::from_hours(1),
            "d" | "day" => Duration::from_hours(24),
            _ => return Err(InvalidRate::Period),
        };
        if !(1..=1_000_000).contains(&count) {
            return Err(InvalidRate::Count);
        }
        Ok(Self { count, period, burst: 1 })
    }

    /// The time between two attempts.
    #[must_use]
    pub fn interval(&self) -> Duration {
        self.period / self.count
    }

    /// How far ahead of an even spread attempts may run.
    fn slack(&self) -> Duration {
        (self.interval() * (self.burst - 1)).max(TOLERANCE)
    }
}

/// The attempts so far as one number: the time up to which the rate is used up. Times count from any fixed moment of a
/// monotonic clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meter(Duration);

impl Meter {
    /// Starts without a burst: the past is unknown, and every restart would grant one.
    #[must_use]
    pub fn new(now: Duration, rate: &Rate) -> Self {
        Self(now + rate.slack())
    }

    /// Restores a meter whose rate is used up until `until`.
    #[must_use]
    pub fn used_until(until: Duration) -> Self {
        Self(until)
    }

    #[must_use]
    pub fn until(&self) -> Duration {
        self.0
    }

    /// Books an attempt at the next time that the rate allows. Returns the wait until then.
    #[must_use]
    pub fn book(&mut self, now: Duration, rate: &Rate) -> Duration {
        let wait = self.wait(now, rate);
        self.0 = self.0.max(now) + rate.interval();
        wait
    }

    /// The wait until the next attempt; zero if it may start now.
    #[must_use]
    pub fn wait(&self, now: Duration, rate: &Rate) -> Duration {
        self.0.saturating_sub(rate.slack()).saturating_sub(now)
    }

    /// Books an attempt if it may start now.
    #[must_use]
    pub fn take(&mut self, now: Duration, rate: &Rate) -> bool {
        let may = self.wait(now, rate).is_zero();
        if may {
            self.0 = self.0.max(now) + rate.interval();
        }
        may
    }

    /// Returns a booking that did not become an attempt.
    pub fn give_back(&mut self, rate: &Rate) {
        self.0 = self.0.saturating_sub(rate.interval());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MILLI: Duration = Duration::from_millis(1);

    #[test]
    fn a_rate_is_a_number_and_a_period() {
        for (text, count, seconds) in [("10/s", 10, 1), ("100 / min", 100, 60), ("1/h", 1, 3_600), ("20/d", 20, 86_400)]
        {
            let rate = Rate::parse(text).unwrap();
            assert_eq!((rate.count, rate.period.as_secs(), rate.burst), (count, seconds, 1), "{text}");
        }
        for (text, error) in [
            ("10", InvalidRate::Form),
            ("ten/s", InvalidRate::Form),
            ("-1/s", InvalidRate::Form),
            ("0/s", InvalidRate::Count),
            ("10/week", InvalidRate::Period),
        ] {
            assert_eq!(Rate::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_burst_refills_over_time_and_is_empty_at_the_start() {
        let rate = Rate { burst: 3, ..Rate::parse("10/s").unwrap() };
        let mut meter = Meter::new(Duration::ZERO, &rate);
        let mut taken = |at: u32| (0..10).take_while(|_| meter.take(MILLI * at, &rate)).count();
        assert_eq!((taken(0), taken(50), taken(100)), (1, 0, 1), "no burst at the start");
        assert_eq!(taken(10_000), 3, "after a pause, three at once");
        assert_eq!((taken(10_050), taken(10_100)), (0, 1));
    }

    proptest! {
        /// No window contains more attempts than its length allows, plus the burst.
        #[test]
        fn it_is_never_more_than_the_rate_and_the_burst(
            count in 1_u32..50, burst in 1_u32..10, steps in prop::collection::vec(0_u32..400, 1..200),
        ) {
            let rate = Rate { count, period: Duration::from_secs(1), burst };
            let mut meter = Meter::new(Duration::ZERO, &rate);
            let (mut now, mut times) = (Duration::ZERO, vec![]);
            for step in steps {
                now += MILLI * step;
                while meter.take(now, &rate) {
                    times.push(now);
                }
                prop_assert!(meter.wait(now, &rate) <= rate.interval());
            }
            for (first, from) in times.iter().enumerate() {
                for (last, to) in times.iter().enumerate().skip(first) {
                    let most = (*to - *from + rate.slack()).as_nanos() / rate.interval().as_nanos() + 1;
                    prop_assert!((last - first + 1) as u128 <= most, "{} in {:?}", last - first + 1, *to - *from);
                }
            }
        }
    }
}
