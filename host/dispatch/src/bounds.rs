//! What one attempt may use.

use std::time::Duration;

use fanfare_core::Policy;

/// The limits of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub timeout: Duration,
    pub fuel: u64,
    /// Bytes of linear memory.
    pub memory: u64,
    /// How many attempts one instance may serve; 0 and 1 mean a fresh one for each.
    pub reuse: u32,
}

impl From<&Policy> for Bounds {
    fn from(policy: &Policy) -> Self {
        Self { timeout: policy.timeout, fuel: policy.fuel, memory: policy.memory, reuse: policy.reuse }
    }
}
