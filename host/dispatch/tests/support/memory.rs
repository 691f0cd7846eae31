//! A journal in plain collections: slow, but obviously correct. It passes the conformance suite.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, Weak},
    time::Duration,
};

use fanfare_core::{
    ChannelId, DELIVER_AT, Event, Offset, StateWrite,
    delivery::{Deferred, Next, Origin, Wait},
    is_of_trace,
};
use fanfare_dispatch::{
    AcceptError, Accepted, Backlog, BoxFuture, Claim, Clock, Commit, Entry, Follower, Health, Hold, HoldChange,
    HoldKind, Journal, JournalError, Reconsidered, Registered, Registration, Settlement, State, Token,
};
use jiff::Timestamp;
use tokio::sync::Notify;

pub struct MemoryJournal {
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
    changed: Notify,
    /// How long a claim is in force.
    lease: Option<Duration>,
    /// How long after the commit the caller that changes a hold gets the answer.
    pub slow_holds: Mutex<Duration>,
}

#[derive(Clone, Default)]
struct Inner {
    channels: Vec<Registration>,
    holds: HashMap<ChannelId, Hold>,
    events: Vec<Recorded>,
    open: BTreeMap<(ChannelId, Offset), Open>,
    /// Deliveries that were given back, the next one first.
    given_back: Vec<(ChannelId, Offset)>,
    /// Every delivery that was ever begun, and those that have fallen back.
    begun: BTreeSet<(ChannelId, Offset)>,
    fell_back: BTreeSet<(ChannelId, Offset)>,
    /// With the end of each value's time.
    state: BTreeMap<(ChannelId, String), (Vec<u8>, Timestamp)>,
    followers: Vec<Weak<dyn Follower>>,
    last_token: Token,
    closed: bool,
}

#[derive(Clone)]
struct Recorded {
    entry: Entry,
    /// As its publisher sent it.
    published: Event,
}

/// A pending delivery.
#[derive(Clone)]
struct Open {
    /// The last one, or the next.
    claim: Claim,
    due: Timestamp,
    /// Whether it was handed out, and neither settled nor given back.
    out: bool,
    urgent: bool,
}

impl Open {
    /// Whether it is handed out and its deadline has not passed.
    fn is_out(&self, now: Timestamp) -> bool {
        self.out && self.claim.deadline.is_none_or(|deadline| deadline > now)
    }

    /// When it can be handed out.
    fn free_at(&self) -> Option<Timestamp> {
        if self.out { self.claim.deadline } else { Some(self.due) }
    }
}

impl MemoryJournal {
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Self::of(clock, Inner::default(), None)
    }

    /// A journal whose claims have deadlines.
    pub fn with_deadlines(clock: Arc<dyn Clock>, lease: Duration) -> Arc<Self> {
        Self::of(clock, Inner::default(), Some(lease))
    }

    fn of(clock: Arc<dyn Clock>, inner: Inner, lease: Option<Duration>) -> Arc<Self> {
        let (inner, changed, slow_holds) = (Mutex::new(inner), Notify::new(), Mutex::default());
        Arc::new(Self { clock, inner, changed, lease, slow_holds })
    }

    /// The journal as a crash at this moment leaves it.
    pub fn after_a_crash(&self) -> Arc<Self> {
        let recorded = self.inner().clone();
        let mut inner = Inner { given_back: vec![], followers: vec![], closed: false, ..recorded };
        inner.open.values_mut().for_each(|open| open.out = false);
        Self::of(Arc::clone(&self.clock), inner, self.lease)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// The time, and the deadline of what is claimed now.
    fn times(&self) -> (Timestamp, Option<Timestamp>) {
        let now = self.clock.now();
        (now, self.lease.map(|lease| now + lease))
    }

    fn tell(&self, commit: &Commit) {
        let followers = self.inner().followers.clone();
        for follower in followers.iter().filter_map(Weak::upgrade) {
            follower.committed(commit);
        }
        self.changed.notify_waiters();
    }
}

/// What repeats of an event have in common.
fn content(event: &Event) -> Event {
    let mut event = Event { time: String::new(), ..event.clone() };
    event.extensions.retain(|(name, _)| name != DELIVER_AT && !is_of_trace(name));
    event
}

