//! Recounts every delivery from its entries.

use std::collections::{BTreeMap, HashSet};

use fanfare_core::{ChannelId, delivery::Origin};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use super::{EXAMPLES, Finding, RESTORE, Severity};
use crate::{
    progress::{self, Step},
    record,
    segment::{self, Bitmap},
};

/// The totals of all events and their entries.
#[derive(Debug, Default)]
pub(super) struct Recount {
    pub(super) events: u64,
    pub(super) last_offset: u64,
    pub(super) pruned_to: u64,
    pub(super) channels: BTreeMap<ChannelId, Count>,
    pub(super) orphans: Vec<Orphan>,
    /// Segments whose row covers less than their events.
    pub(super) segments: Vec<u64>,
    /// Deliveries that have ended but still have a row in `retries`.
    ended: Vec<(ChannelId, u64)>,
    /// Ranges of offsets without a row.
    missing: Vec<(u64, u64)>,
    unreadable: Vec<String>,
    unreadable_count: u64,
}

/// The deliveries of one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) accepted: u64,
    pub(super) redriven: u64,
    pub(super) delivered: u64,
    pub(super) dead: u64,
    pub(super) skipped: u64,
    pub(super) pending: u64,
}

/// A delivery that no lane would ever make: it has not ended, does not wait, and lies behind its channel's position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Orphan {
    pub(super) channel: ChannelId,
    pub(super) offset: u64,
    pub(super) since: i64,
    pub(super) origin: Origin,
}

/// One delivery while its entries are read.
struct Open {
    open: bool,
    /// It has a row in `retries`, wherever the channel's position is.
    has_row: bool,
    since: i64,
    origin: Origin,
}

/// One event while its rows are read.
struct Event {
    offset: u64,
    deliveries: BTreeMap<ChannelId, Open>,
}

pub(super) fn recount(connection: &Connection) -> rusqlite::Result<Recount> {
    let mut recount = connection.query_row("SELECT last_offset, pruned_to FROM journal", [], |row| {
        let (last_offset, pruned_to) = (record::offset(row.get(0)?), record::offset(row.get(1)?));
        Ok(Recount { last_offset, pruned_to, ..Recount::default() })
    })?;
    let mut floors: BTreeMap<ChannelId, u64> = BTreeMap::new();
    let mut statement = connection.prepare("SELECT id, floor FROM channels")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id = ChannelId(row.get(0)?);
        floors.insert(id, record::offset(row.get(1)?));
        recount.channels.entry(id).or_default();
    }
    let waiting = waiting(connection)?;
    let mut statement = connection.prepare(
        "SELECT e.offset, e.targets, e.accepted_at, p.entries, e.type, e.source, e.event, length(e.key)
         FROM events e LEFT JOIN progress p ON p.offset = e.offset ORDER BY e.offset, p.seq",
    )?;
    let mut rows = statement.query([])?;
    let (mut current, mut segment): (Option<Event>, Option<Segment>) = (None, None);
    let mut last = recount.pruned_to;
    while let Some(row) = rows.next()? {
        let offset = record::offset(row.get(0)?);
        if current.as_ref().is_none_or(|event| event.offset != offset) {
            if let Some(event) = current.take() {
                recount.close(event, &floors, &waiting);
            }
            if offset > last + 1 {
                recount.missing.push((last + 1, offset - 1));
            }
            last = last.max(offset);
            current = Some(recount.begin(row, offset)?);
            recount.compare(connection, &mut segment, row, offset)?;
        }
        if let Some(event) = &mut current {
            recount.follow(event, row)?;
        }
    }
    if let Some(event) = current {
        recount.close(event, &floors, &waiting);
    }
    if recount.last_offset > last {
        recount.missing.push((last + 1, recount.last_offset));
    }
    Ok(recount)
}

/// First and last time, types, sources and channels.
type SegmentRow = (i64, i64, Vec<u8>, Vec<u8>, Vec<u8>);

/// The row of a segment.
struct Segment {
    number: u64,
    row: Option<SegmentRow>,
}

fn waiting(connection: &Connection) -> rusqlite::Result<HashSet<(u64, u32)>> {
    let mut statement = connection.prepare("SELECT offset, channel FROM retries")?;
    statement.query_map([], |row| Ok((record::offset(row.get(0)?), row.get(1)?)))?.collect()
}

impl Recount {
    pub(super) fn pending(&self) -> u64 {
        self.channels.values().map(|count| count.pending).sum()
    }

    fn unreadable(&mut self, what: String) {
        self.unreadable_count += 1;
        if self.unreadable.len() < EXAMPLES {
            self.unreadable.push(what);
        }
    }

