//! Every form of an event, in over HTTP and out through a webhook; and event identity.

use hyper::Method;
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Api},
    daemon::Home,
    receiver::Receiver,
};

const SIMPLE: (&str, &str) = ("content-type", "application/json");
const STRUCTURED: (&str, &str) = ("content-type", "application/cloudevents+json");
const BATCH: (&str, &str) = ("content-type", "application/cloudevents-batch+json");

async fn post(api: &Api, headers: &[(&str, &str)], body: impl Into<hyper::body::Bytes>) -> Answer {
    api.send(Method::POST, "/v1/events", headers, body).await
}

fn webhook(receiver: &Receiver, mode: &str) -> String {
    format!(
        "[channels.webhook]\nplugin = \"builtin:webhook\"\nsettings = {{ url = \"{}\", mode = \"{mode}\" }}\n\
         grant = {{ http = [\"{}\"], \
         private_network = true }}\n",
        receiver.url(),
        receiver.address
    )
}

#[tokio::test]
async fn a_binary_event_arrives_as_it_was_sent() {
    let receiver = Receiver::start().await;
    let home = Home::new(&webhook(&receiver, "structured"));
    let daemon = home.start().await;
    let attributes = [
        ("ce-specversion", "1.0"),
        ("ce-id", "b-1"),
        ("ce-source", "/shop"),
        ("ce-type", "order.paid"),
        ("ce-subject", "Gr%C3%B6%C3%9Fe%20%F0%9F%98%80"),
        ("ce-tier", "\"gold\""),
    ];
    let json: Vec<_> = attributes.iter().copied().chain([("content-type", "application/json")]).collect();
    let result = post(&daemon.api, &json, r#"{"total":"12 €"}"#).await.expect(200).json();
    assert_eq!(result["overall_status"], "success", "{result:#}");
    let sent: Value = serde_json::from_slice(&receiver.received()[0].body).unwrap();
    assert_eq!((&sent["subject"], &sent["tier"]), (&json!("Größe 😀"), &json!("gold")));
    assert_eq!(sent["data"], json!({ "total": "12 €" }));

    let bytes: &[u8] = &[0, 159, 146, 150, 255];
    let image: Vec<_> = attributes
        .iter()
        .map(|&(name, value)| if name == "ce-id" { (name, "b-2") } else { (name, value) })
        .chain([("content-type", "image/png")])
        .collect();
    post(&daemon.api, &image, bytes.to_vec()).await.expect(200);
    let sent: Value = serde_json::from_slice(&receiver.received()[1].body).unwrap();
    assert_eq!((&sent["data_base64"], &sent["datacontenttype"]), (&json!("AJ+Slv8="), &json!("image/png")));
    let shown = daemon.api.event("b-2?source=%2Fshop").await;
    assert_eq!(shown["event"]["data_base64"], "AJ+Slv8=");

    let ill = [("ce-specversion", "1.0"), ("ce-id", "b-3"), ("ce-source", "/shop"), ("ce-type", "t"), SIMPLE];
    let problem = post(&daemon.api, &ill, "{\"a\":").await.expect(400).json();
    assert!(problem["detail"].as_str().unwrap().contains("JSON"), "{problem}");
}

/// Numbers and booleans in extension attributes keep their types, even if the webhook writes the event in another form.
#[tokio::test]
async fn a_structured_event_arrives_with_its_types() {
    let receiver = Receiver::start().await;
    let home = Home::new(&webhook(&receiver, "structured"));
    let daemon = home.start().await;
    let event = json!({ "specversion": "1.0", "id": "s-1", "source": "/shop", "type": "order.paid", "n": 5, "text": "5",
                        "urgent": true, "time": "2026-11-20T10:30:00Z", "data": { "total": 1.5 } });
    post(&daemon.api, &[STRUCTURED], event.to_string()).await.expect(200);
    let sent: Value = serde_json::from_slice(&receiver.received()[0].body).unwrap();
    assert_eq!(sent, event);
}

#[tokio::test]
async fn an_event_received_in_one_form_can_be_sent_in_the_other() {
    let receiver = Receiver::start().await;
    let home = Home::new(&webhook(&receiver, "binary"));
    let daemon = home.start().await;
    let event = json!({ "specversion": "1.0", "id": "s-1", "source": "/shop", "type": "order.paid", "subject": "Ä b",
                        "datacontenttype": "text/plain", "data": "hello ü" });
    post(&daemon.api, &[STRUCTURED], event.to_string()).await.expect(200);
    let sent = &receiver.received()[0];
    assert_eq!((sent.header("ce-id"), sent.header("ce-type")), ("s-1", "order.paid"));
    assert_eq!((sent.header("ce-subject"), sent.header("content-type")), ("%C3%84%20b", "text/plain"));
    assert_eq!(sent.body, "hello ü");
}

#[tokio::test]
async fn a_batch_is_recorded_completely_or_not_at_all() {
    let receiver = Receiver::start().await;
    let home = Home::new(&webhook(&receiver, "structured"));
    let daemon = home.start().await;
    let event = |id: &str, n: u32| json!({ "specversion": "1.0", "id": id, "source": "/", "type": "t", "data": n });
    let results =
        post(&daemon.api, &[BATCH], json!([event("a", 1), event("b", 2)]).to_string()).await.expect(200).json();
    let results = results.as_array().unwrap();
    assert_eq!(results.iter().map(|result| &result["event_id"]).collect::<Vec<_>>(), ["a", "b"]);
    assert!(results.iter().all(|result| result["overall_status"] == "success"));
    assert_eq!(post(&daemon.api, &[BATCH], "[]").await.expect(200).json(), json!([]));

    let conflict =
        post(&daemon.api, &[BATCH], json!([event("c", 3), event("a", 9)]).to_string()).await.expect(422).json();
    assert_eq!(
        (&conflict["type"], &conflict["errors"][0]["pointer"]),
        (&json!("urn:fanfare:problem:identity-conflict"), &json!("/1"))
    );
    let invalid = post(&daemon.api, &[BATCH], json!([event("c", 3), {"id": "d"}]).to_string()).await.expect(422).json();
    assert_eq!(invalid["errors"][0]["pointer"], "/1/specversion");
    daemon.api.get("/v1/events/c").await.expect(404);
    // A repeat among new events is recognized, and not sent again.
    let mixed = post(&daemon.api, &[BATCH], json!([event("c", 3), event("a", 1)]).to_string()).await.expect(200).json();
    assert_eq!((&mixed[0]["duplicate"], &mixed[1]["duplicate"]), (&json!(false), &json!(true)));
    assert_eq!(receiver.count(), 3);
}

#[tokio::test]
async fn an_idempotency_key_identifies_repeats_concurrently_and_after_a_restart() {
    let receiver = Receiver::start().await;
    let home = Home::new(&webhook(&receiver, "structured"));
    let mut daemon = home.start().await;
    let body = r#"{"type":"order.paid","data":{"n":1}}"#;
    let keyed = [SIMPLE, ("idempotency-key", "\"order-1\"")];
    let mut ids = std::collections::BTreeSet::new();
    for restarted in [false, true] {
        if restarted {
            daemon.kill().await;
            daemon = home.start().await;
        }
        let answers = (0..64).map(|_| {
            let api = daemon.api.clone();
            tokio::spawn(async move { post(&api, &keyed, body).await.expect(200).json() })
        });
        let mut new = 0;
        for answer in futures_util::future::join_all(answers).await {
            let result = answer.unwrap();
            assert_eq!(result["overall_status"], "success", "a repeat waits like its original: {result}");
            ids.insert(result["event_id"].as_str().unwrap().to_owned());
            new += usize::from(result["duplicate"] == false);
        }
        assert_eq!(new, usize::from(!restarted));
    }
    assert_eq!((ids.len(), receiver.count()), (1, 1));
    let other = post(&daemon.api, &keyed, r#"{"type":"order.paid","data":{"n":2}}"#).await.expect(422).json();
    assert_eq!(other["type"], "urn:fanfare:problem:identity-conflict");
    // If an event has an id, the id counts and the key does not.
    let own = r#"{"type":"order.paid","id":"own","data":{"n":1}}"#;
    assert_eq!(post(&daemon.api, &keyed, own).await.expect(200).json()["duplicate"], false);
}
