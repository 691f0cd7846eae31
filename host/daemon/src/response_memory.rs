//! How much memory responses may use. Every page of a list and every chunk of a stream reserves a share of a total
//! before it is read, and returns it when the client has read it. So a client that reads slowly, or not at all, keeps
//! its share, and memory does not grow.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes for all pages of lists: about ten of the largest while they are made, far more once they wait to be read.
const LISTS: usize = 128 << 20;

/// Bytes for what all streams have read ahead.
const STREAMS: usize = 128 << 20;

/// The unit of reservations, in bytes.
const UNIT: usize = 1 << 10;

/// The totals of one daemon.
#[derive(Clone)]
pub struct ResponseMemory {
    pub lists: Budget,
    pub streams: Budget,
}

impl Default for ResponseMemory {
    fn default() -> Self {
        Self { lists: Budget::new(LISTS), streams: Budget::new(STREAMS) }
    }
}

/// A total of bytes, of which each response reserves a share.
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

    /// Reserves this many bytes as soon as there is room. `None` if there is none within `patience`.
    pub(crate) async fn share(&self, bytes: usize, patience: Duration) -> Option<Share> {
        let units = self.units(bytes);
        let permit = Arc::clone(&self.units).acquire_many_owned(units);
        let permit = tokio::time::timeout(patience, permit).await.ok()?.ok()?;
        Some(Share { permit, budget: self.clone() })
    }

    /// A response larger than the total reserves all of it, and so passes alone.
    fn units(&self, bytes: usize) -> u32 {
        u32::try_from(bytes.div_ceil(UNIT).min(self.total)).unwrap_or(u32::MAX)
    }
}

/// Part of a [`Budget`], until it is dropped.
pub(crate) struct Share {
    permit: OwnedSemaphorePermit,
    budget: Budget,
}

impl Share {
    /// Attaches the share to `data` and adjusts it to the size of `data`; it is returned when the last byte has been
    /// written. `None` if `data` needs a larger share and there is no room for it.
    pub(crate) async fn attach(mut self, data: Vec<u8>, patience: Duration) -> Option<Bytes> {
        let (have, want) = (self.permit.num_permits(), self.budget.units(data.len()) as usize);
        if want > have {
            self.permit.merge(self.budget.share((want - have) * UNIT, patience).await?.permit);
        } else {
            // Returns the rest.
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
    async fn a_share_is_kept_until_its_data_is_written() {
        let budget = Budget::new(100 << 10);
        let share = budget.share(60 << 10, SOON).await.unwrap();
        assert!(budget.share(60 << 10, SOON).await.is_none(), "there is no room for a second");
        let data = share.attach(vec![0; 20 << 10], SOON).await.unwrap();
        let other = budget.share(80 << 10, SOON).await.expect("the unused part was returned");
        assert!(budget.share(1, SOON).await.is_none());
        let part = data.slice(5..10);
        drop(data);
        assert!(budget.share(1, SOON).await.is_none(), "a part of the data is still to be written");
        drop(part);
        assert!(budget.share(20 << 10, SOON).await.is_some());
        assert!(
            other.attach(vec![0; 101 << 10], SOON).await.is_some(),
            "data larger than the total reserves all of it"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_that_turns_out_larger_waits_for_room() {
        let budget = Budget::new(100 << 10);
        let (first, second) =
            (budget.share(50 << 10, SOON).await.unwrap(), budget.share(10 << 10, SOON).await.unwrap());
        assert!(second.attach(vec![0; 60 << 10], SOON).await.is_none());
        let second = budget.share(10 << 10, SOON).await.unwrap();
        drop(first);
        assert_eq!(second.attach(vec![7; 60 << 10], SOON).await.unwrap().len(), 60 << 10);
    }
}
