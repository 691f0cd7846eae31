//! Damage that is found while the journal is in use: pages that SQLite cannot read, rows with invalid contents, missing
//! rows.
//!
//! A read that meets damage returns an error and reports it here. Readiness, statistics and metrics show it to the
//! operator, who runs `fanfare doctor` to see its extent. The daemon continues, because intact events can still be
//! delivered.

use std::{
    collections::HashSet,
    fmt::Display,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, PoisonError},
};

use fanfare_record::Damage;

/// How many distinct damages are logged, once each. A damaged page may be read by every request.
const TOLD: usize = 1_000;

/// Collects reports of damage.
#[derive(Default)]
pub(crate) struct DamageLog(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    damage: Option<Damage>,
    told: HashSet<u64>,
}

impl DamageLog {
    /// Records that a read met damage.
    pub(crate) fn found(&self, what: impl Display) {
        let what = what.to_string();
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.told.len() < TOLD && inner.told.insert(hasher.finish()) {
            tracing::error!("the journal is damaged: {what}; `fanfare doctor` shows the extent");
        }
        let damage = inner.damage.get_or_insert_default();
        damage.found += 1;
        damage.last = what;
    }

    /// What was read, or `None` after recording why it is unreadable.
    pub(crate) fn readable<T>(&self, read: Result<T, String>, what: impl Display) -> Option<T> {
        read.inspect_err(|reason| self.found(format_args!("{what} is unreadable: {reason}"))).ok()
    }

    pub(crate) fn get(&self) -> Option<Damage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).damage.clone()
    }
}
