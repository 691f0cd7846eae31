//! Which channels come first where there is more to compute than threads to do it.

use crate::filter::Condition;

/// How much of the guests' threads a channel gets beside others, and which of its events come first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Priority {
    /// From -10 to 10.
    pub lane: i8,
    /// Events that go ahead of the channel's backlog.
    pub first: Option<Condition>,
}

impl Priority {
    pub const LEAST: i8 = -10;
    pub const MOST: i8 = 10;

    /// From one priority to the next, a channel gets a quarter more.
    const STEP: f64 = 1.25;

    /// Attempts of a slice at priority 0: as few as cost nothing to let others run after, so that they do not wait for
    /// long.
    const SLICE: f64 = 4.0;

    /// Attempts that a channel may make before the others have the thread. Less than one: it sits out slices.
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
