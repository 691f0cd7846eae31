//! Batches and digests.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    client::Api,
    daemon::{Daemon, Home},
    receiver::{Answering, Receiver},
    until, webhook,
};

/// A channel of the guest that takes batches and does what each event says. `more` are other keys of its table.
fn batching(batch: &str, more: &str) -> String {
    format!(
        "\n[channels.many]\nplugin = \"hostile-batch\"\nbackoff = {{ schedule = [\"50ms\"], jitter = 0.0 }}\n\
         batch = {batch}\n{more}\n"
    )
}

fn home(channels: &str) -> Home {
    let home = Home::new(channels);
    home.install("hostile-batch", fanfare_artifacts::hostile_batch());
    home
}

/// Publishes an event that says what the guest does with it.
async fn publish(api: &Api, id: &str, subject: &str, word: &str) {
    let data = if word.is_empty() { json!({}) } else { json!({ "batch": word }) };
    let event = json!({ "type": "order.paid", "id": id, "subject": subject, "data": data });
    api.publish_async(event.to_string()).await.expect(202);
}

/// Publishes them in one request, so that none is sent before all are recorded.
async fn publish_all(api: &Api, events: &[(&str, &str, &str)]) {
    let event = |(id, subject, word): &(&str, &str, &str)| {
        let data = json!({ "batch": word });
        json!({
            "specversion": "1.0", "source": "/t", "type": "order.paid", "id": id, "subject": subject, "data": data
        })
    };
    let body = Value::from_iter(events.iter().map(event)).to_string();
    let headers = [("content-type", "application/cloudevents-batch+json"), ("prefer", "respond-async")];
    api.send(hyper::Method::POST, "/v1/events", &headers, body).await.expect(202);
}

