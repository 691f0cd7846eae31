//! How fast a request's body has to arrive, so that a client that sends a byte now and then cannot keep a connection.

use std::{
    error::Error,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::BoxError;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

/// The least average rate of a body, in bytes per second. The first [`GRACE`] is not counted.
const SLOWEST: u64 = 1 << 10;
const GRACE: Duration = Duration::from_secs(3);

/// A body that arrived too slowly.
#[derive(Debug, thiserror::Error)]
#[error(
   "the body was not complete after {} s, or arrived at less than {SLOWEST} bytes per second (`server.body_timeout`)",
   .0.as_secs_f64()
)]
pub(super) struct TooSlow(Duration);

impl TooSlow {
    /// Finds it among an error's causes.
    pub(super) fn among<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        std::iter::successors(Some(error), |&error| error.source()).find_map(|error| error.downcast_ref())
    }
}

/// A body with a deadline for all of it, and a least rate.
pub(super) struct Paced<B> {
    body: B,
    timeout: Duration,
    received: u64,
    /// Since the first wait for data. Most bodies arrive without one.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<B> Paced<B> {
    pub(super) fn new(body: B, timeout: Duration) -> Self {
        Self { body, timeout, received: 0, waiting: None }
    }

    /// When the body is rejected unless more of it arrives.
    fn deadline(&self, since: Instant) -> Instant {
        let earned = GRACE + Duration::from_millis(self.received.saturating_mul(1_000) / SLOWEST);
        since + earned.min(self.timeout)
    }
}

impl<B> Body for Paced<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            if let Some(Ok(frame)) = &frame {
                this.received += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let since = this.waiting.as_ref().map_or_else(Instant::now, |(since, _)| *since);
        let deadline = this.deadline(since);
        let (_, sleep) = this.waiting.get_or_insert_with(|| (since, Box::pin(sleep_until(deadline))));
        if sleep.deadline() != deadline {
            sleep.as_mut().reset(deadline);
        }
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(Some(Err(TooSlow(since.elapsed()).into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::{StreamExt, stream};
    use http_body_util::{BodyExt, StreamBody};

    use super::*;

    /// Receives `chunks` chunks of `bytes` bytes, one every `every`. Returns whether the body was complete, and after
    /// how long.
    async fn receive(chunks: usize, bytes: usize, every: Duration) -> (bool, Duration) {
        let chunk = move |_| async move {
            tokio::time::sleep(every).await;
            Ok::<_, Infallible>(Frame::data(Bytes::from(vec![0; bytes])))
        };
        let body = StreamBody::new(stream::iter(0..chunks).then(chunk).boxed());
        let started = Instant::now();
        let result = Paced::new(body, Duration::from_secs(20)).collect().await;
        if let Err(error) = &result {
            assert!(TooSlow::among(&**error).is_some(), "{error}");
        }
        (result.is_ok(), started.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_misses_the_rate_or_the_deadline_is_given_up() {
        let second = Duration::from_secs(1);
        assert!(receive(10, 2 << 10, second).await.0, "a body at the required rate is read to its end");
        assert!(receive(1, 10, 2 * second).await.0, "one late packet is accepted");
        assert_eq!(receive(1, 10, 4 * second).await, (false, GRACE));
        let (whole, after) = receive(1_000, 1, second).await;
        assert!(!whole && after < 4 * second, "a body that drips is rejected: {after:?}");
        let (whole, after) = receive(1_000, 2 << 10, second).await;
        assert!(!whole && after == 20 * second, "an endless body ends at the deadline: {after:?}");
    }
}
