//! The newest events, kept in memory for all channels.

use std::{collections::VecDeque, sync::Arc};

use fanfare_core::{ChannelId, Event};
use jiff::Timestamp;
use uuid::Uuid;

/// The assumed size of an event's structures, in addition to its text.
const OVERHEAD: usize = 512;

/// An accepted event, from memory or from disk.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) offset: u64,
    pub(crate) key: Uuid,
    pub(crate) accepted_at: Timestamp,
    pub(crate) event: Arc<Event>,
}

#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) kept: Kept,
    pub(crate) targets: Arc<[ChannelId]>,
    /// The length of the event's text.
    pub(crate) length: usize,
}

/// A gapless range of the newest committed events, bounded by bytes.
#[derive(Debug)]
pub(crate) struct Window {
    slots: VecDeque<Slot>,
    /// The offset of the first slot, or of the next event if there is none.
    start: u64,
    bytes: usize,
    limit: usize,
}

impl Window {
    /// An empty window; `next` is the offset of the next event.
    pub(crate) fn new(next: u64, limit: usize) -> Self {
        Self { slots: VecDeque::new(), start: next, bytes: 0, limit }
    }

    pub(crate) fn push(&mut self, slot: Slot) {
        self.bytes += slot.length + OVERHEAD;
        self.slots.push_back(slot);
        while self.bytes > self.limit {
            let Some(oldest) = self.slots.pop_front() else { break };
            self.bytes -= oldest.length + OVERHEAD;
            self.start += 1;
        }
    }

    /// The first offset in the window.
    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    /// The offset of the next event.
    pub(crate) fn next(&self) -> u64 {
        self.start + self.slots.len() as u64
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn get(&self, offset: u64) -> Option<&Slot> {
        self.slots.get(usize::try_from(offset.checked_sub(self.start)?).ok()?)
    }

    /// The events at and after `offset`, as far back as the window reaches.
    pub(crate) fn from(&self, offset: u64) -> impl Iterator<Item = &Kept> {
        let skip = usize::try_from(offset.saturating_sub(self.start)).unwrap_or(usize::MAX);
        self.slots.iter().skip(skip).map(|slot| &slot.kept)
    }

    /// The first event at or after `offset` that targets `channel`.
    pub(crate) fn next_for(&self, channel: ChannelId, offset: u64) -> Option<&Kept> {
        let skip = usize::try_from(offset.saturating_sub(self.start)).ok()?;
        self.slots.iter().skip(skip).find(|slot| slot.targets.contains(&channel)).map(|slot| &slot.kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(offset: u64, targets: &[u32]) -> Slot {
        let event = crate::record::decode_event(r#"{"specversion":"1.0","id":"1","source":"/","type":"t"}"#).unwrap();
        Slot {
            kept: Kept { offset, key: Uuid::nil(), accepted_at: Timestamp::UNIX_EPOCH, event: Arc::new(event) },
            targets: targets.iter().copied().map(ChannelId).collect(),
            length: 0,
        }
    }

    #[test]
    fn the_oldest_leave_when_the_bytes_are_spent() {
        let one = OVERHEAD;
        let mut window = Window::new(5, 3 * one);
        for offset in 5..10 {
            window.push(slot(offset, &[1]));
        }
        assert_eq!((window.start(), window.len(), window.bytes()), (7, 3, 3 * one));
        assert!(window.get(6).is_none() && window.get(10).is_none());
        assert_eq!(window.get(8).unwrap().kept.offset, 8);
    }

    #[test]
    fn a_channel_finds_its_next_event_among_those_of_others() {
        let mut window = Window::new(1, usize::MAX);
        for (offset, targets) in [(1, &[1][..]), (2, &[2]), (3, &[]), (4, &[1, 2])] {
            window.push(slot(offset, targets));
        }
        let next = |channel, from| window.next_for(ChannelId(channel), from).map(|kept| kept.offset);
        assert_eq!((next(1, 0), next(1, 2), next(2, 3), next(3, 0)), (Some(1), Some(4), Some(4), None));
        assert_eq!(next(1, 5), None);
    }
}
