//! What the benchmarks over HTTP share: the load, and what it costs.

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{daemon::Daemon, until};

/// An event that all guests here can read: the benchmark guest needs an order.
pub fn event() -> String {
    let sample = fanfare_artifacts::SAMPLE;
    format!(r#"{{"type":"order.paid","message":"Order paid","severity":"info","tags":["order"],"data":{sample}}}"#)
}

/// Sends this body so many times, over so many connections.
pub async fn publish(daemon: &Daemon, body: &str, requests: usize, connections: usize) {
    let request = request(daemon, "application/json", body);
    send(daemon, requests, connections, move |_| request.clone()).await;
}

/// Sends so many batches of so many events, each with an id of its own.
#[allow(dead_code, reason = "one of the benchmarks has batches")]
pub async fn publish_batches(daemon: &Daemon, (requests, events): (usize, usize), connections: usize, run: &str) {
    let data = fanfare_artifacts::SAMPLE;
    send(daemon, requests, connections, |n| {
        let event = |e| {
            format!(
                r#"{{"specversion":"1.0","id":"{run}-{n}-{e}","source":"/bench","type":"order.paid","data":{data}}}"#
            )
        };
        let batch = format!("[{}]", (0..events).map(event).collect::<Vec<_>>().join(","));
        request(daemon, "application/cloudevents-batch+json", &batch)
    })
    .await;
}

/// The host and port of a daemon.
fn authority(daemon: &Daemon) -> String {
    daemon.api.base.strip_prefix("http://").unwrap().to_owned()
}

fn request(daemon: &Daemon, media_type: &str, body: &str) -> Bytes {
    let (authority, length) = (authority(daemon), body.len());
    Bytes::from(format!(
        "POST /v1/events HTTP/1.1\r\nhost: {authority}\r\ncontent-type: {media_type}\r\nprefer: respond-async\r\n\
         content-length: {length}\r\n\r\n{body}"
    ))
}

/// Sends requests, numbered from 0. The smallest possible client: the daemon is measured, and both share the cores.
async fn send(daemon: &Daemon, requests: usize, connections: usize, request: impl Fn(usize) -> Bytes) {
    let (left, authority) = (AtomicUsize::new(requests), authority(daemon));
    let worker = async || {
        let mut stream = tokio::net::TcpStream::connect(&authority).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let mut buffer = Vec::with_capacity(4096);
        while let Ok(left) = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)) {
            stream.write_all(&request(requests - left)).await.unwrap();
            let status = response(&mut stream, &mut buffer).await;
            // An event without a channel is settled as soon as it is durable.
            assert!(matches!(status.as_slice(), b"202" | b"200"), "{}", String::from_utf8_lossy(&buffer));
        }
    };
    futures_util::future::join_all((0..connections).map(|_| worker())).await;
}

/// Reads one response and nothing beyond it; returns its status.
async fn response(stream: &mut tokio::net::TcpStream, buffer: &mut Vec<u8>) -> Vec<u8> {
    buffer.clear();
    loop {
        assert!(stream.read_buf(buffer).await.unwrap() > 0, "the daemon closed the connection");
        let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&buffer[..end]).unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if buffer.len() >= end + 4 + length.parse::<usize>().unwrap() {
            return buffer[9..12].to_vec();
        }
    }
}

/// Resolves when no delivery is pending.
pub async fn drained(daemon: &Daemon) {
    until("the deliveries", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
}

/// The CPU time of a process with its threads, to a hundredth of a second.
pub fn cpu(process: &str) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}
