//! Which channels come first when the guests' threads are busy.

use crate::filter::Condition;

/// A channel's share of the guests' threads, and which of its events go first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Priority {
    /// From -10 to 10.
    pub lane: i8,
    /// Events that overtake the channel's backlog.
    pub first: Option<Condition>,
}

impl Priority {
    pub const LEAST: i8 = -10;
    pub const MOST: i8 = 10;

    /// Each step of priority adds a quarter to the share.
    const STEP: f64 = 1.25;

    /// Attempts per slice at priority 0: small enough that others do not wait long, large enough that switching costs
    /// nothing.
    const SLICE: f64 = 4.0;

    /// Attempts that a channel may make before it yields the thread. A value below one skips slices.
    #[must_use]
    pub fn attempts_per_slice(&self) -> f64 {
        Self::SLICE * Self::STEP.powi(self.lane.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_a_quarter_more_and_nobody_gets_nothing() {
        let slice = |lane| Priority { lane, first: None }.attempts_per_slice();
        for lane in Priority::LEAST..Priority::MOST {
            assert!((slice(lane + 1) / slice(lane) - 1.25).abs() < 1e-9);
        }
        assert!((0.4..0.5).contains(&slice(Priority::LEAST)) && (37.0..38.0).contains(&slice(Priority::MOST)));
    }
}
