//! Whether and when a delivery is attempted: delays, `deliverat`, quiet hours, `once`, fallbacks. The daemon's clock is
//! moved where time matters.
#![allow(clippy::disallowed_methods, reason = "the daemon's clock is the system's")]

use hyper::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::{
    daemon::{Daemon, Home},
    faults::Faults,
    receiver::{Answering, Receiver},
    until, webhook,
};

/// A channel's result for an event.
async fn on(daemon: &Daemon, event: &str, channel: &str) -> Value {
    daemon.api.event(event).await["result"]["channels"][channel].clone()
}

async fn waits_for(daemon: &Daemon, event: &str, channel: &str, what: &str) -> Value {
    until(what, || async {
        let shown = on(daemon, event, channel).await;
        (shown["waiting_for"] == what).then_some(shown)
    })
    .await
}

async fn in_status(daemon: &Daemon, event: &str, channel: &str, status: &str) -> Value {
    until(status, || async {
        let shown = on(daemon, event, channel).await;
        (shown["status"] == status).then_some(shown)
    })
    .await
}

async fn publish(daemon: &Daemon, event: &Value) -> Value {
    daemon.api.publish_async(event.to_string()).await.expect(202).json()
}

fn from_now(hours: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(hours)
}

#[tokio::test]
async fn a_scheduled_event_waits_across_a_restart_and_is_delivered_on_time() {
    let receiver = Receiver::start().await;
    let home = Home::new(&webhook("hook", &receiver, "expires = \"1h\"\n"));
    let faults = Faults::new(&home);
    let daemon = home.start_with(faults.environment()).await;
    let at = from_now(5);
    publish(&daemon, &json!({ "type": "a", "id": "later", "deliverat": at.to_string() })).await;
    publish(&daemon, &json!({ "type": "a", "id": "now" })).await;
    in_status(&daemon, "now", "hook", "success").await;
    let shown = waits_for(&daemon, "later", "hook", "at").await;
    assert_eq!(shown["until"].as_str().unwrap().parse::<Timestamp>().unwrap().as_second(), at.as_second(), "{shown:#}");
    assert_eq!((&shown["status"], &shown["attempts"]), (&json!("pending"), &json!(0)));

    daemon.kill().await;
    let daemon = home.start_with(faults.environment()).await;
    waits_for(&daemon, "later", "hook", "at").await;
    assert_eq!(receiver.count(), 1);
    faults.turn_clock(4 * 3_600);
    // A channel's `expires` counts from the scheduled time.
    publish(&daemon, &json!({ "type": "a", "id": "after" })).await;
    in_status(&daemon, "after", "hook", "success").await;
    waits_for(&daemon, "later", "hook", "at").await;
    faults.turn_clock(3_700);
    in_status(&daemon, "later", "hook", "success").await;
    assert_eq!(receiver.count(), 3);
}

