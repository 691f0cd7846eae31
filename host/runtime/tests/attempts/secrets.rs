//! Secrets reach the receiver, and nobody else.

use bytes::Bytes;
use fanfare_core::Class;
use fanfare_runtime::ChannelSetup;
use http_body_util::Full;
use hyper::Response;

use crate::support::{Receiver, bounds, failed, granted, hostile, hostile_http, ok, receipt, run_with, secret, setup};

const VALUE: &str = "s3cret/value";

fn with(receiver: &Receiver, settings: &[(&str, &str)], hosts: &str) -> ChannelSetup {
    ChannelSetup {
        grants: granted(&[&receiver.address.to_string()]),
        secrets: vec![secret("token", VALUE, hosts)],
        ..setup(settings)
    }
}

#[tokio::test]
async fn a_guest_reads_a_placeholder_and_the_receiver_gets_the_value() {
    let receiver = Receiver::start(ok).await;
    let (url, hosts) = (receiver.url(), receiver.address.to_string());
    // `secret-header` sends what it reads under `token` as a header, and returns it too.
    for plugin in [hostile().await, hostile_http().await] {
        let report =
            run_with(&plugin, with(&receiver, &[("mode", "secret-header"), ("url", &url)], &hosts), bounds()).await;
        let read = receipt(&report)["token"].as_str().unwrap().to_owned();
        assert!(read.starts_with("fanfare-secret-") && !read.contains(VALUE), "{read}");
        let seen = receiver.seen().pop().unwrap();
        assert_eq!(seen.headers["x-token"], VALUE);
    }
}

#[tokio::test]
async fn a_secret_goes_only_where_it_is_bound_to() {
    let receiver = Receiver::start(ok).await;
    let url = receiver.url();
    let elsewhere = with(&receiver, &[("mode", "secret-header"), ("url", &url)], "api.example.com");
    let report = run_with(&hostile().await, elsewhere, bounds()).await;
    failed(&report, Class::Denied, "denied", "channels.hook.secrets.token.hosts");
    let forged = with(&receiver, &[("mode", "forged-secret"), ("url", &url)], &receiver.address.to_string());
    let report = run_with(&hostile().await, forged, bounds()).await;
    failed(&report, Class::Denied, "denied", "does not belong to this channel");
    assert!(receiver.seen().is_empty());
}

#[tokio::test]
async fn what_a_receiver_echoes_holds_no_value() {
    fn echo() -> Response<Full<Bytes>> {
        let body = format!("{{\"your token\":\"{VALUE}\"}}");
        Response::builder().header("x-echo", VALUE).body(Full::new(body.into())).unwrap()
    }
    let receiver = Receiver::start(echo).await;
    let (url, hosts) = (receiver.url(), receiver.address.to_string());
    let report =
        run_with(&hostile().await, with(&receiver, &[("mode", "secret-header"), ("url", &url)], &hosts), bounds())
            .await;
    let seen = receipt(&report).to_string();
    assert!(seen.contains("your token") && !seen.contains(VALUE), "{seen}");
    // It fails with the receiver's text: neither the reason nor the lines contain the value.
    let failing = with(&receiver, &[("mode", "secret-header"), ("url", &url), ("then", "fail")], &hosts);
    let report = run_with(&hostile().await, failing, bounds()).await;
    assert!(!format!("{report:?}").contains(VALUE), "{report:?}");
}

#[tokio::test]
async fn a_secret_may_be_the_whole_url() {
    let receiver = Receiver::start(ok).await;
    let hosts = receiver.address.to_string();
    let whole = ChannelSetup {
        grants: granted(&[&hosts]),
        secrets: vec![secret("url", &receiver.url(), &hosts)],
        ..setup(&[("mode", "http")])
    };
    assert_eq!(receipt(&run_with(&hostile().await, whole.clone(), bounds()).await)["status"], 200);
    let denied = ChannelSetup { grants: granted(&["POST example.com"]), ..whole };
    let report = run_with(&hostile().await, denied, bounds()).await;
    failed(&report, Class::Denied, "denied", "grant.http");
    assert!(!format!("{report:?}").contains("/hook"), "{report:?}");
}

#[tokio::test]
async fn a_setting_may_have_a_secret_within_it() {
    let receiver = Receiver::start(ok).await;
    let hosts = receiver.address.to_string();
    let url = format!("http://{hosts}/bot${{secrets.token}}/send");
    let report =
        run_with(&hostile().await, with(&receiver, &[("mode", "http"), ("url", &url)], &hosts), bounds()).await;
    assert_eq!(receipt(&report)["status"], 200);
    assert_eq!(receiver.seen().pop().unwrap().path, "/bots3cret%2Fvalue/send");
    let unknown = with(&receiver, &[("url", "http://x/${secrets.other}")], &hosts);
    let error = hostile().await.channel(unknown).err().unwrap().to_string();
    assert!(error.contains("channels.hook.settings.url") && error.contains("`${secrets.other}`"), "{error}");
}
