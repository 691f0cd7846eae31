//! A channel's deliveries that were never handed out: the event log from a cursor on, read ahead in pages.

use std::collections::{BTreeSet, VecDeque};

use fanfare_core::ChannelId;
use jiff::Timestamp;

use crate::window::{Kept, Window};

/// Every targeted event before the cursor has been handed out or is in `ready`.
#[derive(Debug)]
pub(crate) struct Ahead {
    channel: ChannelId,
    cursor: u64,
    /// When the next targeted event was accepted, or, to save a read, an event shortly before it.
    cursor_at: Option<Timestamp>,
    /// The number of targeted events at or after the cursor. While it is 0, the cursor has no meaning and jumps to the
    /// next targeted event.
    unread: u64,
    /// Read from disk, all before the cursor.
    ready: VecDeque<Kept>,
    /// A page from the cursor on is being read.
    reading: bool,
    /// Taken out of turn. They are skipped.
    early: BTreeSet<u64>,
    /// How many events were counted and cannot be found.
    lost: u64,
}

impl Ahead {
    pub(crate) fn new(channel: ChannelId, cursor: u64, cursor_at: Option<Timestamp>, unread: u64) -> Self {
        let (ready, early) = (VecDeque::new(), BTreeSet::new());
        Self { channel, cursor, cursor_at, unread, ready, reading: false, early, lost: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.unread == 0
    }

    pub(crate) fn is_reading(&self) -> bool {
        self.reading
    }

    /// The number of events in memory.
    pub(crate) fn in_memory(&self) -> usize {
        self.ready.len()
    }

    /// The next event, if it is in memory and `wanted`.
    pub(crate) fn next(&mut self, window: &Window, wanted: impl Fn(&Kept) -> bool) -> Option<Kept> {
        loop {
            let kept = match self.ready.front() {
                Some(first) if wanted(first) => self.ready.pop_front()?,
                Some(_) => return None,
                None => {
                    let next = self.seek(window).filter(|next| wanted(next))?;
                    self.cursor = next.offset + 1;
                    self.unread -= 1;
                    next.clone()
                }
            };
            if !self.early.remove(&kept.offset) {
                return Some(kept);
            }
        }
    }

    /// Moves the cursor to the next targeted event, if that is in the window.
    pub(crate) fn seek<'a>(&mut self, window: &'a Window) -> Option<&'a Kept> {
        if self.unread == 0 || self.cursor < window.start() {
            return None;
        }
        if let Some(kept) = window.next_for(self.channel, self.cursor) {
            self.cursor = kept.offset;
            self.cursor_at = Some(kept.accepted_at);
            return Some(kept);
        }
        // Rows are missing or unreadable. Waiting for them would never end.
        tracing::error!(
            channel_id = self.channel.0,
            events = self.unread,
            "the journal counts events that it cannot find"
        );
        self.lost += std::mem::take(&mut self.unread);
        None
    }

    /// How many events could not be found since the last call.
    pub(crate) fn take_lost(&mut self) -> u64 {
        std::mem::take(&mut self.lost)
    }

    /// The range to read from disk to find more, `[from, to)`. Must be followed by `page_read` or `not_read`.
    pub(crate) fn begin_read(&mut self, window: &Window) -> Option<(u64, u64)> {
        let wanted = !self.reading && self.ready.is_empty() && self.unread > 0 && self.cursor < window.start();
        self.reading |= wanted;
        wanted.then_some((self.cursor, window.start()))
    }

    /// A page was read, up to but excluding `to`, which was accepted no earlier than `to_at`. `buried` of its events
    /// are not handed out.
    pub(crate) fn page_read(&mut self, page: Vec<Kept>, buried: usize, (to, to_at): (u64, Option<Timestamp>)) {
        self.reading = false;
        self.unread = self.unread.saturating_sub((page.len() + buried) as u64);
        self.cursor = to;
        self.cursor_at = to_at.or(self.cursor_at);
        self.ready.extend(page);
    }

    pub(crate) fn not_read(&mut self) {
        self.reading = false;
    }

    /// `count` events were committed, beginning at `first`.
    pub(crate) fn accepted(&mut self, count: u64, first: u64, first_at: Timestamp) {
        if self.unread == 0 {
            self.cursor = first;
            self.cursor_at = Some(first_at);
        }
        self.unread += count;
    }

    /// Whether a targeted event is still to be handed out.
    pub(crate) fn has(&self, offset: u64) -> bool {
        self.first().is_some_and(|first| offset >= first) && !self.early.contains(&offset)
    }

    /// Takes events out of turn.
    pub(crate) fn skip(&mut self, offsets: impl IntoIterator<Item = u64>) {
        self.early.extend(offsets);
    }

    /// No targeted event before this offset is still to be handed out. `None` if there is nothing to hand out.
    pub(crate) fn first(&self) -> Option<u64> {
        let at_cursor = (self.unread > 0).then_some(self.cursor);
        self.ready.front().map(|kept| kept.offset).or(at_cursor)
    }

    /// When the first of them was accepted.
    pub(crate) fn oldest(&self, window: &Window) -> Option<Timestamp> {
        match self.ready.front() {
            Some(kept) => Some(kept.accepted_at),
            None if self.unread == 0 => None,
            None if self.cursor < window.start() => self.cursor_at,
            None => window.next_for(self.channel, self.cursor).map(|kept| kept.accepted_at),
        }
    }
}
