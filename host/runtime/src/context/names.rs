//! The names that a guest has looked up.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// The look-ups of this attempt.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) found: Found,
}

/// The names that resolved to an address.
pub(crate) type Found = Arc<Mutex<HashMap<IpAddr, Vec<String>>>>;

impl Names {
    /// Clears the look-ups for the next attempt on the same instance. In place, because the check of addresses shares
    /// them.
    pub(crate) fn forget(&mut self) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
