//! What a file with mistakes still says about a channel. `fanfare check` reports everything at once, so a table with
//! one mistake is checked further, except where another error would only follow from that mistake.

use std::collections::{BTreeMap, BTreeSet};

use super::Diagnostic;
use crate::text::nearest;

/// The keys with mistakes, by the table that they are in: `channels.hook` and `timeout`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Doubts(BTreeMap<String, BTreeSet<String>>);

/// A part of a channel's table. Mistakes in other parts do not affect it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Plugin,
    /// With the secrets, which guests read like settings.
    Settings,
    Grants,
    Policy,
}

/// The keys that are not part of the policy.
const OTHERS: [&str; 5] = ["plugin", "settings", "secrets", "sign", "grant"];

impl Doubts {
    pub(super) fn of(problems: &[Diagnostic]) -> Self {
        let mut doubts = Self::default();
        for problem in problems {
            let mut parts = problem.key.split('.');
            let (Some(tables), Some(name)) = (parts.next(), parts.next()) else { continue };
            let key = parts.next().unwrap_or_default();
            // A misspelt key sets nothing, so the key that was meant is in doubt.
            let key = nearest(key, OTHERS.into_iter()).unwrap_or(key);
            doubts.0.entry(format!("{tables}.{name}")).or_default().insert(key.to_owned());
        }
        doubts
    }

    /// Whether nothing in this table is wrong.
    pub(super) fn is_sound(&self, table: &str) -> bool {
        !self.0.contains_key(table)
    }

    /// Whether this part of a table is as its author meant it.
    pub(super) fn trusts(&self, table: &str, part: Part) -> bool {
        let Some(keys) = self.0.get(table) else { return true };
        let none_of = |meant: &[&str]| !keys.iter().any(|key| key.is_empty() || meant.contains(&key.as_str()));
        match part {
            Part::Plugin => none_of(&["plugin"]),
            Part::Settings => none_of(&["settings", "secrets"]),
            Part::Grants => none_of(&["grant"]),
            Part::Policy => keys.iter().all(|key| OTHERS.contains(&key.as_str())),
        }
    }
}
