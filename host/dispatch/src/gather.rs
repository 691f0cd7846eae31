//! Deliveries of a lane with a `batch` policy that are claimed and not attempted yet, as one value: every transition is
//! a plain function, and time is passed in.
//!
//! ```text
//!            ┌► full: `max` or `bytes` ──────────┐
//!  add ──► open batch ──► it is due ────────────►│ closed ──► attempted
//!            └► no room for it ──► deferred      │
//!                (recorded, comes back then)     │
//!  no value of `per`, or no room and too late ──►┘
//! ```
//!
//! Nothing here is durable, and nothing has to be: an unsettled claim is claimed again after a restart, and one that is
//! given back at once. Its acceptance time determines when its batch is due.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use fanfare_core::{BatchPolicy, Event, Offset};
use jiff::Timestamp;

use crate::Claim;

/// The maximum number of deliveries that a lane gathers.
pub(crate) const MOST: usize = 10_000;

/// The maximum bytes of events that a lane gathers.
pub(crate) const MOST_BYTES: usize = 32 << 20;

/// How long a late delivery (after a restart, a pause, or from a backlog) waits for the next ones.
const MOMENT: Duration = Duration::from_millis(50);

/// The longest time a retry waits for other retries: it has waited already.
const COMPANY: Duration = Duration::from_secs(1);

/// The assumed size of an event's structures, in addition to its contents.
const OVERHEAD: usize = 512;

/// The open batches of one lane.
#[derive(Default)]
pub(crate) struct Gather {
    /// The policy in force.
    by: By,
    open: HashMap<u64, Open>,
    by_key: HashMap<Key, u64>,
    /// When each batch is closed, the earliest first.
    closes: BTreeSet<(Timestamp, u64)>,
    places: HashMap<Offset, u64>,
    bytes: usize,
    last: u64,
}

/// What determines how a lane gathers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct By {
    pub(crate) policy: BatchPolicy,
    /// A channel's `delay` comes before the wait for others.
    pub(crate) delay: Duration,
}

/// Deliveries in the same batch have the same key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    value: Option<String>,
    /// First attempts and retries do not wait for each other.
    again: bool,
}

struct Open {
    key: Key,
    claims: Vec<Claim>,
    /// Bytes of data, which the policy limits.
    data: u64,
    bytes: usize,
    closes: Timestamp,
}

/// Deliveries to attempt together, in the order of their offsets.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) claims: Vec<Claim>,
    /// The memory that their events use.
    pub(crate) bytes: usize,
    /// Since when it is due.
    pub(crate) due: Timestamp,
}

/// What a runner takes at once.
#[derive(Debug)]
pub(crate) enum Load {
    One(Claim),
    Batch(Batch),
}

impl Load {
    pub(crate) fn claims(&self) -> &[Claim] {
        match self {
            Self::One(claim) => std::slice::from_ref(claim),
            Self::Batch(batch) => &batch.claims,
        }
    }

    pub(crate) fn into_claims(self) -> Vec<Claim> {
        match self {
            Self::One(claim) => vec![claim],
            Self::Batch(batch) => batch.claims,
        }
    }
}

/// The results of adding claims, including batches that were open before.
#[derive(Debug, Default)]
pub(crate) struct Added {
    pub(crate) closed: Vec<Batch>,
    /// Claims without room, and when they should return.
    pub(crate) deferred: Vec<(Claim, Timestamp)>,
}

/// What a lane has gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gathered {
    pub deliveries: usize,
    pub batches: usize,
    /// When the first batch is closed.
    pub until: Timestamp,
}

impl Gather {
    pub(crate) fn new(by: By) -> Self {
        Self { by, ..Self::default() }
    }

    pub(crate) fn by(&self) -> &By {
        &self.by
    }

    /// Adds claims, and closes batches that are full or due.
    pub(crate) fn add(&mut self, claims: Vec<Claim>, now: Timestamp) -> Added {
        let mut added = Added::default();
        for claim in claims {
            self.place(claim, now, &mut added);
        }
        added.closed.extend(self.due(now));
        added
    }