#[tokio::test]
async fn an_event_can_be_delayed_and_cancelled_before_it_is_due() {
    let receiver = Receiver::start().await;
    let paused = webhook("paused", &receiver, "");
    let home = Home::new(&(webhook("hook", &receiver, "order = \"subject\"\n") + &paused));
    let daemon = home.start_quietly().await;
    daemon.api.post("/v1/channels/paused/pause", "{}").await.expect(200);
    let prefer = [("content-type", "application/json"), ("prefer", "delay=1h, wait=30")];
    let body = r#"{"type":"a","id":"one","subject":"s"}"#;
    let response = daemon.api.send(Method::POST, "/v1/events", &prefer, body).await.expect(202);
    assert_eq!(
        response.headers["preference-applied"], "wait=30, delay=\"1h\"",
        "the response did not wait for an hour"
    );
    // The same request again is a repeat, although an hour from now is another time.
    let prefer = [("content-type", "application/json"), ("prefer", "delay=1h, respond-async")];
    let again = daemon.api.send(Method::POST, "/v1/events", &prefer, body).await.expect(202).json();
    assert_eq!(again["duplicate"], true, "{again:#}");
    waits_for(&daemon, "one", "hook", "at").await;
    // It does not delay other events with its key.
    publish(&daemon, &json!({ "type": "a", "id": "two", "subject": "s" })).await;
    in_status(&daemon, "two", "hook", "success").await;

    let cancelled = daemon.api.send(Method::DELETE, "/v1/events/one", &[], "").await.expect(200).json();
    assert_eq!(cancelled["overall_status"], "cancelled", "{cancelled:#}");
    for channel in ["hook", "paused"] {
        assert_eq!(cancelled["channels"][channel]["status"], "skipped", "{cancelled:#}");
        assert_eq!(cancelled["channels"][channel]["reason"], "cancelled", "{cancelled:#}");
    }
    assert_eq!(cancelled["summary"]["skipped"], 2);
    let refused = daemon.api.send(Method::DELETE, "/v1/events/one", &[], "").await.expect(409).json();
    assert_eq!(refused["type"], "urn:fanfare:problem:event-due");
    daemon.api.send(Method::DELETE, "/v1/events/two", &[], "").await.expect(409);
    daemon.api.send(Method::DELETE, "/v1/events/three", &[], "").await.expect(404);
    let listed = daemon.api.get("/v1/events?status=cancelled").await.expect(200).json();
    assert_eq!(listed["events"].as_array().unwrap().len(), 1);

    let replay = daemon.api.post("/v1/replays", r#"{"channels":["hook"],"types":["a"]}"#).await.expect(202).json();
    assert_eq!(replay["matched"], 2, "{replay:#}");
    until("the replay", || async { (receiver.count() == 2).then_some(()) }).await;
    until("its end", || async { (daemon.api.pending().await == 1).then_some(()) }).await;
    daemon.kill().await;
    let daemon = home.start_quietly().await;
    assert_eq!(daemon.api.event("one").await["result"]["overall_status"], "cancelled", "it stays cancelled");
    until("the rest", || async { (daemon.api.pending().await == 1).then_some(()) }).await;
    assert_eq!(receiver.count(), 2);
    assert_eq!(
        daemon.api.metric("fanfare_deliveries_total{channel=\"hook\",outcome=\"skipped\"}").await.unwrap_or(0.0),
        0.0
    );
}

#[tokio::test]
async fn an_invalid_time_is_rejected() {
    let home = Home::new("[channels.nobody]\nplugin = \"nowhere\"\n");
    let daemon = home.start_quietly().await;
    for wrong in [json!("tomorrow"), json!(5), json!("2026-13-01T00:00:00Z"), json!("9999-12-30T00:00:00Z")] {
        let body = json!({ "type": "a", "deliverat": wrong }).to_string();
        let problem = daemon.api.post("/v1/events", body).await.expect(422).json();
        assert_eq!(problem["errors"][0]["pointer"], "/deliverat", "{problem:#}");
    }
    let headers = [("content-type", "application/json"), ("prefer", "delay=tomorrow")];
    daemon.api.send(Method::POST, "/v1/events", &headers, r#"{"type":"a"}"#).await.expect(400);
}

#[tokio::test]
async fn a_time_later_than_the_clock_can_tell_is_rejected_in_every_form() {
    let home = Home::new("[channels.log]\nplugin = \"builtin:log\"\n");
    let daemon = home.start_quietly().await;
    let event = |at: &str| json!({ "specversion": "1.0", "id": "1", "source": "/", "type": "a", "deliverat": at });
    for far in ["9999-12-31T23:59:59Z", "9999-12-31T23:59:60Z", "9999-12-31T23:59:59.999999999-23:59"] {
        let (simple, structured) = (json!({ "type": "a", "deliverat": far }), event(far));
        let batch = json!([event("2020-01-01T00:00:00Z"), structured]);
        let binary = [
            ("content-type", "text/plain"),
            ("ce-specversion", "1.0"),
            ("ce-id", "1"),
            ("ce-source", "/"),
            ("ce-type", "a"),
            ("ce-deliverat", far),
        ];
        let of = |form: &'static str| [("content-type", form)];
        for (headers, body, pointer) in [
            (&of("application/json")[..], simple.to_string(), "/deliverat"),
            (&of("application/cloudevents+json"), structured.to_string(), "/deliverat"),
            (&of("application/cloudevents-batch+json"), batch.to_string(), "/1/deliverat"),
            (&binary, "hello".to_owned(), "/ce-deliverat"),
        ] {
            let problem = daemon.api.send(Method::POST, "/v1/events", headers, body).await.expect(422).json();
            assert_eq!(problem["type"], "urn:fanfare:problem:invalid-event", "{problem:#}");
            let error = &problem["errors"][0];
            assert_eq!(error["pointer"], pointer, "{problem:#}");
            assert_eq!(error["detail"], "is more than 10 years ahead; choose an earlier time", "{problem:#}");
        }
    }
    let listed = daemon.api.get("/v1/events").await.expect(200).json();
    assert_eq!(listed["events"], json!([]), "nothing was recorded");
}

#[tokio::test]
async fn every_delivery_of_a_channel_with_a_delay_waits_first() {
    let receiver = Receiver::start().await;
    let home = Home::new(
        &(webhook("slow", &receiver, "delay = \"1h\"\norder = \"subject\"\n")
            + "[channels.log]\nplugin = \"builtin:log\"\n"),
    );
    let faults = Faults::new(&home);
    let daemon = home.start_with(faults.environment()).await;
    for n in 0..3 {
        publish(&daemon, &json!({ "type": "a", "id": format!("e{n}"), "subject": "s" })).await;
    }
    in_status(&daemon, "e2", "log", "success").await;
    waits_for(&daemon, "e0", "slow", "delay").await;
    waits_for(&daemon, "e1", "slow", "order").await;
    faults.turn_clock(3_600);
    in_status(&daemon, "e2", "slow", "success").await;
    let order: Vec<_> = receiver
        .received()
        .iter()
        .map(|got| serde_json::from_slice::<Value>(&got.body).unwrap()["id"].clone())
        .collect();
    assert_eq!(order, ["e0", "e1", "e2"]);
}

#[tokio::test]
async fn quiet_hours_defer_all_but_the_exception_and_policy_changes_apply_at_once() {
    let receiver = Receiver::start().await;
    // Quiet now, whatever time of day it is.
    let [from, to] = [-1, 2].map(|hours| from_now(hours).strftime("%H:%M").to_string());
    let except = "event.severity == 'critical'";
    let quiet = format!("quiet = {{ from = \"{from}\", to = \"{to}\", zone = \"UTC\", except = \"{except}\" }}\n");
    let home = Home::new(&webhook("hook", &receiver, &quiet));
    let daemon = home.start_quietly().await;
    publish(&daemon, &json!({ "type": "a", "id": "plain" })).await;
    publish(&daemon, &json!({ "type": "a", "id": "critical", "severity": "critical" })).await;
    in_status(&daemon, "critical", "hook", "success").await;
    let shown = waits_for(&daemon, "plain", "hook", "quiet").await;
    assert!(shown["until"].as_str().unwrap().parse::<Timestamp>().unwrap() > from_now(0));
    let shown = daemon.api.get("/v1/channels/hook").await.expect(200).json();
    assert_eq!(shown["deferred"], json!({ "quiet": 1 }), "{shown:#}");
    let policy = shown["policy"]["quiet"][0].clone();
    assert_eq!((&policy["zone"], &policy["from"]), (&json!("UTC"), &json!(from)), "{policy:#}");
    daemon.kill().await;
    let daemon = home.start_quietly().await;
    waits_for(&daemon, "plain", "hook", "quiet").await;
    assert_eq!(daemon.api.get("/v1/channels/hook").await.expect(200).json()["deferred"], json!({ "quiet": 1 }));
    assert_eq!(receiver.count(), 1);
    // Without quiet hours, waiting deliveries are made at once; a new delay counts from the acceptance.
    home.configure(&webhook("hook", &receiver, "delay = \"1s\"\n"));
    in_status(&daemon, "plain", "hook", "success").await;
    assert!(daemon.api.get("/v1/channels/hook").await.expect(200).json()["deferred"].is_null());
    home.configure(&webhook("hook", &receiver, "delay = \"1h\"\n"));
    until("the longer delay", || async {
        let policy = daemon.api.get("/v1/channels/hook").await.expect(200).json()["policy"].clone();
        (policy["delay"] == "1h").then_some(())
    })
    .await;
    publish(&daemon, &json!({ "type": "a", "id": "slow" })).await;
    waits_for(&daemon, "slow", "hook", "delay").await;
    home.configure(&webhook("hook", &receiver, "delay = \"100ms\"\n"));
    in_status(&daemon, "slow", "hook", "success").await;
}

#[tokio::test]
async fn one_event_per_key_and_window_is_delivered_and_the_others_are_skipped() {
    let receiver = Receiver::start().await;
    let home = Home::new(&webhook("hook", &receiver, "once = { per = \"data.alert\", within = \"1h\" }\n"));
    let faults = Faults::new(&home);
    let daemon = home.start_with(faults.environment()).await;
    let alert = |id: &str, alert: &str| json!({ "type": "a", "id": id, "data": { "alert": alert } });
    publish(&daemon, &alert("first", "disk")).await;
    in_status(&daemon, "first", "hook", "success").await;
    publish(&daemon, &alert("second", "disk")).await;
    publish(&daemon, &alert("other", "cpu")).await;
    publish(&daemon, &json!({ "type": "a", "id": "none" })).await;
    let skipped = in_status(&daemon, "second", "hook", "skipped").await;
    assert_eq!(skipped["reason"], "once", "{skipped:#}");
    assert!(skipped["detail"].as_str().unwrap().contains("`first`"), "{skipped:#}");
    in_status(&daemon, "other", "hook", "success").await;
    in_status(&daemon, "none", "hook", "success").await;
    assert_eq!(daemon.api.event("second").await["result"]["overall_status"], "success", "skipped counts as settled");
    assert_eq!(daemon.api.metric("fanfare_deliveries_total{channel=\"hook\",outcome=\"skipped\"}").await, Some(1.0));

    // The window survives a crash.
    daemon.kill().await;
    let daemon = home.start_with(faults.environment()).await;
    publish(&daemon, &alert("third", "disk")).await;
    in_status(&daemon, "third", "hook", "skipped").await;
    faults.turn_clock(3_700);
    publish(&daemon, &alert("fourth", "disk")).await;
    in_status(&daemon, "fourth", "hook", "success").await;
    assert_eq!(receiver.count(), 4);
    let counted = daemon.api.get("/v1/channels/hook").await.expect(200).json();
    assert_eq!((&counted["skipped"], &counted["pending"]), (&json!(2), &json!(0)), "{counted:#}");
}

#[tokio::test]
async fn the_last_event_of_a_window_is_delivered_at_its_end() {
    let receiver = Receiver::start().await;
    let once = "once = { per = \"subject\", within = \"1h\", last = true }\n";
    let home = Home::new(&webhook("hook", &receiver, once));
    let faults = Faults::new(&home);
    let daemon = home.start_with(faults.environment()).await;
    for id in ["first", "second"] {
        publish(&daemon, &json!({ "type": "a", "id": id, "subject": "s" })).await;
        waits_for(&daemon, id, "hook", "once").await;
    }
    daemon.kill().await;
    let daemon = home.start_with(faults.environment()).await;
    publish(&daemon, &json!({ "type": "a", "id": "third", "subject": "s" })).await;
    waits_for(&daemon, "third", "hook", "once").await;
    faults.turn_clock(3_700);
    in_status(&daemon, "third", "hook", "success").await;
    in_status(&daemon, "first", "hook", "skipped").await;
    in_status(&daemon, "second", "hook", "skipped").await;
    assert_eq!(receiver.count(), 1);
}

/// A lane claims a delivery before it can see that it is due later, and then releases it.
#[tokio::test]
async fn a_scheduled_event_can_be_cancelled_however_busy_its_channel_is() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering { delay: std::time::Duration::from_secs(25), ..Answering::status(200) });
    let home = Home::new(&webhook("hook", &receiver, "concurrency = 1\n"));
    let daemon = home.start_quietly().await;
    publish(&daemon, &json!({ "type": "a", "id": "slow" })).await;
    receiver.wait_for(1).await;
    publish(&daemon, &json!({ "type": "a", "id": "later", "deliverat": from_now(5).to_string() })).await;
    let cancelled = daemon.api.send(Method::DELETE, "/v1/events/later", &[], "").await.expect(200).json();
    assert_eq!(cancelled["overall_status"], "cancelled", "{cancelled:#}");
    assert_eq!(on(&daemon, "slow", "hook").await["status"], "pending", "the attempt before it is still in flight");
}

