//! The path of one event through the stages, with scripted stages.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::{sync::Arc, time::Duration};

use fanfare_core::{
    Class, Cost, Did, Event, Fault, OnError, Payload, StageReport, TraceContext,
    filter::{Condition, Filter},
};
use fanfare_dispatch::{Bounds, BoxFuture, Refused, Stage, StageSpec, try_stages};

/// Appends its name to the subject, or does what the event's subject says.
struct Named(&'static str);

impl Stage for Named {
    fn process(&self, event: Arc<Event>, _: Bounds, _: Option<TraceContext>) -> BoxFuture<'_, StageReport> {
        let subject = event.subject.clone().unwrap_or_default();
        let outcome = match subject.as_str() {
            "drop" => Ok(None),
            "same" => Ok(Some(Event::clone(&event))),
            "reject" => Err(Fault::new(Class::Rejected, "no", "never")),
            "trap" => Err(Fault::new(Class::Trap, "trap", "unreachable")),
            "later" => Err(Fault::new(Class::Retry, "unreadable_file", "no such file")),
            "host" => Err(Fault::new(Class::Host, "pool_exhausted", "no instance")),
            _ => Ok(Some(Event { subject: Some(format!("{subject}{}", self.0)), ..Event::clone(&event) })),
        };
        let report = StageReport { outcome, cost: Cost::default(), samples: vec![], trace: vec![], sent: vec![] };
        Box::pin(std::future::ready(report))
    }

    fn plugin_digest(&self) -> &str {
        "0123456789abcdef"
    }
}

fn stage(name: &'static str) -> StageSpec {
    StageSpec {
        name: name.parse().unwrap(),
        plugin: "named".to_owned(),
        filter: Filter::default(),
        bounds: Bounds { timeout: Duration::from_secs(1), fuel: 1, memory: 1, reuse: 0 },
        concurrency: 1,
        on_error: OnError::Reject,
        stage: Ok(Arc::new(Named(name))),
    }
}

fn event(subject: &str) -> Event {
    Event {
        id: "e-1".to_owned(),
        source: "/shop".to_owned(),
        ty: "order.created".to_owned(),
        subject: Some(subject.to_owned()),
        time: "2026-11-20T10:30:00Z".to_owned(),
        data_content_type: None,
        data_schema: None,
        extensions: vec![],
        data: Some(Payload::Text("{\"n\":1}".to_owned())),
    }
}

/// What each stage did, by name.
fn did(records: &[fanfare_core::StageRecord]) -> Vec<(&str, Did)> {
    records.iter().map(|record| (record.stage.as_str(), record.did)).collect()
}

async fn refused(stages: Vec<StageSpec>, subject: &str) -> Refused {
    try_stages(stages, event(subject)).await.unwrap_err()
}

#[tokio::test]
async fn each_stage_gets_what_the_one_before_it_returned() {
    let staged = try_stages(vec![stage("b"), stage("a")], event("-")).await.unwrap();
    assert_eq!(staged.event.subject.as_deref(), Some("-ba"));
    let trail = staged.trail.unwrap();
    assert_eq!(did(&trail.records), [("b", Did::Changed), ("a", Did::Changed)]);
    assert_eq!(trail.published, Some(event("-")), "for recognizing a repeat");
    assert_eq!(trail.records[0].changed, ["/subject"]);
}

#[tokio::test]
async fn an_event_that_no_stage_changes_is_its_own_identity_and_one_that_none_takes_has_no_trail() {
    let staged = try_stages(vec![stage("a")], event("same")).await.unwrap();
    assert_eq!((staged.event, staged.trail.unwrap().published), (event("same"), None));
    let other = Filter { types: vec!["user.*".to_owned()], ..Filter::default() };
    let staged = try_stages(vec![StageSpec { filter: other, ..stage("a") }], event("-")).await.unwrap();
    assert_eq!((staged.event, staged.trail), (event("-"), None));
}

#[tokio::test]
async fn a_condition_that_cannot_be_evaluated_lets_no_event_bypass_the_stage() {
    for (when, runs) in [("data.n == 1", true), ("data.n == 2", false), ("data.none == 1", true)] {
        let filter = Filter { when: Some(Condition::compile(when).unwrap()), ..Filter::default() };
        let staged = try_stages(vec![StageSpec { filter, ..stage("a") }], event("-")).await.unwrap();
        assert_eq!(staged.trail.is_some(), runs, "{when}");
    }
}

#[tokio::test]
async fn a_dropped_event_keeps_only_its_identity_and_passes_no_other_stage() {
    let staged = try_stages(vec![stage("a"), stage("b")], event("drop")).await.unwrap();
    assert!(staged.is_dropped());
    assert_eq!(staged.event, Event { subject: None, data: None, ..event("") });
    let trail = staged.trail.unwrap();
    assert_eq!((did(&trail.records), trail.published), (vec![("a", Did::Dropped)], Some(event("drop"))));
}

#[tokio::test]
async fn what_is_refused_tells_how_far_it_came() {
    let Refused { refusal, records } = refused(vec![stage("a")], "trap").await;
    assert_eq!((refusal.failure.class, refusal.is_passing()), (Class::Trap, false));
    assert_eq!(did(&records), [("a", Did::Failed)]);
    assert_eq!(
        refused(vec![stage("a")], "reject").await.refusal.to_string(),
        "the stage `a` rejected the event (no): never"
    );
}

#[tokio::test]
async fn an_operator_may_let_events_pass_a_stage_that_fails_and_not_one_that_the_host_fails() {
    let lenient = |stage: StageSpec| StageSpec { on_error: OnError::Pass, ..stage };
    let staged = try_stages(vec![lenient(stage("a"))], event("trap")).await.unwrap();
    assert_eq!(staged.event, event("trap"));
    assert_eq!(did(&staged.trail.unwrap().records), [("a", Did::Failed)]);
    assert_eq!(refused(vec![lenient(stage("a"))], "reject").await.refusal.failure.class, Class::Rejected);
    assert!(refused(vec![lenient(stage("a"))], "host").await.refusal.is_passing());
    assert!(refused(vec![stage("a")], "later").await.refusal.is_passing(), "the publisher has done nothing wrong");
    let absent = || StageSpec { stage: Err("no file".to_owned()), ..stage("a") };
    assert!(refused(vec![absent()], "-").await.refusal.is_passing());
    let staged = try_stages(vec![lenient(absent()), stage("b")], event("-")).await.unwrap();
    assert_eq!(staged.event.subject.as_deref(), Some("-b"));
    assert_eq!(staged.trail.unwrap().records[0].digest, None);
}
