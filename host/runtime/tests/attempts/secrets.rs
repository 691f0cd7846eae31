//! Secrets reach the receiver, and nobody else.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use fanfare_core::{Class, Event, Payload};
use fanfare_dispatch::{Attempt, Bounds};
use fanfare_runtime::{ChannelSetup, Grants, Outbound, Secret, Tap, Wire};
use http_body_util::Full;
use hyper::Response;

use crate::support::{
    Receiver, attempt, bounds, channel, failed, fault, granted, hostile, hostile_batch, hostile_http, hostile_stage,
    ok, receipt, run_with, secret, setup,
};

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
        assert_eq!(receipt(&report)["token"], "[secret token]", "the record has not even the placeholder");
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
    failed(&report, Class::Denied, "denied", "does not belong to this instance");
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

/// Every setting that refers to the secret reads as its placeholder.
fn telling(settings: &[(&str, &str)]) -> ChannelSetup {
    ChannelSetup {
        grants: Grants { emit: vec![">".to_owned()], ..Grants::default() },
        secrets: vec![secret("token", VALUE, "api.example.com")],
        ..setup(settings)
    }
}

const TOKEN: &str = "${secrets.token}";

/// What publishers may read: everything but state, which is the guest's own.
#[track_caller]
fn masked(report: &impl std::fmt::Debug) {
    let text = format!("{report:?}");
    assert!(!text.contains("fanfare-secret-") && text.contains("[secret token]"), "{text}");
}

#[tokio::test]
async fn what_a_guest_gives_away_has_no_placeholder() {
    let plugin = hostile().await;
    let cases: [&[(&str, &str)]; 6] = [
        &[("mode", "echo")],
        &[("mode", "fail"), ("code", TOKEN), ("message", "no: ${secrets.token}")],
        &[("mode", "panic"), ("message", TOKEN)],
        &[("mode", "emit"), ("type", "told.${secrets.token}")],
        &[("mode", "http"), ("url", "http://denied.example/${secrets.token}")],
        // The limit of a message cuts the placeholder in two.
        &[("mode", "fail"), ("message", &format!("{}{TOKEN}", "x".repeat((4 << 10) - 40)))],
    ];
    for settings in cases {
        let run = run_with(&plugin, telling(settings), bounds()).await;
        if settings[0].1 != "http" {
            masked(&run);
        }
        assert!(!format!("{run:?}").contains("fanfare-secret-"), "{run:?}");
    }
    let failing = telling(&[("mode", "fail"), ("code", TOKEN), ("message", TOKEN)]);
    let report = run_with(&plugin, failing, bounds()).await;
    assert_eq!((fault(&report).code.as_str(), fault(&report).message.as_str()), ("[secret token]", "[secret token]"));
    let report = run_with(&plugin, telling(&[("mode", "emit"), ("type", TOKEN)]), bounds()).await;
    assert_eq!(report.emits[0].event.ty, "[secret token]");
    let batch = telling(&[("type", TOKEN)]);
    let counted = Attempt { event: Arc::new(event(r#"{"batch":"count"}"#)), ..attempt(bounds()) };
    let report = channel(&hostile_batch().await, batch).deliver_batch(vec![counted.clone(), counted]).await;
    masked(&report);
}

#[tokio::test]
async fn what_a_stage_gives_away_has_no_placeholder() {
    for settings in [&[("mode", "mark"), ("mark", TOKEN)], &[("mode", "reject"), ("message", TOKEN)]] {
        let stage = hostile_stage().await.stage(telling(settings)).unwrap();
        masked(&stage.process(Arc::new(event("{}")), bounds(), None).await);
    }
}

#[tokio::test]
async fn state_keeps_what_the_guest_puts_there() {
    let report = run_with(&hostile().await, telling(&[("mode", "state-set"), ("value", TOKEN)]), bounds()).await;
    assert!(format!("{:?}", report.writes).contains(&format!("{:?}", b"fanfare-secret-".to_vec())[1..40]));
}

fn event(data: &str) -> Event {
    let event = attempt(bounds()).event;
    Event { data: Some(Payload::Text(data.to_owned())), ..Event::clone(&event) }
}

/// A placeholder that got out, here through what the operator's trial shows, comes back in an event.
#[tokio::test]
async fn a_placeholder_of_another_instance_is_only_text() {
    let receiver = Receiver::start(ok).await;
    let (url, hosts) = (receiver.url(), receiver.address.to_string());
    let seen = Arc::new(Mutex::new(vec![]));
    let log = Arc::clone(&seen);
    let tap = Tap(Arc::new(move |exchange| log.lock().unwrap().push(exchange)));
    let plugin = hostile().await.wired(Wire { outbound: Outbound::default(), tap: Some(tap) });
    let setup = ChannelSetup {
        secrets: vec![Secret { body: true, ..secret("token", VALUE, &hosts) }],
        ..with(&receiver, &[("mode", "http"), ("method", "POST"), ("url", &url), ("body", TOKEN)], &hosts)
    };
    let channel = channel(&plugin, setup);
    for reuse in [0, 3] {
        let bounds = Bounds { reuse, ..bounds() };
        channel.deliver(attempt(bounds)).await;
        assert_eq!(receiver.seen().pop().unwrap().body, VALUE);
        let leaked = String::from_utf8(seen.lock().unwrap().last().unwrap().body.clone()).unwrap();
        assert!(leaked.starts_with("fanfare-secret-"), "{leaked}");
        // With `reuse`, a concurrent attempt has another instance.
        let other = channel.deliver(Attempt { event: Arc::new(event("{}")), ..attempt(bounds) });
        let data = format!(r#"{{"hostile":{{"body":"{leaked}"}}}}"#);
        let repeated = Attempt { event: Arc::new(event(&data)), ..attempt(Bounds { reuse: 0, ..bounds }) };
        let (report, _) = tokio::join!(channel.deliver(repeated), other);
        assert_eq!(receipt(&report)["status"], 200);
        assert!(receiver.seen().iter().any(|request| request.body == leaked), "it is delivered as it is");
    }
}
