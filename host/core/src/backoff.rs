//! How long to wait before the next attempt.

use std::time::Duration;

/// The wait before each retry. Only the checked constructors build one, so every wait is finite and in range.
#[derive(Clone, Debug, PartialEq)]
pub struct Backoff {
    steps: Steps,
    jitter: f64,
}

#[derive(Clone, Debug, PartialEq)]
enum Steps {
    Exponential { initial: Duration, factor: f64, max: Duration },
    Schedule(Vec<Duration>),
}

/// Why a backoff is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBackoff {
    #[error("`factor` must be a number from 1.0 to 100.0")]
    Factor,
    #[error("`jitter` must be a number from 0.0 to 1.0")]
    Jitter,
    #[error("`initial` must not be longer than `max`")]
    Inverted,
    #[error("`schedule` must list at least one wait")]
    EmptySchedule,
    #[error("a wait must not be longer than 30 days")]
    TooLong,
}

const LONGEST: Duration = Duration::from_hours(30 * 24);

impl Backoff {
    /// `initial` first, then `factor` times the previous wait, capped at `max`.
    ///
    /// # Errors
    /// [`InvalidBackoff`] if the factor is below 1 or not a number, the jitter is outside 0 to 1, `initial`
    /// exceeds `max`, or `max` exceeds 30 days.
    pub fn exponential(initial: Duration, factor: f64, max: Duration, jitter: f64) -> Result<Self, InvalidBackoff> {
        if !(1.0..=100.0).contains(&factor) {
            return Err(InvalidBackoff::Factor);
        }
        if initial > max {
            return Err(InvalidBackoff::Inverted);
        }
        if max > LONGEST {
            return Err(InvalidBackoff::TooLong);
        }
        Self::checked(Steps::Exponential { initial, factor, max }, jitter)
    }

    /// These waits in this order. The last one repeats for all later attempts.
    ///
    /// # Errors
    /// [`InvalidBackoff`] if the schedule is empty, a wait exceeds 30 days, or the jitter is outside 0 to 1.
    pub fn schedule(waits: Vec<Duration>, jitter: f64) -> Result<Self, InvalidBackoff> {
        if waits.is_empty() {
            return Err(InvalidBackoff::EmptySchedule);
        }
        if waits.iter().any(|&wait| wait > LONGEST) {
            return Err(InvalidBackoff::TooLong);
        }
        Self::checked(Steps::Schedule(waits), jitter)
    }

    fn checked(steps: Steps, jitter: f64) -> Result<Self, InvalidBackoff> {
        if (0.0..=1.0).contains(&jitter) { Ok(Self { steps, jitter }) } else { Err(InvalidBackoff::Jitter) }
    }

    /// The wait after `attempts` attempts (1 or more). `random` is uniform in 0 to 1 and spreads the wait evenly over
    /// `1 ± jitter` times its length, so that a thousand deliveries that fail together do not retry together.
    #[must_use]
    pub fn wait(&self, attempts: u32, random: f64) -> Duration {
        let step = attempts.saturating_sub(1);
        let base = match &self.steps {
            Steps::Exponential { initial, factor, max } => {
                let exponent = i32::try_from(step).unwrap_or(i32::MAX);
                let seconds = initial.as_secs_f64() * factor.powi(exponent);
                Duration::try_from_secs_f64(seconds).map_or(*max, |wait| wait.min(*max))
            }
            Steps::Schedule(waits) => {
                let last = waits.len() - 1;
                waits[usize::try_from(step).map_or(last, |step| step.min(last))]
            }
        };
        base.mul_f64(1.0 + self.jitter * (2.0 * random.clamp(0.0, 1.0) - 1.0))
    }
}

impl Default for Backoff {
    /// One second, doubling up to one minute, ±20 %.
    fn default() -> Self {
        let steps = Steps::Exponential { initial: Duration::from_secs(1), factor: 2.0, max: Duration::from_secs(60) };
        Self { steps, jitter: 0.2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIDDLE: f64 = 0.5;
    const fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn exponential_waits_grow_by_the_factor_up_to_the_max() {
        let backoff = Backoff::exponential(secs(1), 2.0, secs(10), 0.0).unwrap();
        let waits: Vec<_> = (1..=6).map(|n| backoff.wait(n, MIDDLE).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 10, 10]);
        assert_eq!(backoff.wait(u32::MAX, MIDDLE), secs(10));
    }

    #[test]
    fn a_schedule_is_followed_and_its_last_wait_repeats() {
        let backoff = Backoff::schedule(vec![secs(5), secs(300)], 0.0).unwrap();
        let waits: Vec<_> = [1, 2, 3, 99].map(|n| backoff.wait(n, MIDDLE).as_secs()).into();
        assert_eq!(waits, [5, 300, 300, 300]);
    }

    #[test]
    fn jitter_spreads_evenly_around_the_wait_and_never_beyond() {
        let backoff = Backoff::exponential(secs(10), 1.0, secs(10), 0.2).unwrap();
        for (random, want) in [(0.0, 8), (0.5, 10), (1.0, 12), (7.0, 12), (-7.0, 8)] {
            assert_eq!(backoff.wait(1, random), secs(want), "{random}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let exp = |factor, jitter| Backoff::exponential(secs(1), factor, secs(2), jitter);
        assert_eq!(exp(f64::NAN, 0.0), Err(InvalidBackoff::Factor));
        assert_eq!(exp(0.5, 0.0), Err(InvalidBackoff::Factor));
        assert_eq!(exp(2.0, f64::NAN), Err(InvalidBackoff::Jitter));
        assert_eq!(exp(2.0, -0.1), Err(InvalidBackoff::Jitter));
        assert_eq!(Backoff::exponential(secs(3), 2.0, secs(2), 0.0), Err(InvalidBackoff::Inverted));
        assert_eq!(Backoff::exponential(secs(3), 2.0, Duration::MAX, 0.0), Err(InvalidBackoff::TooLong));
        assert_eq!(Backoff::schedule(vec![], 0.0), Err(InvalidBackoff::EmptySchedule));
    }
}
