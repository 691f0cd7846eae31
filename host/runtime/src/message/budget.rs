//! The memory budget of bodies in the host: per attempt, per channel and in total.
//!
//! Bytes are paid for before they are read, and refunded when they are dropped, wherever they are by then: in the
//! client, or with a guest that has not read them. An attempt that exceeds its own limit fails at once. Memory used by
//! others is waited for, but not long: two attempts that wait for each other would wait forever.

use std::{pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body::Body;
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Cause, EgressError};
use crate::limits;

/// The budget of one attempt.
pub(crate) struct Purse(Arc<Semaphore>);

/// One channel's budget, over all its attempts.
pub(crate) struct Share {
    bodies: Arc<Semaphore>,
    /// A permit per name look-up in progress.
    pub(crate) lookups: Arc<Semaphore>,
    /// A permit per request in progress.
    pub(crate) requests: Arc<Semaphore>,
}

/// The total budget.
pub(crate) struct Budget {
    all: Arc<Semaphore>,
    patience: Duration,
}

impl Default for Purse {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(limits::ATTEMPT_BODIES)))
    }
}

impl Default for Share {
    fn default() -> Self {
        let permits = |most| Arc::new(Semaphore::new(most));
        Self {
            bodies: permits(limits::CHANNEL_BODIES),
            lookups: permits(limits::CHANNEL_LOOKUPS),
            requests: permits(limits::CHANNEL_REQUESTS),
        }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(limits::ALL_BODIES)), patience: limits::BODY_WAIT }
    }
}

impl Purse {
    /// Whether any of it is in use.
    pub(crate) fn is_open(&self) -> bool {
        self.0.available_permits() < limits::ATTEMPT_BODIES
    }
}

impl Budget {
    /// An empty lease to begin with.
    pub(crate) fn lease(&self, share: &Share, purse: &Purse) -> Result<Lease, EgressError> {
        let none = |of: &Arc<Semaphore>| Arc::clone(of).try_acquire_many_owned(0).map_err(|_closed| Short::Others);
        let lease = || {
            Ok(Lease {
                own: none(&purse.0)?,
                channel: none(&share.bodies)?,
                all: none(&self.all)?,
                patience: self.patience,
            })
        };
        lease().map_err(|short: Short| short.into())
    }
}

/// The right to keep bytes until this is dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    own: OwnedSemaphorePermit,
    channel: OwnedSemaphorePermit,
    all: OwnedSemaphorePermit,
    patience: Duration,
}

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Short {
    /// The attempt has used up its own budget.
    Own,
    /// Its channel or all channels together used theirs up, and freed nothing in time.
    Others,
}

impl From<Short> for EgressError {
    fn from(short: Short) -> Self {
        let message = match short {
            Short::Own => format!(
                "an attempt may have {} MiB of request and response bodies in memory: read or drop a response before \
                 the next request",
                limits::ATTEMPT_BODIES >> 20
            ),
            Short::Others => {
                "too many bodies of requests and responses are under way: try again later, lower the channel's \
                              concurrency, or send less"
                    .to_owned()
            }
        };
        Self::new(Cause::Busy, message)
    }
}

impl Lease {
    /// Extends the lease to `bytes`.
    pub(crate) async fn cover(&mut self, bytes: usize) -> Result<(), Short> {
        let missing = bytes.saturating_sub(self.own.num_permits());
        let missing = u32::try_from(missing).map_err(|_| Short::Own)?;
        if missing == 0 {
            return Ok(());
        }
        let of = |permit: &OwnedSemaphorePermit| Arc::clone(permit.semaphore());
        let own = of(&self.own).try_acquire_many_owned(missing).map_err(|_| Short::Own)?;
        let (channel, all) = (of(&self.channel), of(&self.all));
        let others = async {
            let channel = channel.acquire_many_owned(missing).await?;
            Ok::<_, tokio::sync::AcquireError>((channel, all.acquire_many_owned(missing).await?))
        };
        let others = tokio::time::timeout(self.patience, others).await.map_err(|_late| Short::Others)?;
        let (channel, all) = others.map_err(|_closed| Short::Others)?;
        self.own.merge(own);
        self.channel.merge(channel);
        self.all.merge(all);
        Ok(())
    }

    /// The number of bytes it covers.
    pub(crate) fn bytes(&self) -> usize {
        self.own.num_permits()
    }

    /// Ties the lease to its bytes: it ends with the last of them.
    pub(crate) fn into_bytes(self, bytes: impl AsRef<[u8]> + Send + 'static) -> Bytes {
        struct Leased<T>(T, #[allow(dead_code, reason = "held for its end")] Lease);
        impl<T: AsRef<[u8]>> AsRef<[u8]> for Leased<T> {
            fn as_ref(&self) -> &[u8] {
                self.0.as_ref()
            }
        }
        Bytes::from_owner(Leased(bytes, self))
    }
}

/// A body, or its beginning.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) bytes: Vec<u8>,
    /// Why the rest is missing; `None` if it is complete.
    pub(crate) cut: Option<Cut>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// It exceeds the limit.
    TooLarge,
    Short(Short),
}

