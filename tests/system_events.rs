//! System events: who gets them, once, and that they never cause others.

use serde_json::{Value, json};

use crate::support::{
    client::Api,
    daemon::{Daemon, Home},
    faults::{Disk, Faults, Point},
    receiver::{Answering, Receiver},
    until, webhook,
};

/// A channel that asks for system events.
fn alert(receiver: &Receiver, more: &str) -> String {
    webhook("alert", receiver, &format!("filter = {{ types = [\"fanfare.>\"] }}\n{more}"))
}

/// A channel that gets every event, and must never get a system event.
const LOG: &str = "\n[channels.log]\nplugin = \"builtin:log\"\n";

fn received(receiver: &Receiver) -> Vec<Value> {
    receiver.received().iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
}

/// All system events, in their order.
async fn recorded(api: &Api) -> Vec<Value> {
    let events = api.get("/v1/events?type=fanfare.%3E&limit=500").await.expect(200).json();
    events["events"].as_array().unwrap().iter().map(|listed| listed["event"].clone()).collect()
}

async fn settled(daemon: &Daemon) {
    until("nothing to be pending", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
}

/// The first event of a type that the alert channel's receiver gets.
async fn told(receiver: &Receiver, ty: &str) -> Value {
    until(ty, || async { received(receiver).into_iter().find(|event| event["type"] == ty) }).await
}

async fn in_state(daemon: &Daemon, name: &str, state: &str) {
    until(state, || async {
        let shown = daemon.api.get(&format!("/v1/channels/{name}")).await.expect(200).json();
        (shown["state"] == state).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_dead_letter_event_names_the_fallbacks() {
    let (receiver, alerts, sms) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    receiver.answer(Answering::status(400));
    let hook = webhook("hook", &receiver, "filter = { types = [\"user.*\"] }\nfallback = [\"sms\"]");
    let home = Home::new(&(hook + &webhook("sms", &sms, "") + &alert(&alerts, "")));
    let daemon = home.start_quietly().await;
    daemon.api.publish(r#"{"type":"user.signup"}"#).await.expect(200);
    let event = told(&alerts, "fanfare.delivery.dead").await;
    assert_eq!(event["data"]["fallback"], json!(["sms"]), "{event:#}");
    settled(&daemon).await;
    assert_eq!(sms.count(), 1);
}

#[tokio::test]
async fn a_dead_letter_event_goes_only_to_channels_that_ask_for_it() {
    let (receiver, alerts) = (Receiver::start().await, Receiver::start().await);
    receiver.answer(Answering { body: "no such user".to_owned(), ..Answering::status(400) });
    let home = Home::new(&(webhook("hook", &receiver, "") + &alert(&alerts, "") + LOG));
    let daemon = home.start_quietly().await;
    let result = daemon.api.publish(r#"{"type":"user.signup","id":"s-1","source":"/shop"}"#).await.expect(200).json();
    assert!(result["channels"].get("alert").is_none(), "the channel gets only system events: {result:#}");
    let event = told(&alerts, "fanfare.delivery.dead").await;
    settled(&daemon).await;

    let delivery = result["channels"]["hook"]["delivery_id"].as_str().unwrap();
    let mut letter = daemon.api.get("/v1/dead-letters").await.expect(200).json()["dead_letters"][0].clone();
    let data = event["data"].as_object().unwrap();
    letter["since"] = data["since"].clone();
    assert_eq!(event["data"], letter, "it has the content of the dead letter");
    assert_eq!(data["delivery_id"], delivery);
    assert_eq!((&event["source"], &event["subject"]), (&json!("/fanfare"), &json!("hook")), "{event:#}");
    assert_eq!(
        (&event["severity"], &event["causationid"], &event["hopcount"]),
        (&json!("error"), &json!("s-1"), &json!(1))
    );
    assert!(
        event["message"]
            .as_str()
            .unwrap()
            .starts_with("user.signup s-1 became a dead letter on hook after 1 attempt: http_400")
    );
    assert_eq!(alerts.count(), 1);
    let all = recorded(&daemon.api).await;
    assert_eq!(all.len(), 1, "{all:#?}");
    let shown = daemon.api.event(&format!("{}?source=%2Ffanfare", event["id"].as_str().unwrap())).await;
    assert_eq!(shown["result"]["channels"].as_object().unwrap().keys().collect::<Vec<_>>(), ["alert"], "{shown:#}");

    // After a redrive it may die again, which is another event.
    let redrive = json!({ "delivery_id": delivery }).to_string();
    daemon.api.post("/v1/dead-letters/replay", redrive).await.expect(202);
    alerts.wait_for(2).await;
    settled(&daemon).await;
    let ids: Vec<_> = received(&alerts).iter().map(|event| event["id"].clone()).collect();
    assert_ne!(ids[0], ids[1], "each round of a delivery has its own event");

    // A dropped delivery causes no event, and a replay of the history omits system events.
    daemon.api.send(hyper::Method::DELETE, &format!("/v1/dead-letters/{delivery}"), &[], "").await;
    daemon.api.post("/v1/replays", r#"{"after":0,"channels":["log"]}"#).await.expect(202);
    until("the replay", || async {
        let shown = daemon.api.get("/v1/replays").await.expect(200).json();
        shown["replays"].as_array().unwrap().iter().all(|replay| replay["state"] == "done").then_some(())
    })
    .await;
    let log = daemon.api.get("/v1/channels/log").await.expect(200).json();
    assert_eq!(log["delivered"], 2, "the event, and its replay: {log:#}");
    assert_eq!(recorded(&daemon.api).await.len(), 2);
}

#[tokio::test]
async fn wherever_it_is_killed_each_dead_letter_has_one_event_that_arrives() {
    let (receiver, alerts) = (Receiver::start().await, Receiver::start().await);
    receiver.answer(Answering::status(400));
    let home = Home::new(&(webhook("hook", &receiver, "") + &alert(&alerts, "")));
    let faults = Faults::new(&home);
    let mut published = 0;
    // The following commits are the accept, the settlement with its event, and the settlement of that event.
    for point in [Point::BeforeSync, Point::AfterSync] {
        for more in 0..3 {
            let mut daemon = home.start_with(faults.environment()).await;
            settled(&daemon).await;
            faults.kill_at(point, more);
            let body = format!(r#"{{"type":"a","id":"e{published}"}}"#);
            let headers = [("content-type", "application/json"), ("prefer", "respond-async")];
            let answer = daemon.api.try_send(hyper::Method::POST, "/v1/events", &headers, body.clone()).await;
            if !daemon.ends_within(std::time::Duration::from_secs(5)).await {
                // There were fewer commits than expected, because two settlements shared one.
                daemon.kill().await;
            }
            faults.heal();
            if answer.is_err() {
                let daemon = home.start_with(faults.environment()).await;
                daemon.api.publish_async(body).await;
                settled(&daemon).await;
                daemon.kill().await;
            }
            published += 1;
        }
    }
    let daemon = home.start_with(faults.environment()).await;
    settled(&daemon).await;
    let letters = daemon.api.get("/v1/dead-letters?channel=hook&limit=100").await.expect(200).json();
    let letters: Vec<_> = letters["dead_letters"].as_array().unwrap().iter().map(|l| l["event_id"].clone()).collect();
    assert_eq!(letters.len(), published, "{letters:?}");
    let events = recorded(&daemon.api).await;
    assert_eq!(events.len(), published, "one per dead letter: {events:#?}");
    let told: std::collections::BTreeSet<_> =
        received(&alerts).iter().map(|event| event["data"]["event_id"].to_string()).collect();
    assert_eq!(told.len(), published, "{told:?}");
}

#[tokio::test]
async fn system_events_never_cause_system_events() {
    let (receiver, alerts) = (Receiver::start().await, Receiver::start().await);
    receiver.answer(Answering::status(400));
    let failing = "retries = 1\nbackoff = { schedule = [\"1ms\"] }\nbreaker = { failures = 1, open = \"100ms\" }\n";
    let home = Home::new(&(webhook("hook", &receiver, "") + &alert(&alerts, failing)));
    let daemon = home.start_quietly().await;
    // The alert itself becomes a dead letter, while its breaker opens and closes.
    alerts.answer(Answering::status(503));
    daemon.api.publish(r#"{"type":"a"}"#).await.expect(200);
    alerts.wait_for(3).await;
    alerts.answer(Answering::status(400));
    settled(&daemon).await;
    let letters = daemon.api.get("/v1/dead-letters").await.expect(200).json();
    let of: Vec<_> = letters["dead_letters"].as_array().unwrap().iter().map(|l| l["channel"].clone()).collect();
    assert_eq!(of.len(), 2, "{letters:#}");
    assert!(of.contains(&json!("alert")) && of.contains(&json!("hook")), "{letters:#}");
    // Another one finds its receiver gone.
    alerts.answer(Answering::status(410));
    daemon.api.publish(r#"{"type":"a"}"#).await.expect(200);
    in_state(&daemon, "alert", "suspended").await;
    let types: Vec<_> = recorded(&daemon.api).await.iter().map(|event| event["type"].clone()).collect();
    assert_eq!(types, ["fanfare.delivery.dead", "fanfare.delivery.dead"], "only those of the published events");
}

#[tokio::test]
async fn breakers_and_suspensions_are_announced_once() {
    let (receiver, alerts) = (Receiver::start().await, Receiver::start().await);
    receiver.answer(Answering::status(503));
    let policy = "retries = 50\nbackoff = { schedule = [\"10ms\"] }\nbreaker = { failures = 2, open = \"100ms\" }\n";
    let home = Home::new(&(webhook("hook", &receiver, policy) + &alert(&alerts, "")));
    let daemon = home.start_quietly().await;
    daemon.api.publish_async(r#"{"type":"a"}"#).await.expect(202);
    let opened = told(&alerts, "fanfare.channel.opened").await;
    assert_eq!(opened["subject"], "hook");
    assert!(opened["data"]["reason"].as_str().unwrap().contains("503"), "{opened:#}");
    assert!(opened["data"]["until"].as_str() > opened["data"]["since"].as_str(), "{opened:#}");
    // Failed probes are not announced, and neither is a restart.
    receiver.wait_for(5).await;
    daemon.kill().await;
    let daemon = home.start_quietly().await;
    receiver.answer(Answering::status(204));
    let closed = told(&alerts, "fanfare.channel.closed").await;
    assert_eq!(
        (&closed["data"]["channel"], &closed["data"]["state"]),
        (&json!("hook"), &json!("active")),
        "{closed:#}"
    );

    receiver.answer(Answering::status(410));
    for _ in 0..5 {
        daemon.api.publish_async(r#"{"type":"b"}"#).await.expect(202);
    }
    let suspended = told(&alerts, "fanfare.channel.suspended").await;
    assert!(suspended["data"]["delivery_id"].as_str().unwrap().starts_with("dlv_"), "{suspended:#}");
    assert!(suspended["data"]["reason"].as_str().unwrap().contains("410"), "{suspended:#}");
    in_state(&daemon, "hook", "suspended").await;
    let types: Vec<_> = recorded(&daemon.api).await.iter().map(|event| event["type"].clone()).collect();
    assert_eq!(types, ["fanfare.channel.opened", "fanfare.channel.closed", "fanfare.channel.suspended"]);
}

#[tokio::test]
async fn a_failed_reload_is_announced_once_with_its_errors() {
    let alerts = Receiver::start().await;
    let good = alert(&alerts, "") + LOG;
    let home = Home::new(&good);
    let daemon = home.start_quietly().await;
    home.configure(&format!("{good}retrys = 1\n"));
    let failed = told(&alerts, "fanfare.reload.failed").await;
    let errors = failed["data"]["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{failed:#}");
    assert!(
        errors[0].as_str().unwrap().contains("config.toml:") && errors[0].as_str().unwrap().contains("retrys"),
        "{failed:#}"
    );
    // Still wrong after a manual reload: its response has the errors.
    daemon.api.post("/v1/reload", "").await.expect(422);
    home.configure(&good);
    until("the good one", || async { (daemon.api.post("/v1/reload", "").await.status == 200).then_some(()) }).await;
    home.configure(&format!("{good}retrys = 1\n"));
    alerts.wait_for(2).await;
    let types: Vec<_> = recorded(&daemon.api).await.iter().map(|event| event["type"].clone()).collect();
    assert_eq!(types, ["fanfare.reload.failed", "fanfare.reload.failed"]);
}

#[tokio::test]
async fn a_journal_outage_is_announced_when_it_is_over() {
    let alerts = Receiver::start().await;
    let home = Home::new(&(alert(&alerts, "") + LOG));
    let faults = Faults::new(&home);
    let daemon = home.start_with(faults.environment()).await;
    daemon.api.publish(r#"{"type":"a"}"#).await.expect(200);
    faults.disk(Disk::Full);
    until("a refusal", || async { (daemon.api.publish_async(r#"{"type":"a"}"#).await.status == 503).then_some(()) })
        .await;
    assert_eq!(alerts.count(), 0);
    faults.heal();
    let healed = told(&alerts, "fanfare.journal.healed").await;
    let failing = told(&alerts, "fanfare.journal.failing").await;
    assert_eq!(failing["data"]["since"], healed["data"]["since"]);
    assert!(healed["data"]["at"].as_str() > healed["data"]["since"].as_str(), "{healed:#}");
    assert!(failing["data"]["reason"].as_str().unwrap().contains("full"), "{failing:#}");
    settled(&daemon).await;
    let types: Vec<_> = recorded(&daemon.api).await.iter().map(|event| event["type"].clone()).collect();
    assert_eq!(types, ["fanfare.journal.failing", "fanfare.journal.healed"]);
}

#[tokio::test]
async fn a_lagging_channel_is_announced_once_until_it_has_caught_up() {
    let (receiver, alerts) = (Receiver::start().await, Receiver::start().await);
    let lagging = "lagging_after = \"1s\"\n";
    let home = Home::new(&(webhook("hook", &receiver, lagging) + &alert(&alerts, lagging)));
    let daemon = home.start().await;
    for round in 1..=2 {
        daemon.api.post("/v1/channels/hook/pause", r#"{"reason":"moving"}"#).await.expect(200);
        for _ in 0..3 {
            daemon.api.publish_async(r#"{"type":"a"}"#).await.expect(202);
        }
        alerts.wait_for(round).await;
        let event = received(&alerts).pop().unwrap();
        assert_eq!((&event["type"], &event["subject"]), (&json!("fanfare.channel.lagging"), &json!("hook")));
        assert_eq!(
            (&event["data"]["state"], &event["data"]["reason"]),
            (&json!("paused"), &json!("moving")),
            "{event:#}"
        );
        assert_eq!(event["data"]["pending"], 3);
        assert!(event["data"]["lag_seconds"].as_u64() >= Some(1), "{event:#}");
        daemon.api.post("/v1/channels/hook/resume", "{}").await.expect(200);
        settled(&daemon).await;
        let caught_up = || async { (home.log().matches("has caught up").count() as u64 == round).then_some(()) };
        until("it to be seen", caught_up).await;
    }
    // A channel that gets only system events is not announced when it lags.
    daemon.api.post("/v1/channels/alert/pause", "{}").await.expect(200);
    daemon.api.post("/v1/channels/hook/pause", "{}").await.expect(200);
    daemon.api.publish_async(r#"{"type":"a"}"#).await.expect(202);
    until("the log's line", || async { home.log().contains("is lagging channel=alert").then_some(()) }).await;
    let of: Vec<_> = recorded(&daemon.api).await.iter().map(|event| event["subject"].clone()).collect();
    assert_eq!(of, ["hook", "hook", "hook"]);
}

#[tokio::test]
async fn system_events_cannot_be_forged_and_need_a_channel() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering::status(400));
    // Everything, and everything of two parts; neither names such a type.
    let wide = "filter = { types = [\">\", \"*.*.*\"] }\n";
    let home = Home::new(&(webhook("hook", &receiver, wide) + LOG));
    let daemon = home.start_quietly().await;
    daemon.api.publish(r#"{"type":"a"}"#).await.expect(200);
    assert_eq!(recorded(&daemon.api).await, Vec::<Value>::new());

    let refused = |answer: Value, pointer: &str| {
        assert_eq!(answer["errors"][0]["pointer"], pointer, "{answer:#}");
        assert!(answer["errors"][0]["detail"].as_str().unwrap().contains("reserved for the daemon"), "{answer:#}");
    };
    let api = &daemon.api;
    refused(api.publish(r#"{"type":"fanfare.delivery.dead"}"#).await.expect(422).json(), "/type");
    refused(api.publish(r#"{"type":"a","source":"/fanfare"}"#).await.expect(422).json(), "/source");
    let binary = [("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/x"), ("ce-type", "fanfare.x")];
    refused(api.send(hyper::Method::POST, "/v1/events", &binary, "").await.expect(422).json(), "/ce-type");
    let batch = json!([{ "specversion": "1.0", "id": "1", "source": "/x", "type": "a" },
                       { "specversion": "1.0", "id": "2", "source": "/x", "type": "fanfare.x" }]);
    let headers = [("content-type", "application/cloudevents-batch+json")];
    let answer = api.send(hyper::Method::POST, "/v1/events", &headers, batch.to_string()).await;
    refused(answer.expect(422).json(), "/1/type");
    // `explain` accepts any type.
    let explained = api.post("/v1/explain", r#"{"type":"fanfare.delivery.dead"}"#).await.expect(200).json();
    assert_eq!(explained["channels"]["hook"]["deliver"], false, "{explained:#}");
}
