//! Replays of the history, dead letters redriven or deleted, channels on hold.

use hyper::Method;
use serde_json::{Value, json};

use crate::support::{
    client::Api,
    daemon::Home,
    receiver::{Answering, Receiver},
    until, webhook,
};

async fn command(api: &Api, path: &str, body: Value) -> Value {
    let answer = api.send(Method::POST, path, &[("content-type", "application/json")], body.to_string()).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.text());
    answer.json()
}

async fn done(api: &Api, id: &Value) -> Value {
    until("the job to end", || async {
        let job = api.get(&format!("/v1/replays/{id}")).await.expect(200).json();
        (job["state"] != "running").then_some(job)
    })
    .await
}

fn event(n: u32) -> String {
    format!(r#"{{"type":"order.{}","id":"e{n}","data":{n}}}"#, if n.is_multiple_of(2) { "paid" } else { "shipped" })
}

#[tokio::test]
async fn a_replay_brings_a_new_channel_up_to_date_and_marks_its_deliveries() {
    let (first, second) = (Receiver::start().await, Receiver::start().await);
    let home = Home::new(&webhook("first", &first, ""));
    let daemon = home.start().await;
    for n in 1..=40 {
        daemon.api.publish(event(n)).await.expect(200);
    }
    home.configure(&format!("{}{}", webhook("first", &first, ""), webhook("second", &second, "")));
    daemon.api.send(Method::POST, "/v1/reload", &[], "").await.expect(200);
    let request = json!({ "channels": ["second"], "types": ["order.paid"], "after": 10 });
    let mut dry = request.clone();
    dry["dry_run"] = json!(true);
    assert_eq!(command(&daemon.api, "/v1/replays", dry).await, json!({ "matched": 15, "dry_run": true }));
    let job = command(&daemon.api, "/v1/replays", request).await;
    let job = done(&daemon.api, &job["id"]).await;
    assert_eq!((&job["state"], &job["delivered"], &job["matched"]), (&json!("done"), &json!(15), &json!(15)));
    assert_eq!((first.count(), second.count()), (40, 15));
    let shown = daemon.api.event("e12").await;
    assert_eq!(shown["attempts"]["second"][0]["trigger"], "replay");
    assert_eq!(shown["result"]["channels"]["second"]["status"], "success");
    // The receiver that got it before gets it with the same delivery id.
    let again = command(&daemon.api, "/v1/replays", json!({ "channels": ["first"], "after": 39 })).await;
    done(&daemon.api, &again["id"]).await;
    assert_eq!(first.deliveries().len(), 40);
    assert_eq!(first.count(), 41);
}

#[tokio::test]
async fn dead_letters_can_be_redriven_or_deleted() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering::status(500));
    let home = Home::new(&webhook("hook", &receiver, "retries = 0"));
    let daemon = home.start().await;
    for n in 1..=10 {
        daemon.api.publish(event(n)).await.expect(200);
    }
    let page = daemon.api.get("/v1/dead-letters?code=http_500&type=order.paid").await.expect(200).json();
    assert_eq!(page["dead_letters"].as_array().unwrap().len(), 5);
    let one = page["dead_letters"][0]["delivery_id"].as_str().unwrap().to_owned();
    let shown = daemon.api.get(&format!("/v1/dead-letters/{one}")).await.expect(200).json();
    assert_eq!((&shown["event"]["id"], &shown["history"][0]["code"]), (&json!("e2"), &json!("http_500")));
    assert!(!shown["settings"].as_str().unwrap().is_empty());

    // Redriven in vain: dead again, with both attempts recorded.
    let begun = command(&daemon.api, "/v1/dead-letters/replay", json!({ "delivery_id": one })).await;
    done(&daemon.api, &begun["replay"]).await;
    let shown = daemon.api.get(&format!("/v1/dead-letters/{one}")).await.expect(200).json();
    let triggers: Vec<_> = shown["history"].as_array().unwrap().iter().map(|a| a["trigger"].clone()).collect();
    assert_eq!(triggers, ["first", "manual"]);

    receiver.answer(Answering::status(200));
    let dry = command(&daemon.api, "/v1/dead-letters/replay", json!({ "type": "order.paid", "dry_run": true })).await;
    assert_eq!(dry, json!({ "matched": 5, "dry_run": true }));
    let begun = command(&daemon.api, "/v1/dead-letters/replay", json!({ "type": "order.paid" })).await;
    let job = done(&daemon.api, &begun["replay"]).await;
    assert_eq!((&job["delivered"], &job["kind"]), (&json!(5), &json!("redrive")));
    assert_eq!(daemon.api.event("e2").await["result"]["overall_status"], "success");

    let left = daemon.api.get("/v1/dead-letters").await.expect(200).json();
    assert_eq!(left["dead_letters"].as_array().unwrap().len(), 5);
    let one = left["dead_letters"][0]["delivery_id"].as_str().unwrap();
    daemon.api.send(Method::DELETE, &format!("/v1/dead-letters/{one}"), &[], "").await.expect(204);
    until("it to be gone", || async {
        (daemon.api.get(&format!("/v1/dead-letters/{one}")).await.status == 404).then_some(())
    })
    .await;
    let begun = command(&daemon.api, "/v1/dead-letters/purge", json!({ "all": true })).await;
    assert_eq!(done(&daemon.api, &begun["replay"]).await["sent"], 4);
    let left = daemon.api.get("/v1/dead-letters").await.expect(200).json();
    assert_eq!(left["dead_letters"], json!([]));
    assert_eq!(daemon.api.event("e1").await["result"]["overall_status"], "failed", "the failure stays recorded");
}

