use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use super::support::{Does, Fixture, close};
use crate::http::{ServerOptions, serve};

struct Running {
    address: SocketAddr,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
    fixture: Fixture,
}

const OPTIONS: ServerOptions = ServerOptions {
    max_connections: 16,
    header_timeout: Duration::from_secs(60),
    write_timeout: Duration::from_secs(60),
};

/// So small that a response which is not read does not fit into the kernel's buffers.
const SOCKET_BUFFER: u32 = 8 << 10;

impl Running {
    async fn start(channels: &[(&str, Does)], options: ServerOptions, deadline: Duration) -> Self {
        let fixture = Fixture::new(channels).await;
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(SOCKET_BUFFER).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(64).unwrap();
        let (address, shutdown) = (listener.local_addr().unwrap(), CancellationToken::new());
        let task = tokio::spawn(serve(listener, fixture.daemon.clone(), options, shutdown.clone(), deadline));
        Self { address, shutdown, task, fixture }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap();
        close(self.fixture).await;
    }
}

/// Writes, then reads until there is a response or the connection has ended.
async fn exchange(stream: &mut TcpStream, text: &str) -> String {
    stream.write_all(text.as_bytes()).await.unwrap();
    answer(stream).await
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 16 << 10];
    let read = stream.read(&mut bytes).await.unwrap_or(0);
    String::from_utf8(bytes[..read].to_vec()).unwrap()
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn publish(wait: u64) -> String {
    let body = r#"{"type":"a"}"#;
    let length = body.len();
    format!(
        "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nPrefer: wait={wait}\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn a_failed_connection_does_not_affect_others() {
    let server = Running::start(&[], OPTIONS, Duration::from_secs(5)).await;
    let garbled = exchange(&mut server.connect().await, "this is not HTTP\r\n\r\n").await;
    assert!(garbled.starts_with("HTTP/1.1 400"), "{garbled}");
    drop(server.connect().await);
    let mut stream = server.connect().await;
    for _ in 0..2 {
        let answer = exchange(&mut stream, HEALTH).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "kept alive: {answer}");
    }
    let missing = exchange(&mut stream, "GET /healthz HTTP/1.1\r\n\r\n").await;
    assert!(missing.starts_with("HTTP/1.1 400") && missing.contains("no Host header"), "{missing}");
    let old = exchange(&mut server.connect().await, "GET /healthz HTTP/1.0\r\n\r\n").await;
    assert!(old.starts_with("HTTP/1.0 200"), "{old}");
    server.stop().await;
}

#[tokio::test]
async fn headers_that_do_not_end_are_given_up() {
    let options = ServerOptions { header_timeout: Duration::from_millis(100), ..OPTIONS };
    let server = Running::start(&[], options, Duration::from_secs(5)).await;
    let mut stream = server.connect().await;
    assert_eq!(exchange(&mut stream, "GET /healthz HTTP/1.1\r\nHost: loc").await, "", "closed without an answer");
    server.stop().await;
}

