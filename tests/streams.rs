//! The live stream: nothing is missing and nothing comes twice, wherever it is cut.

use std::{collections::BTreeMap, time::Duration};

use futures_util::StreamExt as _;
use http_body_util::Empty;
use hyper::{Request, body::Bytes, body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use sse_stream::SseStream;
use tokio::net::TcpStream;

use crate::support::{client::Api, daemon::Home, hostile};

/// A follower of the stream.
pub struct Follower {
    messages: SseStream<Incoming>,
}

pub struct Message {
    id: Option<u64>,
    pub name: String,
    pub data: Value,
}

impl Follower {
    async fn open(api: &Api, query: &str, last: Option<u64>) -> Self {
        let last = last.map(|last| last.to_string());
        let headers: Vec<_> = last.iter().map(|last| ("last-event-id", last.as_str())).collect();
        Self::open_with(api, query, &headers).await
    }

    pub async fn open_with(api: &Api, query: &str, headers: &[(&str, &str)]) -> Self {
        let address = api.base.strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut request = Request::get(format!("/v1/events/stream{query}")).header("host", address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        // The sender owns the connection, which lives as long as the body is read.
        std::mem::forget(sender);
        Self { messages: SseStream::new(response.into_body()) }
    }

    /// The next message; `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Message> {
        loop {
            let message = tokio::time::timeout(Duration::from_secs(30), self.messages.next()).await;
            let Some(Ok(message)) = message.expect("a message or the end") else { return None };
            // The first one only says how soon to come back.
            let Some(name) = message.event else { continue };
            let data = serde_json::from_str(&message.data.unwrap()).unwrap();
            return Some(Message { id: message.id.map(|id| id.parse().unwrap()), name, data });
        }
    }
}

const CHANNELS: &str = "[channels.log]\nplugin = \"builtin:log\"\n";

fn event(n: u64) -> String {
    format!(r#"{{"type":"t.{}","id":"e{n}","data":{n}}}"#, if n.is_multiple_of(2) { "even" } else { "odd" })
}

#[tokio::test]
async fn every_event_comes_once_however_often_the_stream_is_cut() {
    let home = Home::new(CHANNELS);
    let daemon = home.start().await;
    let publishing = {
        let api = daemon.api.clone();
        tokio::spawn(async move {
            for n in 1..=600 {
                api.publish_async(event(n)).await.expect(202);
            }
        })
    };
    let mut seen = vec![];
    while seen.len() < 600 {
        let mut follower = Follower::open(&daemon.api, "?after=0", seen.last().copied()).await;
        let cut_after = seen.len() + 150;
        while seen.len() < cut_after.min(600) {
            let message = follower.next().await.expect("the stream continues");
            if message.name == "event" {
                assert_eq!(message.data["offset"].as_u64(), message.id);
                seen.push(message.id.unwrap());
            }
        }
    }
    publishing.await.unwrap();
    assert_eq!(seen, (1..=600).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_follower_gets_new_events_and_settled_deliveries_of_its_type() {
    let home = Home::new(&format!("{CHANNELS}{}", hostile("bad", "fail", "disposition = \"reject\"", "")));
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start().await;
    daemon.api.publish(event(1)).await.expect(200);
    let mut follower = Follower::open(&daemon.api, "?type=t.even", None).await;
    for n in 2..=5 {
        daemon.api.publish(event(n)).await.expect(200);
    }
    let (mut events, mut ended) = (vec![], BTreeMap::new());
    while events.len() < 2 || ended.len() < 4 {
        let message = follower.next().await.unwrap();
        match message.name.as_str() {
            "event" => events.push(message.data["event"]["id"].as_str().unwrap().to_owned()),
            "settled" => {
                assert_eq!(message.id, None, "only events have a place to resume from");
                let key = (message.data["event_id"].to_string(), message.data["channel"].to_string());
                ended.insert(key, message.data["status"].as_str().unwrap().to_owned());
            }
            other => panic!("{other}"),
        }
        // Deliveries that had settled when their event was read are part of the event.
        if message.name == "event" {
            for (channel, result) in message.data["result"]["channels"].as_object().unwrap() {
                if result["status"] != "pending" {
                    let key = (message.data["event"]["id"].to_string(), format!("{channel:?}"));
                    ended.insert(key, result["status"].as_str().unwrap().to_owned());
                }
            }
        }
    }
    assert_eq!(events, ["e2", "e4"]);
    for ((_, channel), status) in &ended {
        assert_eq!(status, if channel.contains("bad") { "failed" } else { "success" });
    }
    let mut oldest = Follower::open(&daemon.api, "?after=-2", None).await;
    assert_eq!(oldest.next().await.unwrap().id, Some(4));
}

#[tokio::test]
async fn a_follower_that_does_not_read_costs_no_memory_and_a_shutdown_ends_its_stream() {
    let home = Home::new("");
    let daemon = home.start_quietly().await;
    let fat = "x".repeat(8_000);
    let body = |n: usize| format!(r#"{{"type":"t","id":"{n}","data":"{fat}"}}"#);
    // The window in memory is full before the comparison begins.
    let publish = async |from: usize, to: usize| {
        let workers = (0..8).map(|worker| {
            let (api, bodies) = (daemon.api.clone(), (from + worker..to).step_by(8).map(body).collect::<Vec<_>>());
            tokio::spawn(async move {
                for body in bodies {
                    api.publish_async(body).await.expect(200);
                }
            })
        });
        for worker in futures_util::future::join_all(workers).await {
            worker.unwrap();
        }
    };
    publish(0, 6_000).await;
    let start = daemon.resident();
    // What the same load costs without followers, on this machine and with its allocator.
    publish(6_000, 12_000).await;
    let alone = daemon.resident().saturating_sub(start);
    let slow = Follower::open(&daemon.api, "?after=0", None).await;
    let before = daemon.resident();
    publish(12_000, 18_000).await;
    let followed = daemon.resident().saturating_sub(before);
    let most = alone + (24 << 20);
    assert!(followed < most, "{alone} more bytes without followers, {followed} after 48 MB that nobody read");
    let mut slow = slow;
    assert_eq!(slow.next().await.unwrap().id, Some(1), "it gets everything when it continues to read");
    assert!(daemon.stop().await.success());
    while slow.next().await.is_some() {}
}
