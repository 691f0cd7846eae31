//! Where in the history a query may find matches: a sequence of ranges of offsets.

use std::collections::VecDeque;

use fanfare_core::{ChannelId, OverallStatus};
use fanfare_record::{EventQuery, Order};
use rusqlite::{Connection, params};

use crate::{
    record,
    segment::{self, Bitmap},
};

/// Candidates read at once.
const BATCH: usize = 256;

/// Returns half-open ranges `[start, end)` in the order of the query.
pub(super) struct Stretches<'a> {
    connection: &'a Connection,
    query: &'a EventQuery,
    channel: Option<ChannelId>,
    how: How,
    /// The rest of the range: `(from, to]` for oldest first, `[to, from)` for newest first.
    from: i64,
    newest: i64,
    ready: VecDeque<(i64, i64)>,
    done: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// The whole range.
    All,
    /// Segments that may contain matches.
    Segments,
    /// Events that ever had a dead delivery.
    Troubled,
    /// Events with pending deliveries.
    Open,
}

impl<'a> Stretches<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        query: &'a EventQuery,
        channel: Option<ChannelId>,
        (from, newest): (i64, i64),
    ) -> Self {
        let how = match query.status {
            Some(OverallStatus::Failed | OverallStatus::Partial) => How::Troubled,
            Some(OverallStatus::Pending) => How::Open,
            _ if query.ty.as_deref().is_some_and(|ty| segment::fixed_part(ty).is_some())
                || query.source.is_some()
                || channel.is_some()
                || query.since.is_some()
                || query.until.is_some() =>
            {
                How::Segments
            }
            _ => How::All,
        };
        Self { connection, query, channel, how, from, newest, ready: VecDeque::new(), done: false }
    }

    /// `least_floor`: up to it every channel has settled everything except the rows in `retries`.
    pub(super) fn next(&mut self, least_floor: u64) -> rusqlite::Result<Option<(i64, i64)>> {
        while self.ready.is_empty() && !self.done {
            match self.how {
                How::All => {
                    self.done = true;
                    self.ready.push_back(self.rest());
                }
                How::Segments => self.read_segments()?,
                How::Troubled => self.read_candidates("SELECT offset FROM troubled WHERE offset")?,
                How::Open => self.read_open(least_floor)?,
            }
        }
        Ok(self.ready.pop_front())
    }

    /// The whole rest of the range.
    fn rest(&self) -> (i64, i64) {
        match self.query.order {
            Order::Oldest => (self.from.saturating_add(1), self.newest.saturating_add(1)),
            Order::Newest => (0, self.from),
        }
    }

    fn read_segments(&mut self) -> rusqlite::Result<()> {
        let (start, end) = self.rest();
        if start >= end {
            self.done = true;
            return Ok(());
        }
        let number = |offset: i64| i64::try_from(segment::of(record::offset(offset))).unwrap_or(i64::MAX);
        let (first, last) = (number(start), number(end - 1));
        let direction = if self.query.order == Order::Oldest { "ASC" } else { "DESC" };
        let sql = format!(
            "SELECT segment, first_at, last_at, types, sources, channels FROM segments
             WHERE segment >= ? AND segment <= ? ORDER BY segment {direction}"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![first, last])?;
        let whole: Option<i64> =
            self.connection.prepare_cached("SELECT max(segment) FROM segments")?.query_row([], |row| row.get(0))?;
        // The newest segment gets its row when it is full.
        let unfinished = whole.map_or(0, |whole| whole.saturating_add(1)).max(0);
        let open = (record::column(segment::start(record::offset(unfinished))).max(start), end);
        if self.query.order == Order::Newest && open.0 < open.1 {
            self.ready.push_back(open);
        }
        // The row of a full segment exists until all its events are pruned. A missing row may hide anything.
        let whole_last = last.min(unfinished - 1);
        let (mut expected, beyond) = match self.query.order {
            Order::Oldest => (first, whole_last + 1),
            Order::Newest => (whole_last, first - 1),
        };
        while let Some(row) = rows.next()? {
            let number: i64 = row.get(0)?;
            self.push_segments((expected, number), (start, end));
            expected = if self.query.order == Order::Oldest { number + 1 } else { number - 1 };
            if self.may_hold(row)? {
                self.push_segments((number, expected), (start, end));
            }
        }
        self.push_segments((expected, beyond), (start, end));
        if self.query.order == Order::Oldest && open.0 < open.1 {
            self.ready.push_back(open);
        }
        self.done = true;
        Ok(())
    }

    /// Adds these segments, from the first up or down to the second, exclusive.
    fn push_segments(&mut self, (from, to): (i64, i64), (start, end): (i64, i64)) {
        let (low, high) = if self.query.order == Order::Oldest { (from, to) } else { (to + 1, from + 1) };
        if low >= high {
            return;
        }
        let offset = |segment: i64| record::column(segment::start(record::offset(segment)));
        let stretch = (offset(low).max(start), offset(high).min(end));
        match self.ready.back_mut() {
            Some(before) if before.1 == stretch.0 => before.1 = stretch.1,
            Some(before) if before.0 == stretch.1 => before.0 = stretch.0,
            _ => self.ready.push_back(stretch),
        }
    }

    fn may_hold(&self, row: &rusqlite::Row<'_>) -> rusqlite::Result<bool> {
        let (first_at, last_at): (i64, i64) = (row.get(1)?, row.get(2)?);
        if self.query.since.is_some_and(|since| last_at < since.as_microsecond())
            || self.query.until.is_some_and(|until| first_at >= until.as_microsecond())
        {
            return Ok(false);
        }
        let blob = |column| -> rusqlite::Result<&[u8]> { Ok(row.get_ref(column)?.as_blob().unwrap_or_default()) };
        if let Some(fixed) = self.query.ty.as_deref().and_then(segment::fixed_part)
            && !Bitmap::may_hold(blob(3)?, fixed)
        {
            return Ok(false);
        }
        if let Some(source) = &self.query.source
            && !Bitmap::may_hold(blob(4)?, source)
        {
            return Ok(false);
        }
        match self.channel {
            // A malformed list says nothing.
            Some(channel) => {
                let channels = blob(5)?;
                Ok(channels.len() % 4 != 0 || segment::has_channel(channels, channel))
            }
            None => Ok(true),
        }
    }

    /// Adds single events from a table of candidates.
    fn read_candidates(&mut self, select: &str) -> rusqlite::Result<()> {
        let (compare, direction) = match self.query.order {
            Order::Oldest => (">", "ASC"),
            Order::Newest => ("<", "DESC"),
        };
        let sql = format!("{select} {compare} ? GROUP BY offset ORDER BY offset {direction} LIMIT {BATCH}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found: Vec<i64> = statement.query_map([self.from], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        self.done = found.len() < BATCH;
        self.from = found.last().copied().unwrap_or(self.from);
        self.ready.extend(found.into_iter().map(|offset| (offset, offset + 1)));
        Ok(())
    }

    /// Adds the rows of `retries`, and everything above the least floor.
    fn read_open(&mut self, least_floor: u64) -> rusqlite::Result<()> {
        let floor = record::column(least_floor);
        let above = (floor.saturating_add(1), self.newest.saturating_add(1));
        match self.query.order {
            Order::Oldest if self.from < floor => {
                let bounded = format!("SELECT offset FROM retries WHERE offset <= {floor} AND offset");
                self.read_candidates(&bounded)?;
                if self.done {
                    self.done = false;
                    self.from = floor;
                }
            }
            Order::Oldest => {
                self.ready.push_back((above.0.max(self.from.saturating_add(1)), above.1));
                self.done = true;
            }
            Order::Newest if self.from > above.0 => {
                self.ready.push_back((above.0, above.1.min(self.from)));
                self.from = above.0;
            }
            Order::Newest => self.read_candidates("SELECT offset FROM retries WHERE offset")?,
        }
        Ok(())
    }
}
