//! One attempt without a journal: for self-tests, and for authors of plugins.

use std::sync::Arc;

use fanfare_core::{BatchReport, ChannelId, DeliveryId, Event, Report};
use fanfare_dispatch::{Attempt, Bounds, BoxFuture, Channel, JournalError, State};
use uuid::Uuid;

/// Nothing is kept between trials.
struct Nothing;

impl State for Nothing {
    fn get<'a>(&'a self, _: ChannelId, _: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, JournalError>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// Delivers events in one call, as [`attempt`] delivers one.
pub async fn batch(channel: &Arc<dyn Channel>, events: &[Arc<Event>], bounds: Bounds, number: u32) -> BatchReport {
    let state: Arc<dyn State> = Arc::new(Nothing);
    let attempt = |event: &Arc<Event>| Attempt {
        delivery: DeliveryId { event: Uuid::now_v7(), channel: ChannelId(0) },
        number,
        replayed: false,
        event: Arc::clone(event),
        bounds,
        state: Arc::clone(&state),
        trace: None,
    };
    channel.deliver_batch(events.iter().map(attempt).collect()).await
}

/// Delivers an event once, as the `number`th attempt. The guest's writes and samples are only in the report.
pub async fn attempt(channel: &Arc<dyn Channel>, event: Arc<Event>, bounds: Bounds, number: u32) -> Report {
    let delivery = DeliveryId { event: Uuid::now_v7(), channel: ChannelId(0) };
    let attempt = Attempt { delivery, number, replayed: false, event, bounds, state: Arc::new(Nothing), trace: None };
    channel.deliver(attempt).await
}