    fn begin(&mut self, row: &Row<'_>, offset: u64) -> rusqlite::Result<Event> {
        self.events += 1;
        let since: i64 = row.get(2)?;
        let targets = row.get_ref(1)?.as_str().ok().and_then(|text| record::decode_targets(text).ok());
        if targets.is_none() {
            self.unreadable(format!("the targets of offset {offset}"));
        }
        let event = row.get_ref(6)?.as_str().ok().and_then(|text| record::decode_event(text).ok());
        if event.is_none() || row.get::<_, i64>(7)? != 16 {
            self.unreadable(format!("the event at offset {offset}"));
        }
        let open = |channel| (channel, Open { open: true, has_row: false, since, origin: Origin::Live });
        let deliveries: BTreeMap<_, _> = targets.into_iter().flatten().map(open).collect();
        for channel in deliveries.keys() {
            self.channels.entry(*channel).or_default().accepted += 1;
        }
        Ok(Event { offset, deliveries })
    }

    fn follow(&mut self, event: &mut Event, row: &Row<'_>) -> rusqlite::Result<()> {
        let Ok(text) = row.get_ref(3)?.as_str_or_null() else {
            self.unreadable(format!("an entry of offset {}", event.offset));
            return Ok(());
        };
        let Some(text) = text else { return Ok(()) };
        // Receipts, which need the event's key, are not looked at.
        let Ok(entries) = progress::read(text, Uuid::nil()) else {
            self.unreadable(format!("an entry of offset {}", event.offset));
            return Ok(());
        };
        for entry in entries {
            let count = self.channels.entry(entry.channel).or_default();
            let delivery = event.deliveries.entry(entry.channel).or_insert(Open {
                open: false,
                has_row: false,
                since: entry.at,
                origin: Origin::Live,
            });
            match entry.step {
                Step::Delivered => {
                    count.delivered += 1;
                    delivery.open = false;
                }
                Step::Dead => {
                    count.dead += 1;
                    delivery.open = false;
                }
                Step::Skipped => {
                    count.skipped += 1;
                    delivery.open = false;
                }
                Step::Waiting | Step::Suspended | Step::Deferred => delivery.has_row = true,
                Step::Again => {
                    count.redriven += 1;
                    let origin = entry.more.origin.unwrap_or(Origin::Replay);
                    *delivery = Open { open: true, has_row: true, since: entry.at, origin };
                }
            }
        }
        Ok(())
    }

    fn close(&mut self, event: Event, floors: &BTreeMap<ChannelId, u64>, waiting: &HashSet<(u64, u32)>) {
        let offset = event.offset;
        for (channel, delivery) in event.deliveries {
            let waits = waiting.contains(&(offset, channel.0));
            if !delivery.open {
                if waits {
                    self.ended.push((channel, offset));
                }
                continue;
            }
            self.channels.entry(channel).or_default().pending += 1;
            let passed = floors.get(&channel).is_none_or(|&floor| offset <= floor);
            if !waits && (delivery.has_row || passed) {
                let Open { since, origin, .. } = delivery;
                self.orphans.push(Orphan { channel, offset, since, origin });
            }
        }
    }

