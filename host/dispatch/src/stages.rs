//! The stages that events pass before the fan-out, one after the other, in the order of the configuration.
//!
//! A publisher first takes a [`Snapshot`] of the table, so that a reload cannot make an event pass the stages of one
//! configuration and go to the channels of another. Stages run on the guests' threads. If its publisher goes away, the
//! event is dropped.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use fanfare_core::{
    ChannelName, Class, Did, Event, Fault, OnError, Sample, StageFailure, StageRecord, StageReport, Staged, Trail,
    any_type_matches, changed_members,
    filter::{Candidate, Filter, Verdict},
};
use futures_util::{StreamExt, stream};
use tokio::sync::Semaphore;
use tokio_util::task::AbortOnDropHandle;

use crate::{
    AcceptError, Bounds, BoxFuture, Prospect,
    lane::{Lane, Shared},
    table::Table,
};

/// How long an event waits for its turn at a busy stage.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many events of one request are in the stages at once.
const AT_ONCE: usize = 16;

/// Processes events before the fan-out. Called for many events concurrently.
pub trait Stage: Send + Sync + 'static {
    /// Processes one event, within the bounds. The call itself cannot fail: errors are in the report. Dropping the
    /// future cancels it.
    fn process(&self, event: Arc<Event>, bounds: Bounds) -> BoxFuture<'_, StageReport>;

    /// The plugin's digest (the first 16 hex digits).
    fn plugin_digest(&self) -> &str;
}

/// The new configuration of one stage.
pub struct StageSpec {
    pub name: ChannelName,
    /// As in the configuration.
    pub plugin: String,
    /// Which events pass through it.
    pub filter: Filter,
    pub bounds: Bounds,
    /// The maximum number of events in it at once.
    pub concurrency: usize,
    pub on_error: OnError,
    /// What to call, or why there is nothing to call.
    pub stage: Result<Arc<dyn Stage>, String>,
}

/// An event that was rejected because of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageRefusal {
    /// The index of the event.
    pub entry: usize,
    pub stage: ChannelName,
    pub failure: StageFailure,
}

impl StageRefusal {
    /// Whether the same event may be accepted later: the host is at fault, or the stage says that the cause passes (a
    /// data file that is missing, for example).
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self.failure.class, Class::Host | Class::Retry | Class::Throttled)
    }
}

impl fmt::Display for StageRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stage, failure: StageFailure { class, code, reason }, .. } = self;
        match class {
            Class::Rejected => write!(f, "the stage `{stage}` rejected the event ({code}): {reason}"),
            Class::Host => write!(f, "the stage `{stage}` cannot run: {reason}"),
            _ => write!(f, "the stage `{stage}` failed with {class} ({code}): {reason}"),
        }
    }
}

/// One stage in force.
pub(crate) struct Step {
    spec: StageSpec,
    turns: Semaphore,
    /// Whether a failure of it has been logged.
    reported: AtomicBool,
}

impl Step {
    pub(crate) fn new(spec: StageSpec) -> Self {
        Self { turns: Semaphore::new(spec.concurrency.max(1)), spec, reported: AtomicBool::new(false) }
    }

    fn is_for_type(&self, ty: &str) -> bool {
        any_type_matches(&self.spec.filter.types, ty)
    }

    /// Whether the event must pass this stage. It must if the condition cannot be evaluated, so that nobody avoids a
    /// stage by leaving out what the condition needs.
    fn takes(&self, event: &Event) -> bool {
        matches!(self.spec.filter.judge(&Candidate::new(event)), Verdict::Pass | Verdict::Failed(_))
    }

    async fn run(&self, event: &Arc<Event>) -> StageReport {
        let host = |code, reason: &str| StageReport::failed(Fault::new(Class::Host, code, reason), <_>::default());
        let stage = match &self.spec.stage {
            Ok(stage) => stage,
            Err(reason) => return host("no_plugin", &format!("its plugin is missing: {reason}")),
        };
        let Ok(Ok(_turn)) = tokio::time::timeout(PATIENCE, self.turns.acquire()).await else {
            return host("busy", "it is busy with other events");
        };
        stage.process(Arc::clone(event), self.spec.bounds).await
    }

    /// Whether an event continues unchanged after this fault. A fault of the host never lets it continue. A missing
    /// plugin does, because the operator knew about it when choosing `pass`.
    fn lets_pass(&self, fault: &Fault) -> bool {
        let is_absent = self.spec.stage.is_err();
        self.spec.on_error == OnError::Pass && (is_absent || !matches!(fault.class, Class::Rejected | Class::Host))
    }

    fn record(&self, did: Did, report: &StageReport) -> StageRecord {
        StageRecord {
            stage: self.spec.name.clone(),
            plugin: self.spec.plugin.clone(),
            digest: self.spec.stage.as_ref().ok().map(|stage| stage.plugin_digest().to_owned()),
            did,
            changed: vec![],
            failure: report.outcome.as_ref().err().cloned().map(StageFailure::from),
            duration_ms: (report.cost.duration.as_secs_f64() * 1e6).round() / 1e3,
        }
    }

