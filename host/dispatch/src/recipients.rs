//! The trait that knows the preferences of recipients.

use std::{collections::HashSet, mem, sync::Mutex};

use fanfare_core::{ChannelName, Event, Wishes};

use crate::board::lock;

/// Knows the recipients of events. Called at each delivery's turn, so it has to be quick.
pub trait Recipients: Send + Sync + 'static {
    /// The preferences of an event's recipient for a channel. `None` if nothing is switched off.
    fn wishes(&self, event: &Event, channel: &ChannelName) -> Option<Wishes>;
}

/// No recipient is on record.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Recipients for Nobody {
    fn wishes(&self, _: &Event, _: &ChannelName) -> Option<Wishes> {
        None
    }
}

/// Whose preferences have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    Anybody,
    Only(HashSet<String>),
}

/// The maximum number of distinct subjects. Beyond it, all are meant.
const MOST: usize = 10_000;

impl Changed {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Only(mut these), Self::Only(those)) if these.len() + those.len() <= MOST => {
                these.extend(those);
                Self::Only(these)
            }
            _ => Self::Anybody,
        }
    }
}

/// Changes that have not been applied to deliveries waiting for the end of quiet hours.
#[derive(Default)]
pub(crate) struct Untold(Mutex<(Option<Changed>, Option<Changed>)>);

impl Untold {
    pub(crate) fn add(&self, changed: Changed) {
        let (new, _) = &mut *lock(&self.0);
        *new = Some(match new.take() {
            Some(before) => before.and(changed),
            None => changed,
        });
    }

    /// The changes added before the previous call. The delay gives runners that read the old preferences the time to
    /// settle.
    pub(crate) fn ripe(&self) -> Option<Changed> {
        let (new, ripe) = &mut *lock(&self.0);
        mem::replace(ripe, new.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(subjects: &[&str]) -> Changed {
        Changed::Only(subjects.iter().map(|subject| (*subject).to_owned()).collect())
    }

    #[test]
    fn changes_are_gathered_and_told_a_round_later() {
        let untold = Untold::default();
        assert_eq!(untold.ripe(), None);
        untold.add(only(&["a"]));
        untold.add(only(&["b"]));
        assert_eq!(untold.ripe(), None);
        untold.add(only(&["c"]));
        assert_eq!(untold.ripe(), Some(only(&["a", "b"])));
        untold.add(Changed::Anybody);
        assert_eq!(untold.ripe(), Some(only(&["c"])));
        assert_eq!(untold.ripe(), Some(Changed::Anybody));
        assert_eq!(untold.ripe(), None);
    }

    #[test]
    fn of_very_many_all_are_meant() {
        let many = |from: usize| Changed::Only((from..from + MOST / 2 + 1).map(|n| n.to_string()).collect());
        assert_eq!(many(0).and(many(MOST)), Changed::Anybody);
        assert_eq!(only(&["a"]).and(Changed::Anybody), Changed::Anybody);
    }
}
