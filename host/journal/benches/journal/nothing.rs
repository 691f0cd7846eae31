//! A journal that records nothing. It measures the cost of the benchmark itself, to be subtracted from the results.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use fanfare_core::{ChannelId, Offset, delivery::Origin};
use fanfare_dispatch::{
    AcceptError, Accepted, Backlog, BoxFuture, Claim, Commit, Entry, Follower, Health, Hold, HoldChange, Journal,
    JournalError, Reconsidered, Registered, Registration, Settlement, State, Token,
};
use jiff::Timestamp;
use tokio::sync::Notify;

pub struct Nothing {
    last: AtomicU64,
    channels: Vec<Queue>,
    follower: Mutex<Weak<dyn Follower>>,
}

/// A follower that does nothing.
struct Nobody;

impl Follower for Nobody {
    fn committed(&self, _: &Commit) {}
}

#[derive(Default)]
struct Queue {
    claims: Mutex<VecDeque<Claim>>,
    wake: Notify,
}

impl Nothing {
    pub fn new(channels: usize) -> Self {
        let follower: Weak<dyn Follower> = Weak::<Nobody>::new();
        let channels = (0..channels).map(|_| Queue::default()).collect();
        Self { last: AtomicU64::new(0), channels, follower: Mutex::new(follower) }
    }
}

impl Journal for Nothing {
    fn register(&self, channels: Vec<Registration>) -> BoxFuture<'_, Result<Vec<Registered>, JournalError>> {
        let id = |n| Registered { id: ChannelId(u32::try_from(n).unwrap()), hold: None };
        Box::pin(async move { Ok((0..channels.len()).map(id).collect()) })
    }

    fn accept(&self, entries: Vec<Entry>) -> BoxFuture<'_, Result<Vec<Accepted>, AcceptError>> {
        Box::pin(async move {
            let mut accepted = Vec::with_capacity(entries.len());
            for entry in entries {
                let offset = Offset(self.last.fetch_add(1, Ordering::Relaxed) + 1);
                for &channel in entry.targets.iter() {
                    let claim = Claim {
                        channel,
                        offset,
                        key: entry.key,
                        event: entry.event.clone(),
                        since: entry.accepted_at,
                        attempts: 0,
                        due: entry.accepted_at,
                        deferred: None,
                        origin: Origin::Live,
                        token: Token::default(),
                        deadline: None,
                    };
                    let queue = &self.channels[channel.0 as usize];
                    queue.claims.lock().unwrap().push_back(claim);
                    queue.wake.notify_one();
                }
                accepted.push(Accepted::New { offset });
            }
            Ok(accepted)
        })
    }

    fn claim(&self, channel: ChannelId, max: usize) -> BoxFuture<'_, Result<Vec<Claim>, JournalError>> {
        Box::pin(async move {
            let queue = &self.channels[channel.0 as usize];
            loop {
                {
                    let mut claims = queue.claims.lock().unwrap();
                    if !claims.is_empty() {
                        let count = claims.len().min(max);
                        return Ok(claims.drain(..count).collect());
                    }
                }
                queue.wake.notified().await;
            }
        })
    }

    fn release(&self, claims: Vec<Claim>) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            for claim in claims.into_iter().rev() {
                let queue = &self.channels[claim.channel.0 as usize];
                queue.claims.lock().unwrap().push_front(claim);
                queue.wake.notify_one();
            }
        })
    }

    fn reconsider(&self, _: ChannelId, _: Reconsidered, _: Timestamp) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async { Ok(()) })
    }

    fn fall_back(
        &self,
        _: ChannelId,
        _: Timestamp,
        _: Vec<ChannelId>,
        _: Timestamp,
    ) -> BoxFuture<'_, Result<usize, JournalError>> {
        Box::pin(async { Ok(0) })
    }

    fn claim_expired(&self, _: ChannelId, _: Timestamp, _: usize) -> BoxFuture<'_, Result<Vec<Claim>, JournalError>> {
        Box::pin(async { Ok(vec![]) })
    }

    fn change_hold(&self, _: ChannelId, _: HoldChange) -> BoxFuture<'_, Result<Option<Hold>, JournalError>> {
        Box::pin(async { Ok(None) })
    }

    fn hold(&self, _: ChannelId) -> Option<Hold> {
        None
    }

    fn settle(&self, settled: Vec<Settlement>) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let follower = self.follower.lock().unwrap().upgrade();
            if let Some(follower) = follower {
                follower.committed(&Commit { settled, ..Commit::default() });
            }
        })
    }

    fn follow(&self, follower: Weak<dyn Follower>) {
        *self.follower.lock().unwrap() = follower;
    }

    fn backlog(&self, _: ChannelId) -> Backlog {
        Backlog::default()
    }

    fn health(&self) -> Health {
        Health::Ok
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

impl State for Nothing {
    fn get<'a>(&'a self, _: ChannelId, _: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, JournalError>> {
        Box::pin(async { Ok(None) })
    }
}
