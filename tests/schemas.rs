//! Schemas of events, and the catalogue of event types.

use std::fs;

use hyper::Method;
use serde_json::{Value, json};

use crate::{
    reload::{last_errors, reload_error},
    support::{
        client::Answer,
        daemon::{Daemon, Home, fanfare},
        hostile, until,
    },
};

const LOG: &str = "[channels.log]\nplugin = \"builtin:log\"\n";

/// A signup has a plan, and optionally a number.
fn signup() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["plan"],
        "additionalProperties": false,
        "properties": { "plan": { "$ref": "#/$defs/plan" }, "seats": { "type": "integer" } },
        "$defs": { "plan": { "enum": ["free", "pro"] } },
    })
}

/// A folder whose schema of `user.signup` is [`signup`], with more in its configuration.
fn home(more: &str) -> Home {
    let home = Home::new("");
    fs::create_dir(home.path("schemas")).unwrap();
    put(&home, "signup", &signup());
    home.configure(&config(more));
    home
}

fn config(more: &str) -> String {
    format!("{LOG}\n[schemas.\"user.signup\"]\nfile = \"schemas/signup.json\"\n{more}")
}

fn put(home: &Home, name: &str, schema: &Value) {
    fs::write(home.path(&format!("schemas/{name}.json")), serde_json::to_string_pretty(schema).unwrap()).unwrap();
}

#[track_caller]
fn mismatch(answer: Answer) -> Vec<String> {
    let problem = answer.expect(422).json();
    assert_eq!(problem["type"], "urn:fanfare:problem:schema-mismatch", "{problem:#}");
    let errors = problem["errors"].as_array().unwrap();
    let line = |error: &Value| format!("{} {}", error["pointer"].as_str().unwrap(), error["detail"].as_str().unwrap());
    errors.iter().map(line).collect()
}

async fn accepted(daemon: &Daemon) -> f64 {
    daemon.api.metric("fanfare_events_accepted_total").await.unwrap()
}

