//! `GET /v1/events/stream`: events as they are accepted and deliveries as they end, as server-sent events.
//!
//! Events come from the journal, by offset, only as fast as the client takes them: one that is slow lags behind, and nothing
//! grows: what a stream has ready has a share of what all streams may hold, from before it is read. Where events are
//! missing it gets a `gap`, with the reason: `pruned`, `damaged`, or `restored` when the journal was put back from a
//! copy that does not know the client's last event. What ends is told live, from a bounded queue; a client that misses
//! some of that is disconnected, and resumes with `Last-Event-ID`, without a gap and without a repeat.

use std::{borrow::Cow, fmt::Write, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use bytes::Bytes;
use fanfare_core::{Offset, one_line, type_matches};
use fanfare_journal::EventQuery;
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
    held::Share,
    problem::{Kind, Problem},
    query::{Parameter, Query, TYPE, Takes},
};
use crate::{access::Caller, daemon::Daemon, streams::Ended};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Proxies and clients take a silent connection for a dead one.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// A client that takes nothing for this long is disconnected.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a stream waits until others have let go of what they hold: until those that take nothing are gone.
const CROWDED: Duration = Duration::from_secs(45);

/// Events read at once, and their content in bytes; a larger one comes alone.
const PAGE: usize = 64;
const PAGE_BYTES: usize = 128 << 10;

/// Chunks made before the client has taken the first.
const AHEAD: usize = 1;

/// What the stream takes.
pub(super) static PARAMETERS: [Parameter; 2] = [
    Parameter {
        name: "after",
        what: "An offset; a negative one counts from the end. Default: from now on.",
        takes: Takes::Whole(None),
    },
    TYPE,
];

pub(super) const LAST_EVENT: Parameter = Parameter {
    name: "Last-Event-ID",
    what: "Where a client goes on: the `id` of the last message that it has seen. It comes before `after`.",
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
    // What the client has seen counts more than where it once began.
    let resumed = request.headers().get(LAST_EVENT_ID).map(|id| {
        let number = id.to_str().ok().and_then(|id| id.trim().parse::<i64>().ok()).filter(|id| *id >= 0);
        number.ok_or_else(|| Problem::new(Kind::Malformed, "Last-Event-ID must be an offset, as `id:` gave it"))
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
    // nginx would collect the stream before it passes it on.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

struct Follower {
    daemon: Arc<Daemon>,
    caller: Caller,
    chunks: mpsc::Sender<Bytes>,
    ended: broadcast::Receiver<Arc<Ended>>,
    ty: Option<String>,
    /// Everything up to here has been sent.
    cursor: i64,
    /// The last gap that was told ends here.
    gap_told: u64,
    _permit: OwnedSemaphorePermit,
}

/// Why a stream ends: the client has gone or is too slow, the daemon stops, or the journal cannot be read.
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
        // Also makes the response's head go out at once.
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
            // Before the read begins: whatever it does not answer up to here does not match.
            let newest = i64::try_from(self.daemon.history.newest().0).unwrap_or(i64::MAX);
            if self.cursor >= newest {
                return Ok(());
            }
            // The events as they are read, as they are listed and as they are sent, one of which may be as large as a
            // body.
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
                tracing::warn!(%error, "a stream ends: the journal cannot be read");
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
            // What ended meanwhile: of events that are yet to be sent the event itself will tell.
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

    /// A client that has seen offsets which do not exist knows an earlier journal: this one was put back from a copy. It is told,
    /// and sent on from the newest event; its next `Last-Event-ID` is one of this journal's.
    fn begin_anew(&mut self, chunk: &mut String) {
        let newest = self.daemon.history.newest();
        let last = i64::try_from(newest.0).unwrap_or(i64::MAX);
        if self.cursor > last {
            write_gap(chunk, Some(newest), (self.cursor, last.saturating_add(1)), "restored");
            self.cursor = last;
        }
    }

    /// Events before the cursor's next one may have been pruned.
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
        self.daemon.held.chunks.share(bytes, CROWDED).await.ok_or(Over)
    }

    async fn send_text(&self, chunk: String) -> Result<(), Over> {
        let share = self.share(chunk.len()).await?;
        self.send(share, chunk).await
    }

    async fn send(&self, share: Share, chunk: String) -> Result<(), Over> {
        let chunk = share.hold(chunk.into_bytes(), CROWDED).await.ok_or(Over)?;
        self.chunks.send_timeout(chunk, PATIENCE).await.map_err(|_| Over)
    }
}

/// Resolves when the caller may not look any more: its token is revoked or expires, or its session ends.
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

/// Events after the first of these offsets and before the second one are not sent.
fn write_gap(out: &mut String, id: Option<Offset>, (after, before): (i64, i64), reason: &str) {
    write_event(out, "gap", id, &format!(r#"{{"after":{after},"before":{before},"reason":"{reason}"}}"#));
}
