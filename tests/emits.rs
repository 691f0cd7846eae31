//! Events that channels emit: recorded with their delivery, or not at all.

use serde_json::Value;

use crate::support::{daemon::Home, hostile, until};

const ORDER: &str = r#"{"type":"order.created","id":"o-1","data":{"n":1}}"#;

fn emitter(more: &str) -> String {
    // It also gets what it emits, so only the hop limit ends the chain.
    hostile(
        "emitter",
        "emit",
        "type = \"stock.reserved\"",
        &format!("retries = 0\ngrant = {{ emit = [\"stock.*\"] }}\n{more}"),
    )
}

async fn history(home: &crate::support::daemon::Daemon, ty: &str) -> Vec<Value> {
    let page = home.api.get(&format!("/v1/events?limit=100&type={ty}")).await.expect(200).json();
    page["events"].as_array().unwrap().clone()
}

#[tokio::test]
async fn emitted_events_go_to_every_channel_and_the_hop_limit_ends_a_chain() {
    let home = Home::new(&format!("{}[channels.log]\nplugin = \"builtin:log\"\n", emitter("")));
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start_quietly().await;
    let result = daemon.api.publish(ORDER).await.expect(200).json();
    let delivery = result["channels"]["emitter"]["delivery_id"].as_str().unwrap().to_owned();
    assert_eq!(result["channels"]["emitter"]["receipt"]["emitted"][0], format!("{delivery}.1"), "{result:#}");
    until("the end of the chain", || async { (daemon.api.pending().await == 0).then_some(()) }).await;

    let emitted = history(&daemon, "stock.reserved").await;
    assert_eq!(emitted.len(), 16, "{emitted:#?}");
    let first = daemon.api.event(&format!("{delivery}.1")).await;
    let event = &first["event"];
    assert_eq!((event["source"].as_str(), event["type"].as_str()), (Some("/channels/emitter"), Some("stock.reserved")));
    assert_eq!(
        (event["causationid"].as_str(), event["correlationid"].as_str()),
        (Some("o-1"), Some("o-1")),
        "{event:#}"
    );
    assert_eq!((&event["hopcount"], &event["data"]["n"]), (&1.into(), &0.into()), "{event:#}");
    assert_eq!(first["result"]["channels"]["log"]["status"], "success", "{first:#}");
    // The last event of the chain could not be emitted, and its receipt says so.
    let dead = daemon.api.get("/v1/dead-letters").await.expect(200).json();
    assert_eq!(dead["dead_letters"].as_array().unwrap().len(), 1, "{dead:#}");
    assert_eq!(dead["dead_letters"][0]["code"], "too_many_events");
    assert_eq!(daemon.api.metric("fanfare_events_accepted_total").await, Some(17.0));

    // The limit is the daemon's, and a new one takes effect without a restart.
    home.configure(&format!("[journal]\nmax_hops = 3\n\n{}", emitter("")));
    daemon.api.post("/v1/reload", "").await.expect(200);
    daemon.api.publish(ORDER.replace("o-1", "o-2")).await.expect(200);
    until("the end of the chain", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
    assert_eq!(daemon.api.metric("fanfare_events_accepted_total").await, Some(17.0 + 4.0));
}

#[tokio::test]
async fn a_failed_attempt_emits_nothing() {
    let home = Home::new(&hostile(
        "emitter",
        "emit",
        "type = \"stock.reserved\", then = \"fail\"",
        "retries = 1\nbackoff = { initial = \"10ms\", max = \"10ms\" }\ngrant = { emit = [\">\"] }",
    ));
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start_quietly().await;
    let result = daemon.api.publish(ORDER).await.expect(200).json();
    assert_eq!(result["channels"]["emitter"]["attempts"], 2, "{result:#}");
    assert!(history(&daemon, "stock.reserved").await.is_empty());
}

/// Killed while channels emit: each event delivered to the emitter has one emitted event, and no other event has one.
#[tokio::test]
async fn a_crash_never_separates_deliveries_from_the_events_they_emitted() {
    let home = Home::new(&emitter(""));
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start_quietly().await;
    for n in 0..40 {
        daemon.api.publish_async(format!(r#"{{"type":"order.created","id":"o-{n}"}}"#)).await.expect(202);
    }
    daemon.kill().await;
    let daemon = home.start_quietly().await;
    until("all chains", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
    for n in 0..40 {
        let order = daemon.api.event(&format!("o-{n}")).await;
        let delivery = order["result"]["channels"]["emitter"]["delivery_id"].as_str().unwrap().to_owned();
        let child = daemon.api.event(&format!("{delivery}.1")).await;
        assert_eq!(child["event"]["causationid"], format!("o-{n}"), "{child:#}");
    }
    // 16 events per chain, none twice.
    let status = daemon.api.get("/v1/stats").await.expect(200).json();
    assert_eq!(status["totals"]["accepted"], 40 * 17, "{status:#}");
}