    /// Closes batches that are due.
    pub(crate) fn due(&mut self, now: Timestamp) -> Vec<Batch> {
        let mut closed = vec![];
        while let Some(&(closes, id)) = self.closes.first()
            && closes <= now
        {
            closed.extend(self.close(id, now));
        }
        closed
    }

    /// When the next batch is due.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.closes.first().map(|(closes, _)| *closes)
    }

    /// When the batch of a delivery is due, if it is gathered.
    pub(crate) fn until(&self, offset: Offset) -> Option<Timestamp> {
        self.open.get(self.places.get(&offset)?).map(|open| open.closes)
    }

    /// `None` if nothing is gathered.
    pub(crate) fn gathered(&self) -> Option<Gathered> {
        Some(Gathered { deliveries: self.places.len(), batches: self.open.len(), until: self.next()? })
    }

    /// Takes everything out, in the order of the offsets.
    pub(crate) fn take_all(&mut self) -> Vec<Claim> {
        let mut all: Vec<_> = self.open.drain().flat_map(|(_, open)| open.claims).collect();
        all.sort_unstable_by_key(|claim| claim.offset);
        *self = Self::new(std::mem::take(&mut self.by));
        all
    }

    /// The gathered claims, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Claim> {
        self.open.values().flat_map(|open| &open.claims)
    }

    fn place(&mut self, claim: Claim, now: Timestamp, added: &mut Added) {
        let key = self.key(&claim);
        if self.by.policy.per.is_some() && key.value.is_none() {
            let bytes = sizes(&claim.event).1;
            added.closed.push(Batch { claims: vec![claim], bytes, due: now });
            return;
        }
        let (data, bytes) = sizes(&claim.event);
        let (linger, due) = (self.by.policy.linger, self.due_of(&claim));
        // The clock may have been set back: nothing waits longer than the policy says.
        let closes = match key.again {
            true => later(now, linger.min(COMPANY)),
            false => due.clamp(later(now, linger.min(MOMENT)), later(now, linger)),
        };
        let open = self.by_key.get(&key).copied();
        // The batch would exceed its bytes: close it without this delivery.
        let overflows = |open: &Open| open.data.saturating_add(data) > self.by.policy.bytes;
        let open = match open {
            Some(id) if self.open.get(&id).is_some_and(overflows) => {
                added.closed.extend(self.close(id, now));
                None
            }
            other => other,
        };
        let fills = data >= self.by.policy.bytes || self.by.policy.max <= 1;
        if !fills && (self.places.len() >= MOST || self.bytes.saturating_add(bytes) > MOST_BYTES) {
            let beside = open.and_then(|id| self.open.get(&id)).map(|open| open.closes);
            let until = beside.map_or(due, |beside| beside.min(due));
            if until > now && !key.again {
                added.deferred.push((claim, until));
            } else {
                // Its time is up: it goes with the open batch of its key.
                let id = self.join(key, claim, now);
                self.close_if_full(id, now, added);
            }
            return;
        }
        let id = self.join(key, claim, closes);
        self.close_if_full(id, now, added);
    }

    fn key(&self, claim: &Claim) -> Key {
        let value = self.by.policy.per.as_ref().and_then(|per| per.of(&claim.event)).map(Cow::into_owned);
        Key { value, again: claim.attempts > 0 }
    }

    fn due_of(&self, claim: &Claim) -> Timestamp {
        later(claim.since, self.by.delay.saturating_add(self.by.policy.linger))
    }

    /// Adds a claim to the open batch of its key, which is closed at `closes` at the latest.
    fn join(&mut self, key: Key, claim: Claim, closes: Timestamp) -> u64 {
        let (data, bytes) = sizes(&claim.event);
        let id = *self.by_key.entry(key.clone()).or_insert_with(|| {
            self.last += 1;
            self.last
        });
        self.places.insert(claim.offset, id);
        self.bytes += bytes;
        let open = self.open.entry(id).or_insert_with(|| Open { key, claims: vec![], data: 0, bytes: 0, closes });
        let closes = open.closes.min(closes);
        self.closes.remove(&(open.closes, id));
        self.closes.insert((closes, id));
        open.closes = closes;
        open.claims.push(claim);
        open.data = open.data.saturating_add(data);
        open.bytes += bytes;
        id
    }

    fn close_if_full(&mut self, id: u64, now: Timestamp, added: &mut Added) {
        let is_full = |open: &Open| open.claims.len() >= self.by.policy.max || open.data >= self.by.policy.bytes;
        if self.open.get(&id).is_some_and(is_full) {
            added.closed.extend(self.close(id, now));
        }
    }

    fn close(&mut self, id: u64, now: Timestamp) -> Option<Batch> {
        let mut open = self.open.remove(&id)?;
        self.closes.remove(&(open.closes, id));
        self.by_key.remove(&open.key);
        for claim in &open.claims {
            self.places.remove(&claim.offset);
        }
        self.bytes -= open.bytes;
        open.claims.sort_unstable_by_key(|claim| claim.offset);
        Some(Batch { claims: open.claims, bytes: open.bytes, due: open.closes.min(now) })
    }
}

