//! A skip index over the history: what occurs in each segment of 256 events.
//!
//! An index per filter would cost every accepted event a page or two. A segment costs one short row per 256 events. It
//! rules out types, sources and channels that do not occur in it, and gives the time range of its events. The newest,
//! incomplete segment has no row and is always read.

use std::{collections::BTreeSet, sync::Arc};

use fanfare_core::ChannelId;
use rusqlite::{Connection, params};
use xxhash_rust::xxh3::xxh3_64;

/// Events per segment.
pub(crate) const LENGTH: u64 = 256;

/// The bytes of a bitmap. With two bits for each of 256 distinct values, 39 % of the bits are set, which rules out six
/// of seven other values.
const BYTES: usize = 128;

/// The segment of an event.
pub(crate) fn of(offset: u64) -> u64 {
    offset / LENGTH
}

/// The first offset of a segment.
pub(crate) fn start(segment: u64) -> u64 {
    segment * LENGTH
}

/// A set of strings with false positives but no false negatives (a Bloom filter).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bitmap([u8; BYTES]);

impl Bitmap {
    fn new() -> Self {
        Self([0; BYTES])
    }

    fn bits(value: &str) -> [usize; 2] {
        let hash = xxh3_64(value.as_bytes());
        let bit = |part: u64| usize::try_from(part % (BYTES as u64 * 8)).unwrap_or_default();
        [bit(hash & 0xFFFF_FFFF), bit(hash >> 32)]
    }

    fn add(&mut self, value: &str) {
        for bit in Self::bits(value) {
            self.0[bit / 8] |= 1 << (bit % 8);
        }
    }

    /// Whether `value` may be in a stored bitmap. A bitmap of another length rules nothing out.
    pub(crate) fn may_hold(bitmap: &[u8], value: &str) -> bool {
        bitmap.len() != BYTES || Self::bits(value).iter().all(|bit| bitmap[bit / 8] & (1 << (bit % 8)) != 0)
    }
}

/// The literal beginning of a type pattern, in whole tokens. `None` if it begins with a wildcard.
pub(crate) fn fixed_part(pattern: &str) -> Option<&str> {
    let end =
        pattern.split('.').take_while(|token| !matches!(*token, "*" | ">")).map(|token| token.len() + 1).sum::<usize>();
    (end > 0).then(|| &pattern[..(end - 1).min(pattern.len())])
}

/// What the index keeps of an event.
pub(crate) struct Indexed<'a> {
    pub(crate) offset: u64,
    /// When it was accepted, in microseconds.
    pub(crate) at: i64,
    pub(crate) ty: &'a str,
    pub(crate) source: &'a str,
    pub(crate) targets: &'a Arc<[ChannelId]>,
}

/// The segment that is being filled.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    number: u64,
    times: Option<(i64, i64)>,
    types: Bitmap,
    sources: Bitmap,
    channels: BTreeSet<ChannelId>,
    /// The values added last: consecutive events are mostly alike.
    last: (String, String),
    last_targets: Arc<[ChannelId]>,
}

impl Segment {
    /// An empty segment for `offset`.
    pub(crate) fn at(offset: u64) -> Self {
        Self {
            number: of(offset),
            times: None,
            types: Bitmap::new(),
            sources: Bitmap::new(),
            channels: BTreeSet::new(),
            last: (String::new(), String::new()),
            last_targets: Arc::from([]),
        }
    }

    /// Adds the next event. If it begins a new segment, returns the finished one.
    pub(crate) fn add(&mut self, event: &Indexed<'_>) -> Option<Self> {
        let Indexed { offset, at, ty, source, targets } = *event;
        let full = (self.number != of(offset)).then(|| std::mem::replace(self, Self::at(offset)));
        self.times = Some(self.times.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
        if self.last.0 != ty {
            ty.clone_into(&mut self.last.0);
            // Every prefix of whole tokens, so that patterns find their segments too.
            let dots = ty.match_indices('.').map(|(dot, _)| dot);
            dots.chain([ty.len()]).for_each(|end| self.types.add(&ty[..end]));
        }
        if self.last.1 != source {
            source.clone_into(&mut self.last.1);
            self.sources.add(source);
        }
        if self.last_targets != *targets {
            self.last_targets = Arc::clone(targets);
            self.channels.extend(targets.iter());
        }
        full
    }

    pub(crate) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        let Some((first_at, last_at)) = self.times else { return Ok(()) };
        let channels: Vec<u8> = self.channels.iter().flat_map(|channel| channel.0.to_le_bytes()).collect();
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO segments (segment, first_at, last_at, types, sources, channels)
                 VALUES (?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                i64::try_from(self.number).unwrap_or(i64::MAX),
                first_at,
                last_at,
                &self.types.0[..],
                &self.sources.0[..],
                channels
            ])?;
        Ok(())
    }
}

/// Whether a stored list of channels contains `channel`.
pub(crate) fn has_channel(channels: &[u8], channel: ChannelId) -> bool {
    channels.chunks_exact(4).any(|bytes| bytes == channel.0.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_found_and_most_else_is_not() {
        let mut segment = Segment::at(0);
        for n in 1..256 {
            let (ty, source) = (format!("order.paid.{n}"), format!("/shop/{n}"));
            let targets = &[ChannelId(u32::try_from(n % 3).unwrap())].into();
            let added = segment.add(&Indexed { offset: n, at: 5, ty: &ty, source: &source, targets });
            assert!(added.is_none());
        }
        for n in 1..256 {
            assert!(Bitmap::may_hold(&segment.types.0, &format!("order.paid.{n}")));
            assert!(Bitmap::may_hold(&segment.sources.0, &format!("/shop/{n}")));
        }
        assert!(Bitmap::may_hold(&segment.types.0, "order.paid"));
        let wrong = (0..1000).filter(|n| Bitmap::may_hold(&segment.sources.0, &format!("/other/{n}"))).count();
        assert!(wrong < 250, "{wrong} of 1000");
        let full = segment.add(&Indexed { offset: 256, at: 9, ty: "t", source: "/", targets: &[].into() }).unwrap();
        assert_eq!((full.number, full.times, full.channels.len()), (0, Some((5, 5)), 3));
        assert_eq!((segment.number, segment.times), (1, Some((9, 9))));
    }

    #[test]
    fn a_pattern_is_looked_up_by_what_it_begins_with() {
        for (pattern, want) in [
            ("order.paid", Some("order.paid")),
            ("order.*", Some("order")),
            ("order.*.eu", Some("order")),
            ("order.paid.>", Some("order.paid")),
            ("*.paid", None),
            (">", None),
        ] {
            assert_eq!(fixed_part(pattern), want, "{pattern}");
        }
    }
}