fn published(entry: &Entry) -> &Event {
    let changed = entry.trail.as_ref().and_then(|trail| trail.published.as_ref());
    changed.unwrap_or(&entry.event)
}

impl Inner {
    fn knows(&self, channel: ChannelId) -> bool {
        (channel.0 as usize) < self.channels.len()
    }

    /// The recorded event with the same identity.
    fn same_identity(&self, event: &Event) -> Option<(Offset, &Recorded)> {
        let is_it = |have: &Recorded| (&have.published.source, &have.published.id) == (&event.source, &event.id);
        let place = self.events.iter().position(is_it)?;
        Some((Offset(place as u64 + 1), &self.events[place]))
    }

    fn conflict(&self, entries: &[Entry]) -> Option<AcceptError> {
        for (n, entry) in entries.iter().enumerate() {
            let event = published(entry);
            if let Some((offset, have)) = self.same_identity(event)
                && content(&have.published) != content(event)
            {
                return Some(AcceptError::Conflict { entry: n, offset: Some(offset) });
            }
            let is_other = |before: &Event| {
                (&before.source, &before.id) == (&event.source, &event.id) && content(before) != content(event)
            };
            if entries[..n].iter().map(published).any(is_other) {
                return Some(AcceptError::Conflict { entry: n, offset: None });
            }
        }
        None
    }

    fn record(&mut self, entry: Entry) -> Accepted {
        if let Some((offset, _)) = self.same_identity(published(&entry)) {
            return Accepted::Duplicate { offset };
        }
        let offset = Offset(self.events.len() as u64 + 1);
        let at = entry.accepted_at;
        let since = entry.event.deliver_at().map_or(at, |later| later.max(at));
        for &channel in entry.targets.iter() {
            let urgent = entry.first.contains(&channel) && self.key(channel, &entry.event).is_none();
            self.begin((channel, offset), &entry, (since, at), Origin::Live, urgent);
        }
        self.events.push(Recorded { published: published(&entry).clone(), entry });
        Accepted::New { offset }
    }

    fn begin(
        &mut self,
        (channel, offset): (ChannelId, Offset),
        entry: &Entry,
        (since, due): (Timestamp, Timestamp),
        origin: Origin,
        urgent: bool,
    ) {
        let (key, event) = (entry.key, Arc::clone(&entry.event));
        let (token, deadline) = (Token::default(), None);
        let claim =
            Claim { channel, offset, key, event, since, attempts: 0, origin, due, deferred: None, token, deadline };
        self.open.insert((channel, offset), Open { claim, due, out: false, urgent });
        self.begun.insert((channel, offset));
    }

    /// The order key of an event.
    fn key(&self, channel: ChannelId, event: &Event) -> Option<String> {
        let attribute = self.channels[channel.0 as usize].order.as_deref()?;
        event.attribute(attribute).filter(|_| event.deliver_at().is_none()).map(|value| value.to_string())
    }

    /// Whether no other delivery of its key is out or earlier.
    fn is_next_of_its_key(&self, open: &Open, now: Timestamp) -> bool {
        let Claim { channel, offset, event, .. } = &open.claim;
        let Some(key) = self.key(*channel, event) else { return true };
        self.open.iter().all(|((of, other), have)| {
            of != channel
                || other == offset
                || self.key(*channel, &have.claim.event).as_ref() != Some(&key)
                || (!have.is_out(now) && other > offset)
        })
    }

    /// Hands out what is due and `wanted`, one after the other.
    fn hand_out(
        &mut self,
        channel: ChannelId,
        max: usize,
        (now, deadline): (Timestamp, Option<Timestamp>),
        wanted: impl Fn(&Inner, &Open) -> bool,
    ) -> Vec<Claim> {
        let mut claims = vec![];
        while claims.len() < max {
            let is_free = |open: &Open| !open.is_out(now) && open.due <= now;
            let mine = self.open.iter().filter(|((of, _), open)| *of == channel && is_free(open));
            let rank = |(which, open): &(&(ChannelId, Offset), &Open)| {
                let given_back = self.given_back.iter().position(|have| have == *which);
                (given_back.unwrap_or(usize::MAX), !open.urgent, which.1)
            };
            let Some(which) = mine.filter(|(_, open)| wanted(self, open)).min_by_key(rank).map(|(which, _)| *which)
            else {
                break;
            };
            self.given_back.retain(|have| *have != which);
            self.last_token.0 += 1;
            let open = self.open.get_mut(&which).unwrap();
            open.out = true;
            (open.claim.token, open.claim.deadline) = (self.last_token, deadline);
            claims.push(open.claim.clone());
        }
        claims
    }

