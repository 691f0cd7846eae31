//! What answers may hold in memory: every page of a list and every chunk of a stream has its share of a total from
//! before it is read until the client has taken it. A client that reads slowly, or not at all, keeps its share and
//! nobody's memory grows.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of all pages of lists together: about ten of the largest while they are made, far more once they wait to be
/// taken.
const PAGES: usize = 128 << 20;

/// Bytes of what all streams have ready together.
const CHUNKS: usize = 128 << 20;

/// What is counted at once.
const UNIT: usize = 1 << 10;

/// The totals of one daemon.
#[derive(Clone)]
pub struct Held {
    pub pages: Budget,
    pub chunks: Budget,
}

impl Default for Held {
    fn default() -> Self {
        Self { pages: Budget::new(PAGES), chunks: Budget::new(CHUNKS) }
    }
}

/// A total of bytes, of which each answer takes a share.
#[derive(Clone)]
pub struct Budget {
    units: Arc<Semaphore>,
    total: usize,
}

impl Budget {
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        let total = (bytes / UNIT).clamp(1, Semaphore::MAX_PERMITS);
        Self { units: Arc::new(Semaphore::new(total)), total }
    }

    /// A share of so many bytes, once there is room. `None` when there is none for as long as `patience`.
    pub(super) async fn share(&self, bytes: usize, patience: Duration) -> Option<Share> {
        let units = self.units(bytes);
        let permit = Arc::clone(&self.units).acquire_many_owned(units);
        let permit = tokio::time::timeout(patience, permit).await.ok()?.ok()?;
        Some(Share { permit, budget: self.clone() })
    }

    /// What is larger than all there is takes all there is: alone it may pass.
    fn units(&self, bytes: usize) -> u32 {
        u32::try_from(bytes.div_ceil(UNIT).min(self.total)).unwrap_or(u32::MAX)
    }
}

/// Part of a [`Budget`], until it is dropped.
pub(super) struct Share {
    permit: OwnedSemaphorePermit,
    budget: Budget,
}

impl Share {
    /// The data, which has exactly as large a share from here on until the last of it has been written. `None` when it
    /// needs more than was taken before, and there is no room for that.
    pub(super) async fn hold(mut self, data: Vec<u8>, patience: Duration) -> Option<Bytes> {
        let (have, want) = (self.permit.num_permits(), self.budget.units(data.len()) as usize);
        if want > have {
            self.permit.merge(self.budget.share((want - have) * UNIT, patience).await?.permit);
        } else {
            // What is split off goes back.
            drop(self.permit.split(have - want));
        }
        Some(Bytes::from_owner(Owned { data, _share: self }))
    }
}

struct Owned {
    data: Vec<u8>,
    _share: Share,
}

impl AsRef<[u8]> for Owned {
    fn as_ref(&self) -> &[u8] {
        &self.data
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(10);

    #[tokio::test(start_paused = true)]
    async fn what_is_held_is_bounded_until_it_is_written() {
        let budget = Budget::new(100 << 10);
        let share = budget.share(60 << 10, SOON).await.unwrap();
        assert!(budget.share(60 << 10, SOON).await.is_none(), "there is no room for another");
        let held = share.hold(vec![0; 20 << 10], SOON).await.unwrap();
        let other = budget.share(80 << 10, SOON).await.expect("what was not needed is given back");
        assert!(budget.share(1, SOON).await.is_none());
        let part = held.slice(5..10);
        drop(held);
        assert!(budget.share(1, SOON).await.is_none(), "a part of it is still to be written");
        drop(part);
        assert!(budget.share(20 << 10, SOON).await.is_some());
        assert!(
            other.hold(vec![0; 101 << 10], SOON).await.is_some(),
            "one that is too large for the total takes all of it"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_turns_out_larger_waits_for_room() {
        let budget = Budget::new(100 << 10);
        let (first, second) =
            (budget.share(50 << 10, SOON).await.unwrap(), budget.share(10 << 10, SOON).await.unwrap());
        assert!(second.hold(vec![0; 60 << 10], SOON).await.is_none());
        let second = budget.share(10 << 10, SOON).await.unwrap();
        drop(first);
        assert_eq!(second.hold(vec![7; 60 << 10], SOON).await.unwrap().len(), 60 << 10);
    }
}
