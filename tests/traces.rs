//! Traces as a collector receives them: the protobuf on the wire, decoded with the types of the OpenTelemetry project.

use std::{collections::HashMap, fs, sync::Arc};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};
use prost::Message as _;
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::{
    support::{
        client::Api,
        daemon::{Daemon, Home, fanfare},
        hostile,
        receiver::{Answering, Receiver},
        until, webhook,
    },
    tls::Authority,
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const OTHER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn telemetry(collector: &Receiver, more: &str) -> String {
    format!("[telemetry]\nendpoint = \"http://{}\"\n{more}\n", collector.address)
}

/// All spans that a collector has received.
fn spans(collector: &Receiver) -> Vec<Span> {
    let requests = collector.received().into_iter().filter(|request| request.path == "/v1/traces");
    let decoded = requests.map(|request| {
        assert_eq!(request.header("content-type"), "application/x-protobuf");
        ExportTraceServiceRequest::decode(request.body).unwrap()
    });
    let resources = decoded.flat_map(|request| request.resource_spans);
    resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect()
}

/// Waits for spans with these names, in this order.
async fn named(collector: &Receiver, names: &[&str]) -> Vec<Span> {
    let mut seen = vec![];
    let found = collector.until_some(|| {
        let spans = spans(collector);
        seen = spans.iter().map(|span| span.name.clone()).collect();
        names.iter().map(|name| spans.iter().find(|span| span.name == *name).cloned()).collect()
    });
    found.await.unwrap_or_else(|| panic!("not all of {names:?} came: {seen:?}"))
}

/// The same, of one trace: there may be spans of several.
async fn named_of_one(collector: &Receiver, names: &[&str]) -> Vec<Span> {
    let found = collector.until_some(|| {
        let spans = spans(collector);
        let of = |trace: &[u8]| {
            let is_wanted = |span: &&Span, name: &str| span.trace_id == trace && span.name == name;
            names.iter().map(|name| spans.iter().find(|span| is_wanted(span, name)).cloned()).collect()
        };
        spans.iter().find_map(|span| of(&span.trace_id))
    });
    found.await.unwrap_or_else(|| panic!("no trace has all of {names:?}"))
}

/// Waits for this many spans of a name.
async fn many(collector: &Receiver, name: &str, count: usize) -> Vec<Span> {
    let mut seen = vec![];
    let found = collector.until_some(|| {
        seen = spans(collector);
        let found: Vec<_> = seen.iter().filter(|span| span.name == name).cloned().collect();
        (found.len() >= count).then_some(found)
    });
    found.await.unwrap_or_else(|| panic!("not {count} of {name}: {seen:#?}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attributes(of: &[KeyValue]) -> HashMap<&str, String> {
    fn text(value: &AnyValue) -> String {
        match value.value.as_ref().unwrap() {
            Value::StringValue(text) => text.clone(),
            Value::IntValue(number) => number.to_string(),
            Value::ArrayValue(list) => list.values.iter().map(text).collect::<Vec<_>>().join(","),
            other => panic!("{other:?}"),
        }
    }
    of.iter().map(|pair| (pair.key.as_str(), text(pair.value.as_ref().unwrap()))).collect()
}

/// Asserts that each span is the parent of the next, in one trace.
fn assert_chain(spans: &[Span]) {
    for pair in spans.windows(2) {
        let [parent, child] = pair else { unreachable!() };
        assert_eq!(hex(&child.parent_span_id), hex(&parent.span_id), "{} below {}", child.name, parent.name);
        assert_eq!(hex(&child.trace_id), hex(&parent.trace_id), "{}", child.name);
    }
    for span in spans {
        assert!(span.end_time_unix_nano >= span.start_time_unix_nano, "{span:?}");
    }
}

async fn publish(api: &Api, body: serde_json::Value, headers: &[(&str, &str)]) -> u16 {
    let headers: Vec<_> = [("content-type", "application/json")].into_iter().chain(headers.iter().copied()).collect();
    let answer = api.send(hyper::Method::POST, "/v1/events", &headers, body.to_string()).await;
    answer.status.as_u16()
}

fn order(id: &str) -> serde_json::Value {
    json!({ "type": "order.paid", "id": id, "source": "/shop", "data": { "card": "4111" } })
}

const CHAIN: [&str; 5] = ["POST /v1/events", "publish order.paid", "deliver hook", "attempt hook", "POST"];

#[tokio::test]
async fn one_trace_leads_from_the_publisher_to_the_receiver() {
    let (collector, receiver) = (Receiver::start().await, Receiver::start().await);
    let secret =
        "headers = { authorization = \"env:COLLECTOR_TOKEN\", x-team = \"shop\" }\nservice_name = \"shop-events\"";
    let home = Home::new(&format!("{}{}", telemetry(&collector, secret), webhook("hook", &receiver, "")));
    let daemon = home.start_with(&[("COLLECTOR_TOKEN", "Bearer s3cret".into())]).await;
    let headers = [("traceparent", PARENT), ("tracestate", "vendor=1")];
    assert_eq!(publish(&daemon.api, order("o-1"), &headers).await, 200);

    let chain = named(&collector, &CHAIN).await;
    assert_chain(&chain);
    let [request, event, delivery, attempt, sent] = &chain[..] else { unreachable!() };
    assert_eq!(
        (hex(&request.trace_id), hex(&request.parent_span_id)),
        (TRACE.to_owned(), "b7ad6b7169203331".to_owned())
    );
    assert!(chain.iter().all(|span| span.trace_state == "vendor=1" && span.flags & 1 == 1));
    let kinds = [SpanKind::Server, SpanKind::Producer, SpanKind::Internal, SpanKind::Consumer, SpanKind::Client];
    assert_eq!(chain.iter().map(Span::kind).collect::<Vec<_>>(), kinds);
    assert!(chain.iter().all(|span| span.status.as_ref().is_none_or(|status| status.code() != StatusCode::Error)));

    let about = attributes(&request.attributes);
    assert_eq!((about["http.route"].as_str(), about["http.response.status_code"].as_str()), ("/v1/events", "200"));
    let about = attributes(&event.attributes);
    assert_eq!((about["cloudevents.event_id"].as_str(), about["cloudevents.event_source"].as_str()), ("o-1", "/shop"));
    assert_eq!((about["fanfare.offset"].as_str(), about["fanfare.channels"].as_str()), ("1", "hook"));
    let about = attributes(&delivery.attributes);
    assert_eq!((about["fanfare.delivery.outcome"].as_str(), about["fanfare.attempts"].as_str()), ("delivered", "1"));
    let about = attributes(&attempt.attributes);
    assert_eq!((about["fanfare.attempt.number"].as_str(), about["messaging.destination.name"].as_str()), ("1", "hook"));
    assert!(about["fanfare.fuel"].parse::<u64>().unwrap() > 0 && about["fanfare.memory"].parse::<u64>().unwrap() > 0);
    let about = attributes(&sent.attributes);
    assert_eq!((about["server.address"].as_str(), about["http.response.status_code"].as_str()), ("127.0.0.1", "204"));

    // The receiver's context continues the trace below the request.
    let got = &receiver.received()[0];
    assert_eq!(got.header("traceparent"), format!("00-{TRACE}-{}-01", hex(&sent.span_id)));
    assert_eq!(got.header("tracestate"), "vendor=1");

    // Spans contain no payload, URL or secret. The secret reaches the collector as a header.
    let to_collector = collector.received();
    assert_eq!((to_collector[0].header("authorization"), to_collector[0].header("x-team")), ("Bearer s3cret", "shop"));
    for request in &to_collector {
        let wire = String::from_utf8_lossy(&request.body);
        assert!(!wire.contains("4111") && !wire.contains("/hook") && !wire.contains("s3cret"), "{wire}");
        assert!(wire.contains("shop-events"), "the name of the service");
    }
    // The collector has the spans before the daemon has its response.
    let exported = || async { daemon.api.metric("fanfare_traces_exported_total").await.filter(|spans| *spans >= 5.0) };
    until("the spans to be counted", exported).await;
    assert_eq!(daemon.api.metric("fanfare_traces_dropped_total").await, Some(0.0));
}

#[tokio::test]
async fn a_trace_survives_kill_9_between_two_attempts() {
    let (collector, receiver) = (Receiver::start().await, Receiver::start().await);
    receiver.answer(Answering::status(503));
    let retries = "retries = 3\nbackoff = { schedule = [\"3s\"], jitter = 0.0 }";
    let home = Home::new(&format!("{}{}", telemetry(&collector, ""), webhook("hook", &receiver, retries)));
    let daemon = home.start_quietly().await;
    let headers = [("traceparent", PARENT), ("prefer", "respond-async")];
    assert_eq!(publish(&daemon.api, order("o-1"), &headers).await, 202);
    named(&collector, &["POST /v1/events", "publish order.paid", "attempt hook"]).await;
    daemon.kill().await;
    receiver.answer(Answering::status(200));
    let _daemon = home.start_quietly().await;

    let attempts = many(&collector, "attempt hook", 2).await;
    let chain = named(&collector, &["POST /v1/events", "publish order.paid", "deliver hook"]).await;
    assert_chain(&chain);
    for (n, attempt) in attempts.iter().enumerate() {
        assert_chain(&[chain[2].clone(), attempt.clone()]);
        let about = attributes(&attempt.attributes);
        assert_eq!(about["fanfare.attempt.number"], (n + 1).to_string());
        assert_eq!(about["fanfare.attempt.trigger"], ["first", "retry"][n]);
    }
    let first = attributes(&attempts[0].attributes);
    assert_eq!((first["error.type"].as_str(), first["fanfare.code"].as_str()), ("retry", "http_503"));
    assert_eq!(attempts[0].status.as_ref().unwrap().code(), StatusCode::Error);
    assert_ne!(attempts[0].span_id, attempts[1].span_id);
    assert_eq!(attributes(&chain[2].attributes)["fanfare.attempts"], "2");
    let sent = many(&collector, "POST", 2).await;
    for (got, sent) in receiver.received().iter().zip(&sent) {
        assert_eq!(got.header("traceparent"), format!("00-{TRACE}-{}-01", hex(&sent.span_id)));
    }
}

#[tokio::test]
async fn of_two_contexts_the_events_own_counts_and_a_repeat_is_the_same_event() {
    let (collector, receiver) = (Receiver::start().await, Receiver::start().await);
    let home = Home::new(&format!("{}{}", telemetry(&collector, ""), webhook("hook", &receiver, "")));
    let daemon = home.start_quietly().await;
    let own = json!({
        "specversion": "1.0", "id": "o-1", "source": "/shop", "type": "order.paid", "traceparent": PARENT, "data": {},
    });
    assert_eq!(publish(&daemon.api, own.clone(), &[("traceparent", OTHER)]).await, 200);
    let chain = named(&collector, &CHAIN).await;
    assert_chain(&chain);
    assert_eq!(
        (hex(&chain[0].trace_id), hex(&chain[0].parent_span_id)),
        (TRACE.to_owned(), "b7ad6b7169203331".to_owned())
    );
    let links = &chain[0].links;
    assert_eq!((links.len(), hex(&links[0].trace_id)), (1, "4bf92f3577b34da6a3ce929d0e0e4736".to_owned()));
    let shown = daemon.api.event("o-1?source=/shop").await;
    assert_eq!(shown["event"]["traceparent"], PARENT, "what the publisher wrote is kept");

    // The same event from another trace is a duplicate, not a conflict, whether the context is in the headers or in the
    // event.
    let mut elsewhere = own.clone();
    elsewhere["traceparent"] = json!(OTHER);
    let mut nowhere = own;
    nowhere.as_object_mut().unwrap().remove("traceparent");
    for repeat in [elsewhere, nowhere] {
        let answer = daemon.api.publish(repeat.to_string()).await.expect(200).json();
        assert_eq!((&answer["duplicate"], &answer["offset"]), (&json!(true), &json!(1)));
    }
    for parent in [PARENT, OTHER] {
        let headers = [("traceparent", parent), ("content-type", "application/json")];
        let answer = daemon.api.send(hyper::Method::POST, "/v1/events", &headers, order("o-2").to_string()).await;
        assert_eq!(answer.expect(200).json()["duplicate"], parent == OTHER);
    }
    assert_eq!(receiver.count(), 2);
}

#[tokio::test]
async fn what_is_invalid_is_ignored_and_what_is_not_sampled_is_passed_on() {
    let (collector, receiver) = (Receiver::start().await, Receiver::start().await);
    let home = Home::new(&format!("{}{}", telemetry(&collector, ""), webhook("hook", &receiver, "")));
    let daemon = home.start_quietly().await;
    let unsampled = format!("00-{TRACE}-b7ad6b7169203331-00");
    assert_eq!(publish(&daemon.api, order("unsampled"), &[("traceparent", &unsampled)]).await, 200);
    assert_eq!(publish(&daemon.api, order("invalid"), &[("traceparent", "00-0-0-00")]).await, 200);
    let mut own = order("own");
    own["specversion"] = json!("1.0");
    own["traceparent"] = json!("nonsense");
    assert_eq!(publish(&daemon.api, own, &[]).await, 200);

    let requests = many(&collector, "POST /v1/events", 2).await;
    for request in &requests {
        assert!(request.parent_span_id.is_empty(), "a trace of its own: {request:?}");
        assert_ne!(hex(&request.trace_id), TRACE);
    }
    assert!(spans(&collector).iter().all(|span| hex(&span.trace_id) != TRACE), "flag 00 is respected");
    let got = receiver.received();
    let parent = got[0].header("traceparent");
    assert!(parent.starts_with(&format!("00-{TRACE}-")) && parent.ends_with("-00"), "{parent}");
    assert!(!parent.contains("b7ad6b7169203331"), "its parent is the attempt");
    let traces: Vec<_> = requests.iter().map(|request| hex(&request.trace_id)).collect();
    for (got, trace) in got[1..].iter().zip(traces) {
        assert!(got.header("traceparent").starts_with(&format!("00-{trace}-")), "{}", got.header("traceparent"));
    }
}

#[tokio::test]
async fn emitted_events_and_replays_are_linked_to_what_they_come_from() {
    let (collector, receiver) = (Receiver::start().await, Receiver::start().await);
    let emitter = hostile(
        "emitter",
        "emit",
        "type = \"stock.reserved\"",
        "retries = 0\nfilter = { types = [\"order.*\"] }\ngrant = { emit = [\"stock.*\"] }",
    );
    let hook = webhook("hook", &receiver, "filter = { types = [\"stock.*\"] }");
    let home = Home::new(&format!("{}{emitter}{hook}", telemetry(&collector, "")));
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start_quietly().await;
    assert_eq!(publish(&daemon.api, order("o-1"), &[("traceparent", PARENT)]).await, 200);
    let names = ["publish order.paid", "deliver emitter", "attempt emitter", "publish stock.reserved", "deliver hook"];
    let chain = named(&collector, &names).await;
    assert_chain(&chain);
    let link = &chain[3].links[0];
    assert_eq!((&link.span_id, attributes(&link.attributes)["fanfare.link"].as_str()), (&chain[0].span_id, "cause"));

    let replay = json!({ "channels": ["hook"], "types": ["stock.*"], "after": 0 });
    daemon.api.post("/v1/replays", replay.to_string()).await.expect(202);
    let deliveries = many(&collector, "deliver hook", 2).await;
    assert_eq!(deliveries[0].span_id, chain[4].span_id);
    let link = &deliveries[1].links[0];
    assert_eq!((&link.span_id, &link.trace_id), (&deliveries[0].span_id, &deliveries[0].trace_id));
    assert_eq!(attributes(&link.attributes)["fanfare.link"], "replay_of");
    assert_ne!(deliveries[1].span_id, deliveries[0].span_id);
}

#[tokio::test]
async fn a_guest_sees_the_attempt_as_the_parent_and_cannot_move_its_events_to_another_trace() {
    let collector = Receiver::start().await;
    let forged = format!("type = \"stock.reserved\", traceparent = \"{OTHER}\"");
    let emitter =
        hostile("emitter", "emit", &forged, "filter = { types = [\"order.*\"] }\ngrant = { emit = [\"stock.*\"] }");
    let program = "\n[channels.program]\nplugin = \"command\"\nfilter = { types = [\"order.*\"] }\n";
    let home = Home::new(&format!("{}{emitter}{program}", telemetry(&collector, "")));
    home.install("hostile", fanfare_artifacts::hostile());
    home.install("command", fanfare_artifacts::command());
    let daemon = home.start_quietly().await;
    let result = {
        let headers = [("content-type", "application/json"), ("traceparent", PARENT)];
        daemon.api.send(hyper::Method::POST, "/v1/events", &headers, order("o-1").to_string()).await.expect(200).json()
    };
    let attempts = named(&collector, &["attempt program", "attempt emitter"]).await;
    let seen = &result["channels"]["program"]["receipt"];
    assert_eq!(seen["variables"]["TRACEPARENT"], seen["event"]["traceparent"]);
    assert_eq!(seen["event"]["traceparent"], format!("00-{TRACE}-{}-01", hex(&attempts[0].span_id)), "{result:#}");
    let id = format!("{}.1?source=/channels/emitter", result["channels"]["emitter"]["delivery_id"].as_str().unwrap());
    let emitted = daemon.api.event(&id).await;
    assert_eq!(emitted["event"]["traceparent"], format!("00-{TRACE}-{}-01", hex(&attempts[1].span_id)), "{emitted:#}");
}

#[tokio::test]
async fn the_requests_of_a_stage_are_below_its_span_for_emitted_events_too() {
    let (collector, receiver) = (Receiver::start().await, Receiver::start().await);
    let stage = format!(
        "[[stages]]\nname = \"look\"\nplugin = \"hostile-stage\"\n\
         settings = {{ mode = \"http\", url = \"{}\" }}\n\
         grant = {{ http = [\"{}\"], private_network = true }}\n",
        receiver.url(),
        receiver.address
    );
    let settings = "type = \"stock.reserved\"";
    let emitter =
        hostile("emitter", "emit", settings, "filter = { types = [\"order.*\"] }\ngrant = { emit = [\"stock.*\"] }");
    let home = Home::new(&format!("{}{stage}{emitter}", telemetry(&collector, "")));
    home.install("hostile", fanfare_artifacts::hostile());
    home.install("hostile-stage", fanfare_artifacts::hostile_stage());
    let daemon = home.start_quietly().await;
    assert_eq!(publish(&daemon.api, order("o-1"), &[("traceparent", PARENT)]).await, 200);

    let sent = many(&collector, "GET", 2).await;
    let stages = many(&collector, "stage look", 2).await;
    let events = named(&collector, &["publish order.paid", "publish stock.reserved"]).await;
    for (event, got) in events.iter().zip(receiver.received()) {
        let below = |parent: &Span, spans: &[Span]| {
            spans.iter().find(|span| span.parent_span_id == parent.span_id).cloned().expect("a span below its parent")
        };
        let stage = below(event, &stages);
        let sent = below(&stage, &sent);
        assert_chain(&[event.clone(), stage, sent.clone()]);
        assert_eq!(got.header("traceparent"), format!("00-{TRACE}-{}-01", hex(&sent.span_id)));
        assert_eq!(attributes(&sent.attributes)["http.response.status_code"], "204");
        assert!(event.start_time_unix_nano <= sent.start_time_unix_nano);
    }

    // A context that is not sampled is passed on.
    let unsampled = PARENT.replace("-01", "-00");
    assert_eq!(publish(&daemon.api, order("o-2"), &[("traceparent", &unsampled)]).await, 200);
    let got = receiver.received().into_iter().nth(2).expect("the request for o-2");
    let header = got.header("traceparent").to_owned();
    assert!(header.starts_with(&format!("00-{TRACE}-")) && header.ends_with("-00"), "{header}");
}

#[tokio::test]
async fn the_variables_of_opentelemetry_are_defaults_and_the_file_wins() {
    let (collector, receiver) = (Receiver::start().await, Receiver::start().await);
    let hook = webhook("hook", &receiver, "");
    let address = format!("http://{}/", collector.address);
    let environment = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", address.clone()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20a%2Cb,x-team=shop".to_owned()),
        ("OTEL_SERVICE_NAME", "from-variable".to_owned()),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.name=lower,deployment.environment.name=test,team=a%20b".to_owned()),
    ];
    let start = async |text: &str, more: &[(&str, &str)]| {
        let home = Home::new(&format!("{text}{hook}"));
        let own = environment.iter().map(|(name, value)| (*name, value.as_str()));
        let all: Vec<_> = own.chain(more.iter().copied()).map(|(name, value)| (name, value.into())).collect();
        let daemon = home.start_with(&all).await;
        assert_eq!(publish(&daemon.api, order("o-1"), &[("traceparent", PARENT)]).await, 200);
        assert!(daemon.stop().await.success());
    };
    // The file turns tracing on, and a variable can turn it off.
    start("", &[]).await;
    start("[telemetry]\n", &[("OTEL_SDK_DISABLED", "TRUE")]).await;
    start("[telemetry]\nenabled = false\n", &[]).await;
    assert_eq!(collector.count(), 0);

    start("[telemetry]\n", &[("OTEL_SDK_DISABLED", "no")]).await;
    let requests = collector.received();
    assert_eq!(requests[0].path, "/v1/traces");
    assert_eq!((requests[0].header("authorization"), requests[0].header("x-team")), ("Bearer a,b", "shop"));
    let resource = resource(&collector);
    assert_eq!(resource["service.name"], "from-variable");
    assert_eq!((resource["deployment.environment.name"].as_str(), resource["team"].as_str()), ("test", "a b"));
    assert!(resource.contains_key("service.version") && resource.contains_key("process.pid"), "{resource:?}");

    let other = Receiver::start().await;
    let file = "enabled = true\nservice_name = \"from-file\"\nheaders = { X-Team = \"ops\" }\n\
                attributes = { team = \"c\", \"service.version\" = \"7\" }";
    start(&telemetry(&other, file), &[("OTEL_SDK_DISABLED", "true")]).await;
    let requests = other.received();
    assert_eq!((requests[0].header("authorization"), requests[0].header("x-team")), ("Bearer a,b", "ops"));
    let resource = self::resource(&other);
    let named = ["service.name", "service.version", "team", "deployment.environment.name"].map(|name| &*resource[name]);
    assert_eq!(named, ["from-file", "7", "c", "test"]);
}

/// The attributes of what sent the spans.
fn resource(collector: &Receiver) -> HashMap<String, String> {
    let request = ExportTraceServiceRequest::decode(collector.received()[0].body.clone()).unwrap();
    let resource = request.resource_spans[0].resource.clone().unwrap();
    attributes(&resource.attributes).into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[tokio::test]
async fn a_collector_may_have_a_certificate_of_a_private_authority() {
    let (collector, receiver) = (Receiver::start().await, Receiver::start().await);
    let authority = Authority::new();
    let pair = authority.sign("localhost");
    let key = PrivateKeyDer::try_from(pair.key.serialize_der()).unwrap();
    let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let tls = tls.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(tls.with_single_cert(vec![pair.cert.der().clone()], key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let behind = collector.address;
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let Ok(mut tls) = acceptor.accept(tcp).await else { continue };
            tokio::spawn(async move {
                let mut plain = TcpStream::connect(behind).await.unwrap();
                drop(tokio::io::copy_bidirectional(&mut tls, &mut plain).await);
            });
        }
    });
    let hook = webhook("hook", &receiver, "");
    let table = format!("[telemetry]\nendpoint = \"https://localhost:{}\"\n", address.port());
    let home = Home::new(&format!("{table}{hook}"));
    let daemon = home.start_quietly().await;
    assert_eq!(publish(&daemon.api, order("o-1"), &[]).await, 200);
    until("the log to say so", || async { home.log().contains("invalid peer certificate").then_some(()) }).await;
    assert_eq!(collector.count(), 0);

    // Another authority does not help. A changed file takes effect by itself, even if it was at fault before.
    fs::write(home.path("ca.pem"), Authority::new().pem).unwrap();
    home.configure(&format!("{table}ca = \"ca.pem\"\n{hook}"));
    daemon.api.post("/v1/reload", "").await.expect(200);
    home.configure(&format!("{table}ca = \"later.pem\"\n{hook}"));
    let refused = daemon.api.post("/v1/reload", "").await.expect(422).text();
    assert!(refused.contains("telemetry.ca") && refused.contains("later.pem cannot be read"), "{refused}");
    fs::write(home.path("later.pem"), &authority.pem).unwrap();
    let mut published = 1;
    while collector.count() == 0 {
        published += 1;
        assert!(published < 1_000, "the new file takes no effect: {}", home.log());
        assert_eq!(publish(&daemon.api, order(&format!("o-{published}")), &[]).await, 200);
        // Nothing announces that the file is in force, and only events published after that have spans for it.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_chain(&named_of_one(&collector, &CHAIN).await);
}

#[tokio::test]
async fn a_dead_collector_slows_nothing_and_spans_come_again_when_it_is_back() {
    let receiver = Receiver::start().await;
    let collector = Receiver::start().await;
    let address = collector.address;
    let home = Home::new(&format!(
        "{}{}",
        telemetry(&collector, "queue = 16\ntimeout = \"100ms\""),
        webhook("hook", &receiver, "")
    ));
    drop(collector);
    let daemon = home.start_quietly().await;
    // The first spans are being retried; of the later ones, the queue holds as many as its size.
    let mut published = 0;
    while dropped(&daemon).await == 0.0 {
        published += 1;
        assert_eq!(publish(&daemon.api, order(&format!("o-{published}")), &[]).await, 200);
        assert!(published < 10_000, "nothing was dropped");
    }
    assert_eq!(receiver.count(), published);
    until("the log to say so", || async { home.log().contains("spans could not be sent").then_some(()) }).await;
    let log = home.log();
    assert_eq!(log.matches("spans could not be sent").count(), 1, "once: {log}");
    let status = || async {
        let output = fanfare().args(["status", "--url", &daemon.api.base]).output().await.unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let said = status().await;
    assert!(said.contains("healthy") && said.contains("traces: the collector does not accept them: "), "{said}");
    let ready = daemon.api.get("/readyz").await.expect(200).json();
    assert_eq!((&ready["status"], &ready["collector"]["status"]), (&json!("ready"), &json!("failing")), "{ready:#}");

    let collector = Receiver::start_at(address).await;
    collector.until_some(|| (collector.count() > 0).then_some(())).await.expect("what was kept is sent");
    collector.answer(Answering { headers: vec![("retry-after", "1".to_owned())], ..Answering::status(503) });
    let before = collector.count();
    assert_eq!(publish(&daemon.api, order("late"), &[("traceparent", PARENT)]).await, 200);
    collector.until_some(|| (collector.count() > before).then_some(())).await.expect("it is refused");
    collector.answer(Answering::status(200));
    let chain = named(&collector, &["publish order.paid"]).await;
    assert!(!chain.is_empty());
    until("it to be counted", || async {
        let exported = daemon.api.metric("fanfare_traces_exported_total").await?;
        (exported > 0.0).then_some(())
    })
    .await;
    // One look at each would not do: on a busy machine a later batch may exceed the short timeout, and is sent again.
    until("it to be well", || async {
        let ready = daemon.api.get("/readyz").await.expect(200).json();
        let well = ready["collector"] == json!({ "status": "ok" }) && !status().await.contains("collector");
        well.then_some(())
    })
    .await;
}

async fn dropped(daemon: &Daemon) -> f64 {
    daemon.api.metric("fanfare_traces_dropped_total").await.unwrap()
}

#[tokio::test]
async fn telemetry_is_switched_on_and_off_while_the_daemon_runs_and_is_off_without_a_word() {
    let (collector, receiver) = (Receiver::start().await, Receiver::start().await);
    let hook = webhook("hook", &receiver, "");
    let home = Home::new(&hook);
    let daemon = home.start_quietly().await;
    assert_eq!(publish(&daemon.api, order("off"), &[("traceparent", PARENT)]).await, 200);
    let shown = daemon.api.event("off?source=/shop").await;
    assert!(shown["event"].get("traceparent").is_none(), "nothing is added: {shown}");
    assert_eq!(receiver.received()[0].header("traceparent"), "");

    home.configure(&format!("{}{hook}", telemetry(&collector, "")));
    daemon.api.post("/v1/reload", "").await.expect(200);
    assert_eq!(publish(&daemon.api, order("on"), &[("traceparent", PARENT)]).await, 200);
    assert_chain(&named(&collector, &CHAIN).await);

    home.configure(&hook);
    daemon.api.post("/v1/reload", "").await.expect(200);
    let count = spans(&collector).len();
    assert_eq!(publish(&daemon.api, order("off-again"), &[("traceparent", PARENT)]).await, 200);
    assert!(daemon.stop().await.success());
    assert_eq!(receiver.received()[2].header("traceparent"), "");
    let ids: Vec<_> = spans(&collector)[count..].iter().map(|span| span.name.clone()).collect();
    assert!(!ids.iter().any(|name| name.starts_with("publish")), "{ids:?}");
}

#[tokio::test]
async fn lines_about_an_attempt_name_its_event_delivery_number_and_trace() {
    let (collector, receiver) = (Receiver::start().await, Receiver::start().await);
    receiver.answer(Answering::status(400));
    let channels = format!("{}\n[channels.log]\nplugin = \"builtin:log\"\n", webhook("hook", &receiver, "retries = 0"));
    let home = Home::new(&format!("{}{channels}", telemetry(&collector, "")));
    let daemon = home.start().await;
    let headers = [("content-type", "application/json"), ("traceparent", PARENT)];
    let result = daemon.api.send(hyper::Method::POST, "/v1/events", &headers, order("o-1").to_string()).await;
    let result = result.expect(200).json();
    drop(daemon);
    let log = home.log();
    for (channel, says) in [("log", "order.paid"), ("hook", "a delivery became a dead letter")] {
        let line = log.lines().find(|line| line.contains(says)).unwrap_or_else(|| panic!("{says}: {log}"));
        let delivery = result["channels"][channel]["delivery_id"].as_str().unwrap();
        for field in ["o-1", delivery, TRACE] {
            assert!(line.contains(field), "{field}: {line}");
        }
        assert!(line.contains("attempt=1"), "{line}");
    }
}
