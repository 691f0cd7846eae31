//! Which channels come first where there is more to compute than threads to do it.

/// How much of the guests' threads a channel gets beside others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Priority {
    /// From -10 to 10.
    pub lane: i8,
}

impl Priority {
    pub const LEAST: i8 = -10;
    pub const MOST: i8 = 10;

    /// From one priority to the next, a channel gets a quarter more.
    const STEP: f64 = 1.25;

    /// Attempts of a turn at priority 0: as few as cost nothing to change turns after, so that others do not wait for long.
    const TURN: f64 = 4.0;

    /// Attempts that a channel may make before the others have their turn. Less than one: it sits out turns.
    #[must_use]
    pub fn attempts_per_turn(self) -> f64 {
        Self::TURN * Self::STEP.powi(self.lane.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_a_quarter_more_and_nobody_gets_nothing() {
        let turn = |lane| Priority { lane }.attempts_per_turn();
        for lane in Priority::LEAST..Priority::MOST {
            assert!((turn(lane + 1) / turn(lane) - 1.25).abs() < 1e-9);
        }
        assert!((0.4..0.5).contains(&turn(Priority::LEAST)) && (37.0..38.0).contains(&turn(Priority::MOST)));
    }
}