    /// Compares an event with the row of its segment. The newest, incomplete segment has no row.
    fn compare(
        &mut self,
        connection: &Connection,
        segment: &mut Option<Segment>,
        row: &Row<'_>,
        offset: u64,
    ) -> rusqlite::Result<()> {
        let number = segment::of(offset);
        if number >= segment::of(self.last_offset) || self.segments.last() == Some(&number) {
            return Ok(());
        }
        if segment.as_ref().is_none_or(|segment| segment.number != number) {
            let row = connection
                .prepare_cached("SELECT first_at, last_at, types, sources, channels FROM segments WHERE segment = ?")?
                .query_row([record::column(number)], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
                })
                .optional()?;
            *segment = Some(Segment { number, row });
        }
        let at: i64 = row.get(2)?;
        let text = |column| row.get_ref(column).ok().and_then(|value| value.as_str().ok()).unwrap_or_default();
        let targets = record::decode_targets(text(1)).unwrap_or_default();
        // The events of a segment without a row are always read.
        let holds = segment.as_ref().and_then(|segment| segment.row.as_ref()).is_none_or(
            |(first_at, last_at, types, sources, channels)| {
                *first_at <= at
                    && at <= *last_at
                    && Bitmap::may_hold(types, text(4))
                    && Bitmap::may_hold(sources, text(5))
                    && targets.iter().all(|target| segment::has_channel(channels, *target))
            },
        );
        if !holds {
            self.segments.push(number);
        }
        Ok(())
    }

    /// Reports what is wrong, including wrong counters.
    pub(super) fn tell(&self, connection: &Connection, out: &mut Vec<Finding>) -> rusqlite::Result<()> {
        let some = |list: &[(ChannelId, u64)]| -> Vec<String> {
            list.iter()
                .take(EXAMPLES)
                .map(|(channel, offset)| format!("channel {}, offset {offset}", channel.0))
                .collect()
        };
        if self.unreadable_count > 0 {
            out.push(Finding {
                check: "events",
                severity: Severity::Wrong,
                what: format!("unreadable values of events: {}", self.unreadable_count),
                examples: self.unreadable.clone(),
                remedy: RESTORE,
                repairable: false,
            });
        }
        if !self.missing.is_empty() {
            let count: u64 = self.missing.iter().map(|(first, last)| last - first + 1).sum();
            out.push(Finding {
                check: "events",
                severity: Severity::Wrong,
                what: format!("missing events that were never pruned: {count}"),
                examples: self.missing.iter().take(EXAMPLES).map(|(a, b)| format!("offsets {a} to {b}")).collect(),
                remedy: RESTORE,
                repairable: false,
            });
        }
        if !self.segments.is_empty() {
            out.push(Finding {
                check: "segments",
                severity: Severity::Wrong,
                what: format!(
                    "incomplete rows of the skip index, so that filters may miss events: {}",
                    self.segments.len()
                ),
                examples: self.segments.iter().take(EXAMPLES).map(|number| format!("segment {number}")).collect(),
                remedy: "stop the daemon and run `fanfare doctor --repair`: removes these rows, so that their events \
                    are always scanned",
                repairable: true,
            });
        }
        if !self.orphans.is_empty() {
            let list: Vec<_> = self.orphans.iter().map(|orphan| (orphan.channel, orphan.offset)).collect();
            out.push(Finding {
                check: "deliveries",
                severity: Severity::Wrong,
                what: format!("accepted deliveries that have not ended, but would never be attempted: {}", list.len()),
                examples: some(&list),
                remedy: "stop the daemon and run `fanfare doctor --repair`: the next start attempts them",
                repairable: true,
            });
        }
        if !self.ended.is_empty() {
            out.push(Finding {
                check: "deliveries",
                severity: Severity::Wrong,
                what: format!("ended deliveries that still wait: {}", self.ended.len()),
                examples: some(&self.ended),
                remedy: "none: they will be made once more under the same delivery id, which receivers can deduplicate",
                repairable: false,
            });
        }
        self.compare_counters(connection, out)
    }

    fn compare_counters(&self, connection: &Connection, out: &mut Vec<Finding>) -> rusqlite::Result<()> {
        let mut statement =
            connection.prepare("SELECT id, name, accepted, redriven, delivered, dead, skipped FROM channels")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let count = |column| row.get(column).map(record::offset);
            let have = Count {
                accepted: count(2)?,
                redriven: count(3)?,
                delivered: count(4)?,
                dead: count(5)?,
                skipped: count(6)?,
                pending: 0,
            };
            let found = self.channels.get(&ChannelId(row.get(0)?)).copied().unwrap_or_default();
            let right = have.right(&found, self.pruned_to == 0);
            if right != have {
                let name: String = row.get(1)?;
                out.push(Finding {
                    check: "channels",
                    // Sums mean nothing while events are unreadable.
                    severity: if self.is_whole() { Severity::Wrong } else { Severity::Note },
                    what: format!(
                        "the counters of channel `{name}` do not match its deliveries: {}",
                        have.difference(&right)
                    ),
                    examples: vec![],
                    remedy: "stop the daemon and run `fanfare doctor --repair`: it corrects the counts",
                    repairable: self.is_whole(),
                });
            }
        }
        Ok(())
    }

    /// Whether every expected event was readable: only then do sums mean anything.
    pub(super) fn is_whole(&self) -> bool {
        self.unreadable_count == 0 && self.missing.is_empty()
    }
}

impl Count {
    /// The correct counts. Pruned events cannot be recounted, but all their deliveries have ended.
    pub(super) fn right(self, found: &Self, whole: bool) -> Self {
        if whole {
            return Self { pending: 0, ..*found };
        }
        let mut right = Self {
            accepted: self.accepted.max(found.accepted),
            redriven: self.redriven.max(found.redriven),
            delivered: self.delivered.max(found.delivered),
            dead: self.dead.max(found.dead),
            skipped: self.skipped.max(found.skipped),
            pending: 0,
        };
        let ended = right.delivered + right.dead + right.skipped + found.pending;
        let begun = right.accepted + right.redriven;
        // One of the sums is too small; none is ever too large.
        right.accepted += ended.saturating_sub(begun);
        right.delivered += begun.saturating_sub(ended);
        right
    }

    fn difference(&self, right: &Self) -> String {
        let pairs = [
            ("accepted", self.accepted, right.accepted),
            ("redriven", self.redriven, right.redriven),
            ("delivered", self.delivered, right.delivered),
            ("dead", self.dead, right.dead),
            ("skipped", self.skipped, right.skipped),
        ];
        let differ = pairs.iter().filter(|(_, have, want)| have != want);
        differ.map(|(name, have, want)| format!("{name} {have} instead of {want}")).collect::<Vec<_>>().join(", ")
    }
}
