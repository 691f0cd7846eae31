//! Deliveries that end, told to those who follow them live.

use std::sync::Arc;

use fanfare_core::{AttemptRecord, ChannelName, ChannelResult, DeliveryId, Offset, Sample, StageRecord, one_line};
use fanfare_dispatch::{End, Observer, Recorded, Settlement};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};

use crate::{metrics::Metrics, notices::Notices, traces::Tracer};

/// Ends kept for a follower that is behind. One that misses some is disconnected, and resumes from the journal.
const KEPT: usize = 1_024;

/// The longest text that is kept for followers. Nothing is longer but what has an id or a type without measure, and
/// with [`KEPT`] it bounds what is kept.
const LONGEST: usize = 128 << 10;

/// Where followers of the stream get what has just happened.
pub struct Streams {
    ended: broadcast::Sender<Arc<Ended>>,
    places: Arc<Semaphore>,
}

/// A delivery that has ended, ready to be sent to any number of followers.
#[derive(Debug)]
pub struct Ended {
    pub offset: Offset,
    pub ty: String,
    /// As JSON. `None` when it is too long to be kept: whoever follows has to read it from the journal.
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
    /// With room for so many followers.
    #[must_use]
    pub fn new(places: usize) -> Self {
        Self { ended: broadcast::Sender::new(KEPT), places: Arc::new(Semaphore::new(places)) }
    }

    /// A place among the followers, as long as the permit is held. `None` when there is none left.
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
        // Strings and numbers only: it cannot fail.
        let Ok(text) = serde_json::to_string(&settled) else { return };
        let text = Some(one_line(text)).filter(|text| text.len() <= LONGEST);
        let ty = if text.is_some() { event.ty.clone() } else { String::new() };
        let ended = Ended { offset: end.offset, ty, text };
        // The last follower may just have gone.
        let _told = self.ended.send(Arc::new(ended)).is_ok();
    }
}

/// Whom dispatch tells: those who count, those who follow, and those who trace.
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

    fn filter_failed(&self, channel: &ChannelName) {
        self.metrics.filter_failed(channel);
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
