//! What a commit changes for one channel.

use std::collections::BTreeMap;

use fanfare_core::ChannelId;
use fanfare_dispatch::Hold;
use jiff::Timestamp;

use crate::{
    keys::{Key, Keys},
    retries::{Due, Waiting},
};

/// What a commit changes for one channel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Touch {
    /// New events: their number, and the first one.
    pub(crate) accepted: u64,
    pub(crate) first: Option<(u64, Timestamp)>,
    /// Deliveries that leave the flight with this commit, in ascending order once the commit is being finished. In
    /// memory they stay in flight until then, and also if the commit fails.
    pub(crate) leaving: Vec<u64>,
    /// Deliveries that have ended.
    pub(crate) ended: Vec<u64>,
    /// Deliveries that wait for another attempt.
    pub(crate) waiting: Vec<(Due, Waiting)>,
    /// The oldest waiting delivery, if the waiting ones have changed.
    pub(crate) oldest_waiting: Option<Option<Timestamp>>,
    /// The channel's position after this commit.
    pub(crate) floor: u64,
    pub(crate) ceiling: u64,
    pub(crate) delivered: u64,
    pub(crate) dead: u64,
    pub(crate) skipped: u64,
    pub(crate) attempts: u64,
    pub(crate) failed_attempts: u64,
    /// Keys for which a delivery was begun.
    pub(crate) activated: Vec<Key>,
    /// Keys whose active delivery has ended.
    pub(crate) ended_keys: Vec<Key>,
    /// Keys of deliveries that are now recorded as held back.
    pub(crate) held_back_keys: Vec<Key>,
    /// Held-back deliveries that become active.
    pub(crate) released: Vec<(Due, Waiting)>,
    /// New events that are handed out ahead of the cursor.
    pub(crate) early: Vec<u64>,
    /// The number of deliveries begun again.
    pub(crate) redriven: u64,
    pub(crate) retries_changed: bool,
    /// The channel's hold, if it has changed.
    pub(crate) hold: Option<Option<Hold>>,
}

pub(crate) type Touches = BTreeMap<ChannelId, Touch>;

impl Touch {
    /// Whether a delivery with this key is active after what this commit has changed so far.
    pub(crate) fn has_active(&self, keys: &Keys, key: Key) -> bool {
        self.activated.contains(&key)
            || usize::try_from(keys.active(key)).is_ok_and(|active| active > self.ended_of(key))
    }

    /// How many active deliveries with this key have ended.
    pub(crate) fn ended_of(&self, key: Key) -> usize {
        self.ended_keys.iter().filter(|ended| **ended == key).count()
    }

    /// Applies the commit's changes of keys to the channel's memory.
    pub(crate) fn follow_keys(&self, keys: &mut Keys) {
        self.ended_keys.iter().for_each(|&key| keys.ended(key));
        self.activated.iter().for_each(|&key| keys.activate(key));
        self.held_back_keys.iter().for_each(|&key| keys.hold_back_ended(key));
    }
}
