//! Sends settled deliveries to those who follow them live.

use std::sync::Arc;

use fanfare_core::{
    AttemptRecord, ChannelName, ChannelResult, DeliveryId, Event, Offset, Sample, StageRecord, one_line,
};
use fanfare_dispatch::{End, Observer, Recorded, Settlement};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};

use crate::{metrics::Metrics, notices::Notices, traces::Tracer};

/// How many settled deliveries are kept for a follower that is behind. One that misses some is disconnected, and
/// resumes from the journal.
const KEPT: usize = 1_024;

/// The longest text that is kept for followers. Only an event with an excessively long id or type exceeds it. Together
/// with [`KEPT`] it bounds the memory.
const LONGEST: usize = 128 << 10;

/// Where followers of the stream get settled deliveries.
pub struct Streams {
    ended: broadcast::Sender<Arc<Ended>>,
    places: Arc<Semaphore>,
}

/// A settled delivery, ready to be sent to any number of followers.
#[derive(Debug)]
pub struct Ended {
    pub offset: Offset,
    pub ty: String,
    pub channel: ChannelName,
    /// Another channel that the text names.
    pub fallback_for: Option<ChannelName>,
    /// As JSON. `None` if it is too long to be kept; then a follower has to read it from the journal.
    pub text: Option<String>,
}

#[derive(Serialize)]
struct Settled<'a> {
    offset: Offset,
    event_id: &'a str,
    event_type: &'a str,
    #[serde(flatten)]
    result: &'a ChannelResult,
}

impl Streams {
    /// With places for this many followers.
    #[must_use]
    pub fn new(places: usize) -> Self {
        Self { ended: broadcast::Sender::new(KEPT), places: Arc::new(Semaphore::new(places)) }
    }

    /// A place among the followers, occupied until the permit is dropped. `None` if all are taken.
    #[must_use]
    pub fn follow(&self) -> Option<(OwnedSemaphorePermit, broadcast::Receiver<Arc<Ended>>)> {
        let permit = Arc::clone(&self.places).try_acquire_owned().ok()?;
        Some((permit, self.ended.subscribe()))
    }

    fn has_followers(&self) -> bool {
        self.ended.receiver_count() > 0
    }

    fn tell(&self, end: &End<'_>) {
        let Some(result) = end.result.filter(|_| self.has_followers()) else { return };
        let Some(event) = end.event else { return };
        let settled = Settled { offset: end.offset, event_id: &event.id, event_type: &event.ty, result };
        // Strings and numbers only, so this cannot fail.
        let Ok(text) = serde_json::to_string(&settled) else { return };
        let text = Some(one_line(text)).filter(|text| text.len() <= LONGEST);
        let ty = if text.is_some() { event.ty.clone() } else { String::new() };
        let ended = Ended {
            offset: end.offset,
            ty,
            channel: result.channel.clone(),
            fallback_for: result.fallback_for.clone(),
            text,
        };
        // The last follower may just have disconnected.
        let _told = self.ended.send(Arc::new(ended)).is_ok();
    }
}

/// The observers of dispatch: the metrics, the followers, the notices and the traces.
pub struct Observers {
    pub metrics: Arc<Metrics>,
    pub streams: Arc<Streams>,
    pub notices: Notices,
    pub tracer: Arc<Tracer>,
}

impl Observer for Observers {
    fn accepted(&self, events: usize) {
        self.metrics.accepted(events);
    }

    fn duplicate(&self) {
        self.metrics.duplicate();
    }

    fn filter_failed(&self, channel: &ChannelName, event: &Event, reason: &str) {
        self.metrics.filter_failed(channel, event, reason);
        self.notices.filter_failed(channel, event, reason);
    }

    fn staged(&self, stage: &ChannelName, record: &StageRecord, samples: &[Sample]) {
        self.metrics.staged(stage, record, samples);
    }

    fn attempted(&self, channel: &ChannelName, delivery: DeliveryId, record: &AttemptRecord) {
        self.metrics.attempted(channel, delivery, record);
    }

    fn batched(&self, channel: &ChannelName, deliveries: usize, failed: bool) {
        self.metrics.batched(channel, deliveries, failed);
    }

    fn settled(&self, channel: &ChannelName, ends: &[End<'_>]) {
        self.metrics.settled(channel, ends);
        self.notices.settled(channel, ends, self.tracer.share());
        ends.iter().for_each(|end| self.streams.tell(end));
    }

    fn stale(&self, channel: &ChannelName, settlements: usize) {
        self.metrics.stale(channel, settlements);
    }

    fn tracing(&self) -> Option<f64> {
        self.tracer.share()
    }

    fn recorded(&self, events: &[Recorded<'_>]) {
        self.tracer.recorded(events);
    }

    fn committed(&self, channel: &ChannelName, settled: &[Settlement]) {
        self.tracer.committed(channel, settled);
    }

    fn wants_results(&self) -> bool {
        self.streams.has_followers()
    }
}
