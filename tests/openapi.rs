//! GET /openapi.json against the daemon that serves it: every call is made, and every response matches the document.

use std::{collections::BTreeSet, fs};

use hyper::Method;
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Api},
    daemon::{Home, fanfare},
    receiver::{Answering, Receiver},
    until, webhook,
};

const JSON: (&str, &str) = ("content-type", "application/json");

/// The document, in which responses may only have listed members.
struct Document(Value);

impl Document {
    fn new(mut document: Value) -> Self {
        close(&mut document["components"]["schemas"]);
        Self(document)
    }

    /// The path with its placeholders, and the operation, with this id.
    fn operation(&self, id: &str) -> (&str, &str, &Value) {
        let all = self.operations();
        all.into_iter().find(|(_, _, operation)| operation["operationId"] == id).unwrap_or_else(|| panic!("no {id}"))
    }

    fn operations(&self) -> Vec<(&str, &str, &Value)> {
        let paths = self.0["paths"].as_object().unwrap();
        let each = paths.iter().flat_map(|(path, methods)| {
            methods.as_object().unwrap().iter().map(move |(method, operation)| (&**path, &**method, operation))
        });
        each.collect()
    }

    #[track_caller]
    fn check(&self, id: &str, answer: &Answer) {
        let (_, _, operation) = self.operation(id);
        let response = &operation["responses"][answer.status.as_str()];
        assert!(response.is_object(), "{id} answers {}, which is not documented: {}", answer.status, answer.text());
        let Some(content) = response["content"].as_object() else {
            assert!(answer.text().is_empty(), "{id}: {}", answer.text());
            return;
        };
        let media = media_type(answer);
        let value = if media.ends_with("json") { answer.json() } else { answer.text().into() };
        let media = content.get(media).unwrap_or_else(|| panic!("{id} answers {media}"));
        let schema = json!({ "allOf": [media["schema"]], "components": self.0["components"] });
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        let errors: Vec<_> =
            validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{id} {}: {errors:#?}\n{value:#}", answer.status);
    }
}

fn media_type(answer: &Answer) -> &str {
    let media = answer.headers.get("content-type").map_or("", |media| media.to_str().unwrap());
    media.split(';').next().unwrap()
}

/// Forbids unlisted properties in objects, unless they are allowed explicitly.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(close);
            if members.get("properties").is_some_and(Value::is_object) && members.get("type") == Some(&json!("object"))
            {
                members.entry("additionalProperties").or_insert(json!(false));
            }
        }
        Value::Array(values) => values.iter_mut().for_each(close),
        _ => {}
    }
}

/// A daemon with everything that has its own kind of response: a dead letter, a schema, a stage, a recipient, a waiting
/// channel.
async fn home(receiver: &Receiver) -> Home {
    receiver.answer(Answering::status(503));
    let home = Home::new("");
    home.install("hostile-stage", fanfare_artifacts::hostile_stage());
    fs::create_dir(home.path("schemas")).unwrap();
    fs::write(home.path("schemas/order.json"), r#"{"type":"object","required":["total"]}"#).unwrap();
    let policies = "priority = 1\nfilter = { types = [\"order.*\"], when = \"event.type != 'order.none'\" }\n\
                    rate = { limit = \"100/s\", per = \"subject\" }\nbreaker = { failures = 50, open = \"1s\" }\n\
                    once = { per = \"subject\", within = \"1s\" }\nexpires = \"1h\"\nfallback = [\"log\"]\n\
                    quiet = { from = \"22:00\", to = \"07:00\", zone = \"Europe/Berlin\", except = \"event.type != \
                    'x'\" }";
    let hook = webhook("hook", receiver, "retries = 0");
    home.configure(&format!(
        "[channels.log]\nplugin = \"builtin:log\"\n{hook}\n[channels.busy]\nplugin = \"builtin:log\"\n{policies}\n\
         [channels.gone]\nplugin = \"nowhere\"\n\
         [schemas.\"order.paid\"]\nfile = \"schemas/order.json\"\nmode = \"warn\"\n\
         [[stages]]\nname = \"mark\"\nplugin = \"hostile-stage\"\nsettings = {{ mode = \"mark\", mark = \"1\" }}\n\
         types = [\"order.*\"]\n"
    ));
    home
}

/// Calls operations and checks the responses against the document.
struct Caller<'a> {
    api: &'a Api,
    document: &'a Document,
    called: BTreeSet<String>,
}