/// The bytes of an event's data, and of everything it keeps in memory.
fn sizes(event: &Event) -> (u64, usize) {
    let data = event.data.as_ref().map_or(0, |data| data.as_bytes().len());
    let Event { id, source, ty, subject, time, data_content_type, data_schema, extensions, .. } = event;
    let optional = [subject, data_content_type, data_schema].into_iter().flatten().map(String::len).sum::<usize>();
    let extensions: usize =
        extensions.iter().map(|(name, value)| name.len() + value.as_text().len() + OVERHEAD / 4).sum();
    let attributes = id.len() + source.len() + ty.len() + time.len() + optional + extensions;
    (data as u64, data + attributes + OVERHEAD)
}

fn later(moment: Timestamp, by: Duration) -> Timestamp {
    moment.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use fanfare_core::{ChannelId, KeyOf, Payload, delivery::Origin};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn start() -> Timestamp {
        "2026-11-20T10:30:00Z".parse().unwrap()
    }

    fn at(millis: i64) -> Timestamp {
        start() + jiff::SignedDuration::from_millis(millis)
    }

    /// A claim whose event was accepted at this time.
    fn claim(offset: u64, since: i64, subject: Option<&str>, size: usize) -> Claim {
        let event = Event {
            id: offset.to_string(),
            source: "/t".to_owned(),
            ty: "t".to_owned(),
            subject: subject.map(str::to_owned),
            time: String::new(),
            data_content_type: None,
            data_schema: None,
            extensions: vec![],
            data: Some(Payload::Text("x".repeat(size))),
        };
        Claim {
            channel: ChannelId(1),
            offset: Offset(offset),
            key: Uuid::nil(),
            event: Arc::new(event),
            since: at(since),
            attempts: 0,
            origin: Origin::Live,
            due: at(since),
            deferred: None,
            token: crate::Token::default(),
            deadline: None,
        }
    }

    fn policy(max: usize, linger: u64, bytes: u64, per: Option<&str>) -> By {
        let policy = BatchPolicy {
            max,
            linger: Duration::from_millis(linger),
            bytes,
            per: per.map(|per| KeyOf::parse(per).unwrap()),
        };
        By { policy, delay: Duration::ZERO }
    }

    fn offsets(batches: &[Batch]) -> Vec<Vec<u64>> {
        batches.iter().map(|batch| batch.claims.iter().map(|claim| claim.offset.0).collect()).collect()
    }

    #[test]
    fn a_batch_is_closed_when_it_is_full_of_deliveries_or_of_bytes() {
        let mut gather = Gather::new(policy(3, 1_000, 100, None));
        let added = gather.add((1..=7).map(|n| claim(n, 0, None, 1)).collect(), at(0));
        assert_eq!(offsets(&added.closed), [[1, 2, 3], [4, 5, 6]]);
        let added = gather.add(vec![claim(8, 0, None, 99)], at(0));
        assert_eq!(offsets(&added.closed), [[7, 8]], "exactly full");
        let added = gather.add(vec![claim(9, 0, None, 60), claim(10, 0, None, 60), claim(11, 0, None, 500)], at(0));
        assert_eq!(offsets(&added.closed), [[9], [10], [11]], "one that is too long is a batch of its own");
        assert_eq!((gather.gathered(), gather.next(), gather.bytes), (None, None, 0));
    }

    #[test]
    fn a_batch_is_closed_so_long_after_its_first_one_was_accepted() {
        let mut gather = Gather::new(policy(9, 1_000, 1 << 20, None));
        assert_eq!(gather.add(vec![claim(2, 300, None, 1)], at(310)).closed.len(), 0);
        assert_eq!(gather.add(vec![claim(1, 200, None, 1)], at(400)).closed.len(), 0, "an older one arrives later");
        assert_eq!(gather.gathered(), Some(Gathered { deliveries: 2, batches: 1, until: at(1_200) }));
        assert_eq!(gather.until(Offset(2)), Some(at(1_200)));
        assert_eq!(gather.due(at(1_199)).len(), 0);
        assert_eq!(offsets(&gather.due(at(1_200))), [[1, 2]]);
        assert_eq!(gather.until(Offset(2)), None);
    }

    #[test]
    fn each_value_has_its_own_batch_and_events_without_one_go_alone_at_once() {
        let mut gather = Gather::new(policy(2, 1_000, 1 << 20, Some("subject")));
        let claims = [(1, Some("a")), (2, Some("b")), (3, None), (4, Some("a")), (5, None)];
        let added = gather.add(claims.map(|(n, subject)| claim(n, 0, subject, 1)).into(), at(0));
        assert_eq!(offsets(&added.closed), [vec![3], vec![1, 4], vec![5]]);
        assert_eq!(gather.until(Offset(2)), Some(at(1_000)));
    }

    #[test]
    fn what_comes_late_waits_a_moment_for_what_is_right_behind_it() {
        let mut gather = Gather::new(policy(9, 60_000, 1 << 20, None));
        assert_eq!(gather.add(vec![claim(1, -90_000, None, 1)], at(0)).closed.len(), 0);
        gather.add(vec![claim(2, -80_000, None, 1)], at(1));
        assert_eq!(offsets(&gather.due(at(50))), [[1, 2]]);
        // One accepted before the clock was set back.
        gather.add(vec![claim(3, 3_600_000, None, 1)], at(0));
        assert_eq!(gather.next(), Some(at(60_000)));
    }

    #[test]
    fn a_delay_comes_before_the_wait_for_others() {
        let by = By { delay: Duration::from_secs(60), ..policy(9, 1_000, 1 << 20, None) };
        let mut gather = Gather::new(by);
        gather.add(vec![claim(1, -60_000, None, 1)], at(0));
        assert_eq!(gather.next(), Some(at(1_000)));
    }

    #[test]
    fn retries_are_gathered_separately_and_wait_a_second() {
        let mut gather = Gather::new(policy(9, 60_000, 1 << 20, None));
        let again = |n| Claim { attempts: 1, ..claim(n, -90_000, None, 1) };
        let added = gather.add(vec![claim(1, 0, None, 1), again(2), again(3)], at(0));
        assert_eq!(added.closed.len(), 0);
        assert_eq!(offsets(&gather.due(at(1_000))), [[2, 3]]);
        assert_eq!(gather.next(), Some(at(60_000)));
    }

    #[test]
    fn deliveries_without_room_return_with_their_batch() {
        let mut gather = Gather::new(policy(1_000, 60_000, 16 << 20, Some("subject")));
        let many = (0..MOST as u64).map(|n| claim(n, 0, Some(&(n / 100).to_string()), 1)).collect();
        assert_eq!(gather.add(many, at(0)).closed.len(), 0);
        let late = (MOST as u64, 5_000);
        let added = gather.add(
            vec![
                claim(late.0, late.1, Some("7"), 1),
                claim(late.0 + 1, late.1, Some("new"), 1),
                claim(late.0 + 2, -70_000, Some("old"), 1),
                claim(late.0 + 3, late.1, None, 1),
            ],
            at(5_000),
        );
        let deferred: Vec<_> = added.deferred.iter().map(|(claim, until)| (claim.offset.0, *until)).collect();
        assert_eq!(deferred, [(late.0, at(60_000)), (late.0 + 1, at(65_000))]);
        assert_eq!(offsets(&added.closed), [[late.0 + 3], [late.0 + 2]]);
        assert_eq!(gather.places.len(), MOST);

        let mut gather = Gather::new(policy(1_000, 60_000, 16 << 20, None));
        let large = (0..40).map(|n| claim(n, 0, None, 1 << 20)).collect();
        let added = gather.add(large, at(0));
        assert_eq!(added.deferred.len(), 0, "closed batches need no room: {}", added.closed.len());
    }

    #[derive(Clone, Debug)]
    enum Step {
        /// This many claims of one subject, accepted this long ago, with this much data each, attempted this often.
        Add(u8, u8, i64, usize, u32),
        Wait(i64),
        Policy(usize, u64, u64, bool),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (1_u8..40, 0_u8..4, 0_i64..3_000, 0_usize..400, 0_u32..2)
                .prop_map(|(count, subject, ago, size, attempts)| Step::Add(count, subject, ago, size, attempts)),
            4 => (0_i64..800).prop_map(Step::Wait),
            1 => (1_usize..30, 1_u64..2_000, 1_u64..4_000, any::<bool>())
                .prop_map(|(max, linger, bytes, per)| Step::Policy(max, linger, bytes, per)),
        ]
    }

    proptest! {
        #[test]
        fn each_comes_out_once_in_order_within_the_bounds_and_in_time(steps in prop::collection::vec(step(), 1..60)) {
            let mut gather = Gather::new(policy(10, 500, 1_000, Some("subject")));
            let (mut now, mut next) = (0_i64, 0_u64);
            // What is gathered, and since when.
            let mut inside = BTreeMap::new();
            for step in steps.into_iter().chain([Step::Wait(10_000)]) {
                let closed = match step {
                    Step::Add(count, subject, ago, size, attempts) => {
                        let subject = (subject > 0).then(|| subject.to_string());
                        let claims: Vec<_> = (0..count).map(|_| {
                            next += 1;
                            inside.insert(next, now);
                            Claim { attempts, ..claim(next, now - ago, subject.as_deref(), size) }
                        }).collect();
                        let added = gather.add(claims, at(now));
                        prop_assert!(added.deferred.is_empty(), "there is room");
                        added.closed
                    }
                    Step::Wait(by) => {
                        now += by;
                        gather.due(at(now))
                    }
                    Step::Policy(max, linger, bytes, per) => {
                        let all = gather.take_all();
                        prop_assert_eq!(all.len(), inside.len());
                        gather = Gather::new(policy(max, linger, bytes, per.then_some("subject")));
                        inside.values_mut().for_each(|since| *since = now);
                        gather.add(all, at(now)).closed
                    }
                };
                for Batch { claims: batch, bytes, due } in closed {
                    prop_assert!(due <= at(now));
                    prop_assert_eq!(bytes, batch.iter().map(|claim| sizes(&claim.event).1).sum::<usize>());
                    prop_assert!(batch.is_sorted_by(|a, b| a.offset < b.offset));
                    prop_assert!(batch.len() <= gather.by.policy.max.max(1));
                    let data = batch.iter().map(|claim| sizes(&claim.event).0).sum::<u64>();
                    prop_assert!(data <= gather.by.policy.bytes || batch.len() == 1);
                    if gather.by.policy.per.is_some() {
                        let first = &batch[0].event.subject;
                        prop_assert!(batch.iter().all(|claim| claim.event.subject == *first));
                        prop_assert!(first.is_some() || batch.len() == 1);
                    }
                    prop_assert!(batch.iter().all(|claim| (claim.attempts > 0) == (batch[0].attempts > 0)));
                    for claim in batch {
                        prop_assert!(inside.remove(&claim.offset.0).is_some(), "{} was returned twice", claim.offset);
                    }
                }
                // Everything gathered has a batch that is due in time, and nothing stays longer.
                let linger = i64::try_from(gather.by.policy.linger.as_millis()).unwrap();
                for (offset, since) in &inside {
                    let until = gather.until(Offset(*offset)).unwrap();
                    prop_assert!(until > at(now) && until <= at(since + linger), "{offset}");
                }
                prop_assert_eq!(gather.places.len(), inside.len());
                prop_assert_eq!(gather.closes.len(), gather.open.len());
                prop_assert_eq!(gather.by_key.len(), gather.open.len());
            }
            prop_assert!(inside.is_empty());
            prop_assert_eq!(gather.bytes, 0);
        }
    }
}
