//! `GET /v1/events/stream`: events as they are accepted and deliveries as they settle, as server-sent events.
//!
//! Events come from the journal, by offset, and only as fast as the client reads. A slow client falls behind; it does
//! not make memory grow, because a stream reserves memory for what it reads ahead, and all streams share one total.
//! Where events are missing, the client gets a `gap` with a reason: `pruned`, `damaged`, or `restored` if the journal
//! was restored from a backup that lacks the client's last event. Settled deliveries come live, from a bounded queue. A
//! client that misses some of them is disconnected. It resumes with `Last-Event-ID`, without a gap and without repeats.

use std::{borrow::Cow, fmt::Write, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use bytes::Bytes;
use fanfare_core::{Offset, one_line, type_matches};
use fanfare_record::EventQuery;
use futures_util::stream;
use http::{
    HeaderName, HeaderValue, Method,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use serde_json::{Map, Value};
use tokio::{
    sync::{OwnedSemaphorePermit, broadcast, mpsc},
    time::MissedTickBehavior,
};

use super::{
    events::listed,
    problem::{Kind, Problem},
    query::{Parameter, Query, TYPE, Takes},
};
use crate::{access::Caller, daemon::Daemon, response_memory::Share, streams::Ended};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Proxies and clients take a silent connection for a dead one.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// A client that reads nothing for this long is disconnected.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a stream waits for memory: longer than [`PATIENCE`], after which streams of clients that do not read have
/// freed theirs.
const CROWDED: Duration = Duration::from_secs(45);

/// How many events are read at once, and how many bytes of content; a larger event is read alone.
const PAGE: usize = 64;
const PAGE_BYTES: usize = 128 << 10;

/// How many chunks are made before the client has read the first.
const AHEAD: usize = 1;

/// The parameters of the stream.
pub(super) static PARAMETERS: [Parameter; 2] = [
    Parameter {
        name: "after",
        what: "Events after this offset; a negative one counts from the end. Default: only new events.",
        takes: Takes::Whole(None),
    },
    TYPE,
];

pub(super) const LAST_EVENT: Parameter = Parameter {
    name: "Last-Event-ID",
    what: "Where a client resumes: the `id` of the last message it received. Overrides `after`.",
    takes: Takes::Whole(None),
};

pub(super) async fn follow(
    State(daemon): State<Arc<Daemon>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let mut query = Query::read(request.uri().query(), &PARAMETERS);
    let after = query.parsed::<i64>("after", "must be a whole number; a negative one counts from the end");
    let ty = query.text("type");
    query.finish()?;
    // A resuming client knows better than its original query.
    let resumed = request.headers().get(LAST_EVENT_ID).map(|id| {
        let number = id.to_str().ok().and_then(|id| id.trim().parse::<i64>().ok()).filter(|id| *id >= 0);
        number
            .ok_or_else(|| Problem::new(Kind::Malformed, "Last-Event-ID must be an offset, as in `id:` of the stream"))
    });
    let after = resumed.transpose()?.or(after);
    let newest = i64::try_from(daemon.history.newest().0).unwrap_or(i64::MAX);
    let cursor = match after {
        None => newest,
        Some(from_end @ ..0) => newest.saturating_add(from_end).max(0),
        Some(offset) => offset,
    };
    let (permit, ended) = daemon.streams.follow().ok_or_else(Problem::too_many_streams)?;
    let (chunks, body) = mpsc::channel(AHEAD);
    if request.method() != Method::HEAD {
        let follower = Follower { daemon, caller, chunks, ended, ty, cursor, gap_told: 0, _permit: permit };
        tokio::spawn(follower.run());
    }
    let body = stream::unfold(body, |mut body| async move {
        let chunk: Bytes = body.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(chunk), body))
    });
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Otherwise nginx would buffer the stream.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

struct Follower {
    daemon: Arc<Daemon>,
    caller: Caller,
    chunks: mpsc::Sender<Bytes>,
    ended: broadcast::Receiver<Arc<Ended>>,
    ty: Option<String>,
    /// Everything up to this offset has been sent.
    cursor: i64,
    /// The end of the last gap that the client was sent.
    gap_told: u64,
    _permit: OwnedSemaphorePermit,
}

/// Why a stream ends: the client has disconnected or is too slow, the daemon stops, or the journal cannot be read.
struct Over;

impl Follower {
    async fn run(mut self) {
        let stopping = self.daemon.stopping.clone();
        let (daemon, caller) = (Arc::clone(&self.daemon), self.caller.clone());
        tokio::select! {
            biased;
            () = stopping.cancelled() => {}
            () = locked_out(&daemon, &caller) => {}
            Over = self.follow() => {}
        }
    }

    async fn follow(&mut self) -> Over {
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first chunk also sends the response's head.
        let mut chunk = "retry: 1000\n\n".to_owned();
        self.begin_anew(&mut chunk);
        if let Err(over) = self.send_text(chunk).await {
            return over;
        }
        loop {
            if let Err(over) = self.catch_up().await {
                return over;
            }
            let history = self.daemon.history.clone();
            let beyond = Offset(u64::try_from(self.cursor).unwrap_or(0));
            let chunk = tokio::select! {
                open = history.wait_beyond(beyond) => {
                    if !open {
                        return Over;
                    }
                    continue;
                }
                ended = self.ended.recv() => match ended {
                    Ok(ended) => match self.settled(&ended) {
                        Ok(chunk) => chunk,
                        Err(over) => return over,
                    },
                    Err(_lagged) => return Over,
                },
                _ = heartbeat.tick() => Some(": heartbeat\n\n".to_owned()),
                () = self.chunks.closed() => return Over,
            };
            if let Some(chunk) = chunk
                && let Err(over) = self.send_text(chunk).await
            {
                return over;
            }
        }
    }

    /// Sends every event up to the newest one.
    async fn catch_up(&mut self) -> Result<(), Over> {
        loop {
            // Before the read begins: what it does not return up to here does not match the filter.
            let newest = i64::try_from(self.daemon.history.newest().0).unwrap_or(i64::MAX);
            if self.cursor >= newest {
                return Ok(());
            }
            // Memory for the events as read, as listed and as sent; one of them may be as large as a body.
            let share = self.share(PAGE_BYTES + 3 * self.daemon.max_body).await?;
            let mut chunk = String::new();
            self.tell_gap(&mut chunk).await?;
            let query = EventQuery {
                after: self.cursor,
                limit: PAGE,
                bytes: PAGE_BYTES,
                ty: self.ty.clone(),
                visible: self.caller.channels().cloned(),
                ..EventQuery::default()
            };
            let page = self.daemon.history.events(query).await.map_err(|error| {
                tracing::warn!(%error, "ending a stream: the journal cannot be read");
                Over
            })?;
            let mut holes = page.holes.iter().peekable();
            let last = page.items.last().map_or(0, |stored| i64::try_from(stored.offset.0).unwrap_or(i64::MAX));
            for stored in page.items {
                let offset = i64::try_from(stored.offset.0).unwrap_or(i64::MAX);
                while let Some(hole) = holes.next_if(|hole| hole.before <= offset) {
                    write_gap(&mut chunk, None, (hole.after, hole.before), "damaged");
                }
                let listed = listed(&self.daemon, &stored).map_err(|_| Over)?;
                let text = one_line(serde_json::to_string(&listed).map_err(|_| Over)?);
                write_event(&mut chunk, "event", Some(stored.offset), &text);
            }
            for hole in holes {
                write_gap(&mut chunk, None, (hole.after, hole.before), "damaged");
            }
            self.cursor = page.next.unwrap_or(newest).max(last).max(self.cursor);
            // Deliveries that settled meanwhile. Those of events that are still to be sent are skipped: the event will
            // include them.
            loop {
                match self.ended.try_recv() {
                    Ok(ended) => chunk.extend(self.settled(&ended)?),
                    Err(broadcast::error::TryRecvError::Empty) => break,
                    Err(_) => return Err(Over),
                }
            }
            if !chunk.is_empty() {
                self.send(share, chunk).await?;
            }
        }
    }

    /// A client that has seen offsets beyond the newest knows an earlier journal: this one was restored from a backup.
    /// The client gets a gap and continues after the newest event; its next `Last-Event-ID` is an offset of this
    /// journal.
    fn begin_anew(&mut self, chunk: &mut String) {
        let newest = self.daemon.history.newest();
        let last = i64::try_from(newest.0).unwrap_or(i64::MAX);
        if self.cursor > last {
            write_gap(chunk, Some(newest), (self.cursor, last.saturating_add(1)), "restored");
            self.cursor = last;
        }
    }

    /// Events right after the cursor may have been pruned.
    async fn tell_gap(&mut self, chunk: &mut String) -> Result<(), Over> {
        let pruned = self.daemon.history.pruned_to().await.map_err(|_| Over)?.0;
        let after = u64::try_from(self.cursor).unwrap_or(0);
        if pruned > after && pruned > self.gap_told {
            self.gap_told = pruned;
            let before = i64::try_from(pruned).unwrap_or(i64::MAX).saturating_add(1);
            write_gap(chunk, None, (self.cursor, before), "pruned");
        }
        Ok(())
    }

    fn settled(&self, ended: &Ended) -> Result<Option<String>, Over> {
        let sent = i64::try_from(ended.offset.0).is_ok_and(|offset| offset <= self.cursor);
        if !sent || !self.caller.sees(ended.channel.as_str()) {
            return Ok(None);
        }
        let mut text = Cow::Borrowed(ended.text.as_deref().ok_or(Over)?);
        if ended.fallback_for.as_ref().is_some_and(|channel| !self.caller.sees(channel.as_str())) {
            let mut settled: Map<String, Value> = serde_json::from_str(&text).map_err(|_| Over)?;
            settled.remove("fallback_for");
            text = Cow::Owned(one_line(serde_json::to_string(&settled).map_err(|_| Over)?));
        }
        if !self.ty.as_ref().is_none_or(|pattern| type_matches(pattern, &ended.ty)) {
            return Ok(None);
        }
        let mut chunk = String::new();
        write_event(&mut chunk, "settled", None, &text);
        Ok(Some(chunk))
    }

    async fn share(&self, bytes: usize) -> Result<Share, Over> {
        self.daemon.response_memory.streams.share(bytes, CROWDED).await.ok_or(Over)
    }

    async fn send_text(&self, chunk: String) -> Result<(), Over> {
        let share = self.share(chunk.len()).await?;
        self.send(share, chunk).await
    }

    async fn send(&self, share: Share, chunk: String) -> Result<(), Over> {
        let chunk = share.attach(chunk.into_bytes(), CROWDED).await.ok_or(Over)?;
        self.chunks.send_timeout(chunk, PATIENCE).await.map_err(|_| Over)
    }
}

/// Resolves when the caller loses access: its token is revoked or expires, or its session ends.
async fn locked_out(daemon: &Daemon, caller: &Caller) {
    let mut changes = daemon.access.changes();
    while daemon.access.still_admits(caller) {
        let ends = async {
            match daemon.access.until(caller) {
                // No longer than this at once: the clock may be set.
                Some(until) => {
                    let left = until.duration_since(daemon.clock.now());
                    tokio::time::sleep(Duration::try_from(left).unwrap_or_default().min(HEARTBEAT)).await;
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = ends => {}
        }
    }
}

/// `data` is JSON on one line.
fn write_event(out: &mut String, name: &str, id: Option<Offset>, data: &str) {
    if let Some(id) = id {
        // Writing to a string cannot fail.
        let _ok = writeln!(out, "id: {id}").is_ok();
    }
    let _ok = write!(out, "event: {name}\ndata: {data}\n\n").is_ok();
}

/// Events between these two offsets, both exclusive, are not sent.
fn write_gap(out: &mut String, id: Option<Offset>, (after, before): (i64, i64), reason: &str) {
    write_event(out, "gap", id, &format!(r#"{{"after":{after},"before":{before},"reason":"{reason}"}}"#));
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, StreamExt as _};
    use proptest::prelude::*;
    use sse_stream::{Sse, SseByteStream};

    use super::*;

    fn read(text: String) -> Vec<Sse> {
        let chunks = stream::iter([Ok::<_, std::convert::Infallible>(Bytes::from(text))]);
        let messages = SseByteStream::new(chunks).collect::<Vec<_>>().now_or_never().unwrap();
        messages.into_iter().collect::<Result<_, _>>().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn what_is_written_is_read_back_by_another_implementation(
            messages in prop::collection::vec((any::<Option<u64>>(), "event|settled", any::<String>()), 0..5),
        ) {
            let (mut text, mut want) = (String::new(), vec![]);
            for (id, name, data) in messages {
                let data = serde_json::to_string(&data).unwrap();
                write_event(&mut text, &name, id.map(Offset), &data);
                want.push(Sse { id: id.map(|id| id.to_string()), event: Some(name), data: Some(data), retry: None });
            }
            prop_assert_eq!(read(text), want);
        }
    }

    #[test]
    fn a_gap_is_a_message() {
        let mut text = String::new();
        write_gap(&mut text, Some(Offset(3)), (3, 9), "restored");
        let [gap] = read(text).try_into().unwrap();
        assert_eq!((gap.id.as_deref(), gap.event.as_deref()), (Some("3"), Some("gap")));
        assert_eq!(gap.data.as_deref(), Some(r#"{"after":3,"before":9,"reason":"restored"}"#));
    }
}