/// Reads a body up to a limit and as far as the budget allows. Trailers are dropped.
///
/// The budget is used as the body arrives, not by its `content-length`: a promised length must not block others.
pub(crate) async fn read<B: Body<Data = Bytes>>(body: B, limit: usize, lease: &mut Lease) -> Result<Read, B::Error> {
    let mut body = pin!(body);
    let promised = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut room = match promised {
        0 if body.is_end_stream() => 0,
        0 => limits::BODY_STEP,
        promised => promised.min(limits::BODY_STEP),
    };
    room = room.min(limit);
    if let Err(short) = lease.cover(room).await {
        return Ok(Read { bytes: vec![], cut: Some(Cut::Short(short)) });
    }
    let mut bytes = Vec::with_capacity(room);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        let end = bytes.len() + data.len();
        let mut cut = (end > limit).then_some(Cut::TooLarge);
        if end > room {
            let more = (2 * room).max(end).min(limit);
            match lease.cover(more).await {
                Ok(()) => {
                    bytes.reserve_exact(more - bytes.len());
                    room = more;
                }
                Err(short) => cut = Some(Cut::Short(short)),
            }
        }
        bytes.extend_from_slice(&data[..end.min(room) - bytes.len()]);
        if cut.is_some() {
            return Ok(Read { bytes, cut });
        }
    }
    Ok(Read { bytes, cut: None })
}

#[cfg(test)]
mod tests {
    use http_body_util::{Full, StreamBody};
    use hyper::body::Frame;

    use super::*;

    fn semaphore(bytes: usize) -> Arc<Semaphore> {
        Arc::new(Semaphore::new(bytes))
    }

    fn lease(own: usize, channel: usize, all: usize) -> Lease {
        let budget = Budget { all: semaphore(all), patience: Duration::from_millis(50) };
        budget.lease(&Share { bodies: semaphore(channel), ..Share::default() }, &Purse(semaphore(own))).unwrap()
    }

    fn body(parts: &'static [&'static str]) -> impl Body<Data = Bytes, Error = std::convert::Infallible> {
        let parts = parts.iter().map(|part| Ok(Frame::data(Bytes::from_static(part.as_bytes()))));
        StreamBody::new(futures_util::stream::iter(parts))
    }

    #[tokio::test]
    async fn a_body_is_read_whole_or_cut_at_its_limit() {
        for (parts, limit, want, cut) in [
            (&["ab", "cd"] as &'static [&'static str], 4, "abcd", None),
            (&["ab", "cd", ""], 4, "abcd", None),
            (&["ab", "cde"], 4, "abcd", Some(Cut::TooLarge)),
            (&["abcdef"], 4, "abcd", Some(Cut::TooLarge)),
            (&["abcd", "e"], 4, "abcd", Some(Cut::TooLarge)),
            (&[], 4, "", None),
        ] {
            let read = read(body(parts), limit, &mut lease(100, 100, 100)).await.unwrap();
            assert_eq!((&read.bytes[..], read.cut), (want.as_bytes(), cut), "{parts:?}");
        }
    }

    #[tokio::test]
    async fn a_body_that_finds_no_room_is_cut_where_the_room_ends() {
        let step = limits::BODY_STEP;
        for (own, channel, all, short) in [
            (step, 9 * step, 9 * step, Short::Own),
            (9 * step, step, 9 * step, Short::Others),
            (9 * step, 9 * step, step, Short::Others),
        ] {
            let read = read(Full::new(Bytes::from(vec![b'x'; 3 * step])), 9 * step, &mut lease(own, channel, all))
                .await
                .unwrap();
            assert_eq!((read.bytes.len(), read.cut), (step, Some(Cut::Short(short))));
        }
    }

    #[tokio::test]
    async fn what_was_paid_goes_back_with_the_last_of_the_bytes() {
        let mut lease = lease(10, 10, 10);
        let (own, all) = (Arc::clone(lease.own.semaphore()), Arc::clone(lease.all.semaphore()));
        lease.cover(10).await.unwrap();
        assert_eq!((own.available_permits(), all.available_permits()), (0, 0));
        let mut bytes = lease.into_bytes(b"0123456789".to_vec());
        let end = bytes.split_off(9);
        drop(bytes);
        assert_eq!(own.available_permits(), 0, "some of it is still in use");
        drop(end);
        assert_eq!((own.available_permits(), all.available_permits()), (10, 10));
    }

    #[tokio::test]
    async fn an_empty_body_costs_nothing_and_a_promised_one_only_what_comes() {
        let mut none = lease(0, 0, 0);
        assert_eq!(read(Full::new(Bytes::new()), 4, &mut none).await.unwrap().cut, None);
        let mut some = lease(100, 100, 100);
        read(Full::new(Bytes::from_static(b"abc")), 4, &mut some).await.unwrap();
        assert_eq!(some.own.num_permits(), 3);
    }

    #[tokio::test]
    async fn room_that_others_give_back_is_waited_for() {
        let budget = Budget { all: semaphore(10), patience: Duration::from_secs(60) };
        let lease =
            || budget.lease(&Share { bodies: semaphore(10), ..Share::default() }, &Purse(semaphore(10))).unwrap();
        let (mut first, mut second) = (lease(), lease());
        first.cover(8).await.unwrap();
        let waits = tokio::spawn(async move { second.cover(8).await });
        tokio::task::yield_now().await;
        assert!(!waits.is_finished());
        drop(first);
        assert_eq!(waits.await.unwrap(), Ok(()));
    }
}
