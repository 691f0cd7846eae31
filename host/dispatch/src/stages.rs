//! The stages that events pass before the fan-out, one after the other, in the order of the configuration.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use fanfare_core::{
    ChannelName, Class, Did, Event, Fault, OnError, Sample, SpanId, StageFailure, StageRecord, StageReport,
    StageTraced, Staged, TraceContext, Trail, any_type_matches, changed_members,
    filter::{Candidate, Filter, Verdict},
};
use tokio::sync::Semaphore;

use crate::{Bounds, BoxFuture, StageRefusal};

/// How long an event waits for its turn at a busy stage.
const PATIENCE: Duration = Duration::from_secs(5);

/// Processes events before the fan-out. Called for many events concurrently.
pub trait Stage: Send + Sync + 'static {
    /// Processes one event, within the bounds. The stage's requests carry the trace context. The call itself cannot
    /// fail: errors are in the report. Dropping the future cancels it.
    fn process(&self, event: Arc<Event>, bounds: Bounds, trace: Option<TraceContext>) -> BoxFuture<'_, StageReport>;

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

    pub(crate) fn name(&self) -> &ChannelName {
        &self.spec.name
    }

    pub(crate) fn is_for_type(&self, ty: &str) -> bool {
        any_type_matches(&self.spec.filter.types, ty)
    }

    /// Whether the event must pass this stage. It must if the condition cannot be evaluated, so that nobody avoids a
    /// stage by leaving out what the condition needs.
    fn takes(&self, event: &Event) -> bool {
        matches!(self.spec.filter.judge(&Candidate::new(event)), Verdict::Pass | Verdict::Failed(_))
    }

    async fn run(&self, event: &Arc<Event>, trace: Option<TraceContext>) -> StageReport {
        let host = |code, reason: &str| StageReport::failed(Fault::new(Class::Host, code, reason), <_>::default());
        let stage = match &self.spec.stage {
            Ok(stage) => stage,
            Err(reason) => return host("no_plugin", &format!("its plugin is missing: {reason}")),
        };
        let Ok(Ok(_turn)) = tokio::time::timeout(PATIENCE, self.turns.acquire()).await else {
            return host("busy", "it is busy with other events");
        };
        stage.process(Arc::clone(event), self.spec.bounds, trace).await
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
            traced: None,
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

/// How far an event came that a stage did not let through.
#[derive(Clone, Debug)]
pub struct Refused {
    pub refusal: StageRefusal,
    /// What each stage did, including the one that rejected it.
    pub records: Vec<StageRecord>,
}

/// Passes an event through these stages, without a daemon.
///
/// # Errors
/// How far it came, if a stage does not let it through.
pub async fn try_stages(stages: Vec<StageSpec>, event: Event) -> Result<Staged, Refused> {
    let steps: Vec<_> = stages.into_iter().map(Step::new).collect();
    walk(&steps, 0, event, false, |_, _, _| {}).await
}

/// The context of a stage's call: another span in the trace of its event.
fn call_of(event: &Event) -> Option<TraceContext> {
    Some(TraceContext::carried_by(event)?.at(SpanId(fastrand::u64(1..).to_be_bytes())))
}

/// Runs the stages one after the other.
pub(crate) async fn walk(
    steps: &[Step],
    entry: usize,
    event: Event,
    is_traced: bool,
    tell: impl Fn(&Step, &StageRecord, &[Sample]) + Send,
) -> Result<Staged, Refused> {
    let (mut event, mut published) = (Arc::new(event), None);
    let mut records = vec![];
    let mut is_dropped = false;
    for step in steps {
        if !step.takes(&event) {
            continue;
        }
        let trace = is_traced.then(|| call_of(&event)).flatten();
        let span = trace.as_ref().map(|context| context.span);
        let mut report = step.run(&event, trace).await;
        let mut record = match &report.outcome {
            Ok(Some(after)) if *after == *event => step.record(Did::Unchanged, &report),
            Ok(Some(after)) => {
                StageRecord { changed: changed_members(&event, after), ..step.record(Did::Changed, &report) }
            }
            Ok(None) => step.record(Did::Dropped, &report),
            Err(_) => step.record(Did::Failed, &report),
        };
        record.traced = span.map(|span| Box::new(StageTraced { span, sent: std::mem::take(&mut report.sent) }));
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