async fn drained(daemon: &Daemon) {
    until("the backlog to drain", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
}

/// A channel's result for an event.
async fn result(daemon: &Daemon, id: &str, channel: &str) -> Value {
    daemon.api.event(id).await["result"]["channels"][channel].clone()
}

/// The ids in the batch that an event was delivered in.
async fn company(daemon: &Daemon, id: &str) -> Vec<String> {
    let result = result(daemon, id, "many").await;
    let ids = result["receipt"]["ids"].as_array().unwrap_or_else(|| panic!("{result:#}"));
    ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

async fn shown(daemon: &Daemon, channel: &str) -> Value {
    daemon.api.get(&format!("/v1/channels/{channel}")).await.expect(200).json()
}

/// How many deliveries of a channel wait for their batch.
async fn gathered(daemon: &Daemon, channel: &str) -> u64 {
    shown(daemon, channel).await["gathered"]["deliveries"].as_u64().unwrap_or(0)
}

#[tokio::test]
async fn a_batch_closes_by_number_bytes_time_and_key() {
    let home = home(&batching("{ max = 3, linger = \"1h\" }", ""));
    let daemon = home.start_quietly().await;
    for id in ["a", "b", "c", "d"] {
        publish(&daemon.api, id, "s", "").await;
    }
    until("the first three", || async { (daemon.api.pending().await == 1).then_some(()) }).await;
    assert_eq!(company(&daemon, "a").await, ["a", "b", "c"]);
    let waits = until("the wait", || async {
        let waits = result(&daemon, "d", "many").await;
        (waits["waiting_for"] == "batch").then_some(waits)
    })
    .await;
    assert!(waits["until"].is_string(), "{waits:#}");
    let page = shown(&daemon, "many").await;
    assert_eq!((&page["gathered"]["deliveries"], &page["gathered"]["batches"]), (&1.into(), &1.into()), "{page:#}");
    let policy = json!({ "max": 3, "linger": "1h", "bytes": 1_048_576 });
    assert_eq!(page["policy"]["batch"], policy);
    assert_eq!(daemon.api.metric("fanfare_gathered{channel=\"many\"}").await, Some(1.0));

    // A new policy applies to deliveries that wait already.
    home.configure(&batching("{ max = 100, linger = \"100ms\" }", ""));
    drained(&daemon).await;
    assert_eq!(company(&daemon, "d").await, ["d"]);

    home.configure(&batching("{ linger = \"1h\", bytes = \"1KiB\", per = \"data.k\" }", ""));
    until("the new policy", || async {
        (shown(&daemon, "many").await["policy"]["batch"]["per"] == "data.k").then_some(())
    })
    .await;
    let filler = "x".repeat(600);
    for (id, key) in [("e", Some("1")), ("f", Some("2")), ("g", Some("1")), ("h", None), ("i", Some("2"))] {
        let event = json!({ "type": "t", "id": id, "data": { "k": key, "filler": filler } });
        daemon.api.publish_async(event.to_string()).await.expect(202);
    }
    // Deliveries without a key do not wait. Others wait for their own key, and two of them exceed the bytes.
    until("the one without a key", || async {
        (result(&daemon, "h", "many").await["status"] == "success").then_some(())
    })
    .await;
    assert_eq!(company(&daemon, "h").await, ["h"]);
    for id in ["e", "f"] {
        until("those that are too much with the next", || async {
            (result(&daemon, id, "many").await["status"] == "success").then_some(())
        })
        .await;
    }
    assert_eq!(gathered(&daemon, "many").await, 2);
    assert_eq!((company(&daemon, "e").await, company(&daemon, "f").await), (vec!["e".into()], vec!["f".into()]));

    // Without batches, each is attempted at once.
    home.configure("\n[channels.many]\nplugin = \"hostile-batch\"\n");
    drained(&daemon).await;
    assert_eq!(company(&daemon, "i").await, ["i"]);
    assert_eq!(daemon.api.metric("fanfare_gathered{channel=\"many\"}").await, None);
    assert_eq!(daemon.api.metric("fanfare_deliveries_total{channel=\"many\",outcome=\"delivered\"}").await, Some(9.0));
}

#[tokio::test]
async fn one_bad_event_in_a_batch_affects_no_other() {
    let home = home(&batching("{ max = 10, linger = \"200ms\" }", "retries = 0\ntimeout = \"1s\"\nfuel = 100_000_000"));
    let daemon = home.start_quietly().await;
    for word in ["trap", "spin", "short", "long"] {
        let ids: Vec<_> = (0..10).map(|n| format!("{word}-{n}")).collect();
        let events: Vec<_> =
            ids.iter().enumerate().map(|(n, id)| (id.as_str(), "s", if n == 4 { word } else { "" })).collect();
        publish_all(&daemon.api, &events).await;
        drained(&daemon).await;
        for id in &ids {
            let result = result(&daemon, id, "many").await;
            let is_poison = id.ends_with("-4");
            assert_eq!(result["status"], if is_poison { "failed" } else { "success" }, "{id}: {result:#}");
            assert_eq!(result["attempts"], 1, "the call for the batch does not count as an attempt: {result:#}");
        }
    }
    let dead = daemon.api.get("/v1/dead-letters").await.expect(200).json();
    assert_eq!(dead["dead_letters"].as_array().unwrap().len(), 4, "{dead:#}");
    assert_eq!(daemon.api.metric("fanfare_batches_total{channel=\"many\",outcome=\"failed\"}").await, Some(4.0));
    assert_eq!(daemon.api.metric("fanfare_batch_deliveries_total{channel=\"many\"}").await, Some(40.0));
}

#[tokio::test]
async fn only_the_failed_deliveries_of_a_batch_are_retried() {
    let receiver = Receiver::start().await;
    let channel = batching(
        "{ max = 4, linger = \"1h\" }",
        &format!(
            "settings = {{ url = \"{}\" }}\ngrant = {{ http = [\"{}\"], private_network = true }}",
            receiver.url(),
            receiver.address
        ),
    );
    let home = home(&channel);
    let daemon = home.start_quietly().await;
    publish_all(&daemon.api, &[("a", "s", ""), ("b", "s", "retry"), ("c", "s", "reject"), ("d", "s", "retry")]).await;
    drained(&daemon).await;
    let calls: Vec<Value> =
        receiver.received().iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect();
    assert_eq!(calls[0], json!(["a", "b", "c", "d"]));
    let mut again: Vec<_> = calls[1..].iter().flat_map(|call| call.as_array().unwrap()).collect();
    again.sort_by_key(|id| id.to_string());
    assert_eq!(again, ["b", "d"], "only the failed ones: {calls:?}");
    let of = |id| result(&daemon, id, "many");
    assert_eq!(of("b").await["attempts"], 2);
    assert_eq!((of("c").await["class"].clone(), of("c").await["code"].clone()), (json!("rejected"), json!("never")));
    let event = daemon.api.event("b").await;
    assert_eq!(event["attempts"]["many"][0]["code"], "again", "{event:#}");
}

#[tokio::test]
async fn a_digest_continues_after_a_crash() {
    let digest = |linger: &str| batching(&format!("{{ linger = \"{linger}\", per = \"subject\" }}"), "");
    let home = home(&digest("15m"));
    let daemon = home.start_quietly().await;
    for (id, subject) in [("a", "ada"), ("b", "bob"), ("c", "ada")] {
        publish(&daemon.api, id, subject, "").await;
    }
    until("all of them", || async { (gathered(&daemon, "many").await == 3).then_some(()) }).await;
    let before = result(&daemon, "a", "many").await["until"].clone();
    daemon.kill().await;

    let daemon = home.start_quietly().await;
    until("all of them again", || async { (gathered(&daemon, "many").await == 3).then_some(()) }).await;
    let after = result(&daemon, "a", "many").await;
    assert_eq!((&after["waiting_for"], &after["until"]), (&json!("batch"), &before), "{after:#}");
    publish(&daemon.api, "d", "ada", "").await;
    until("another", || async { (gathered(&daemon, "many").await == 4).then_some(()) }).await;
    daemon.kill().await;

    // Its time is over at the start, and the events are still one batch.
    home.configure(&digest("10ms"));
    let daemon = home.start_quietly().await;
    drained(&daemon).await;
    assert_eq!(company(&daemon, "a").await, ["a", "c", "d"]);
    assert_eq!(company(&daemon, "b").await, ["b"]);
    let attempts = daemon.api.metric("fanfare_attempts_total{channel=\"many\",class=\"delivered\"}").await;
    assert_eq!(attempts, Some(4.0));
}

#[tokio::test]
async fn gathered_deliveries_survive_a_pause_and_a_shutdown() {
    let home = home(&batching("{ linger = \"500ms\" }", ""));
    let daemon = home.start_quietly().await;
    daemon.api.post("/v1/channels/many/pause", "{}").await.expect(200);
    publish_all(&daemon.api, &[("a", "s", ""), ("b", "s", "")]).await;
    assert_eq!(result(&daemon, "a", "many").await["waiting_for"], "paused");
    daemon.api.post("/v1/channels/many/resume", "{}").await.expect(200);
    drained(&daemon).await;
    assert_eq!(company(&daemon, "a").await, ["a", "b"]);

    home.configure(&batching("{ linger = \"1h\" }", ""));
    until("the new policy", || async {
        (shown(&daemon, "many").await["policy"]["batch"]["linger"] == "1h").then_some(())
    })
    .await;
    publish(&daemon.api, "c", "s", "").await;
    until("it is gathered", || async { (gathered(&daemon, "many").await == 1).then_some(()) }).await;
    assert!(daemon.stop().await.success(), "deliveries that wait for a batch do not delay the shutdown");
    home.configure(&batching("{ linger = \"10ms\" }", ""));
    let daemon = home.start_quietly().await;
    drained(&daemon).await;
    assert_eq!(company(&daemon, "c").await, ["c"]);
}

#[tokio::test]
async fn the_state_and_events_of_a_batch_are_committed_with_it_once() {
    let channel = batching(
        "{ max = 5, linger = \"200ms\" }",
        "settings = { type = \"order.counted\" }\ngrant = { emit = [\"order.counted\"] }\n\
         filter = { types = [\"order.paid\"] }",
    );
    let home = home(&format!("{channel}\n[channels.log]\nplugin = \"builtin:log\"\n"));
    let daemon = home.start_quietly().await;
    publish_all(
        &daemon.api,
        &[("a", "s", "count"), ("b", "s", "reject"), ("c", "s", "count"), ("d", "s", "retry"), ("e", "s", "count")],
    )
    .await;
    drained(&daemon).await;
    let emitted = daemon.api.get("/v1/events?type=order.counted").await.expect(200).json();
    let emitted = emitted["events"].as_array().unwrap();
    assert_eq!(emitted.len(), 3, "{emitted:#?}");
    assert_eq!(daemon.api.metric("fanfare_plugin_counted_total{channel=\"many\"}").await, Some(3.0));
    publish_all(&daemon.api, &[("f", "s", "count")]).await;
    drained(&daemon).await;
    assert_eq!(result(&daemon, "f", "many").await["receipt"]["count"], 4, "the state counts each of them once");
}

#[tokio::test]
async fn the_webhook_sends_a_batch_in_one_request() {
    let receiver = Receiver::start().await;
    let batch = "batch = { max = 50, linger = \"1h\" }\nbackoff = { schedule = [\"100ms\"], jitter = 0.0 }\n";
    let home = Home::new(&webhook("hook", &receiver, batch));
    let daemon = home.start_quietly().await;
    receiver.answer(Answering::status(503));
    for n in 0..50 {
        publish(&daemon.api, &format!("e{n}"), "s", "").await;
    }
    receiver.wait_for(1).await;
    receiver.answer(Answering::status(200));
    drained(&daemon).await;
    let received = receiver.received();
    let events: Vec<Value> = serde_json::from_slice(&received[0].body).unwrap();
    assert_eq!(events.len(), 50);
    assert!(events.iter().enumerate().all(|(n, event)| event["id"] == format!("e{n}")), "in order");
    assert!(received.len() <= 4, "all are tried again together, and not one by one: {}", received.len());
    assert_eq!(received[0].header("content-type"), "application/cloudevents-batch+json");
    let receipt = result(&daemon, "e7", "hook").await["receipt"].clone();
    assert_eq!(receipt["status"], 200, "{receipt:#}");
    assert_eq!(daemon.api.metric("fanfare_attempts_total{channel=\"hook\",class=\"retry\"}").await, Some(50.0));
}

#[tokio::test]
async fn a_rejected_batch_is_sent_again_event_by_event() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering::status(400));
    let home = Home::new(&webhook("hook", &receiver, "batch = { max = 3, linger = \"1h\" }\n"));
    let daemon = home.start_quietly().await;
    publish_all(&daemon.api, &[("a", "s", ""), ("b", "s", ""), ("c", "s", "")]).await;
    drained(&daemon).await;
    assert_eq!(receiver.count(), 4, "once for the batch, and once for each event");
    for id in ["a", "b", "c"] {
        let dead = result(&daemon, id, "hook").await;
        assert_eq!((&dead["class"], &dead["attempts"]), (&json!("rejected"), &json!(1)), "{dead:#}");
    }
}

