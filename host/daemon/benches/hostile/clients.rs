//! Hostile clients.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

use super::attacks::Client;

/// Connections at once.
const CONNECTIONS: usize = 64;

/// Attacks the daemon at this address until it is dropped. `said` is the last response, if there was one.
pub fn attack(client: Client, address: String, said: tokio::sync::watch::Sender<String>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (address, said) = (address.clone(), said.clone());
        tasks.spawn(async move {
            loop {
                if let Some(line) = once(client, &address).await {
                    said.send_replace(line);
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
    }
    tasks
}

/// The first line of the response, if there is one.
async fn once(client: Client, address: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let post = |length: usize| {
        let host = format!("Host: {address}\r\nContent-Type: application/json\r\n");
        format!("POST /v1/events HTTP/1.1\r\n{host}Content-Length: {length}\r\n\r\n")
    };
    let get = |path: &str, host: &str| format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    match client {
        Client::SlowHeaders => drip(&mut stream, &get("/healthz", address)).await?,
        Client::SlowBody => {
            stream.write_all(post(100_000).as_bytes()).await.ok()?;
            drip(&mut stream, &"x".repeat(100_000)).await?;
        }
        Client::NoBody => stream.write_all(post(100_000).as_bytes()).await.ok()?,
        Client::LargeBody => {
            stream.write_all(post(8 << 20).as_bytes()).await.ok()?;
            // The daemon may have responded early, and stopped reading.
            drop(stream.write_all(&vec![b'x'; 8 << 20]).await);
        }
        Client::NestedJson => {
            let body = format!("{{\"type\":\"a\",\"data\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
            stream.write_all((post(body.len()) + &body).as_bytes()).await.ok()?;
        }
        Client::NoHttp => stream.write_all(&[0x16, 3, 1, 0, 200, b'\r', b'\n', b'\r', b'\n']).await.ok()?,
        Client::UnreadStream => {
            stream.write_all(get("/v1/events/stream?after=0", address).as_bytes()).await.ok()?;
            return unread(stream).await;
        }
        Client::UnreadPage => {
            let page = get("/v1/events?after=0&limit=1000", address).repeat(50);
            stream.write_all(page.as_bytes()).await.ok()?;
            return unread(stream).await;
        }
        Client::Idle => {}
        Client::Rebinding => stream.write_all(get("/v1/channels", "evil.example.com").as_bytes()).await.ok()?,
    }
    let mut answer = [0; 256];
    let read = stream.read(&mut answer).await.ok()?;
    String::from_utf8_lossy(&answer[..read]).lines().next().map(str::to_owned)
}

async fn unread(stream: TcpStream) -> Option<String> {
    tokio::time::sleep(Duration::from_secs(10)).await;
    drop(stream);
    None
}

async fn drip(stream: &mut TcpStream, text: &str) -> Option<()> {
    for byte in text.as_bytes() {
        stream.write_all(&[*byte]).await.ok()?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Some(())
}
