//! The main job: an event is posted, and four sandboxed channels get it.

use std::{collections::BTreeSet, fs, time::Duration};

use serde_json::json;

use crate::support::{
    SAMPLE,
    client::Api,
    daemon::Home,
    four_channels, hostile,
    receiver::{Answering, Receiver},
    until, webhook,
};

#[tokio::test]
async fn the_sample_event_reaches_all_four_channels_and_returns_the_documented_result() {
    let receiver = Receiver::start().await;
    let home = Home::new(&four_channels(&receiver));
    fs::create_dir(home.path("audit")).unwrap();
    let daemon = home.start().await;

    let answer = daemon.api.publish(SAMPLE).await.expect(200);
    let result = answer.json();
    assert_eq!(result["overall_status"], "success", "{result:#}\n{}", home.log());
    assert_eq!(result["event_type"], "user.signup");
    assert_eq!(result["offset"], 1);
    assert_eq!(result["duplicate"], false);
    assert_eq!(
        result["summary"],
        json!({"total_channels": 4, "successful": 4, "failed": 0, "pending": 0, "skipped": 0})
    );
    let members =
        |value: &serde_json::Value| -> BTreeSet<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(
        members(&result),
        BTreeSet::from(
            ["event_id", "event_type", "offset", "broadcast_at", "overall_status", "duplicate", "channels", "summary"]
                .map(String::from)
        )
    );
    for (name, keys) in [
        ("log", vec!["log_id"]),
        ("webhook", vec!["delivery_id", "payload_bytes", "status"]),
        ("audit", vec!["audit_id", "hash", "sequence"]),
        ("metrics", vec!["metrics_recorded"]),
    ] {
        let channel = &result["channels"][name];
        assert_eq!(channel["status"], "success", "{name}");
        assert_eq!(channel["channel"], name);
        assert_eq!(channel["attempts"], 1);
        assert!(channel["duration_ms"].as_f64().unwrap() > 0.0);
        assert!(channel["delivery_id"].as_str().unwrap().starts_with("dlv_"));
        assert_eq!(members(&channel["receipt"]), keys.into_iter().map(String::from).collect(), "{name}");
    }
    let id = result["event_id"].as_str().unwrap();
    assert_eq!(answer.headers["location"], format!("/v1/events/{id}"));

    // The webhook sent a CloudEvent, with the delivery's id as its idempotency key.
    let sent = &receiver.received()[0];
    assert_eq!(sent.header("content-type"), "application/cloudevents+json");
    assert_eq!(sent.header("webhook-id"), result["channels"]["webhook"]["delivery_id"]);
    let event: serde_json::Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(event["id"], id);
    assert_eq!(event["data"], json!({"user_id": "usr_123", "plan": "pro"}));
    assert_eq!(event["tags"], "user,signup");

    // Everything can be looked up afterwards.
    let shown = daemon.api.event(id).await;
    assert_eq!(shown["result"]["channels"], result["channels"]);
    assert_eq!(shown["attempts"]["webhook"][0]["number"], 1);
    assert!(shown["attempts"]["log"][0]["fuel"].as_u64().unwrap() > 0);
    let list = daemon.api.get("/v1/events?after=0&limit=10").await.expect(200).json();
    assert_eq!(list["events"][0]["event"]["id"], id);
    let counted = r#"fanfare_plugin_events_total{channel="metrics",severity="info",type="user.signup"}"#;
    let counted = until("the guest's counter", || async { daemon.api.metric(counted).await }).await;
    assert!((counted - 1.0).abs() < f64::EPSILON);
    let audit = fs::read_dir(home.path("audit")).unwrap().next().unwrap().unwrap().path();
    assert!(fs::read_to_string(audit).unwrap().contains(id));
    assert!(home.log().contains("New user registered"), "{}", home.log());
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn a_publisher_waits_for_the_slowest_channel_and_not_for_the_sum() {
    let slow = |name: &str, ms: u32| hostile(name, "sleep", &format!("ms = {ms}"), "");
    let home = Home::new(&[slow("a", 600), slow("b", 600), slow("c", 600), slow("d", 600)].concat());
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start().await;
    let result = daemon.api.publish(SAMPLE).await.expect(200).json();
    assert_eq!(result["overall_status"], "success", "{result:#}");
    // The attempts' own times show that all four were in flight at once, without a clock of the test.
    let shown = daemon.api.event(result["event_id"].as_str().unwrap()).await;
    let attempts = ["a", "b", "c", "d"].map(|name| shown["attempts"][name][0].clone());
    let start = |a: &serde_json::Value| a["started"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let end = |a: &serde_json::Value| start(a) + Duration::from_secs_f64(a["duration_ms"].as_f64().unwrap() / 1e3);
    let last_start = attempts.iter().map(start).max().unwrap();
    let first_end = attempts.iter().map(end).min().unwrap();
    assert!(last_start < first_end, "{attempts:#?}");
}

#[tokio::test]
async fn a_failing_delivery_is_retried_and_then_becomes_a_dead_letter() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering::status(503));
    let home = Home::new(&four_channels(&receiver));
    fs::create_dir(home.path("audit")).unwrap();
    let daemon = home.start().await;
    let result = daemon.api.publish(SAMPLE).await.expect(200).json();
    assert_eq!(result["overall_status"], "partial", "{result:#}");
    let webhook = &result["channels"]["webhook"];
    assert_eq!((webhook["status"].as_str(), webhook["attempts"].as_u64()), (Some("failed"), Some(4)));
    assert_eq!((webhook["class"].as_str(), webhook["code"].as_str()), (Some("retry"), Some("http_503")));
    assert!(webhook["next_attempt_at"].is_null());
    let ids: BTreeSet<_> = receiver.received().iter().map(|r| r.header("webhook-id").to_owned()).collect();
    assert_eq!((receiver.count(), ids.len()), (4, 1), "four attempts, one delivery id");

    let dead = daemon.api.get("/v1/dead-letters?channel=webhook").await.expect(200).json();
    let letter = &dead["dead_letters"][0];
    assert_eq!(letter["delivery_id"], webhook["delivery_id"]);
    assert_eq!((letter["class"].as_str(), letter["attempts"].as_u64()), (Some("retry"), Some(4)));
    let one = format!("/v1/dead-letters/{}", letter["delivery_id"].as_str().unwrap());
    daemon.api.get(&one).await.expect(200);
}

