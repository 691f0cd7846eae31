//! Stages: what they may return, and what happens to harmful ones.

use std::{sync::Arc, time::Duration};

use fanfare_core::{Attribute, ChannelName, Class, Event, Fault, Payload, StageReport};
use fanfare_dispatch::{Bounds, Stage};
use fanfare_runtime::{ChannelSetup, Kind, SetupError};

use crate::support::{bounds, hostile, hostile_stage, setup};

fn event(data: &str) -> Arc<Event> {
    Arc::new(Event {
        id: "e-1".to_owned(),
        source: "/shop".to_owned(),
        ty: "order.created".to_owned(),
        subject: None,
        time: "2026-11-20T10:30:00Z".to_owned(),
        data_content_type: None,
        data_schema: None,
        extensions: vec![("n".to_owned(), Attribute::Integer(5))],
        data: Some(Payload::Text(data.to_owned())),
    })
}

async fn stage(settings: &[(&str, &str)]) -> Arc<dyn Stage> {
    let setup = ChannelSetup { name: ChannelName::new("check").unwrap(), ..setup(settings) };
    hostile_stage().await.stage(setup).unwrap()
}

async fn run(mode: &str) -> StageReport {
    stage(&[("mode", mode)]).await.process(event("{\"a\":1}"), bounds(), None).await
}

async fn passed(mode: &str) -> Event {
    run(mode).await.outcome.unwrap().unwrap()
}

async fn failed(mode: &str, bounds: Bounds) -> Fault {
    stage(&[("mode", mode)]).await.process(event("{\"a\":1}"), bounds, None).await.outcome.unwrap_err()
}

#[tokio::test]
async fn a_stage_returns_the_event_as_it_is_or_another_or_none() {
    assert_eq!(hostile_stage().await.kind(), Kind::Stage);
    assert_eq!(passed("pass").await, *event("{\"a\":1}"), "attributes keep their types");
    assert_eq!(passed("mark").await.data.unwrap().as_bytes(), b"{\"a\":1,\"marks\":[\"mark\"]}");
    let other = passed("attributes").await;
    assert_eq!((other.ty.as_str(), other.subject.as_deref()), ("order.created.checked", Some("s-1")));
    assert_eq!(other.extension("checked"), Some(&Attribute::String("yes".to_owned())));
    assert_eq!(run("drop").await.outcome, Ok(None));
    assert_eq!(passed("published").await.attribute("seen").unwrap(), "order.created");
    assert_eq!(run("metrics").await.samples.len(), 1);
}

#[tokio::test]
async fn each_failure_has_its_class() {
    let small = Bounds { fuel: 50_000_000, timeout: Duration::from_millis(300), ..bounds() };
    for (mode, class, code) in [
        ("reject", Class::Rejected, "not_wanted"),
        ("retry", Class::Retry, "again"),
        ("suspend", Class::Suspended, "gone"),
        ("trap", Class::Trap, "trap"),
        ("panic", Class::Trap, "panic"),
        ("spin", Class::Fuel, "fuel"),
        ("sleep", Class::Timeout, "timeout"),
        ("emit", Class::Denied, "denied"),
        ("http", Class::Denied, "denied"),
        ("state", Class::Retry, "state_unavailable"),
    ] {
        let fault = failed(mode, small).await;
        assert_eq!((fault.class, fault.code.as_str()), (class, code), "{mode}: {}", fault.message);
    }
    let fault = failed("memory", Bounds { memory: 4 << 20, ..bounds() }).await;
    assert_eq!(fault.class, Class::Memory, "{}", fault.message);
    assert!(fault.message.contains("stages.check.memory"), "{}", fault.message);
    let fault = failed("http", bounds()).await;
    assert!(fault.message.contains("stages.check.grant.http"), "{}", fault.message);
    assert!(failed("emit", bounds()).await.message.contains("a stage cannot emit events"));
    assert!(failed("state", bounds()).await.message.contains("a stage has no state"));
}

#[tokio::test]
async fn what_could_not_have_been_published_is_an_invalid_event() {
    for (mode, says) in [
        ("giant", "8192 KiB; it may have 1024"),
        ("id", "/id"),
        ("source", "/source"),
        ("type", "/type"),
        ("control", "/subject"),
        ("system", "daemon's own"),
        ("hops", "/hopcount"),
        ("twice", "appears twice"),
        ("data", "not JSON"),
        ("deep", "128 levels"),
    ] {
        let fault = failed(mode, bounds()).await;
        assert_eq!((fault.class, fault.code.as_str()), (Class::Trap, "invalid_event"), "{mode}");
        assert!(fault.message.contains(says), "{mode}: {}", fault.message);
    }
}

#[tokio::test]
async fn an_instance_serves_many_events_where_the_bounds_say_so() {
    let stage = stage(&[("mode", "count")]).await;
    let mut served = vec![];
    for reuse in [0, 0, 3, 3, 3, 3] {
        let report = stage.process(event("{}"), Bounds { reuse, ..bounds() }, None).await;
        served.push(report.outcome.unwrap().unwrap().attribute("served").unwrap().into_owned());
    }
    assert_eq!(served, ["1", "1", "1", "2", "3", "1"]);
}

#[tokio::test]
async fn a_stage_is_not_a_channel_and_a_channel_is_not_a_stage() {
    let wrong = hostile_stage().await.channel(setup(&[])).err().unwrap();
    assert_eq!(wrong, SetupError::IsStage { table: "channels.hook".to_owned() });
    assert!(wrong.to_string().contains("[[stages]]"));
    let wrong = hostile().await.stage(setup(&[])).err().unwrap();
    assert_eq!(wrong, SetupError::NoStage { table: "stages.hook".to_owned(), kind: Kind::Channel });
    assert!(wrong.to_string().contains("[channels.<name>]"));
}
