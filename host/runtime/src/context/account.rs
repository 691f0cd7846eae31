//! What an attempt has cost the host, and how long it may continue.

#![allow(clippy::disallowed_methods, reason = "a guest that computes is bounded in real time, also in a test")]

use std::time::{Duration, Instant};

use crate::limits;

/// The deadline of an attempt, and what it has cost the host.
#[derive(Default)]
pub(crate) struct Account {
    /// When the guest is ended, whatever it is doing. `None` before the first attempt.
    deadline: Option<Instant>,
    /// The tick in which the guest last yielded.
    tick: u64,
    /// Whether the engine's own callback for a new tick is running. Its timing depends on the clock, so it costs no
    /// fuel: the same attempt always costs the same.
    ticking: bool,
    /// Fuel for work that the host did for the guest.
    host_work: u64,
}

/// What follows from the time that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Still the same tick.
    Same,
    /// A new tick: yield first.
    Next,
    /// The deadline has passed.
    Over,
}

impl Account {
    /// Charges the attempt for bytes that a host call copies or reads.
    pub(crate) fn charge(&mut self, bytes: usize) {
        self.host_work = self.host_work.saturating_add(bytes as u64 / limits::BYTES_PER_FUEL);
    }

    /// Charges the attempt for fuel that the host has used for it.
    pub(crate) fn charge_work(&mut self, fuel: u64) {
        self.host_work = self.host_work.saturating_add(fuel);
    }

    /// Charges for names with values, such as headers.
    pub(crate) fn charge_pairs(&mut self, pairs: &[(String, String)]) {
        let text: usize = pairs.iter().map(|(name, value)| name.len().saturating_add(value.len())).sum();
        self.charge(text.saturating_add(size_of_val(pairs)));
    }

    /// Begins an attempt, in this tick.
    pub(crate) fn begin(&mut self, timeout: Duration, tick: u64) {
        let deadline = Some(Instant::now() + timeout + limits::GRACE);
        *self = Self { deadline, tick, ..Self::default() };
    }

    /// Fuel for the host's work in this attempt.
    pub(crate) fn host_work(&self) -> u64 {
        self.host_work
    }

    /// The epoch's own check, in the middle of the guest's code.
    pub(crate) fn interrupted(&mut self, tick: u64) -> Turn {
        self.ticking = true;
        self.turn(tick)
    }

    pub(crate) fn turn(&mut self, tick: u64) -> Turn {
        if tick == self.tick {
            return Turn::Same;
        }
        self.tick = tick;
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Turn::Over,
            _ => Turn::Next,
        }
    }

    /// Counts a host call that has just returned.
    pub(crate) fn returned(&mut self) {
        if !std::mem::take(&mut self.ticking) {
            self.host_work = self.host_work.saturating_add(limits::CALL_FUEL);
        }
    }
}