#[tokio::test]
async fn the_receivers_response_decides_what_happens_next() {
    let receiver = Receiver::start().await;
    let home = Home::new(&four_channels(&receiver));
    fs::create_dir(home.path("audit")).unwrap();
    let daemon = home.start().await;

    // Never: dead at once.
    receiver.answer(Answering::status(400));
    let result = daemon.api.publish(SAMPLE).await.json();
    let webhook = &result["channels"]["webhook"];
    assert_eq!((webhook["class"].as_str(), webhook["attempts"].as_u64()), (Some("rejected"), Some(1)), "{webhook}");

    // Later: not before the time that it names.
    receiver.answer(Answering { headers: vec![("retry-after", "3600".into())], ..Answering::status(429) });
    let headers = [("content-type", "application/json"), ("prefer", "wait=1")];
    let answer = daemon.api.send(hyper::Method::POST, "/v1/events", &headers, SAMPLE).await.expect(202);
    let webhook = &answer.json()["channels"]["webhook"];
    assert_eq!(
        (webhook["status"].as_str(), webhook["class"].as_str()),
        (Some("pending"), Some("throttled")),
        "{webhook}"
    );
    let next: jiff::Timestamp = webhook["next_attempt_at"].as_str().unwrap().parse().unwrap();
    let after: jiff::Timestamp = webhook["timestamp"].as_str().unwrap().parse().unwrap();
    assert!((next - after).total(jiff::Unit::Second).unwrap() >= 3600.0);

    // Gone: the channel is suspended, and the delivery stays.
    receiver.answer(Answering::status(410));
    let answer = daemon.api.send(hyper::Method::POST, "/v1/events", &headers, SAMPLE).await.expect(202);
    assert_eq!(answer.json()["channels"]["webhook"]["class"], "suspended");
    let channel = daemon.api.get("/v1/channels/webhook").await.expect(200).json();
    assert_eq!(channel["state"], "suspended");
    assert_eq!(channel["pending"], 2);
}

#[tokio::test]
async fn signed_requests_verify_and_the_guest_never_sees_the_key() {
    let receiver = Receiver::start().await;
    let config = four_channels(&receiver).replace(
        "plugin = \"builtin:webhook\"",
        "plugin = \"builtin:webhook\"\nsign = { scheme = \"standard-webhooks\", secrets = [\"file:new.key\", \
         \"file:old.key\"] }",
    );
    let home = Home::new(&config);
    fs::create_dir(home.path("audit")).unwrap();
    let keys = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"];
    fs::write(home.path("new.key"), keys[0]).unwrap();
    fs::write(home.path("old.key"), keys[1]).unwrap();
    let daemon = home.start().await;
    daemon.api.publish(SAMPLE).await.expect(200);
    let sent = &receiver.received()[0];
    for key in keys {
        let key = fanfare_runtime::SigningKey::parse(key).unwrap();
        let timestamp = sent.header("webhook-timestamp").parse().unwrap();
        let signed = fanfare_runtime::webhook::Signed {
            id: sent.header("webhook-id"),
            timestamp,
            signatures: sent.header("webhook-signature"),
            body: &sent.body,
        };
        signed.verify(&[key], timestamp).unwrap();
    }
    let shown = daemon.api.get("/v1/channels/webhook").await.text();
    assert!(keys.iter().all(|key| !shown.contains(&key[6..]) && !home.log().contains(&key[6..])));
}

/// One instance serves them one after the other, and a receipt must never tell of another event.
#[tokio::test]
async fn the_webhook_is_reused_and_keeps_nothing_of_an_event() {
    let receiver = Receiver::start().await;
    let home = Home::new(&webhook("webhook", &receiver, ""));
    let daemon = home.start().await;
    let policy = daemon.api.get("/v1/channels/webhook").await.json()["policy"].take();
    assert_eq!(policy["reuse"], 1000, "{policy}");

    for n in 0..6 {
        receiver.answer(Answering::status(200 + n));
        let event = json!({ "type": "a", "data": "x".repeat(100 * usize::from(n)) }).to_string();
        let result = daemon.api.publish(event).await.expect(200).json();
        let shown = &result["channels"]["webhook"];
        let sent = receiver.received().pop().unwrap();
        let receipt = json!({
            "delivery_id": shown["delivery_id"], "payload_bytes": sent.body.len(), "status": 200 + n
        });
        assert_eq!(shown["receipt"], receipt, "{shown:#}");
    }
}

/// Waits until the event has the status.
pub async fn settled(api: &Api, id: &str, status: &str) {
    until(status, || async { (api.event(id).await["result"]["overall_status"] == status).then_some(()) }).await;
}
