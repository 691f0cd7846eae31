//! Batches: which deliveries of a channel share one call, and how long the first of them waits for the others.

use std::time::Duration;

use crate::KeyOf;

/// How a channel groups deliveries into batches.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchPolicy {
    /// A batch with this many deliveries is closed.
    pub max: usize,
    /// A batch is closed this long after its first delivery was accepted, even if it is not full.
    pub linger: Duration,
    /// A batch with this many bytes of data is closed.
    pub bytes: u64,
    /// Batches are built per key. `None`: one batch for all deliveries.
    pub per: Option<KeyOf>,
}

impl Default for BatchPolicy {
    fn default() -> Self {
        Self { max: 100, linger: Duration::from_millis(200), bytes: 1 << 20, per: None }
    }
}