impl Caller<'_> {
    /// `values` are for the placeholders of the path, followed by a query.
    async fn call(&mut self, id: &str, values: &[&str], body: Option<Value>, status: u16) -> Value {
        let (path, method, operation) = self.document.operation(id);
        let mut values = values.iter();
        let parts = path.split('/').map(|part| if part.starts_with('{') { values.next().unwrap() } else { part });
        let mut path = parts.collect::<Vec<_>>().join("/");
        path.extend(values.copied());
        let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).unwrap();
        let (mut headers, body) = body.map_or((vec![], String::new()), |body| (vec![JSON], body.to_string()));
        // One channel never finishes.
        headers.push(("prefer", "wait=1"));
        let answer = self.api.send(method, &path, &headers, body).await.expect(status);
        self.document.check(id, &answer);
        self.called.insert(operation["operationId"].as_str().unwrap().to_owned());
        if media_type(&answer).ends_with("json") { answer.json() } else { Value::Null }
    }
}

#[tokio::test]
async fn every_response_matches_the_document() {
    let receiver = Receiver::start().await;
    let home = home(&receiver).await;
    let daemon = home.start_quietly().await;
    let document = Document::new(daemon.api.get("/openapi.json").await.expect(200).json());
    until("the stage's plugin", || async {
        let stages = daemon.api.get("/v1/stages").await.expect(200).json();
        stages["stages"][0]["digest"].is_string().then_some(())
    })
    .await;
    let mut caller = Caller { api: &daemon.api, document: &document, called: BTreeSet::new() };
    let call = &mut caller;

    let paid = json!({ "type": "order.paid", "id": "1", "subject": "s", "source": "/shop", "data": { "total": 1 } });
    call.call("publishEvent", &[], Some(paid.clone()), 202).await;
    call.call("publishEvent", &[], Some(json!({ "type": "user.x", "id": "2", "data": [] })), 202).await;
    call.call("publishEvent", &[], Some(json!({ "type": 1, "x": {} })), 422).await;
    let later = json!({ "type": "user.x", "id": "later", "deliverat": "2035-01-01T00:00:00Z" });
    call.call("publishEvent", &[], Some(later), 202).await;
    let batch = [("content-type", "application/cloudevents-batch+json"), ("prefer", "wait=1")];
    let events = r#"[{"specversion":"1.0","id":"3","source":"/","type":"b"}]"#;
    document.check("publishEvent", &daemon.api.send(Method::POST, "/v1/events", &batch, events).await.expect(202));
    call.call("listEvents", &["?limit=2"], None, 200).await;
    call.call("listEvents", &["?limit=0&nobody=knows"], None, 400).await;
    let event = call.call("getEvent", &["1"], None, 200).await;
    assert_eq!(event["stages"][0]["did"], "changed", "{event:#}");
    call.call("getEvent", &["none"], None, 404).await;
    call.call("cancelEvent", &["later"], None, 200).await;
    call.call("cancelEvent", &["1"], None, 409).await;
    call.call("explainEvent", &[], Some(paid), 200).await;
    call.call("listSchemas", &[], None, 200).await;
    call.call("getSchema", &["order.paid"], None, 200).await;
    call.call("getSchema", &["none"], None, 404).await;

    let recipient = json!({
        "email": "ada@example.com", "locale": "de", "attributes": { "a": [1] }, "push": ["t"],
        "quiet": { "from": "22:00", "to": "07:00", "zone": "Europe/Berlin" },
        "channels": { "log": { "off": ["promo.*"] } },
    });
    call.call("setRecipient", &["s"], Some(recipient.clone()), 201).await;
    call.call("setRecipient", &["s"], Some(recipient), 200).await;
    call.call("setRecipient", &["s"], Some(json!({ "email": 1 })), 422).await;
    call.call("listRecipients", &[], None, 200).await;
    call.call("getRecipient", &["s"], None, 200).await;
    call.call("getRecipient", &["none"], None, 404).await;
    call.call("deleteRecipient", &["s"], None, 204).await;

    let letters = until("a dead letter", || async {
        let letters = daemon.api.get("/v1/dead-letters").await.json()["dead_letters"].clone();
        letters.as_array().filter(|letters| letters.len() > 2).cloned()
    });
    let letters = letters.await;
    let delivery = |n: usize| letters[n]["delivery_id"].as_str().unwrap();
    call.call("listDeadLetters", &[], None, 200).await;
    call.call("getDeadLetter", &[delivery(0)], None, 200).await;
    call.call("getDeadLetter", &["none"], None, 404).await;
    call.call("deleteDeadLetter", &[delivery(0)], None, 204).await;
    call.call("replayDeadLetters", &[], Some(json!({ "all": true, "dry_run": true })), 200).await;
    call.call("replayDeadLetters", &[], Some(json!({ "delivery_id": delivery(1) })), 202).await;
    call.call("replayDeadLetters", &[], Some(json!({})), 422).await;
    call.call("purgeDeadLetters", &[], Some(json!({ "until": "2020-01-01T00:00:00Z" })), 202).await;

    call.call("pauseChannel", &["log"], Some(json!({ "reason": "tea" })), 200).await;
    call.call("beginReplay", &[], Some(json!({ "channels": ["log"], "dry_run": true })), 200).await;
    let job = call.call("beginReplay", &[], Some(json!({ "channels": ["log"], "after": 0 })), 202).await;
    let job = job["id"].to_string();
    call.call("pauseReplay", &[&job], None, 200).await;
    call.call("resumeReplay", &[&job], None, 200).await;
    call.call("getReplay", &[&job], None, 200).await;
    call.call("listReplays", &[], None, 200).await;
    call.call("cancelReplay", &[&job], None, 200).await;
    call.call("pauseReplay", &[&job], None, 409).await;
    call.call("getReplay", &["none"], None, 404).await;

    let event = call.call("getEvent", &["2"], None, 200).await;
    let pending = event["result"]["channels"]["gone"]["delivery_id"].as_str().unwrap();
    call.call("dropDelivery", &[pending], Some(json!({ "reason": "a test" })), 200).await;
    call.call("dropDelivery", &["none"], Some(json!({ "reason": "a test" })), 404).await;
    call.call("listChannels", &[], None, 200).await;
    call.call("getChannel", &["busy"], None, 200).await;
    call.call("getChannel", &["none"], None, 404).await;
    call.call("resumeChannel", &["log"], None, 200).await;
    call.call("testChannel", &["log"], None, 200).await;
    call.call("testChannel", &["hook"], Some(json!({ "type": "t" })), 200).await;
    call.call("testChannel", &["gone"], None, 409).await;
    call.call("forgetChannel", &["log"], None, 409).await;

    call.call("listStages", &[], None, 200).await;
    call.call("getStage", &["mark"], None, 200).await;
    call.call("getStage", &["none"], None, 404).await;
    call.call("listPlugins", &[], None, 200).await;
    // A channel without a plugin is reported, and does not reject what was there.
    let reload = daemon.api.post("/v1/reload", "").await;
    document.check("reload", &reload);
    call.called.insert("reload".to_owned());
    call.call("listActs", &["?limit=5"], None, 200).await;
    call.call("getSession", &[], None, 200).await;
    call.call("signIn", &[], Some(json!({ "token": "ff_nobody" })), 422).await;
    call.call("signOut", &[], None, 204).await;
    call.call("getSeries", &["?window=day"], None, 200).await;
    call.call("getSeries", &["?window=year"], None, 400).await;
    for id in ["getSeries", "getConfig", "getStats", "getMetrics", "getHealth", "getReadiness", "getOpenApi", "index"] {
        call.call(id, &[], None, 200).await;
    }

    // The stream has no end; tests/streams.rs reads it.
    call.called.insert("followEvents".to_owned());
    let documented: BTreeSet<_> =
        document.operations().into_iter().map(|(.., one)| one["operationId"].as_str().unwrap().to_owned()).collect();
    assert_eq!(caller.called, documented, "this test makes every call of the document");
}

#[tokio::test]
async fn the_command_prints_what_the_daemon_serves() {
    let output = fanfare().arg("openapi").output().await.unwrap();
    assert!(output.status.success());
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(printed["info"]["version"], env!("CARGO_PKG_VERSION"));
    let home = Home::new("");
    let daemon = home.start_quietly().await;
    assert_eq!(daemon.api.get("/openapi.json").await.expect(200).json(), printed);
}