    fn settle(&mut self, settlement: &Settlement, commit: &mut Commit) -> bool {
        let Settlement { channel, offset, token, at, .. } = *settlement;
        let which = (channel, offset);
        let in_force = |open: &&mut Open| open.out && open.claim.token == token;
        let Some(open) = self.open.get_mut(&which).filter(in_force) else { return false };
        let mut reopen = |due, attempts, deferred| {
            (open.due, open.out) = (due, false);
            (open.claim.due, open.claim.attempts, open.claim.deferred) = (due, attempts, deferred);
        };
        let ended = match settlement.next {
            Next::Waiting { until, attempts } => {
                reopen(until, attempts, None);
                false
            }
            Next::Deferred { until, attempts, wait } => {
                reopen(until, attempts, Some(wait));
                false
            }
            Next::Suspended { attempts } => {
                reopen(at, attempts, None);
                if self.holds.get(&channel).is_none_or(|hold| hold.kind == HoldKind::Open) {
                    let error = settlement.attempt.as_ref().and_then(|attempt| attempt.error.clone());
                    let hold = Hold { kind: HoldKind::Suspended, reason: error.unwrap_or_default(), since: at };
                    self.holds.insert(channel, hold);
                    commit.hold_changes.push(channel);
                }
                false
            }
            Next::Delivered | Next::Skipped(_) | Next::Dead { .. } => true,
        };
        if ended {
            self.open.remove(&which);
            if settlement.next != Next::Delivered {
                self.fall_back(which, &settlement.fallback, at);
            }
        }
        for write in &settlement.writes {
            self.write(channel, write, at);
        }
        for emitted in &settlement.emits {
            let is_new = matches!(self.record(emitted.clone()), Accepted::New { .. });
            commit.emitted += usize::from(is_new);
        }
        true
    }

    fn fall_back(&mut self, (channel, offset): (ChannelId, Offset), fallback: &[ChannelId], at: Timestamp) -> bool {
        let had = |to: &&ChannelId| !self.begun.contains(&(**to, offset));
        let Some(&to) = fallback.iter().find(had) else { return false };
        if !self.fell_back.insert((channel, offset)) {
            return false;
        }
        let entry = self.events[usize::try_from(offset.0).unwrap() - 1].entry.clone();
        self.begin((to, offset), &entry, (at, at), Origin::Fallback, false);
        true
    }

    fn write(&mut self, channel: ChannelId, write: &StateWrite, at: Timestamp) {
        let until = |ttl: Duration| at.saturating_add(ttl).unwrap();
        let (StateWrite::Set { key, .. }
        | StateWrite::SetNewer { key, .. }
        | StateWrite::Delete { key }
        | StateWrite::Increment { key, .. }) = write;
        let place = (channel, key.clone());
        let before = self.state.get(&place).filter(|(_, until)| *until > at).cloned();
        match write {
            StateWrite::Set { value, ttl, .. } => {
                self.state.insert(place, (value.clone(), ttl.map_or(Timestamp::MAX, until)));
            }
            StateWrite::SetNewer { value, ttl, .. } => {
                if before.is_none_or(|(before, _)| before < *value) {
                    self.state.insert(place, (value.clone(), until(*ttl)));
                }
            }
            StateWrite::Delete { .. } => drop(self.state.remove(&place)),
            StateWrite::Increment { by, .. } => {
                let (value, until) = before.unwrap_or((b"0".to_vec(), Timestamp::MAX));
                let number: i64 = String::from_utf8(value).unwrap().parse().unwrap();
                self.state.insert(place, ((number + by).to_string().into_bytes(), until));
            }
        }
    }
}

