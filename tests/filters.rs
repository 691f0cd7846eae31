//! Which channels an event goes to.

use serde_json::{Value, json};

use crate::support::{
    client::Api,
    daemon::{Daemon, Home, fanfare},
    hostile, until,
};

/// The channels `one` and `two`, which log, with these lines in their tables.
fn two(one: &str, two: &str) -> String {
    let channel = |name, line| format!("[channels.{name}]\nplugin = \"builtin:log\"\n{line}\n");
    channel("one", one) + &channel("two", two)
}

/// The channels that an event went to, by name.
fn channels(result: &Value) -> Vec<String> {
    result["channels"].as_object().unwrap().keys().cloned().collect()
}

async fn publish(daemon: &Daemon, event: &Value) -> Vec<String> {
    channels(&daemon.api.publish(event.to_string()).await.expect(200).json())
}

async fn explain(api: &Api, event: &Value) -> Value {
    api.post("/v1/explain", event.to_string()).await.expect(200).json()["channels"].clone()
}

#[tokio::test]
async fn an_event_goes_to_the_channels_whose_filters_match() {
    let home = Home::new(&two(
        "filter = { types = [\"user.*\"], when = \"event.severity != 'debug'\" }",
        "filter = { when = \"data.amount > 100\", exact = { source = \"/shop\" } }",
    ));
    let daemon = home.start_quietly().await;
    let order = json!({ "type": "order.created", "source": "/shop", "data": { "amount": 120 } });
    assert_eq!(publish(&daemon, &order).await, ["two"]);
    let cheap = json!({ "type": "order.created", "source": "/shop", "data": { "amount": 20 } });
    let result = daemon.api.publish(cheap.to_string()).await.expect(200).json();
    assert_eq!((&result["overall_status"], &result["channels"]), (&json!("unrouted"), &json!({})), "{result:#}");
    assert_eq!(result["summary"]["total_channels"], 0);
    let signup = json!({ "type": "user.signup", "severity": "info", "data": { "amount": 500 } });
    assert_eq!(publish(&daemon, &signup).await, ["one"]);
    let both = json!({ "type": "user.paid", "source": "/shop", "severity": "info", "data": { "amount": 500 } });
    assert_eq!(publish(&daemon, &both).await, ["one", "two"]);

    // Each event of a batch is filtered separately, also if the publisher does not wait.
    let batch = json!([
        { "specversion": "1.0", "id": "b1", "source": "/shop", "type": "order.x", "data": { "amount": 101 } },
        { "specversion": "1.0", "id": "b2", "source": "/x", "type": "order.x", "data": { "amount": 101 } },
    ]);
    let headers = [("content-type", "application/cloudevents-batch+json"), ("prefer", "respond-async")];
    let answer = daemon.api.send(hyper::Method::POST, "/v1/events", &headers, batch.to_string()).await;
    let results = answer.expect(202).json();
    assert_eq!((channels(&results[0]), channels(&results[1])), (vec!["two".to_owned()], vec![]), "{results:#}");

    // The history shows the same later.
    let shown = daemon.api.event("b1?source=%2Fshop").await;
    assert_eq!(channels(&shown["result"]), ["two"], "{shown:#}");
    let policy = daemon.api.get("/v1/channels/one").await.expect(200).json()["policy"]["filter"].clone();
    assert_eq!(policy, json!({ "types": ["user.*"], "when": "event.severity != 'debug'" }));
}

#[tokio::test]
async fn explain_shows_where_an_event_would_go_and_records_nothing() {
    let home = Home::new(&two(
        "filter = { types = [\"user.*\"] }",
        "filter = { when = \"data.amount > 100\", not = { suffix = { type = \".test\" } } }",
    ));
    let daemon = home.start_quietly().await;
    let said = explain(&daemon.api, &json!({ "type": "user.signup", "data": { "amount": "many" } })).await;
    let why = "`filter.when` failed, which counts as no match: a value does not have the type that it is compared or \
               used with";
    assert_eq!(
        said,
        json!({ "one": { "deliver": true }, "two": { "deliver": false, "reason": "filter-error", "detail": why } })
    );
    let said = explain(&daemon.api, &json!({ "type": "order.test", "data": { "amount": 101 } })).await;
    let mismatch = |part: &str| {
        let detail = format!("`filter.{part}` does not match");
        json!({ "deliver": false, "reason": "filter", "detail": detail })
    };
    assert_eq!(said, json!({ "one": mismatch("types"), "two": mismatch("not") }));
    assert_eq!(daemon.api.metric("fanfare_events_accepted_total").await, Some(0.0));
    let counted = daemon.api.metric("fanfare_filter_errors_total{channel=\"two\"}").await;
    assert_eq!(counted.unwrap_or_default(), 0.0, "only published events count");
    daemon.api.post("/v1/explain", "{}").await.expect(422);
}