#[tokio::test]
async fn a_kill_while_batches_are_gathered_and_sent_loses_nothing() {
    let receiver = Receiver::start().await;
    receiver.keep_all();
    receiver.answer(Answering { delay: Duration::from_millis(5), ..Answering::status(200) });
    let batch = "batch = { max = 10, linger = \"50ms\", per = \"subject\" }\nconcurrency = 4\n";
    let home = Home::new(&webhook("hook", &receiver, batch));
    let daemon = home.start_quietly().await;
    let mut events = vec![];
    for round in 0..10 {
        let ids: Vec<_> = (0..100).map(|n| format!("e{round}-{n}")).collect();
        let batch: Vec<_> = ids.iter().enumerate().map(|(n, id)| (id.as_str(), ["a", "b", "c"][n % 3], "")).collect();
        publish_all(&daemon.api, &batch).await;
        events.extend(ids);
    }
    receiver.wait_for(20).await;
    daemon.kill().await;
    let daemon = home.start_quietly().await;
    drained(&daemon).await;
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    for request in receiver.received() {
        let batch: Vec<Value> = serde_json::from_slice(&request.body).unwrap();
        assert!(batch.len() <= 10);
        assert!(batch.iter().all(|event| event["subject"] == batch[0]["subject"]), "one key per batch");
        for event in batch {
            *seen.entry(event["id"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    assert_eq!(seen.len(), events.len(), "nothing is lost");
    let most = seen.values().max();
    assert!(most <= Some(&2), "repeated at most once: {most:?}");
}

#[tokio::test]
async fn a_batch_policy_for_a_plugin_without_batches_is_rejected() {
    let home = Home::new("\n[channels.log]\nplugin = \"builtin:log\"\n");
    let daemon = home.start_quietly().await;
    home.configure("\n[channels.log]\nplugin = \"builtin:log\"\nbatch = { max = 5 }\n");
    let error =
        until("the error", || async { shown(&daemon, "log").await["error"].as_str().map(ToOwned::to_owned) }).await;
    assert!(error.contains("needs a plugin that exports `batch-handler`"), "{error}");
    let result = daemon.api.publish(r#"{"type":"a"}"#).await.expect(200).json();
    assert_eq!(result["overall_status"], "success", "{result:#}");

    let both = batching("{ per = \"subject\", linger = \"2h\" }", "order = \"subject\"\nexpires = \"1h\"");
    let home = self::home(&both);
    let check = crate::support::daemon::fanfare()
        .args(["check", "--config"])
        .arg(home.path("config.toml"))
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&check.stderr).into_owned() + &String::from_utf8_lossy(&check.stdout);
    assert!(!check.status.success());
    assert!(said.contains("channels.many.batch.per: must differ from `order`"), "{said}");
    assert!(
        said.contains("channels.many.batch.linger: together with `delay` it must be shorter than `expires`"),
        "{said}"
    );
}