    /// Counts each failure and logs the first, until the table changes: otherwise a publisher could fill the log. The
    /// guest's text may repeat the event, so it is not logged.
    fn say(&self, fault: &Fault, passes: bool) {
        if fault.class == Class::Rejected || self.reported.swap(true, Ordering::Relaxed) {
            return;
        }
        let next = if passes { "the event continues unchanged" } else { "the event is rejected" };
        tracing::warn!(
            stage = %self.spec.name, class = %fault.class, code = fault.code,
            "a stage failed, and {next}; further failures are only counted, in fanfare_stage_runs_total"
        );
    }
}

/// The channels and stages that apply to one request.
#[derive(Clone)]
pub struct Snapshot {
    pub(crate) table: Arc<Table>,
    shared: Arc<Shared>,
}

impl Snapshot {
    pub(crate) fn new(table: Arc<Table>, shared: Arc<Shared>) -> Self {
        Self { table, shared }
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
        self.pass(0, event).await.map_err(|refused| AcceptError::Refused(vec![refused.refusal]))
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
        let now = self.shared.clock.now();
        let prospect = |(lane, verdict): (Arc<Lane>, Verdict)| {
            let wishes = self.shared.recipients.wishes(event, &lane.name);
            (lane.name.clone(), Prospect::new(verdict, event, &lane.policy(), wishes.as_ref(), now))
        };
        self.table.judge(event).into_iter().map(prospect).collect()
    }

    async fn pass(&self, entry: usize, event: Event) -> Result<Staged, Refused> {
        Passage { snapshot: self.clone(), entry, counts: true }.run(event).await
    }
}

/// How far an event came that a stage did not let through.
#[derive(Clone, Debug)]
pub struct Refused {
    pub refusal: StageRefusal,
    /// What each stage did, including the one that rejected it.
    pub records: Vec<StageRecord>,
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
        let Snapshot { table, shared } = self.snapshot.clone();
        // Comparing the type is cheap, and saves the switch of threads for other events.
        let Some(first) = table.stages.iter().find(|step| step.is_for_type(&event.ty)) else { return Ok(event.into()) };
        let refusal = |reason: &str| StageRefusal {
            entry: self.entry,
            stage: first.spec.name.clone(),
            failure: Fault::new(Class::Host, "stopped", reason).into(),
        };
        let stopped = refusal("the daemon is shutting down");
        let broken = refusal("its task failed");
        let running = AbortOnDropHandle::new(shared.tasks.spawn_on(self.walk(event), &shared.guests));
        tokio::select! {
            passed = running => passed.unwrap_or_else(|error| {
                tracing::error!(%error, "the task of an event's stages failed");
                Err(Refused { refusal: broken, records: vec![] })
            }),
            () = shared.aborting.cancelled() => Err(Refused { refusal: stopped, records: vec![] }),
        }
    }

    async fn walk(self, event: Event) -> Result<Staged, Refused> {
        let Self { snapshot: Snapshot { table, shared }, entry, counts } = self;
        let tell = |step: &Step, record: &StageRecord, samples: &[Sample]| {
            if counts {
                shared.observer.staged(&step.spec.name, record, samples);
            }
        };
        walk(&table.stages, entry, event, tell).await
    }
}

/// Passes an event through these stages, without a daemon.
///
/// # Errors
/// How far it came, if a stage does not let it through.
pub async fn try_stages(stages: Vec<StageSpec>, event: Event) -> Result<Staged, Refused> {
    let steps: Vec<_> = stages.into_iter().map(Step::new).collect();
    walk(&steps, 0, event, |_, _, _| {}).await
}

/// Runs the stages one after the other.
async fn walk(
    steps: &[Step],
    entry: usize,
    event: Event,
    tell: impl Fn(&Step, &StageRecord, &[Sample]) + Send,
) -> Result<Staged, Refused> {
    let (mut event, mut published) = (Arc::new(event), None);
    let mut records = vec![];
    let mut is_dropped = false;
    for step in steps {
        if !step.takes(&event) {
            continue;
        }
        let report = step.run(&event).await;
        let record = match &report.outcome {
            Ok(Some(after)) if *after == *event => step.record(Did::Unchanged, &report),
            Ok(Some(after)) => {
                StageRecord { changed: changed_members(&event, after), ..step.record(Did::Changed, &report) }
            }
            Ok(None) => step.record(Did::Dropped, &report),
            Err(_) => step.record(Did::Failed, &report),
        };
        tell(step, &record, &report.samples);
        match report.outcome {
            Ok(Some(after)) if record.did == Did::Changed => {
                let before = std::mem::replace(&mut event, Arc::new(after));
                published.get_or_insert(before);
            }
            Ok(Some(_)) => {}
            Ok(None) => is_dropped = true,
            Err(fault) => {
                let passes = step.lets_pass(&fault);
                step.say(&fault, passes);
                if !passes {
                    let stage = step.spec.name.clone();
                    let refusal = StageRefusal { entry, stage, failure: fault.into() };
                    records.push(record);
                    return Err(Refused { refusal, records });
                }
            }
        }
        records.push(record);
        if is_dropped {
            published.get_or_insert(Arc::clone(&event));
            break;
        }
    }
    let event = Arc::unwrap_or_clone(event);
    let event = if is_dropped { event.into_dropped() } else { event };
    let trail = (!records.is_empty()).then(|| {
        let published = published.map(Arc::unwrap_or_clone);
        Box::new(Trail { published, records })
    });
    Ok(Staged { event, trail })
}
