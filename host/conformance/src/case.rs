//! A journal under test, and what its cases have in common.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use fanfare_core::{ChannelId, ChannelName, Class, DeliveryId, Event, Offset, delivery::Next};
use fanfare_dispatch::{
    Accepted, Claim, Clock, Commit, Entry, Follower, Journal, Registered, Registration, Settlement,
};
use fanfare_record::Jobs;
use jiff::{Timestamp, ToSpan, Unit};
use tokio::sync::oneshot;
use uuid::Uuid;

pub(crate) use crate::samples::event;
use crate::{JobStore, Store, samples};

pub(crate) struct Case<'a, S: Store> {
    store: &'a S,
    clock: Arc<dyn Clock>,
    pub(crate) journal: Arc<S::Journal>,
}

impl<'a, S: Store> Case<'a, S> {
    pub(crate) async fn open(store: &'a S) -> Self {
        Self { store, clock: store.clock(), journal: store.open().await }
    }

    pub(crate) async fn crash(self) -> Self {
        Self { journal: self.store.crash(self.journal).await, ..self }
    }

    pub(crate) async fn close_and_open(self) -> Self {
        let Self { store, clock, journal } = self;
        journal.close().await;
        drop(journal);
        Self { store, clock, journal: store.open().await }
    }

    pub(crate) fn jobs(&self) -> Arc<dyn Jobs>
    where
        S: JobStore,
    {
        self.store.jobs(&self.journal)
    }

    /// In microseconds: a journal need not be more precise.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now().round(Unit::Microsecond).unwrap()
    }

    pub(crate) fn hours_ago(&self, hours: i64) -> Timestamp {
        self.now() - hours.hours()
    }

    pub(crate) async fn register<const N: usize>(&self, names: [&str; N]) -> [ChannelId; N] {
        let plain = names.map(|of| Registration { name: name(of), order: None });
        self.register_as(plain).await.map(|registered| registered.id)
    }

    /// Registers one channel that is ordered by the subject.
    pub(crate) async fn register_ordered(&self, of: &str) -> ChannelId {
        let [registered] = self.register_as([Registration { name: name(of), order: Some("subject".into()) }]).await;
        registered.id
    }

    pub(crate) async fn register_as<const N: usize>(&self, channels: [Registration; N]) -> [Registered; N] {
        self.journal.register(channels.into()).await.unwrap().try_into().unwrap()
    }

    pub(crate) fn entry(&self, event: Event, targets: &[ChannelId]) -> Entry {
        Entry {
            key: Uuid::now_v7(),
            event: Arc::new(event),
            accepted_at: self.now(),
            targets: targets.into(),
            first: vec![],
            trail: None,
        }
    }

    /// Accepts an event that must be new.
    pub(crate) async fn accept(&self, event: Event, targets: &[ChannelId]) -> Offset {
        self.accept_entry(self.entry(event, targets)).await
    }

    pub(crate) async fn accept_entry(&self, entry: Entry) -> Offset {
        match self.journal.accept(vec![entry]).await.unwrap()[..] {
            [Accepted::New { offset }] => offset,
            ref other => panic!("not new: {other:?}"),
        }
    }

    /// Claims until there are `count`.
    pub(crate) async fn claim(&self, channel: ChannelId, count: usize) -> Vec<Claim> {
        let mut claims = vec![];
        while claims.len() < count {
            claims.extend(self.journal.claim(channel, count - claims.len()).await.unwrap());
        }
        claims
    }

    pub(crate) async fn claim_one(&self, channel: ChannelId) -> Claim {
        self.claim(channel, 1).await.remove(0)
    }

    /// Whether a channel without an order has nothing left to hand out, whatever its age.
    pub(crate) async fn has_nothing_for(&self, channel: ChannelId) -> bool {
        self.journal.claim_expired(channel, Timestamp::MAX, 10).await.unwrap().is_empty()
    }

    /// Settles, waits for the commit and returns it.
    pub(crate) async fn settle(&self, settlement: Settlement) -> Arc<Commit> {
        self.settle_all(vec![settlement]).await
    }

    /// Settles, and returns the commit that tells of the first.
    pub(crate) async fn settle_all(&self, settlements: Vec<Settlement>) -> Arc<Commit> {
        let (told, commit) = oneshot::channel();
        let which = settlements[0].delivery_id();
        let waits: Arc<dyn Follower> = Arc::new(Waits { which, told: Mutex::new(Some(told)) });
        self.journal.follow(Arc::downgrade(&waits));
        self.journal.settle(settlements).await;
        commit.await.unwrap()
    }

    /// Settles a claim with nothing but its next state and an attempt.
    pub(crate) async fn end(&self, claim: &Claim, next: Next) {
        self.settle(self.settlement(claim, next)).await;
    }

    pub(crate) fn settlement(&self, claim: &Claim, next: Next) -> Settlement {
        let class = match next {
            Next::Delivered => None,
            Next::Suspended { .. } => Some(Class::Suspended),
            _ => Some(Class::Retry),
        };
        let is_attempt = !matches!(next, Next::Skipped(_) | Next::Deferred { .. });
        Settlement {
            token: claim.token,
            event: Some(Arc::clone(&claim.event)),
            since: claim.since,
            origin: claim.origin,
            attempt: is_attempt.then(|| samples::attempt(claim.attempts + 1, class, self.now())),
            ..Settlement::new((claim.channel, claim.offset, claim.key), next, self.now())
        }
    }
}

/// Waits for the commit that tells of a settlement, counted or stale.
struct Waits {
    which: DeliveryId,
    told: Mutex<Option<oneshot::Sender<Arc<Commit>>>>,
}

impl Follower for Waits {
    fn committed(&self, commit: &Commit) {
        let mut settled = commit.settled.iter().map(Settlement::delivery_id);
        if (settled.any(|delivery| delivery == self.which) || commit.stale.contains(&self.which))
            && let Some(told) = self.told.lock().unwrap().take()
        {
            told.send(Arc::new(commit.clone())).unwrap();
        }
    }
}

pub(crate) fn name(name: &str) -> ChannelName {
    ChannelName::new(name).unwrap()
}

/// An event with a subject, or without one if that is empty.
pub(crate) fn about(id: &str, subject: &str) -> Event {
    Event { subject: (!subject.is_empty()).then(|| subject.to_owned()), ..event(id) }
}

pub(crate) fn offsets(claims: &[Claim]) -> Vec<u64> {
    claims.iter().map(|claim| claim.offset.0).collect()
}

/// In the order of their offsets, where the order does not matter.
pub(crate) fn sorted(claims: &[Claim]) -> Vec<u64> {
    let mut offsets = offsets(claims);
    offsets.sort_unstable();
    offsets
}

pub(crate) fn by_offset(claims: Vec<Claim>) -> BTreeMap<u64, Claim> {
    claims.into_iter().map(|claim| (claim.offset.0, claim)).collect()
}
