//! Whose turn it is on the guests' threads: a runner makes so many attempts and then lets the others run.

/// What is left of a runner's turn.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Turn {
    /// Attempts that may still be made. Below one the turn is over; what is left of it counts in the next.
    left: f64,
}

impl Turn {
    /// An attempt was made. Returns how often others come first before the next: 0 while the turn lasts, more than once where a
    /// turn is less than an attempt.
    #[must_use]
    pub(crate) fn spend(&mut self, per_turn: f64) -> u32 {
        self.left -= 1.0;
        let mut others = 0;
        while self.left < 1.0 {
            self.left += per_turn;
            others += 1;
        }
        others
    }

    pub(crate) fn new(per_turn: f64) -> Self {
        Self { left: per_turn }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many attempts are made in so many turns.
    fn attempts(per_turn: f64, turns: u32) -> u32 {
        let mut turn = Turn::new(per_turn);
        let (mut made, mut seen) = (0, 0);
        while seen < turns {
            seen += turn.spend(per_turn);
            made += 1;
        }
        made
    }

    #[test]
    fn attempts_stand_in_the_ratio_of_their_shares_whatever_those_are() {
        for share in [0.43, 0.9, 1.0, 1.5, 4.0, 37.25] {
            let made = f64::from(attempts(share, 10_000));
            assert!((made / (share * 10_000.0) - 1.0).abs() < 0.01, "{share}: {made}");
        }
    }
}
