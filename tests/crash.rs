//! `kill -9` at any moment: what was acknowledged is delivered or dead after the restart.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::support::{
    client::Api,
    daemon::Home,
    hostile,
    receiver::{Answering, Receiver},
    until, webhook,
};

fn event(n: usize) -> String {
    format!(r#"{{"type":"order.paid","id":"evt-{n}","data":{{"n":{n}}}}}"#)
}

/// Publishes on several connections until the daemon is gone; returns the acknowledged ids.
async fn publish_until_gone(api: &Api, count: usize, acknowledged: Arc<Mutex<BTreeSet<String>>>) {
    let publishers = (0..16).map(|worker| {
        let (api, acknowledged) = (api.clone(), Arc::clone(&acknowledged));
        tokio::spawn(async move {
            let headers = [("content-type", "application/json"), ("prefer", "respond-async")];
            for n in (worker..count).step_by(16) {
                match api.try_send(hyper::Method::POST, "/v1/events", &headers, event(n)).await {
                    Ok(answer) if answer.status == 202 => drop(acknowledged.lock().unwrap().insert(format!("evt-{n}"))),
                    Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.text()),
                    Err(_) => return, // killed
                }
            }
        })
    });
    for publisher in futures_util::future::join_all(publishers).await {
        publisher.unwrap();
    }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_and_a_repeat_has_the_same_delivery_id() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering { delay: Duration::from_millis(2), ..Answering::status(200) });
    let home = Home::new(&format!(
        "{}{}",
        webhook("webhook", &receiver, ""),
        hostile("dead", "fail", "disposition = \"reject\"", "")
    ));
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start().await;

    let acknowledged = Arc::<Mutex<BTreeSet<String>>>::default();
    let publishing = {
        let (api, acknowledged) = (daemon.api.clone(), Arc::clone(&acknowledged));
        tokio::spawn(async move { publish_until_gone(&api, 4000, acknowledged).await })
    };
    // Under load: deliveries are in flight, and more events are being accepted.
    receiver.wait_for(1000).await;
    let before = receiver.deliveries();
    daemon.kill().await;
    publishing.await.unwrap();
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() >= 1000, "{} were acknowledged before the kill", acknowledged.len());

    let daemon = home.start().await;
    until("the backlog to drain", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
    let mut dead = 0;
    let mut path = "/v1/dead-letters?channel=dead&limit=1000".to_owned();
    loop {
        let page = daemon.api.get(&path).await.expect(200).json();
        dead += page["dead_letters"].as_array().unwrap().len();
        let Some(next) = page["next"].as_u64() else { break };
        path = format!("/v1/dead-letters?channel=dead&limit=1000&after={next}");
    }
    let received = receiver.received();
    let ids: BTreeSet<String> = received
        .iter()
        .map(|request| {
            serde_json::from_slice::<serde_json::Value>(&request.body).unwrap()["id"].as_str().unwrap().to_owned()
        })
        .collect();
    let lost: Vec<_> = acknowledged.difference(&ids).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert!(
        dead >= acknowledged.len(),
        "each of {} is dead on the channel that rejects; {dead} are",
        acknowledged.len()
    );

    // An event has one delivery id on this channel, however often it was sent.
    let after = receiver.deliveries();
    assert_eq!(after.len(), ids.len(), "one delivery id for each event");
    let repeated: usize = after.values().filter(|count| **count > 1).count();
    assert!(after.values().all(|count| *count <= 2), "repeated at most once");
    assert!(repeated <= before.len(), "{repeated} were repeated");
    println!("{} acknowledged, {} sent, {repeated} sent twice", acknowledged.len(), ids.len());
}

#[tokio::test]
async fn retries_that_wait_survive_a_crash_with_their_count() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering::status(500));
    let policy = "retries = 2\nbackoff = { schedule = [\"10ms\", \"3s\"], jitter = 0.0 }";
    let config = webhook("webhook", &receiver, policy);
    let home = Home::new(&config);
    let daemon = home.start().await;
    daemon.api.publish_async(event(1)).await.expect(202);
    until("two attempts on record", || async {
        (daemon.api.event("evt-1").await["attempts"]["webhook"].as_array()?.len() == 2).then_some(())
    })
    .await;
    daemon.kill().await;
    receiver.answer(Answering::status(200));
    let daemon = home.start().await;
    crate::main_job::settled(&daemon.api, "evt-1", "success").await;
    let shown = daemon.api.event("evt-1").await;
    let numbers: Vec<_> =
        shown["attempts"]["webhook"].as_array().unwrap().iter().map(|a| a["number"].clone()).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(receiver.deliveries().len(), 1, "the same delivery id every time");
}

#[tokio::test]
async fn a_shutdown_finishes_what_is_in_flight() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering { delay: Duration::from_millis(500), ..Answering::status(200) });
    let home = Home::new(&webhook("webhook", &receiver, ""));
    let daemon = home.start().await;
    for n in 0..8 {
        daemon.api.publish_async(event(n)).await.expect(202);
    }
    receiver.wait_for(8).await;
    assert!(daemon.stop().await.success());
    let daemon = home.start().await;
    assert_eq!(daemon.api.pending().await, 0);
    assert_eq!(receiver.count(), 8, "nothing was sent twice");
}
