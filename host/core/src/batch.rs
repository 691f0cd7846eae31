//! Batches: which deliveries of a channel are attempted in one call, and how long the first of them waits for the
//! others.

use std::time::Duration;

use crate::KeyOf;

/// How a channel gathers what it attempts together.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchPolicy {
    /// So many deliveries close a batch.
    pub max: usize,
    /// So long after its first delivery was accepted, a batch is closed as it is.
    pub linger: Duration,
    /// So many bytes of data close a batch.
    pub bytes: u64,
    /// Each key has batches of its own; `None`: all deliveries go together.
    pub per: Option<KeyOf>,
}

impl Default for BatchPolicy {
    fn default() -> Self {
        Self { max: 100, linger: Duration::from_millis(200), bytes: 1 << 20, per: None }
    }
}