#[tokio::test]
async fn a_fallback_gets_undeliverable_events_once_and_nothing_else() {
    let (broken, sms) = (Receiver::start().await, Receiver::start().await);
    broken.answer(Answering::status(400));
    let channels = webhook("email", &broken, "fallback = [\"pager\", \"sms\"]\n")
        + &webhook("pager", &broken, "")
        + &webhook("sms", &sms, "order = \"subject\"\n");
    let home = Home::new(&channels);
    let daemon = home.start_quietly().await;
    let published = publish(&daemon, &json!({ "type": "a", "id": "one", "subject": "s" })).await;
    assert_eq!(
        published["channels"].as_object().unwrap().len(),
        1,
        "a fallback gets no event of its own: {published:#}"
    );
    // The second is the fallback of the first, and the third of both.
    let shown = in_status(&daemon, "one", "sms", "success").await;
    assert_eq!(shown["fallback_for"], "pager", "{shown:#}");
    let result = daemon.api.event("one").await;
    assert_eq!(result["result"]["channels"]["pager"]["fallback_for"], "email", "{result:#}");
    assert_eq!(result["result"]["overall_status"], "partial");
    assert_eq!(result["attempts"]["sms"][0]["trigger"], "fallback", "{result:#}");
    assert_eq!((broken.count(), sms.count()), (2, 1));
    let explained = daemon.api.post("/v1/explain", r#"{"type":"a"}"#).await.expect(200).json();
    assert_eq!(explained["channels"]["sms"]["reason"], "fallback", "{explained:#}");

    // After a redrive that fails again, no fallback gets it a second time.
    daemon.api.post("/v1/dead-letters/replay", r#"{"channel":"email"}"#).await.expect(202);
    until("the second failure", || async { (broken.count() == 3).then_some(()) }).await;
    until("its end", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
    assert_eq!(sms.count(), 1);
    daemon.kill().await;
    let daemon = home.start_quietly().await;
    assert_eq!(on(&daemon, "one", "sms").await["status"], "success");
    assert_eq!(daemon.api.pending().await, 0);
}

#[tokio::test]
async fn urgent_events_go_ahead_of_the_backlog_across_a_restart() {
    let receiver = Receiver::start().await;
    let first = "priority = { lane = 3, first = \"event.severity == 'critical'\" }\nconcurrency = 1\n";
    let home = Home::new(&webhook("hook", &receiver, first));
    let daemon = home.start_quietly().await;
    daemon.api.post("/v1/channels/hook/pause", "{}").await.expect(200);
    // More than a lane may have claimed before it was paused.
    for n in 0..40 {
        publish(&daemon, &json!({ "type": "a", "id": format!("e{n}") })).await;
    }
    publish(&daemon, &json!({ "type": "a", "id": "urgent", "severity": "critical" })).await;
    daemon.kill().await;
    let daemon = home.start_quietly().await;
    daemon.api.post("/v1/channels/hook/resume", "{}").await.expect(200);
    until("all", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
    let got: Vec<_> = receiver
        .received()
        .iter()
        .map(|got| serde_json::from_slice::<Value>(&got.body).unwrap()["id"].clone())
        .collect();
    let place = got.iter().position(|id| id == "urgent").unwrap();
    assert!(place < 4, "{got:?}");
    assert_eq!((got.len(), &got[got.len() - 1]), (41, &json!("e39")));
    let policy = daemon.api.get("/v1/channels/hook").await.expect(200).json()["policy"].clone();
    assert_eq!((&policy["priority"], &policy["first"]), (&json!(3), &json!("event.severity == 'critical'")));
}

#[tokio::test]
async fn a_late_delivery_goes_to_the_fallback_once_whatever_delays_it() {
    let (failing, sms) = (Receiver::start().await, Receiver::start().await);
    failing.answer(Answering::status(503));
    let late = "retries = 100\nbackoff = { schedule = [\"1h\"] }\nfallback = [\"sms\"]\nfallback_after = \"10m\"\n";
    let channels = webhook("email", &failing, late) + &webhook("paused", &failing, late) + &webhook("sms", &sms, "");
    let home = Home::new(&channels);
    let faults = Faults::new(&home);
    let daemon = home.start_with(faults.environment()).await;
    daemon.api.post("/v1/channels/paused/pause", "{}").await.expect(200);
    publish(&daemon, &json!({ "type": "a", "id": "one" })).await;
    waits_for(&daemon, "one", "email", "retry").await;
    faults.turn_clock(601);
    publish(&daemon, &json!({ "type": "a", "id": "young" })).await;
    // Both are late, and the one fallback gets each event once.
    in_status(&daemon, "one", "sms", "success").await;
    assert_eq!(on(&daemon, "one", "email").await["status"], "pending", "it is still retried");
    daemon.kill().await;
    let daemon = home.start_with(faults.environment()).await;
    waits_for(&daemon, "young", "email", "retry").await;
    faults.turn_clock(601);
    in_status(&daemon, "young", "sms", "success").await;
    assert_eq!(sms.count(), 2);
}