#[tokio::test]
async fn a_new_connection_replaces_the_one_that_was_idle_longest() {
    let options = ServerOptions { max_connections: 3, ..OPTIONS };
    let server = Running::start(&[], options, Duration::from_secs(5)).await;
    let (mut silent, mut first, mut second) = (server.connect().await, server.connect().await, server.connect().await);
    for stream in [&mut first, &mut second] {
        assert!(exchange(stream, HEALTH).await.starts_with("HTTP/1.1 200"));
    }
    let mut newcomers = vec![];
    for idlest in [&mut silent, &mut second] {
        let mut newcomer = server.connect().await;
        assert!(exchange(&mut newcomer, HEALTH).await.starts_with("HTTP/1.1 200"));
        assert_eq!(answer(idlest).await, "", "closed");
        newcomers.push(newcomer);
        assert!(exchange(&mut first, HEALTH).await.starts_with("HTTP/1.1 200"), "it was idle for less time");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_new_connection_waits_while_all_others_are_busy() {
    let options = ServerOptions { max_connections: 1, ..OPTIONS };
    let server = Running::start(&[("slow", Does::Hang)], options, Duration::from_secs(30)).await;
    let mut busy = server.connect().await;
    busy.write_all(publish(1).as_bytes()).await.unwrap();
    recorded(&server).await;
    let mut newcomer = server.connect().await;
    newcomer.write_all(HEALTH.as_bytes()).await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(200), answer(&mut newcomer)).await;
    assert!(early.is_err(), "{early:?}");
    let answered = answer(&mut busy).await;
    assert!(answered.starts_with("HTTP/1.1 202"), "{answered}");
    assert!(answer(&mut newcomer).await.starts_with("HTTP/1.1 200"), "as soon as the other one is idle");
    assert_eq!(answer(&mut busy).await, "", "and that one is closed");
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_does_not_read_its_response_is_cut_off() {
    let options = ServerOptions { write_timeout: Duration::from_millis(200), ..OPTIONS };
    let server = Running::start(&[], options, Duration::from_secs(3_600)).await;
    let text = "x".repeat(3_000);
    for n in 0..200 {
        let event = format!(r#"{{"type":"a","id":"{n}","data":"{text}"}}"#);
        assert_eq!(server.fixture.publish(&event).await.status, 200);
    }
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(SOCKET_BUFFER).unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    let head = exchange(&mut stream, "GET /v1/events?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    // The response is being sent, and would be for an hour.
    let stopped = tokio::time::timeout(Duration::from_secs(60), server.stop()).await;
    assert!(stopped.is_ok(), "the connection is kept for a client that does not read");
}

#[tokio::test]
async fn a_client_that_speaks_http2_is_told_to_speak_http1() {
    let server = Running::start(&[], OPTIONS, Duration::from_secs(5)).await;
    let mut stream = server.connect().await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    stream.write_all(preface).await.unwrap();
    let mut frames = vec![];
    stream.shutdown().await.unwrap();
    stream.read_to_end(&mut frames).await.unwrap();
    let (settings, goaway) = frames.split_at(9);
    assert_eq!(settings, b"\0\0\0\x04\0\0\0\0\0");
    assert_eq!(usize::from(goaway[2]) + 9, goaway.len(), "one frame");
    assert_eq!((goaway[3], &goaway[13..17]), (7, &b"\0\0\0\x0d"[..]), "GOAWAY, HTTP_1_1_REQUIRED");
    assert!(exchange(&mut server.connect().await, HEALTH).await.starts_with("HTTP/1.1 200"));
    server.stop().await;
}

#[tokio::test]
async fn a_shutdown_lets_requests_in_flight_finish() {
    let server = Running::start(&[("slow", Does::Hang)], OPTIONS, Duration::from_secs(30)).await;
    let (mut busy, mut idle) = (server.connect().await, server.connect().await);
    assert!(exchange(&mut idle, HEALTH).await.starts_with("HTTP/1.1 200"));
    busy.write_all(publish(1).as_bytes()).await.unwrap();
    recorded(&server).await;
    server.shutdown.cancel();
    assert_eq!(answer(&mut idle).await, "", "an idle connection ends at once");
    let answer = answer(&mut busy).await;
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    let refused = TcpStream::connect(server.address).await;
    assert!(refused.is_err(), "the port is closed");
    server.stop().await;
}

#[tokio::test]
async fn a_shutdown_ends_at_its_deadline() {
    let server = Running::start(&[("slow", Does::Hang)], OPTIONS, Duration::from_millis(50)).await;
    let mut busy = server.connect().await;
    busy.write_all(publish(300).as_bytes()).await.unwrap();
    recorded(&server).await;
    server.shutdown.cancel();
    assert_eq!(answer(&mut busy).await, "", "cut");
    server.stop().await;
}

/// Waits until the channel has the event. From then on the request is in flight.
async fn recorded(server: &Running) {
    while server.fixture.daemon.dispatcher.lane("slow").is_none_or(|(_, backlog)| backlog.in_flight == 0) {
        tokio::task::yield_now().await;
    }
}
