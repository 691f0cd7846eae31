//! Damage that comes to light while the journal is in use: pages that SQLite cannot read, rows that make no sense, rows that are
//! missing.
//!
//! A read that meets damage says so to whoever asked, and here: readiness, statistics and metrics tell an operator, who asks
//! `fanfare doctor` for the extent. The daemon goes on, because what is sound can still be delivered.

use std::{
    collections::HashSet,
    fmt::Display,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, PoisonError},
};

/// Different damage that the log tells of, each once. A damaged page may be met with every request.
const TOLD: usize = 1_000;

/// What has come to light since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// How often a read met damage. The same damage counts each time.
    pub found: u64,
    /// What was found last.
    pub last: String,
}

/// Where damage is reported.
#[derive(Default)]
pub(crate) struct Board(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    damage: Option<Damage>,
    told: HashSet<u64>,
}

impl Board {
    /// A read met damage.
    pub(crate) fn found(&self, what: impl Display) {
        let what = what.to_string();
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.told.len() < TOLD && inner.told.insert(hasher.finish()) {
            tracing::error!("the journal is damaged: {what}; `fanfare doctor` tells how far");
        }
        let damage = inner.damage.get_or_insert_default();
        damage.found += 1;
        damage.last = what;
    }

    pub(crate) fn get(&self) -> Option<Damage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).damage.clone()
    }
}
