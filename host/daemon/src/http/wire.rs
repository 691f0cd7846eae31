//! The TCP connection: cuts off a client that does not read, and tells a client that speaks HTTP/2 to use HTTP/1.1.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep, sleep_until},
};

/// The least that a client has to read within its patience.
const ENOUGH: usize = 64 << 10;

/// How a client begins that assumes HTTP/2.
const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n";

/// Empty SETTINGS, then GOAWAY with the code HTTP_1_1_REQUIRED and a text for people (RFC 9113, 6.5, 6.8 and 7).
const SPEAK_HTTP1: &[u8] = b"\0\0\0\x04\0\0\0\0\0\0\0\x23\x07\0\0\0\0\0\0\0\0\0\0\0\0\x0dthis server speaks HTTP/1.1";

/// How long the rest of such a client's data is read, so that it sees the response and not a reset.
const LINGER: Duration = Duration::from_secs(1);

/// A TCP connection with bounds.
pub(super) struct Wire {
    stream: TcpStream,
    reading: Reading,
    writing: Writing,
}

enum Reading {
    /// Nothing has arrived.
    First,
    Http1,
    /// The client was told to use HTTP/1.1.
    Refused(Pin<Box<Sleep>>),
}

/// How long a client has made us wait since it last read [`ENOUGH`].
struct Writing {
    timeout: Duration,
    waited: Duration,
    taken: usize,
    /// While it reads nothing.
    since: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Wire {
    /// A client that reads next to nothing for `timeout` is cut off.
    pub(super) fn new(stream: TcpStream, timeout: Duration) -> Self {
        let writing = Writing { timeout, waited: Duration::ZERO, taken: 0, since: None, alarm: None };
        Self { stream, reading: Reading::First, writing }
    }
}

impl Writing {
    fn check(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(result) = written {
            if let Some(since) = self.since.take() {
                self.waited += since.elapsed();
            }
            self.taken += *result.as_ref().unwrap_or(&0);
            if self.taken >= ENOUGH {
                (self.taken, self.waited) = (0, Duration::ZERO);
            }
            return Poll::Ready(result);
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        let deadline = since + self.timeout.saturating_sub(self.waited);
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if alarm.deadline() != deadline {
            alarm.as_mut().reset(deadline);
        }
        ready!(alarm.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read its response")))
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            match &mut this.reading {
                Reading::Http1 => return Pin::new(&mut this.stream).poll_read(cx, buf),
                Reading::First => {
                    let before = buf.filled().len();
                    ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
                    if !buf.filled()[before..].starts_with(HTTP2) {
                        this.reading = Reading::Http1;
                        return Poll::Ready(Ok(()));
                    }
                    buf.set_filled(before);
                    // Nothing has been written, so the socket has room. If not, the connection just closes.
                    let _told = this.stream.try_write(SPEAK_HTTP1).is_ok();
                    this.reading = Reading::Refused(Box::pin(sleep(LINGER)));
                }
                Reading::Refused(end) => {
                    if end.as_mut().poll(cx).is_ready() {
                        return Poll::Ready(Ok(()));
                    }
                    let mut unread = [0; 1 << 10];
                    let mut unread = ReadBuf::new(&mut unread);
                    ready!(Pin::new(&mut this.stream).poll_read(cx, &mut unread))?;
                    if unread.filled().is_empty() {
                        return Poll::Ready(Ok(())); // an empty read is the end of the stream
                    }
                }
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, data);
        this.writing.check(written, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, data);
        this.writing.check(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