#[tokio::test]
async fn a_failing_condition_does_not_match_and_says_so_wherever_it_is_looked_for() {
    let home = Home::new(&two("filter = { when = \"data.regoin == 'eu'\" }", ""));
    let daemon = home.start_quietly().await;
    for n in 0..20 {
        let event = json!({ "type": "order.created", "id": format!("e{n}"), "data": { "region": "eu" } });
        assert_eq!(publish(&daemon, &event).await, ["two"]);
    }
    assert_eq!(daemon.api.metric("fanfare_filter_errors_total{channel=\"one\"}").await, Some(20.0));
    // A storm must not fill the log.
    let log = home.log();
    assert!((10..20).contains(&log.matches("cannot be evaluated").count()), "{log}");
    let why = "the event has no `regoin`; test with `has(…)` first if it may be missing";
    assert!(log.contains(why) && log.contains("event=\"e0\""), "{log}");

    let shown = daemon.api.event("e7").await;
    let detail = format!("`filter.when` failed, which counts as no match: {why}; did you mean `region`?");
    let not_sent = json!({ "one": { "deliver": false, "reason": "filter-error", "detail": detail } });
    assert_eq!(shown["other_channels"], not_sent, "{shown:#}");
    let errors = daemon.api.get("/v1/channels/one").await.expect(200).json()["filter_errors"].clone();
    assert_eq!((&errors["events"], &errors["event_id"], &errors["error"]), (&json!(20), &json!("e19"), &json!(why)));
    let command = async |arguments: &[&str]| {
        let output = fanfare().args(arguments).env("FANFARE_URL", &daemon.api.base).output().await.unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let said = command(&["status"]).await;
    assert!(said.contains("it did not get 20 events since the start") && said.contains("events show e19"), "{said}");
    let said = command(&["events", "show", "e7"]).await;
    assert!(said.contains(&format!("not sent to one: {detail}")), "{said}");

    // One that was misspelt from the start, and has never matched.
    home.configure(&two("filter = { types = [\"order.craeted\"] }", "filter = { types = [\"nothing\"] }"));
    let hint = until("the new filter", || async {
        let said = explain(&daemon.api, &json!({ "type": "order.created" })).await;
        said["one"]["detail"].as_str().filter(|detail| detail.contains("misspelt")).map(str::to_owned)
    })
    .await;
    assert_eq!(hint, "`filter.types` does not match; is `order.craeted` misspelt?");
    let said = command(&["send", "--type", "order.created", "--id", "nowhere"]).await;
    assert!(said.contains("no channel gets it") && said.contains("fanfare events show nowhere says why"), "{said}");
    let said = command(&["events", "show", "nowhere"]).await;
    assert!(said.contains("not sent to two: `filter.types` does not match") && !said.contains("says why"), "{said}");
}

#[tokio::test]
async fn a_changed_filter_applies_to_new_events_and_keeps_the_backlog() {
    let home = Home::new(&two("", "filter = { types = [\"order.>\"] }"));
    let daemon = home.start_quietly().await;
    daemon.api.post("/v1/channels/two/pause", "{}").await.expect(200);
    daemon.api.publish_async(r#"{"type":"order.created","id":"waits"}"#).await.expect(202);

    home.configure(&two("filter = { types = [\"user.>\"] }", "filter = { types = [\"user.>\"] }"));
    until("the new filter", || async {
        let said = explain(&daemon.api, &json!({ "type": "order.created" })).await;
        (said["two"]["deliver"] == false && said["one"]["deliver"] == false).then_some(())
    })
    .await;
    let result = daemon.api.publish(r#"{"type":"order.created","id":"later"}"#).await.expect(200).json();
    assert_eq!(result["overall_status"], "unrouted", "{result:#}");
    // The channel accepted it, so it is delivered even though the filter has changed.
    daemon.api.post("/v1/channels/two/resume", "{}").await.expect(200);
    until("what waited", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
    let waited = daemon.api.event("waits").await;
    assert_eq!(waited["result"]["channels"]["two"]["status"], "success", "{waited:#}");

    // A filter with a mistake changes nothing, and is reported with its place.
    home.configure(&two("filter = { when = \"data.amount >\" }", ""));
    let failed = until("the refusal", || async {
        let stats = daemon.api.get("/v1/stats").await.expect(200).json();
        let text = stats["last_reload"].to_string();
        text.contains("filter.when").then_some(text)
    })
    .await;
    assert!(failed.contains("is not a valid CEL expression"), "{failed}");
    let said = explain(&daemon.api, &json!({ "type": "user.signup" })).await;
    assert_eq!(said["one"]["deliver"], true, "the previous filters are in force: {said:#}");
}

#[tokio::test]
async fn emitted_events_are_filtered_like_published_ones() {
    let emitter = hostile(
        "emitter",
        "emit",
        "type = \"stock.reserved\"",
        "retries = 0\nfilter = { types = [\"order.*\"] }\ngrant = { emit = [\"stock.*\"] }\n",
    );
    let home = Home::new(&format!(
        "{emitter}{}",
        two("filter = { types = [\"stock.*\"] }", "filter = { types = [\"nothing\"] }")
    ));
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start_quietly().await;
    let result = daemon.api.publish(r#"{"type":"order.created","id":"o-1"}"#).await.expect(200).json();
    assert_eq!(channels(&result), ["emitter"], "{result:#}");
    let delivery = result["channels"]["emitter"]["delivery_id"].as_str().unwrap();
    until("what it emitted", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
    let emitted = daemon.api.event(&format!("{delivery}.1")).await;
    assert_eq!(channels(&emitted["result"]), ["one"], "{emitted:#}");
}