#[tokio::test]
async fn a_paused_channel_stays_paused_across_a_restart_and_keeps_its_backlog() {
    let receiver = Receiver::start().await;
    let home = Home::new(&webhook("hook", &receiver, ""));
    let daemon = home.start().await;
    let shown = command(&daemon.api, "/v1/channels/hook/pause", json!({ "reason": "maintenance" })).await;
    assert_eq!((&shown["state"], &shown["hold"]["reason"]), (&json!("paused"), &json!("maintenance")));
    for n in 1..=5 {
        daemon.api.publish_async(event(n)).await.expect(202);
    }
    daemon.kill().await;
    let daemon = home.start().await;
    let shown = daemon.api.get("/v1/channels/hook").await.expect(200).json();
    assert_eq!((&shown["state"], &shown["pending"]), (&json!("paused"), &json!(5)));
    assert_eq!(receiver.count(), 0);
    // A test is delivered nevertheless, and leaves no trace.
    let tested = command(&daemon.api, "/v1/channels/hook/test", json!({})).await;
    assert_eq!((&tested["status"], &tested["receipt"]["status"]), (&json!("success"), &json!(204)));
    assert_eq!(receiver.count(), 1);
    command(&daemon.api, "/v1/channels/hook/resume", json!({})).await;
    until("the backlog", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
    assert_eq!(receiver.count(), 6);
}

#[tokio::test]
async fn a_receiver_that_is_gone_suspends_its_channel_until_it_is_resumed() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering::status(410));
    let home = Home::new(&webhook("hook", &receiver, "concurrency = 1"));
    let daemon = home.start().await;
    daemon.api.publish_async(event(1)).await.expect(202);
    until("the suspension", || async {
        let shown = daemon.api.get("/v1/channels/hook").await.expect(200).json();
        (shown["state"] == "suspended").then_some(())
    })
    .await;
    // The lane stops before the hold is recorded.
    until("its record", || async {
        let event = daemon.api.event("e1").await;
        event["attempts"]["hook"].as_array().is_some_and(|attempts| !attempts.is_empty()).then_some(())
    })
    .await;
    daemon.kill().await;
    let daemon = home.start().await;
    let shown = daemon.api.get("/v1/channels/hook").await.expect(200).json();
    assert_eq!((&shown["state"], &shown["pending"]), (&json!("suspended"), &json!(1)));
    receiver.answer(Answering::status(200));
    command(&daemon.api, "/v1/channels/hook/resume", json!({})).await;
    crate::main_job::settled(&daemon.api, "e1", "success").await;
}

#[tokio::test]
async fn deliveries_expire_and_keep_their_order_per_subject() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering::status(503));
    let policy = "order = \"subject\"\nbackoff = { schedule = [\"50ms\"], jitter = 0.0 }\nretries = 100";
    let brief = "expires = \"1s\"\nbackoff = { schedule = [\"1h\"], jitter = 0.0 }";
    let home = Home::new(&format!("{}{}", webhook("ordered", &receiver, policy), webhook("brief", &receiver, brief)));
    let daemon = home.start().await;
    for n in 0..12 {
        let body = format!(r#"{{"type":"t","id":"o{n}","subject":"s{}","data":{n}}}"#, n % 3);
        daemon.api.publish_async(body).await.expect(202);
    }
    until("them to expire", || async {
        let page = daemon.api.get("/v1/dead-letters?class=expired&channel=brief").await.expect(200).json();
        (page["dead_letters"].as_array()?.len() == 12).then_some(())
    })
    .await;
    receiver.answer(Answering::status(200));
    let from = receiver.received().len();
    until("the rest", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
    let sent: Vec<u64> = receiver.received()[from..]
        .iter()
        .map(|request| serde_json::from_slice::<Value>(&request.body).unwrap()["data"].as_u64().unwrap())
        .collect();
    for subject in 0..3 {
        let mine: Vec<_> = sent.iter().filter(|n| *n % 3 == subject).collect();
        assert!(mine.is_sorted(), "subject {subject}: {mine:?}");
    }
}
