//! The channels and stages that apply to one request.
//!
//! A publisher first takes a [`Snapshot`] of the table, so that a reload cannot make an event pass the stages of one
//! configuration and go to the channels of another. Stages run on the guests' threads. If its publisher goes away, the
//! event is dropped.

use std::sync::Arc;

use fanfare_core::{
    ChannelName, Class, Event, Fault, Policy, Sample, StageRecord, Staged, Wishes,
    delivery::Wait,
    filter::Verdict,
    turn::{self, Candidate, Turn},
};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tokio_util::task::AbortOnDropHandle;

use crate::{
    AcceptError, Refused, StageRefusal,
    dispatch_core::DispatchCore,
    stages::{self, Step},
    table::{Route, Table},
};

/// How many events of one request are in the stages at once.
const AT_ONCE: usize = 16;

/// The channels and stages that apply to one request.
#[derive(Clone)]
pub struct Snapshot {
    pub(crate) table: Arc<Table>,
    core: Arc<DispatchCore>,
}

impl Snapshot {
    pub(crate) fn new(table: Arc<Table>, core: Arc<DispatchCore>) -> Self {
        Self { table, core }
    }

    /// Whether there are any.
    #[must_use]
    pub fn has_stages(&self) -> bool {
        !self.table.stages.is_empty()
    }

    /// Passes an event through the stages.
    ///
    /// # Errors
    /// [`AcceptError::Refused`] if a stage does not let it through.
    pub async fn stage(&self, event: Event) -> Result<Staged, AcceptError> {
        if self.table.stages.is_empty() {
            return Ok(event.into());
        }
        // Boxed, so that publishers without stages do not carry its state.
        Box::pin(self.pass(0, event)).await.map_err(|refused| AcceptError::Refused(vec![refused.refusal]))
    }

    /// Passes several events through the stages concurrently, keeping their order.
    ///
    /// # Errors
    /// [`AcceptError::Refused`] with one refusal for each event that a stage does not let through.
    pub async fn stage_all(&self, events: Vec<Event>) -> Result<Vec<Staged>, AcceptError> {
        if self.table.stages.is_empty() {
            return Ok(events.into_iter().map(Staged::from).collect());
        }
        let passing = stream::iter(events.into_iter().enumerate()).map(|(entry, event)| self.pass(entry, event));
        let passed: Vec<_> = passing.buffered(AT_ONCE).collect().await;
        let (mut staged, mut refused) = (Vec::with_capacity(passed.len()), vec![]);
        for passed in passed {
            match passed {
                Ok(event) => staged.push(event),
                Err(Refused { refusal, .. }) => refused.push(refusal),
            }
        }
        if refused.is_empty() { Ok(staged) } else { Err(AcceptError::Refused(refused)) }
    }

    /// Passes an event that is not published through the stages. Nothing is counted.
    ///
    /// # Errors
    /// How far it came, if a stage does not let it through.
    pub async fn try_out(&self, event: Event) -> Result<Staged, Refused> {
        Passage { snapshot: self.clone(), entry: 0, counts: false }.run(event).await
    }

    /// What each channel would do with an event, by name. Nothing is recorded.
    #[must_use]
    pub fn explain(&self, event: &Event) -> Vec<(ChannelName, Prospect)> {
        let now = self.core.clock.now();
        let prospect = |(route, verdict): (&Route, Verdict)| {
            let wishes = self.core.recipients.wishes(event, &route.name);
            (route.name.clone(), Prospect::new(verdict, event, &route.policy, wishes.as_ref(), now))
        };
        self.table.judge(event).into_iter().map(prospect).collect()
    }

    async fn pass(&self, entry: usize, event: Event) -> Result<Staged, Refused> {
        Passage { snapshot: self.clone(), entry, counts: true }.run(event).await
    }
}

/// What a channel would do with an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prospect {
    /// The filter's verdict.
    pub verdict: Verdict,
    /// Why the recipient does not want it; `None` if they do.
    pub unwanted: Option<String>,
    /// Why and until when its first attempt would wait.
    pub waits: Option<(Wait, Timestamp)>,
}

impl Prospect {
    #[must_use]
    pub fn new(verdict: Verdict, event: &Event, policy: &Policy, wishes: Option<&Wishes>, now: Timestamp) -> Self {
        let (unwanted, waits) = match turn::turn(&Candidate::begun(event, now, wishes), policy, now) {
            Turn::Attempt => (None, None),
            Turn::Wait { until, wait } => (None, Some((wait, until))),
            Turn::Skip(unwanted) => (Some(unwanted.to_string()), None),
        };
        Self { verdict, unwanted, waits }
    }
}

/// One event on its way through the stages.
struct Passage {
    snapshot: Snapshot,
    entry: usize,
    /// Whether the observer is notified.
    counts: bool,
}

impl Passage {
    /// Runs on the guests' threads, and stops when the caller goes away.
    async fn run(self, event: Event) -> Result<Staged, Refused> {
        let Snapshot { table, core } = self.snapshot.clone();
        // Comparing the type is cheap, and saves the switch of threads for other events.
        let Some(first) = table.stages.iter().find(|step| step.is_for_type(&event.ty)) else { return Ok(event.into()) };
        let refusal = |reason: &str| StageRefusal {
            entry: self.entry,
            stage: first.name().clone(),
            failure: Fault::new(Class::Host, "stopped", reason).into(),
        };
        let stopped = refusal("the daemon is shutting down");
        let broken = refusal("its task failed");
        let running = AbortOnDropHandle::new(core.tasks.spawn_on(self.walk(event), &core.guests));
        tokio::select! {
            passed = running => passed.unwrap_or_else(|error| {
                tracing::error!(%error, "the task of an event's stages failed");
                Err(Refused { refusal: broken, records: vec![] })
            }),
            () = core.aborting.cancelled() => Err(Refused { refusal: stopped, records: vec![] }),
        }
    }

    async fn walk(self, event: Event) -> Result<Staged, Refused> {
        let Self { snapshot: Snapshot { table, core }, entry, counts } = self;
        let tell = |step: &Step, record: &StageRecord, samples: &[Sample]| {
            if counts {
                core.observer.staged(step.name(), record, samples);
            }
        };
        stages::walk(&table.stages, entry, event, core.observer.tracing().is_some(), tell).await
    }
}
