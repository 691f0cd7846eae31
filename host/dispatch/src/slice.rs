//! How long a runner keeps its thread: it makes a number of attempts and then yields.

/// The rest of a runner's slice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slice {
    /// The attempts left. Below one, the slice is over; the remainder is added to the next.
    left: f64,
}

impl Slice {
    pub(crate) fn new(attempts: f64) -> Self {
        Self { left: attempts }
    }

    /// Records an attempt. Returns how often to yield before the next: 0 while the slice lasts, more than once if a
    /// slice is less than one attempt.
    #[must_use]
    pub(crate) fn spend(&mut self, attempts: f64) -> u32 {
        self.left -= 1.0;
        let mut others = 0;
        while self.left < 1.0 {
            self.left += attempts;
            others += 1;
        }
        others
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of attempts made in this many slices.
    fn made(per_slice: f64, slices: u32) -> u32 {
        let mut slice = Slice::new(per_slice);
        let (mut made, mut seen) = (0, 0);
        while seen < slices {
            seen += slice.spend(per_slice);
            made += 1;
        }
        made
    }

    #[test]
    fn attempts_stand_in_the_ratio_of_their_slices_whatever_those_are() {
        for slice in [0.43, 0.9, 1.0, 1.5, 4.0, 37.25] {
            let made = f64::from(made(slice, 10_000));
            assert!((made / (slice * 10_000.0) - 1.0).abs() < 0.01, "{slice}: {made}");
        }
    }
}
