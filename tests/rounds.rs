//! `kill -9` at random moments under load, round after round, checked as a set at the end.
//!
//! `FANFARE_ROUNDS` and `FANFARE_SEED` change how often and when; both are printed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use hyper::Method;
use serde_json::Value;

use crate::support::{
    client::Api,
    daemon::Home,
    hostile,
    receiver::{Answering, Receiver},
    until, webhook,
};

const PUBLISHERS: usize = 16;

/// Deliveries of one channel that can be under way at once; so many are repeated after a kill at the most.
const CONCURRENCY: usize = 16;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Publishes until the daemon is gone.
async fn publish(api: Api, round: u64, worker: usize, acknowledged: Arc<Mutex<BTreeSet<String>>>) {
    let headers = [("content-type", "application/json"), ("prefer", "respond-async")];
    for n in 0.. {
        let id = format!("r{round}-w{worker}-{n}");
        let body = format!(r#"{{"type":"order.paid","id":"{id}","data":{n}}}"#);
        match api.try_send(Method::POST, "/v1/events", &headers, body).await {
            Ok(answer) if answer.status == 202 => drop(acknowledged.lock().unwrap().insert(id)),
            Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.text()),
            Err(_) => return,
        }
    }
}

#[tokio::test]
async fn whatever_was_acknowledged_is_delivered_or_dead_after_any_number_of_kills() {
    let (rounds, seed) = (setting("FANFARE_ROUNDS", 8), setting("FANFARE_SEED", 0x5EED));
    println!("FANFARE_ROUNDS={rounds} FANFARE_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let receiver = Receiver::start().await;
    receiver.keep_all();
    receiver.answer(Answering { delay: Duration::from_millis(2), ..Answering::status(200) });
    let concurrency = format!("concurrency = {CONCURRENCY}");
    let home = Home::new(&format!(
        "{}{}",
        webhook("webhook", &receiver, &concurrency),
        hostile("dead", "fail", "disposition = \"reject\"", &concurrency)
    ));
    home.install("hostile", fanfare_artifacts::hostile());
    let acknowledged = Arc::<Mutex<BTreeSet<String>>>::default();
    for round in 0..rounds {
        let daemon = home.start_quietly().await;
        let publishers: Vec<_> = (0..PUBLISHERS)
            .map(|worker| tokio::spawn(publish(daemon.api.clone(), round, worker, Arc::clone(&acknowledged))))
            .collect();
        // The one sleep there has to be: the moment of the kill is what is random.
        tokio::time::sleep(Duration::from_millis(random.u64(20..400))).await;
        daemon.kill().await;
        for publisher in publishers {
            publisher.await.unwrap();
        }
    }
    let daemon = home.start_quietly().await;
    until("the backlog", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() >= 100, "{} were acknowledged", acknowledged.len());

    // Every event that is there ended on both channels, as each channel ends all of them.
    let mut recorded = BTreeMap::new();
    let mut path = "/v1/events?limit=1000".to_owned();
    loop {
        let page = daemon.api.get(&path).await.expect(200).json();
        for listed in page["events"].as_array().unwrap() {
            let channels = &listed["result"]["channels"];
            assert_eq!(
                (&channels["webhook"]["status"], &channels["dead"]["status"]),
                (&"success".into(), &"failed".into()),
                "{listed}"
            );
            let id = listed["event"]["id"].as_str().unwrap().to_owned();
            let delivery = channels["webhook"]["delivery_id"].as_str().unwrap().to_owned();
            assert!(recorded.insert(id, delivery).is_none(), "{listed} stands twice");
        }
        let Some(next) = page["next"].as_u64() else { break };
        path = format!("/v1/events?limit=1000&after={next}");
    }
    let lost: Vec<_> = acknowledged.iter().filter(|id| !recorded.contains_key(*id)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");

    // What was sent: every recorded event, each under its one delivery id, and few of them twice.
    let mut sent: BTreeMap<String, (BTreeSet<String>, usize)> = BTreeMap::new();
    for request in receiver.received() {
        let event: Value = serde_json::from_slice(&request.body).unwrap();
        let (ids, count) = sent.entry(event["id"].as_str().unwrap().to_owned()).or_default();
        ids.insert(request.header("webhook-id").to_owned());
        *count += 1;
    }
    let mut repeats = 0;
    for (id, delivery) in &recorded {
        let (ids, count) = sent.get(id).unwrap_or_else(|| panic!("{id} was never sent"));
        assert_eq!(ids, &BTreeSet::from([delivery.clone()]), "{id}");
        repeats += count - 1;
    }
    // In flight at a kill, or settled in a commit that the kill cut off: a settlement waits for its commit for about a millisecond.
    let bound = usize::try_from(rounds).unwrap() * CONCURRENCY * 8;
    assert!(repeats <= bound, "{repeats} were sent again, {bound} at the most");
    println!("{} acknowledged, {} recorded, {repeats} sent again", acknowledged.len(), recorded.len());
}
