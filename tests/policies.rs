//! What policies do with deliveries.

use serde_json::{Value, json};

use crate::support::{
    daemon::{Daemon, Home},
    receiver::{Answering, Receiver},
    until, webhook,
};

async fn channel(daemon: &Daemon, name: &str) -> Value {
    daemon.api.get(&format!("/v1/channels/{name}")).await.expect(200).json()
}

async fn in_state(daemon: &Daemon, name: &str, state: &str) -> Value {
    until(state, || async {
        let shown = channel(daemon, name).await;
        (shown["state"] == state).then_some(shown)
    })
    .await
}

#[tokio::test]
async fn a_breaker_opens_keeps_the_backlog_across_a_restart_and_closes_again() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering::status(503));
    let breaker = "retries = 50\nbackoff = { schedule = [\"100ms\"] }\nbreaker = { failures = 3, open = \"1h\" }\n\
                   concurrency = 1\n";
    let home = Home::new(&webhook("hook", &receiver, breaker));
    let daemon = home.start_quietly().await;
    daemon.api.publish_async(r#"{"type":"a","id":"first"}"#).await.expect(202);
    let shown = in_state(&daemon, "hook", "open").await;
    assert_eq!(shown["policy"]["breaker"], json!({ "failures": 3, "open": "1h", "probes": 1 }), "{shown:#}");
    assert_eq!(shown["hold"]["kind"], "open", "{shown:#}");
    assert!(shown["hold"]["reason"].as_str().unwrap().contains("503"), "{shown:#}");
    assert!(shown["hold"]["until"].is_string(), "{shown:#}");
    assert_eq!(daemon.api.metric("fanfare_breaker_state{channel=\"hook\"}").await, Some(2.0));
    let attempts = receiver.count();
    assert_eq!(attempts, 3, "none after the third");

    let headers = [("content-type", "application/json"), ("prefer", "wait=1")];
    let waited = daemon.api.send(hyper::Method::POST, "/v1/events", &headers, r#"{"type":"a","id":"third"}"#).await;
    let result = waited.expect(202).json();
    assert_eq!(result["channels"]["hook"]["waiting_for"], "breaker", "{result:#}");
    assert!(result["channels"]["hook"]["until"].is_string(), "{result:#}");

    daemon.kill().await;
    let daemon = home.start_quietly().await;
    in_state(&daemon, "hook", "open").await;
    assert_eq!(receiver.count(), attempts, "it is open after the crash too");
    let first = daemon.api.event("first").await["result"]["channels"]["hook"].clone();
    assert_eq!(first["waiting_for"], "breaker", "{first:#}");
    assert!(first["until"].is_string() && first["next_attempt_at"] == first["until"], "{first:#}");

    // A shorter time applies at once: this breaker is half-open now, and its probe delivers.
    receiver.answer(Answering::status(200));
    home.configure(&webhook("hook", &receiver, &breaker.replace("1h", "100ms")));
    in_state(&daemon, "hook", "active").await;
    until("what waited", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
    assert_eq!(daemon.api.metric("fanfare_breaker_state{channel=\"hook\"}").await, Some(0.0));
    assert_eq!(daemon.api.event("first").await["result"]["channels"]["hook"]["status"], "success");
}

#[tokio::test]
async fn a_breaker_can_be_closed_manually() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering::status(500));
    let breaker =
        "retries = 50\nbackoff = { schedule = [\"100ms\"] }\nbreaker = { ratio = 0.5, of = 2, open = \"1h\" }\n";
    let home = Home::new(&webhook("hook", &receiver, breaker));
    let daemon = home.start_quietly().await;
    daemon.api.publish_async(r#"{"type":"a","id":"first"}"#).await.expect(202);
    in_state(&daemon, "hook", "open").await;
    receiver.answer(Answering::status(200));
    daemon.api.post("/v1/channels/hook/resume", "{}").await.expect(200);
    in_state(&daemon, "hook", "active").await;
    until("what waited", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
}

#[tokio::test]
async fn a_rate_delays_visibly_and_a_new_rate_applies_at_once() {
    let receiver = Receiver::start().await;
    let home = Home::new(&webhook("hook", &receiver, "rate = \"1/h\"\n"));
    let daemon = home.start_quietly().await;
    for n in 0..3 {
        daemon.api.publish_async(format!(r#"{{"type":"a","id":"e{n}"}}"#)).await.expect(202);
    }
    // Settled, not only received: a crash repeats what is in flight.
    until("the first", || async { (daemon.api.pending().await == 2).then_some(()) }).await;
    assert_eq!(receiver.count(), 1);
    let waits = until("the wait", || async {
        let shown = daemon.api.event("e2").await["result"]["channels"]["hook"].clone();
        (shown["waiting_for"] == "rate").then_some(shown)
    })
    .await;
    assert!(waits["until"].is_string(), "{waits:#}");
    assert_eq!(channel(&daemon, "hook").await["policy"]["rate"], json!({ "limit": "1/h", "burst": 1 }));

    // A crash causes no burst: one attempt, as at any start, and the rest waits.
    daemon.kill().await;
    let daemon = home.start_quietly().await;
    until("one after the start", || async { (receiver.count() == 2).then_some(()) }).await;
    home.configure(&webhook("hook", &receiver, "rate = { limit = \"100/s\", burst = 10 }\n"));
    until("the rest", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
    assert_eq!(receiver.count(), 3);
}

fn is_an_hour(time: jiff::SignedDuration) -> bool {
    (3_599..=3_600).contains(&time.as_secs())
}

#[tokio::test]
async fn a_rate_per_key_delays_visibly_without_a_burst_after_a_crash() {
    let receiver = Receiver::start().await;
    let rate = "rate = { limit = \"1/h\", per = \"data.user\", burst = 2 }\n";
    let home = Home::new(&webhook("hook", &receiver, rate));
    let daemon = home.start_quietly().await;
    let publish = async |daemon: &Daemon, id: &str, user: Value| {
        let event = json!({ "type": "a", "id": id, "data": { "user": user } });
        daemon.api.publish_async(event.to_string()).await.expect(202);
    };
    for n in 0..4 {
        publish(&daemon, &format!("x{n}"), json!("x")).await;
    }
    publish(&daemon, "y", json!("y")).await;
    // Events without a key have no rate.
    for n in 0..3 {
        publish(&daemon, &format!("none{n}"), Value::Null).await;
    }
    until("all but two", || async { (daemon.api.pending().await == 2).then_some(()) }).await;
    assert_eq!(receiver.count(), 6);
    let waits = async |daemon: &Daemon, id: &str| {
        until("the wait", || async {
            let shown = daemon.api.event(id).await["result"]["channels"]["hook"].clone();
            (shown["waiting_for"] == "rate")
                .then(|| shown["until"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap())
        })
        .await
    };
    let (third, fourth) = (waits(&daemon, "x2").await, waits(&daemon, "x3").await);
    assert!(is_an_hour(fourth.duration_since(third)), "one slot each: {third}, {fourth}");
    let shown = channel(&daemon, "hook").await["policy"]["rate"].clone();
    assert_eq!(shown, json!({ "limit": "1/h", "per": "data.user", "burst": 2 }));

    daemon.kill().await;
    let daemon = home.start_quietly().await;
    publish(&daemon, "x4", json!("x")).await;
    assert!(is_an_hour(waits(&daemon, "x4").await.duration_since(fourth)), "behind those that wait");
    assert_eq!((waits(&daemon, "x2").await, receiver.count()), (third, 6));
}
