//! System events. They are created where something happens, recorded with it or right after it, and only if a channel
//! asks for such types.
//!
//! A dead letter or a suspension is recorded in the commit that it reports. Anything that is not a settlement is
//! announced: queued here and recorded as soon as the journal accepts it.

use std::{sync::Arc, time::Duration};

use fanfare_core::{Chain, ChannelName, ChannelSuspended, DeliveryDead, EventName, SystemEvent, delivery::Next};
use uuid::Uuid;

use crate::{AcceptError, Entry, Settlement, announcements::Announced, dispatch_core::DispatchCore};

/// The wait before an announcement is retried.
const AGAIN: Duration = Duration::from_millis(500);

impl DispatchCore {
    /// Records a system event soon, if a channel asks for it.
    pub(crate) fn announce(&self, event: SystemEvent) {
        if !self.table.load().as_ref().is_none_or(|table| table.wants_system) {
            return;
        }
        self.announcements.push(event);
    }

    /// Builds the entry of a system event. `None` if no channel asks for it.
    pub(crate) fn entry(&self, event: SystemEvent) -> Option<Entry> {
        let table = self.table.load_full().filter(|table| table.wants_system)?;
        let event = event
            .into_event()
            .inspect_err(|error| tracing::error!(%error, "a system event cannot be serialized"))
            .ok()?;
        let targets = table.of(&event, &*self.observer).targets;
        let accepted_at = self.clock.now();
        (!targets.is_empty()).then(|| Entry {
            key: Uuid::now_v7(),
            event: Arc::new(event),
            accepted_at,
            targets,
            first: vec![],
            trail: None,
        })
    }

    /// Adds the event that reports a dead letter to its settlement, unless the letter is a system event's.
    pub(crate) fn with_death(&self, channel: &ChannelName, mut settlement: Settlement) -> Settlement {
        self.add_death(channel, &mut settlement);
        settlement
    }

    /// Like `with_death`, in place.
    pub(crate) fn add_death(&self, channel: &ChannelName, settlement: &mut Settlement) {
        if let Some(death) = self.death(channel, settlement) {
            settlement.emits.push(death);
        }
    }

    pub(crate) fn death(&self, channel: &ChannelName, settlement: &Settlement) -> Option<Entry> {
        let Next::Dead { attempts } = settlement.next else { return None };
        let event = settlement.event.as_deref();
        if event.is_some_and(fanfare_core::Event::is_system) || !self.table.load().as_ref()?.wants_system {
            return None;
        }
        let why = settlement.why()?;
        let names = self.names.load();
        self.entry(SystemEvent::DeliveryDead(Box::new(DeliveryDead {
            delivery_id: event.map(|_| settlement.delivery_id()),
            channel: channel.clone(),
            offset: settlement.offset,
            event: event.map(|event| EventName {
                id: event.id.clone(),
                source: event.source.clone(),
                ty: event.ty.clone(),
            }),
            attempts,
            class: why.class,
            code: why.code.to_owned(),
            error: why.error.to_owned(),
            plugin: settlement.attempt.as_ref().map(|attempt| attempt.plugin.clone()),
            fallback: settlement.fallback.iter().filter_map(|id| names.get(id).cloned()).collect(),
            at: settlement.at,
            settings: settlement.settings.to_string(),
            since: settlement.since,
            chain: event.map(Chain::after),
        })))
    }

    /// The event that reports a suspension by this settlement.
    pub(crate) fn suspension(&self, channel: &ChannelName, reason: &str, settlement: &Settlement) -> Option<Entry> {
        if settlement.event.as_ref().is_none_or(|event| event.is_system()) {
            return None;
        }
        self.entry(SystemEvent::ChannelSuspended(ChannelSuspended {
            channel: channel.clone(),
            reason: reason.to_owned(),
            since: settlement.at,
            delivery_id: settlement.delivery_id(),
        }))
    }
}

/// Records announcements in order until the dispatcher stops; then the remaining ones, if the journal accepts them at
/// once.
pub(crate) async fn record_all(core: Arc<DispatchCore>, mut announced: Announced) {
    loop {
        let event = tokio::select! {
            biased;
            () = core.stopping.cancelled() => break,
            event = announced.recv() => event,
        };
        let Some(event) = event else { return };
        while let Err(error) = record(&core, &event).await {
            tracing::debug!(event = event.ty(), %error, "a system event waits for the journal");
            tokio::select! {
                () = core.stopping.cancelled() => break,
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    }
    while let Ok(event) = announced.try_recv() {
        if let Err(error) = record(&core, &event).await {
            tracing::warn!(event = event.ty(), %error, "dropping a system event");
        }
    }
}

/// # Errors
/// A transient error.
async fn record(core: &DispatchCore, event: &SystemEvent) -> Result<(), AcceptError> {
    core.table().map_err(AcceptError::NoChannels)?;
    let Some(entry) = core.entry(event.clone()) else { return Ok(()) };
    match core.journal.accept(vec![entry]).await {
        Ok(_) => {
            core.observer.accepted(1);
            Ok(())
        }
        Err(error @ (AcceptError::Busy { .. } | AcceptError::Unavailable(_) | AcceptError::NoChannels(_))) => {
            Err(error)
        }
        Err(error @ (AcceptError::Conflict { .. } | AcceptError::Closed | AcceptError::Refused(_))) => {
            tracing::error!(event = event.ty(), %error, "dropping a system event");
            Ok(())
        }
    }
}
