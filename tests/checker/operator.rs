//! What an operator does over HTTP, with a daemon that may be killed at any moment.

use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};

use crate::support::client::Api;

/// With everything healthy and every channel resumed, a backlog drains in this time even on a busy machine. Otherwise
/// it is lost.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Below this, the history fits on one page.
const PAGE: usize = 1_000;

/// Sends a command and returns whether it was carried out; the daemon may be gone.
pub async fn command(api: &Api, path: &str, body: Value) -> bool {
    let headers = [("content-type", "application/json")];
    let answer = api.try_send(Method::POST, path, &headers, body.to_string()).await;
    answer.is_ok_and(|answer| answer.status.is_success())
}

/// Resumes every channel that is on hold. Returns the number of pending deliveries.
pub async fn resume_all(api: &Api) -> Option<u64> {
    let answer = api.try_send(Method::GET, "/v1/channels", &[], "").await.ok()?;
    let channels = answer.json()["channels"].as_array()?.clone();
    let mut pending = 0;
    for channel in &channels {
        pending += channel["pending"].as_u64()?;
        if !channel["hold"].is_null() {
            command(api, &format!("/v1/channels/{}/resume", channel["name"].as_str()?), json!({})).await;
            pending += 1; // so that it is checked again
        }
    }
    Some(pending)
}

/// Waits until nothing is pending, nothing is on hold and no job runs. `Err` is what is left.
pub async fn drained(api: &Api) -> Result<(), Value> {
    let begun = tokio::time::Instant::now();
    loop {
        let pending = resume_all(api).await;
        let jobs = api.get("/v1/replays").await.expect(200).json();
        let running = jobs["replays"].as_array().unwrap().iter().any(|job| job["state"] == "running");
        if pending == Some(0) && !running {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            let channels = api.get("/v1/channels").await.expect(200).json();
            let some =
                |channel: &Value| json!([channel["name"], channel["state"], channel["pending"], channel["waiting"]]);
            let channels: Vec<_> = channels["channels"].as_array().unwrap().iter().map(some).collect();
            return Err(json!({ "channels": channels, "jobs": running }));
        }
        // Polls like `until`, but returns what is left instead of panicking.
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// All pages of a list.
pub async fn pages(api: &Api, what: &str) -> Vec<Value> {
    let mut all = vec![];
    let mut path = format!("/v1/{what}?limit={PAGE}");
    loop {
        let page = api.get(&path).await.expect(200).json();
        all.extend(page[what.replace('-', "_")].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_i64() else { return all };
        path = format!("/v1/{what}?limit={PAGE}&after={next}");
    }
}