impl Journal for MemoryJournal {
    fn register(&self, channels: Vec<Registration>) -> BoxFuture<'_, Result<Vec<Registered>, JournalError>> {
        Box::pin(async move {
            let mut inner = self.inner();
            if inner.closed {
                return Err(JournalError::Closed);
            }
            let mut answers = vec![];
            for channel in channels {
                let known = inner.channels.iter().position(|have| have.name == channel.name);
                let index = known.unwrap_or(inner.channels.len());
                match known {
                    Some(index) => inner.channels[index] = channel,
                    None => inner.channels.push(channel),
                }
                let id = ChannelId(u32::try_from(index).unwrap());
                answers.push(Registered { id, hold: inner.holds.get(&id).cloned() });
            }
            Ok(answers)
        })
    }

    fn accept(&self, entries: Vec<Entry>) -> BoxFuture<'_, Result<Vec<Accepted>, AcceptError>> {
        Box::pin(async move {
            let mut inner = self.inner();
            if inner.closed {
                return Err(AcceptError::Closed);
            }
            if entries.iter().flat_map(|entry| entry.targets.iter()).any(|target| !inner.knows(*target)) {
                return Err(AcceptError::Unavailable("a channel was never registered".to_owned()));
            }
            if let Some(conflict) = inner.conflict(&entries) {
                return Err(conflict);
            }
            let accepted = entries.into_iter().map(|entry| inner.record(entry)).collect();
            self.changed.notify_waiters();
            Ok(accepted)
        })
    }

    fn claim(&self, channel: ChannelId, max: usize) -> BoxFuture<'_, Result<Vec<Claim>, JournalError>> {
        Box::pin(async move {
            loop {
                let changed = self.changed.notified();
                let (now, deadline) = self.times();
                let next_due = {
                    let mut inner = self.inner();
                    inner.check(channel)?;
                    let is_next = |inner: &Inner, open: &Open| inner.is_next_of_its_key(open, now);
                    let claims = inner.hand_out(channel, max, (now, deadline), is_next);
                    if !claims.is_empty() {
                        return Ok(claims);
                    }
                    let mine = inner.open.iter().filter(|((of, _), _)| *of == channel);
                    mine.filter_map(|(_, open)| open.free_at()).filter(|free| *free > now).min()
                };
                match next_due {
                    Some(due) => {
                        let wait = Duration::try_from(due.duration_since(now)).unwrap();
                        tokio::select! { () = changed => {}, () = tokio::time::sleep(wait) => {} }
                    }
                    None => changed.await,
                }
            }
        })
    }

    fn release(&self, claims: Vec<Claim>) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut inner = self.inner();
            let mut given_back = vec![];
            for claim in claims {
                let which = (claim.channel, claim.offset);
                let open = inner.open.get_mut(&which);
                if let Some(open) = open.filter(|open| open.out && open.claim.token == claim.token) {
                    open.out = false;
                    given_back.push(which);
                }
            }
            inner.given_back.splice(0..0, given_back);
            self.changed.notify_waiters();
        })
    }

    fn claim_expired(
        &self,
        channel: ChannelId,
        before: Timestamp,
        max: usize,
    ) -> BoxFuture<'_, Result<Vec<Claim>, JournalError>> {
        Box::pin(async move {
            let mut inner = self.inner();
            inner.check(channel)?;
            // They are not attempted, so they do not wait for others of their key.
            Ok(inner.hand_out(channel, max, self.times(), |_, open| open.claim.since <= before))
        })
    }

    fn reconsider(
        &self,
        channel: ChannelId,
        which: Reconsidered,
        at: Timestamp,
    ) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async move {
            let now = self.clock.now();
            let is_meant = |((of, _), open): &(&(ChannelId, Offset), &mut Open)| *of == channel && !open.is_out(now);
            for (_, open) in self.inner().open.iter_mut().filter(is_meant) {
                let Some(wait) = open.claim.deferred else { continue };
                let subject = open.claim.event.subject.as_ref();
                let meant = match &which {
                    Reconsidered::All => wait != Wait::At,
                    Reconsidered::Quiet => wait == Wait::Quiet,
                    Reconsidered::QuietFor(subjects) => {
                        wait == Wait::Quiet && subject.is_some_and(|subject| subjects.contains(subject))
                    }
                };
                if meant {
                    (open.due, open.claim.due, open.claim.deferred) = (at, at, None);
                }
            }
            self.changed.notify_waiters();
            Ok(())
        })
    }

    fn fall_back(
        &self,
        channel: ChannelId,
        before: Timestamp,
        fallback: Vec<ChannelId>,
        at: Timestamp,
    ) -> BoxFuture<'_, Result<usize, JournalError>> {
        Box::pin(async move {
            let mut inner = self.inner();
            let late = |((of, _), open): &(&(ChannelId, Offset), &Open)| *of == channel && open.claim.since <= before;
            let late: Vec<_> = inner.open.iter().filter(late).map(|(which, _)| *which).collect();
            let begun = late.into_iter().filter(|which| inner.fall_back(*which, &fallback, at)).count();
            self.changed.notify_waiters();
            Ok(begun)
        })
    }

    fn change_hold(&self, channel: ChannelId, change: HoldChange) -> BoxFuture<'_, Result<Option<Hold>, JournalError>> {
        Box::pin(async move {
            let changed = {
                let holds = &mut self.inner().holds;
                let kind = holds.get(&channel).map(|hold| hold.kind);
                match (change, kind) {
                    (HoldChange::Pause(hold), _) | (HoldChange::Open(hold), None | Some(HoldKind::Open)) => {
                        holds.insert(channel, hold);
                    }
                    (HoldChange::Resume, _)
                    | (HoldChange::EndSuspension, Some(HoldKind::Suspended | HoldKind::Open))
                    | (HoldChange::Close, Some(HoldKind::Open)) => drop(holds.remove(&channel)),
                    (HoldChange::Open(_) | HoldChange::EndSuspension | HoldChange::Close, _) => {}
                }
                holds.get(&channel).cloned()
            };
            self.tell(&Commit { hold_changes: vec![channel], ..Commit::default() });
            let slow = *self.slow_holds.lock().unwrap();
            tokio::time::sleep(slow).await;
            Ok(changed)
        })
    }

    fn hold(&self, channel: ChannelId) -> Option<Hold> {
        self.inner().holds.get(&channel).cloned()
    }

    fn settle(&self, settlements: Vec<Settlement>) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut commit = Commit::default();
            for settlement in settlements {
                match self.inner().settle(&settlement, &mut commit) {
                    true => commit.settled.push(settlement),
                    false => commit.stale.push(settlement.delivery_id()),
                }
            }
            self.tell(&commit);
        })
    }

    fn follow(&self, follower: Weak<dyn Follower>) {
        self.inner().followers.push(follower);
    }

    fn backlog(&self, channel: ChannelId) -> Backlog {
        let (inner, now) = (self.inner(), self.clock.now());
        let mine: Vec<_> = inner.open.iter().filter(|((of, _), _)| *of == channel).map(|(_, open)| open).collect();
        let is_waiting =
            |open: &&&Open| !open.is_out(now) && (open.claim.attempts > 0 || open.claim.deferred.is_some());
        let mut deferred = Deferred::default();
        mine.iter().filter(is_waiting).filter_map(|open| open.claim.deferred).for_each(|wait| deferred.add(wait, 1));
        Backlog {
            pending: mine.len() as u64,
            in_flight: mine.iter().filter(|open| open.is_out(now)).count() as u64,
            waiting: mine.iter().filter(is_waiting).count() as u64,
            deferred,
            oldest: mine.iter().map(|open| open.claim.since).min(),
            due: mine.iter().filter(|open| !open.is_out(now)).map(|open| open.due).min(),
        }
    }

    fn health(&self) -> Health {
        Health::Ok
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.inner().closed = true;
            self.changed.notify_waiters();
        })
    }
}

impl Inner {
    fn check(&self, channel: ChannelId) -> Result<(), JournalError> {
        match self.knows(channel) {
            _ if self.closed => Err(JournalError::Closed),
            true => Ok(()),
            false => Err(JournalError::Store(format!("channel number {} was never registered", channel.0))),
        }
    }
}

impl State for MemoryJournal {
    fn get<'a>(&'a self, channel: ChannelId, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, JournalError>> {
        Box::pin(async move {
            let (inner, now) = (self.inner(), self.clock.now());
            let found = inner.state.get(&(channel, key.to_owned())).filter(|(_, until)| *until > now);
            Ok(found.map(|(value, _)| value.clone()))
        })
    }
}
