//! Outgoing requests: granted, marked, signed, and classified when they fail.

#![allow(clippy::disallowed_methods, reason = "a test may ask what time it is")]

use std::time::Duration;

use bytes::Bytes;
use fanfare_core::Class;
use fanfare_dispatch::Bounds;
use fanfare_runtime::{
    ChannelSetup, Grants, Kind,
    webhook::{self, SigningKey},
};
use http_body_util::Full;
use hyper::Response;

use crate::support::{Receiver, bounds, failed, granted, hostile, hostile_http, ok, receipt, run_with, setup};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn to(receiver: &Receiver, settings: &[(&str, &str)]) -> ChannelSetup {
    let url = receiver.url();
    let settings: Vec<_> = settings.iter().copied().chain([("url", url.as_str())]).collect();
    ChannelSetup { grants: granted(&[&receiver.address.to_string()]), ..setup(&settings) }
}

#[tokio::test]
async fn an_http_channel_s_request_is_sent_marked_and_interpreted() {
    let receiver = Receiver::start(ok).await;
    let report = run_with(&hostile_http().await, to(&receiver, &[("headers.x-env", "dev")]), bounds()).await;
    assert_eq!(receipt(&report)["status"], 200);
    assert_eq!(receipt(&report)["body"], "{\"ok\":true}");
    let [seen] = receiver.seen().try_into().unwrap();
    assert_eq!((seen.method.as_str(), &seen.body[..]), ("POST", br#"{"user_id":7}"#.as_slice()));
    assert_eq!(seen.headers["x-env"], "dev");
    assert_eq!(seen.headers["webhook-id"], "dlv_000000000000000000000000000000fa_3");
    assert!(seen.headers["user-agent"].starts_with("fanfare/"));
    assert!(!seen.headers.contains_key("webhook-signature"));
}

#[tokio::test]
async fn a_signed_request_verifies_and_a_guest_cannot_forge_one() {
    let receiver = Receiver::start(ok).await;
    let keys = vec![SigningKey::parse(KEY).unwrap()];
    for mode in ["plain", "forged-signature"] {
        let setup = ChannelSetup { sign: keys.clone(), ..to(&receiver, &[("mode", mode)]) };
        receipt(&run_with(&hostile_http().await, setup, bounds()).await);
        let seen = receiver.seen().pop().unwrap();
        let signed = webhook::Signed {
            id: &seen.headers["webhook-id"],
            timestamp: seen.headers["webhook-timestamp"].parse().unwrap(),
            signatures: &seen.headers["webhook-signature"],
            body: &seen.body,
        };
        assert_eq!(signed.id, "dlv_000000000000000000000000000000fa_3");
        assert_eq!(signed.verify(&keys, jiff::Timestamp::now().as_second()), Ok(()));
    }
}

#[tokio::test]
async fn what_is_not_granted_is_denied_with_the_key_to_add() {
    let receiver = Receiver::start(ok).await;
    let key = format!("add \"{}\" to channels.hook.grant.http in config.toml", receiver.address);
    let nothing = |settings: &[(&str, &str)]| ChannelSetup { grants: Grants::default(), ..to(&receiver, settings) };
    failed(&run_with(&hostile_http().await, nothing(&[]), bounds()).await, Class::Denied, "denied", &key);
    let report = run_with(&hostile().await, nothing(&[("mode", "http")]), bounds()).await;
    failed(&report, Class::Denied, "denied", &key);
    assert_eq!(*receiver.connections.lock().unwrap(), 0);
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_denied_after_it_is_resolved() {
    let receiver = Receiver::start(ok).await;
    let port = receiver.address.port();
    for host in ["localhost", "2130706433", "127.1"] {
        let url = format!("http://{host}:{port}/");
        let any = |private_network| {
            let grants = Grants { private_network, ..granted(&["*"]) };
            ChannelSetup { grants, ..setup(&[("url", &url)]) }
        };
        let report = run_with(&hostile_http().await, any(false), bounds()).await;
        failed(&report, Class::Denied, "denied", "channels.hook.grant.private_network = true");
        assert_eq!(*receiver.connections.lock().unwrap(), 0, "{host}");
    }
    // With the key it is reachable, and that connection is not used for channels without the key.
    let url = format!("http://localhost:{port}/");
    let grants = |private_network| Grants { private_network, ..granted(&["*"]) };
    let with = |private_network| ChannelSetup { grants: grants(private_network), ..setup(&[("url", &url)]) };
    receipt(&run_with(&hostile_http().await, with(true), bounds()).await);
    failed(&run_with(&hostile_http().await, with(false), bounds()).await, Class::Denied, "denied", "");
    assert_eq!(receiver.seen().len(), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    fn away() -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::default());
        *response.status_mut() = hyper::StatusCode::FOUND;
        response.headers_mut().insert("location", "http://169.254.169.254/".parse().unwrap());
        response
    }
    let receiver = Receiver::start(away).await;
    let report = run_with(&hostile().await, to(&receiver, &[("mode", "http")]), bounds()).await;
    assert_eq!(receipt(&report)["status"], 302);
    assert_eq!(receiver.seen().len(), 1);
}

#[tokio::test]
async fn connections_are_kept_between_attempts() {
    let receiver = Receiver::start(ok).await;
    for _ in 0..20 {
        receipt(&run_with(&hostile_http().await, to(&receiver, &[]), bounds()).await);
    }
    assert_eq!(receiver.seen().len(), 20);
    assert!(*receiver.connections.lock().unwrap() < 5);
}

#[tokio::test]
async fn no_connection_no_name_and_no_tls_have_their_codes() {
    let receiver = Receiver::start(ok).await;
    let secure = format!("https://{}/", receiver.address);
    for (url, code) in
        [("http://127.0.0.1:1/", "connection_refused"), ("http://nothing.invalid/", "dns"), (secure.as_str(), "tls")]
    {
        let grants = Grants { private_network: true, ..granted(&["*"]) };
        let setup = ChannelSetup { grants, ..setup(&[("url", url)]) };
        failed(&run_with(&hostile_http().await, setup, bounds()).await, Class::Retry, code, "");
    }
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_a_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let url = format!("http://{address}/");
    let short = Bounds { timeout: Duration::from_millis(200), ..bounds() };
    for (plugin, mode) in [(hostile().await, "http"), (hostile_http().await, "plain")] {
        let setup = ChannelSetup { grants: granted(&[&address]), ..setup(&[("url", &url), ("mode", mode)]) };
        failed(&run_with(&plugin, setup, short).await, Class::Timeout, "timeout", "");
    }
}

#[tokio::test]
async fn of_a_response_that_is_too_large_the_beginning_is_kept_and_the_status_decides() {
    fn large() -> Response<Full<Bytes>> {
        // A receiver cannot claim that it is complete.
        Response::builder().header("fanfare-truncated", "false").body(Full::new(vec![b'x'; 5 << 20].into())).unwrap()
    }
    let receiver = Receiver::start(large).await;
    let interpreted = run_with(&hostile_http().await, to(&receiver, &[("mode", "count-body")]), bounds()).await;
    let sent = run_with(&hostile().await, to(&receiver, &[("mode", "http"), ("describe", "size")]), bounds()).await;
    for report in [interpreted, sent] {
        let receipt = receipt(&report);
        assert_eq!((&receipt["status"], &receipt["bytes"]), (&200.into(), &(4 << 20).into()), "{receipt}");
        let marks = receipt["headers"].as_array().unwrap().iter().filter(|header| header[0] == "fanfare-truncated");
        assert_eq!(marks.map(|header| header[1].as_str().unwrap()).collect::<Vec<_>>(), ["true"]);
    }
}

#[tokio::test]
async fn ill_requests_are_rejected_before_anything_is_sent() {
    let receiver = Receiver::start(ok).await;
    for mode in ["hop-headers", "bad-header", "header-flood", "huge-body"] {
        let settings = [("mode", mode), ("bytes", "5000000")];
        let report = run_with(&hostile_http().await, to(&receiver, &settings), bounds()).await;
        failed(&report, Class::Rejected, "invalid_request", "");
    }
    assert_eq!(*receiver.connections.lock().unwrap(), 0);
}

#[tokio::test]
async fn an_http_channel_that_falls_on_either_side_of_the_request_is_classified() {
    let receiver = Receiver::start(ok).await;
    let little = Bounds { fuel: 20_000_000, ..bounds() };
    for (mode, class, code) in [
        ("compose-trap", Class::Trap, "panic"),
        ("compose-spin", Class::Fuel, "fuel"),
        ("compose-reject", Class::Rejected, "not_composed"),
        ("interpret-trap", Class::Trap, "panic"),
        ("interpret-spin", Class::Fuel, "fuel"),
        ("interpret-reject", Class::Rejected, "not_interpreted"),
    ] {
        let report = run_with(&hostile_http().await, to(&receiver, &[("mode", mode)]), little).await;
        failed(&report, class, code, "");
    }
    assert_eq!(receiver.seen().len(), 3);
}

/// A receiver that writes these bytes, and then a chunk over and over.
async fn raw(head: &'static [u8], again: &'static [u8], pause: Duration) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _read = stream.read(&mut request).await;
                let mut alive = stream.write_all(head).await;
                while alive.is_ok() {
                    tokio::time::sleep(pause).await;
                    alive = stream.write_all(again).await;
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn a_response_that_drips_never_ends_or_is_all_headers_is_ended_by_us() {
    let short = Bounds { timeout: Duration::from_millis(500), ..bounds() };
    let drip = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", b"x", Duration::from_millis(20)).await;
    let chunk: &'static [u8] = Box::leak(Box::new([b"4000\r\n".as_slice(), &[b'x'; 0x4000], b"\r\n"].concat()));
    let endless = raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunk, Duration::ZERO).await;
    let header: &'static [u8] =
        Box::leak(format!("x-filler: {}\r\n", "x".repeat(4000)).into_bytes().into_boxed_slice());
    let headers = raw(b"HTTP/1.1 200 OK\r\n", header, Duration::ZERO).await;
    for (address, bounds, class, code) in
        [(&drip, short, Class::Timeout, "timeout"), (&headers, bounds(), Class::Retry, "connection")]
    {
        let url = format!("http://{address}/");
        for plugin in [hostile_http().await, hostile().await] {
            let setup = ChannelSetup { grants: granted(&[address]), ..setup(&[("url", &url), ("mode", "http")]) };
            let report = run_with(&plugin, setup, bounds).await;
            failed(&report, class, code, "");
        }
    }
    // Beyond our limit, an endless body is not waited for.
    let url = format!("http://{endless}/");
    for plugin in [hostile_http().await, hostile().await] {
        let settings =
            [("url", url.as_str()), ("mode", if plugin.kind() == Kind::HttpChannel { "count-body" } else { "http" })];
        let setup = ChannelSetup { grants: granted(&[&endless]), ..setup(&settings) };
        let mut setup = setup;
        setup.settings.insert("describe".to_owned(), "size".to_owned());
        assert_eq!(receipt(&run_with(&plugin, setup, bounds()).await)["bytes"], 4 << 20);
    }
}