#[tokio::test]
async fn an_event_that_does_not_match_its_schema_is_rejected_in_every_form() {
    let home = home("");
    let daemon = home.start_quietly().await;
    daemon.api.publish(r#"{"type":"user.signup","data":{"plan":"pro","seats":3}}"#).await.expect(200);
    daemon.api.publish(r#"{"type":"user.left","data":{"any":"thing"}}"#).await.expect(200);

    let simple = daemon.api.publish(r#"{"type":"user.signup","data":{"plan":"gold","seats":"3","more":1}}"#).await;
    let said = mismatch(simple);
    for (place, what) in
        [("/data/plan", "is not one of"), ("/data/seats", "is not of type"), ("/data/more", "is not in")]
    {
        assert!(said.iter().any(|line| line.starts_with(place) && line.contains(what)), "{place} {what}: {said:?}");
    }
    assert!(!said.join("").contains("gold"), "the data is not repeated: {said:?}");
    assert_eq!(mismatch(daemon.api.publish(r#"{"type":"user.signup"}"#).await), ["/data is missing"]);

    let structured = [("content-type", "application/cloudevents+json")];
    let body = r#"{"specversion":"1.0","id":"s","source":"/","type":"user.signup","data":{}}"#;
    let said = mismatch(daemon.api.send(Method::POST, "/v1/events", &structured, body).await);
    assert_eq!(said, ["/data/plan is missing"]);

    let ce = [("ce-specversion", "1.0"), ("ce-id", "b"), ("ce-source", "/"), ("ce-type", "user.signup")];
    let binary: Vec<_> = ce.into_iter().chain([("content-type", "application/json")]).collect();
    let said = mismatch(daemon.api.send(Method::POST, "/v1/events", &binary, "{}").await);
    assert_eq!(said, ["/data/plan is missing"]);
    let text: Vec<_> = ce.into_iter().chain([("content-type", "text/plain")]).collect();
    let said = mismatch(daemon.api.send(Method::POST, "/v1/events", &text, "hello").await);
    assert_eq!(said, ["/data is text/plain, but its schema needs JSON"]);

    // A batch is rejected completely, and every event that does not match is named.
    let one = |id: &str, data: Value| {
        json!({
            "specversion": "1.0", "id": id, "source": "/", "type": "user.signup", "data": data
        })
    };
    let batch = json!([one("0", json!({})), one("1", json!({ "plan": "pro" })), one("2", json!({ "plan": 1 }))]);
    let headers = [("content-type", "application/cloudevents-batch+json")];
    let said = mismatch(daemon.api.send(Method::POST, "/v1/events", &headers, batch.to_string()).await);
    assert!(
        said.len() == 2 && said[0] == "/0/data/plan is missing" && said[1].starts_with("/2/data/plan "),
        "{said:?}"
    );

    assert_eq!(accepted(&daemon).await, 2.0, "nothing that was rejected was recorded");
    let counted = daemon.api.metric("fanfare_schema_mismatches_total{schema=\"user.signup\"}").await;
    assert_eq!(counted, Some(7.0));
}

#[tokio::test]
async fn an_event_s_dataschema_selects_the_version_and_warn_accepts_mismatches() {
    let home = Home::new("");
    fs::create_dir(home.path("schemas")).unwrap();
    put(&home, "one", &json!({ "required": ["one"] }));
    put(&home, "two", &json!({ "required": ["two"] }));
    put(&home, "any", &json!({ "required": ["any"] }));
    home.configure(&format!(
        "{LOG}
[[schemas.\"order.*\"]]
file = \"schemas/one.json\"

[[schemas.\"order.*\"]]
file = \"schemas/two.json\"
dataschema = \"https://example.com/order/v2\"

[schemas.\">\"]
file = \"schemas/any.json\"
mode = \"warn\"
"
    ));
    let daemon = home.start_quietly().await;
    let order = |version: Option<&str>, data: Value| {
        json!({ "type": "order.new", "dataschema": version, "data": data }).to_string()
    };
    let v2 = Some("https://example.com/order/v2");
    daemon.api.publish(order(None, json!({ "one": 1 }))).await.expect(200);
    daemon.api.publish(order(v2, json!({ "two": 1 }))).await.expect(200);
    assert_eq!(mismatch(daemon.api.publish(order(v2, json!({ "one": 1 }))).await), ["/data/two is missing"]);
    let other = Some("https://example.com/order/v3");
    assert_eq!(mismatch(daemon.api.publish(order(other, json!({ "two": 1 }))).await), ["/data/one is missing"]);

    // With `warn`, a mismatch is accepted, counted, and logged once.
    for n in 0..3 {
        daemon.api.publish(json!({ "type": "user.new", "data": { "n": n } }).to_string()).await.expect(200);
    }
    assert_eq!(daemon.api.metric("fanfare_schema_mismatches_total{schema=\">\"}").await, Some(3.0));
    let log = home.log();
    assert_eq!(log.matches("does not match its schema and is accepted anyway").count(), 1, "{log}");

    // What would happen to an event, without publishing it.
    let explain =
        async |event: String| daemon.api.post("/v1/explain", event).await.expect(200).json()["schema"].clone();
    let said = explain(order(v2, json!({ "one": 1 }))).await;
    assert_eq!((&said["name"], &said["mode"]), (&json!("order.*@https://example.com/order/v2"), &json!("reject")));
    assert_eq!((&said["fits"], &said["errors"][0]["pointer"]), (&json!(false), &json!("/data/two")), "{said:#}");
    let said = explain(order(None, json!({ "one": 1 }))).await;
    assert_eq!(said, json!({ "name": "order.*", "mode": "reject", "fits": true }));
}

#[tokio::test]
async fn emitted_events_have_to_match_too() {
    let emitter = hostile(
        "emitter",
        "emit",
        "type = \"stock.reserved\"",
        "retries = 0\nfilter = { types = [\"order.*\"] }\ngrant = { emit = [\"stock.*\"] }\n",
    );
    let home = Home::new("");
    fs::create_dir(home.path("schemas")).unwrap();
    put(&home, "stock", &json!({ "properties": { "n": { "minimum": 1 } } }));
    home.install("hostile", fanfare_artifacts::hostile());
    home.configure(&format!("{emitter}\n[schemas.\"stock.>\"]\nfile = \"schemas/stock.json\"\n"));
    let daemon = home.start_quietly().await;
    let result = daemon.api.publish(r#"{"type":"order.created","id":"o-1"}"#).await.expect(200).json();
    let emitter = &result["channels"]["emitter"];
    assert_eq!(emitter["status"], "failed", "{result:#}");
    let error = emitter["error"].as_str().unwrap();
    assert!(error.contains("does not match the schema `stock.>`: /data/n it is less than the minimum of 1"), "{error}");
    assert_eq!(accepted(&daemon).await, 1.0);
}

#[tokio::test]
async fn a_repeat_gets_the_original_result_although_the_schema_has_changed() {
    let home = home("");
    let daemon = home.start_quietly().await;
    let event = r#"{"type":"user.signup","id":"u-1","data":{"plan":"pro"}}"#;
    daemon.api.publish(event).await.expect(200);

    put(&home, "signup", &json!({ "required": ["plan", "email"] }));
    let other = r#"{"type":"user.signup","id":"u-2","data":{"plan":"pro"}}"#;
    until("the new schema", || async {
        (daemon.api.post("/v1/explain", other).await.json()["schema"]["fits"] == false).then_some(())
    })
    .await;
    assert_eq!(mismatch(daemon.api.publish(other).await), ["/data/email is missing"]);
    let again = daemon.api.publish(event).await.expect(200).json();
    assert_eq!(again["duplicate"], true, "{again:#}");

    // Recorded events are compared with the new schema.
    let warning = "1 of the newest 1 event for the schema `user.signup` does not match it";
    until("the comparison", || async { home.log().contains(warning).then_some(()) }).await;
    let log = home.log();
    assert!(log.contains(r#"the first, "u-1": "/data/email" "is missing""#), "{log}");
}

#[tokio::test]
async fn a_broken_schema_changes_nothing_and_is_reported_with_its_line() {
    let home = home("");
    let daemon = home.start_quietly().await;
    fs::write(home.path("schemas/signup.json"), "{\n  \"type\": \"object\",\n  \"required\": [\"plan\"\n}\n").unwrap();
    let said = reload_error(&daemon, "signup.json:4:").await;
    assert!(said.contains("is not JSON"), "{said}");
    mismatch(daemon.api.publish(r#"{"type":"user.signup","data":{}}"#).await);

    put(&home, "signup", &json!({ "properties": { "plan": { "type": "strin" } } }));
    let said = reload_error(&daemon, "strin").await;
    assert!(said.contains("signup.json:4:") && said.contains("/properties/plan/type"), "{said}");

    // A file that only the newer configuration names is watched too.
    put(&home, "signup", &signup());
    until("the mended one", || async { last_errors(&daemon).await.is_empty().then_some(()) }).await;
    home.configure(&config("\n[schemas.\"order.*\"]\nfile = \"schemas/order.json\"\n"));
    reload_error(&daemon, "order.json: the schema cannot be read").await;
    daemon.api.publish(r#"{"type":"order.new","data":{}}"#).await.expect(200);
    put(&home, "order", &json!({ "required": ["id"] }));
    until("the new one", || async { last_errors(&daemon).await.is_empty().then_some(()) }).await;
    assert_eq!(mismatch(daemon.api.publish(r#"{"type":"order.new","data":{}}"#).await), ["/data/id is missing"]);

    home.configure(LOG);
    until("no schemas", || async {
        let catalogue = daemon.api.get("/v1/schemas").await.expect(200).json();
        (catalogue["schemas"] == json!([])).then_some(())
    })
    .await;
    daemon.api.publish(r#"{"type":"order.new","data":{}}"#).await.expect(200);
}

#[tokio::test]
async fn the_catalogue_has_every_type_with_counts_an_example_and_its_schemas() {
    let home = home("\n[schemas.\"order.*\"]\nfile = \"schemas/signup.json\"\nmode = \"warn\"\n");
    let daemon = home.start_quietly().await;
    for n in 0..3 {
        daemon.api.publish(format!(r#"{{"type":"order.new","id":"o-{n}","data":{{"n":{n}}}}}"#)).await.expect(200);
    }
    daemon.api.publish(r#"{"type":"alarm","id":"a"}"#).await.expect(200);
    let check = async |daemon: &Daemon| {
        let catalogue = daemon.api.get("/v1/schemas").await.expect(200).json();
        let types = catalogue["types"].as_array().unwrap();
        let line = |ty: &Value| format!("{} {} {}", ty["type"], ty["events"], ty["schemas"]);
        let lines: Vec<_> = types.iter().map(line).collect();
        let want = [r#""alarm" 1 []"#, r#""order.new" 3 ["order.*"]"#, r#""user.signup" 0 ["user.signup"]"#];
        assert_eq!(lines, want, "{catalogue:#}");
        assert_eq!((&types[1]["example"]["id"], &types[1]["last_offset"]), (&json!("o-2"), &json!(3)), "{catalogue:#}");
        assert_eq!((&types[2]["last_seen"], &types[2]["example"]), (&Value::Null, &Value::Null));
        catalogue
    };
    let catalogue = check(&daemon).await;
    let warned = &catalogue["schemas"][1];
    assert_eq!(
        (&warned["name"], &warned["mode"], &warned["mismatches"]),
        (&json!("order.*"), &json!("warn"), &json!(3))
    );
    assert_eq!(catalogue["counted"], json!({ "types": 2, "others": 0, "to": 4, "incomplete": false }));

    let page = daemon.api.get("/v1/schemas?limit=1&examples=false").await.expect(200).json();
    assert_eq!((&page["types"][0]["type"], &page["next"]), (&json!("alarm"), &json!("alarm")), "{page:#}");
    assert!(page["types"][0].get("example").is_none(), "{page:#}");
    let page = daemon.api.get("/v1/schemas?after=alarm&type=order.*").await.expect(200).json();
    assert_eq!((&page["types"][0]["type"], &page["next"]), (&json!("order.new"), &Value::Null), "{page:#}");
    let one = daemon.api.get("/v1/schemas/user.signup").await.expect(200).json();
    assert_eq!(one["definitions"][0]["schema"], signup(), "{one:#}");
    let none = daemon.api.get("/v1/schemas/nothing").await.expect(404).json();
    assert_eq!(none["type"], "urn:fanfare:problem:type-not-found");

    // A start counts the recorded events.
    assert!(daemon.stop().await.success());
    let daemon = home.start_quietly().await;
    check(&daemon).await;
}

#[tokio::test]
async fn the_command_line_lists_shows_and_checks_schemas() {
    let home = home("");
    let daemon = home.start_quietly().await;
    daemon.api.publish(r#"{"type":"user.signup","id":"u-1","data":{"plan":"pro"}}"#).await.expect(200);
    let run = async |arguments: &[&str]| {
        let mut command = fanfare();
        command.arg("schemas").args(arguments).env("FANFARE_URL", &daemon.api.base);
        let output = command.current_dir(home.path("")).output().await.unwrap();
        let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap(), said)
    };
    let (code, said) = run(&["list"]).await;
    assert!(code == 0 && said.contains("user.signup  1 "), "{said}");
    let (code, said) = run(&["show", "user.signup"]).await;
    assert!(code == 0 && said.contains("\"id\": \"u-1\"") && said.contains("\"required\": ["), "{said}");
    let (code, said) = run(&["check", "--against", "1h"]).await;
    assert_eq!((code, said.as_str()), (0, "✔ user.signup  checked 1 event\n"));

    // Before a schema is deployed: which recorded events it would reject.
    fs::write(home.path("schemas/next.json"), r#"{"required": ["email"]}"#).unwrap();
    let next = Home::configuration("[schemas.\"user.*\"]\nfile = \"schemas/next.json\"\n");
    fs::write(home.path("next.toml"), next).unwrap();
    let (code, said) = run(&["check", "--config", "next.toml"]).await;
    assert_eq!((code, said.as_str()), (0, "✔ user.*\n"));
    let (code, said) = run(&["check", "--config", "next.toml", "--against", "1h"]).await;
    assert_eq!(
        (code, said.as_str()),
        (1, "✘ user.*  checked 1 event: 1 does not match\n    u-1: /data/email is missing\n")
    );
    let (code, said) = run(&["check", "--config", "next.toml", "--against", "1h", "--json"]).await;
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &said["ok"], &said["schemas"][0]["events"]["unfit"]), (1, &json!(false), &json!(1)), "{said:#}");
}
