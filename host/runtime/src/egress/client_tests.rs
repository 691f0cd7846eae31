//! Connections: which are reused, and which are not.

use std::sync::Mutex;

use futures_util::FutureExt as _;
use http_body_util::BodyExt as _;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;

/// A server that counts its connections and records the hosts it was addressed as.
struct Server {
    url: String,
    connections: Arc<Mutex<usize>>,
    hosts: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?x=1", listener.local_addr().unwrap());
        let (connections, hosts) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(vec![])));
        let (count, log) = (Arc::clone(&connections), Arc::clone(&hosts));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *count.lock().unwrap() += 1;
                let log = Arc::clone(&log);
                let service = service_fn(move |request: Request<Incoming>| {
                    let host = request.headers()[header::HOST].to_str().unwrap();
                    log.lock().unwrap().push(format!("{host} {}", request.uri()));
                    std::future::ready(Ok::<_, std::convert::Infallible>(Response::new(Full::new(Bytes::from("ok")))))
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self { url, connections, hosts }
    }

    fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

fn request(url: &str) -> Request<Full<Bytes>> {
    Request::get(url).body(Full::default()).unwrap()
}

/// Sends a request and reads the response.
async fn send(client: &Client, url: &str, reach: Reach, share: &Share) -> Result<Bytes, EgressError> {
    let target = Target::of(&url.parse().unwrap()).unwrap();
    let way = Way { reach, target: &target, share, table: "channels.hook" };
    let (response, busy) = client.send(request(url), way).await?;
    let body = response.into_body().collect().await.unwrap().to_bytes();
    busy.keep();
    Ok(body)
}

/// Waits until this many connections are back in the pool.
async fn settled(client: &Client, idle: usize) {
    while client.idle.len() != idle {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_connection_is_reused_for_every_spelling_of_its_host_and_never_with_another_reach() {
    let server = Server::start().await;
    let (client, share) = (Client::new().unwrap(), Share::default());
    let port = server.url.split([':', '/']).nth(4).unwrap();
    for spelled in ["127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "[::ffff:127.0.0.1]"] {
        let url = format!("http://{spelled}:{port}/hook?x=1");
        assert_eq!(send(&client, &url, Reach::Anywhere, &share).await.unwrap(), "ok");
        settled(&client, 1).await;
    }
    assert_eq!(server.connections(), 1);
    // The host gets the name that was checked.
    let hosts = server.hosts.lock().unwrap().clone();
    assert!(hosts.iter().all(|host| *host == format!("127.0.0.1:{port} /hook?x=1")), "{hosts:?}");
    // An address bypasses the resolver; the grants would reject it earlier. The connection is still not shared.
    send(&client, &server.url, Reach::Public, &share).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn as_many_connections_are_kept_as_were_busy_at_once() {
    let server = Server::start().await;
    let (client, share) = (Arc::new(Client::new().unwrap()), Arc::new(Share::default()));
    for _ in 0..3 {
        let target = Target::of(&server.url.parse().unwrap()).unwrap();
        let mut busy = vec![];
        for _ in 0..100 {
            let way = Way { reach: Reach::Anywhere, target: &target, share: &share, table: "channels.hook" };
            busy.push(client.send(request(&server.url), way).await.unwrap());
        }
        for (response, busy) in busy {
            response.into_body().collect().await.unwrap();
            busy.keep();
        }
        settled(&client, 100).await;
    }
    assert_eq!(server.connections(), 100);
}

#[tokio::test]
async fn a_request_is_sent_again_if_its_idle_connection_was_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let mut served = 0;
        // Each connection serves one request, promises to serve more, and closes.
        while served < 3 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 1024];
            if stream.read(&mut buffer).await.unwrap() > 0 {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
                served += 1;
            }
        }
        served
    });
    let (client, share) = (Client::new().unwrap(), Share::default());
    for _ in 0..3 {
        assert_eq!(send(&client, &url, Reach::Anywhere, &share).await.unwrap(), "ok");
    }
    assert_eq!(served.await.unwrap(), 3);
}

#[tokio::test]
async fn connections_are_bounded_over_all_hosts_and_idle_ones_make_way() {
    let (one, other) = (Server::start().await, Server::start().await);
    let client = Client { open: Arc::new(Semaphore::new(1)), ..Client::new().unwrap() };
    let share = Share::default();
    for url in [&one.url, &other.url, &one.url] {
        send(&client, url, Reach::Anywhere, &share).await.unwrap();
        settled(&client, 1).await;
    }
    assert_eq!((one.connections(), other.connections()), (2, 1));
}

#[tokio::test]
async fn requests_of_a_channel_are_bounded_and_another_channel_does_not_wait_for_them() {
    let server = Server::start().await;
    let client = Client::new().unwrap();
    let mut share = Share::default();
    share.requests = Arc::new(Semaphore::new(1));
    let target = Target::of(&server.url.parse().unwrap()).unwrap();
    let way = || Way { reach: Reach::Anywhere, target: &target, share: &share, table: "channels.hook" };
    let (response, busy) = client.send(request(&server.url), way()).await.unwrap();
    let mut next = std::pin::pin!(client.send(request(&server.url), way()));
    assert!(next.as_mut().now_or_never().is_none(), "it waits until the first response is read");
    send(&client, &server.url, Reach::Anywhere, &Share::default()).await.unwrap();
    assert!(next.as_mut().now_or_never().is_none());
    response.into_body().collect().await.unwrap();
    busy.keep();
    next.await.unwrap();
}

#[tokio::test]
async fn a_host_that_never_finishes_the_handshake_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let client = Client { patience: Duration::from_millis(100), ..Client::new().unwrap() };
    let error = send(&client, &url, Reach::Anywhere, &Share::default()).await.unwrap_err();
    assert_eq!(error.cause, Cause::ConnectTimeout, "{}", error.message);
}
