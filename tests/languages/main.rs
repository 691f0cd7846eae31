//! Channels in every language: built by `fanfare plugin build` with the tools from the package registries, and loaded
//! by the real daemon. Needs Node.js with npm, Python with pip, make and a C compiler; run by `tests/languages/run`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

#[allow(dead_code, reason = "the pages' own tests use the rest")]
#[path = "../pages/page.rs"]
mod page;
#[allow(dead_code, reason = "the other tests use more of the harness")]
#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use support::{
    SAMPLE,
    daemon::{Home, fanfare},
    receiver::{Answering, Receiver},
};

/// A response that every service here takes for success.
const YES: &str = r#"{"event_id":"$1","id":"n1","status":"success","dedup_key":"d1"}"#;

/// A channel in `plugins/`, the settings it needs, and what its request contains.
struct Shipped {
    name: &'static str,
    settings: &'static str,
    secrets: &'static str,
    path: &'static str,
    says: &'static str,
}

const OVER_HTTP: [Shipped; 6] = [
    Shipped {
        name: "slack",
        settings: "",
        secrets: "url = { from = \"file:slack-url\", hosts = [\"ADDRESS\"] }",
        path: "/slack",
        says: "New user registered",
    },
    Shipped {
        name: "ntfy",
        settings: "topic = \"alerts\", server = \"RECEIVER\"",
        secrets: "token = { from = \"file:token\", hosts = [\"ADDRESS\"] }",
        path: "/",
        says: "user.signup",
    },
    Shipped {
        name: "discord",
        settings: "DISCORD_WEBHOOK_URL = \"RECEIVER/discord/${secrets.token}\"",
        secrets: "token = { from = \"file:token\", hosts = [\"ADDRESS\"] }",
        path: "/discord/tok3n?wait=true",
        says: "New user registered",
    },
    Shipped {
        name: "pagerduty",
        settings: "url = \"RECEIVER/v2/enqueue\"",
        secrets: "routing_key = { from = \"file:token\", hosts = [\"ADDRESS\"], body = true }",
        path: "/v2/enqueue",
        says: "tok3n",
    },
    Shipped {
        name: "influxdb",
        settings: "url = \"RECEIVER\", org = \"acme\", bucket = \"events\"",
        secrets: "token = { from = \"file:token\", hosts = [\"ADDRESS\"] }",
        path: "/api/v2/write?org=acme&bucket=events&precision=ns",
        says: "events,type=user.signup",
    },
    Shipped {
        name: "matrix",
        settings: "homeserver = \"RECEIVER\", room = \"!r:example.com\"",
        secrets: "token = { from = \"file:token\", hosts = [\"ADDRESS\"] }",
        path: "/_matrix/client/v3/rooms/%21r%3Aexample.com/send/m.room.message/dlv_",
        says: "New user registered",
    },
];

/// The languages of `fanfare plugin new`, and those for stages and for channels with batches.
const TEMPLATES: [&str; 6] = ["rust", "ts", "js", "python", "c", "go"];
const COMPONENTS: [&str; 5] = ["rust", "ts", "js", "python", "c"];

#[tokio::test]
async fn a_channel_in_every_language_delivers_and_reports_failures() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering { body: YES.to_owned(), ..Answering::status(200) });
    let (url, address) = (format!("http://{}", receiver.address), receiver.address.to_string());
    let mut config = String::new();
    for Shipped { name, settings, secrets, .. } in &OVER_HTTP {
        config += &format!(
            "[channels.{name}]\nretries = 0\ntimeout = \"60s\"\nsettings = {{ {settings} }}\n\
             secrets = {{ {secrets} }}\ngrant = {{ http = [\"ADDRESS\"] }}\n"
        );
    }
    config = config.replace("RECEIVER", &url).replace("ADDRESS", &address);
    for (name, guest) in [("maildir", "/mail"), ("atom", "/feed")] {
        config += &format!(
            "[channels.{name}]\nretries = 0\n\
             grant = {{ files = [{{ host = \"{name}\", guest = \"{guest}\", write = true }}] }}\n"
        );
    }
    let home = Home::new("");
    std::fs::write(home.path("token"), "tok3n").unwrap();
    std::fs::write(home.path("slack-url"), format!("{url}/slack")).unwrap();
    home.configure(&config);
    for name in OVER_HTTP.iter().map(|shipped| shipped.name).chain(["maildir", "atom"]) {
        build(&repository().join("plugins").join(name), &home.path("plugins")).await;
    }
    // Compiles all of them, which takes time for large engines.
    run(fanfare().arg("check").arg("--config").arg(home.path("config.toml"))).await;
    let daemon = home.start_quietly().await;

    let result = daemon.api.publish(SAMPLE).await.expect(200).json();
    for channel in result["channels"].as_object().unwrap().values() {
        assert_eq!(channel["status"], "success", "{channel:#}\n{}", home.log());
    }
    assert_eq!(result["summary"]["total_channels"], OVER_HTTP.len() + 2, "{result:#}");
    let received = receiver.received();
    for Shipped { name, path, says, .. } in &OVER_HTTP {
        let here = |path: &str, wanted: &str| if wanted == "/" { path == "/" } else { path.starts_with(wanted) };
        let request = received.iter().find(|request| here(&request.path, path));
        let request = request.unwrap_or_else(|| panic!("no request from {name}: {received:#?}"));
        let body = String::from_utf8_lossy(&request.body);
        assert!(body.contains(says), "{name}: {body}");
    }
    let token = |path: &str| {
        let request = received.iter().find(|request| request.path.starts_with(path)).unwrap();
        request.header("authorization").to_owned()
    };
    assert_eq!(token("/_matrix"), "Bearer tok3n");
    assert_eq!(token("/api/v2/write"), "Token tok3n");
    let mails: Vec<_> = std::fs::read_dir(home.path("maildir/new")).unwrap().collect();
    assert_eq!(mails.len(), 1);
    let feed = std::fs::read_to_string(home.path("atom/atom.xml")).unwrap();
    assert!(feed.contains("New user registered"), "{feed}");

    receiver.answer(Answering::status(503));
    let result = daemon.api.publish(SAMPLE).await.expect(200).json();
    for Shipped { name, .. } in &OVER_HTTP {
        let channel = &result["channels"][name];
        assert_eq!(
            (channel["status"].as_str(), channel["class"].as_str()),
            (Some("failed"), Some("retry")),
            "{channel:#}"
        );
        assert!(!channel.to_string().contains("tok3n"), "{channel:#}");
    }
}

#[tokio::test]
async fn a_stage_in_another_language_changes_events_before_they_are_recorded() {
    let home = Home::new(
        "[[stages]]\nname = \"redact\"\ntimeout = \"60s\"\nsettings = { paths = [\"data.email\", \"data.*.ssn\"] }\n\
         [channels.log]\nplugin = \"builtin:log\"\n",
    );
    build(&repository().join("plugins/redact"), &home.path("plugins")).await;
    run(fanfare().arg("check").arg("--config").arg(home.path("config.toml"))).await;
    let daemon = home.start_quietly().await;
    let data = json!({ "email": "ada@example.com", "user": { "ssn": 1, "n": 2 } });
    let event = json!({ "type": "user.signup", "id": "e-1", "data": data });
    daemon.api.publish(event.to_string()).await.expect(200);
    let shown = daemon.api.event("e-1").await;
    assert_eq!(shown["event"]["data"], json!({ "user": { "n": 2 } }), "{shown:#}");
    assert_eq!(shown["stages"][0]["changed"], json!(["/data/email", "/data/user/ssn"]));
    let text = json!({ "type": "user.signup", "datacontenttype": "text/plain", "data": "ada@example.com" });
    daemon.api.publish(text.to_string()).await.expect(422);
}

#[tokio::test]
async fn a_new_project_builds_and_its_channel_delivers() {
    let receiver = Receiver::start().await;
    let projects = tempfile::tempdir().unwrap();
    let mut config = String::new();
    let home = Home::new("");
    for language in TEMPLATES {
        let name = format!("hello-{language}");
        let new = ["plugin", "new", &name, "--lang", language, "--dir"];
        run(fanfare().args(new).arg(projects.path())).await;
        build(&projects.path().join(&name), &home.path("plugins")).await;
        own_tests(language, &projects.path().join(&name)).await;
        let grant = match language {
            "go" => "files = [{ host = \"out\", guest = \"/out\", write = true }]".to_owned(),
            _ => format!("http = [\"{}\"]", receiver.address),
        };
        let settings = if language == "go" { String::new() } else { format!("url = \"{}\"", receiver.url()) };
        config += &format!("[channels.{name}]\nretries = 0\nsettings = {{ {settings} }}\ngrant = {{ {grant} }}\n");
    }
    for language in COMPONENTS {
        let name = format!("trim-{language}");
        let new = ["plugin", "new", &name, "--kind", "stage", "--lang", language, "--dir"];
        run(fanfare().args(new).arg(projects.path())).await;
        build(&projects.path().join(&name), &home.path("plugins")).await;
        own_tests(language, &projects.path().join(&name)).await;
        // C has no JSON parser, so its stage trims an attribute.
        let setting =
            if language == "c" { "attribute = \"message\"".to_owned() } else { format!("member = \"{language}\"") };
        config += &format!(
            "[[stages]]\nname = \"{name}\"\ntypes = [\"trimmed.*\"]\ntimeout = \"60s\"\nsettings = {{ {setting} }}\n"
        );
    }
    for language in COMPONENTS {
        let name = format!("digest-{language}");
        let new = ["plugin", "new", &name, "--kind", "batch", "--lang", language, "--dir"];
        run(fanfare().args(new).arg(projects.path())).await;
        build(&projects.path().join(&name), &home.path("plugins")).await;
        own_tests(language, &projects.path().join(&name)).await;
        config += &format!(
            "[channels.{name}]\nretries = 0\ntimeout = \"60s\"\nbatch = {{ max = 2, linger = \"1h\" }}\n\
             filter = {{ types = [\"digested\"] }}\n\
             settings = {{ url = \"{}\" }}\ngrant = {{ http = [\"{}\"] }}\n",
            receiver.url(),
            receiver.address
        );
    }
    home.configure(&config);
    run(fanfare().arg("check").arg("--config").arg(home.path("config.toml"))).await;
    let daemon = home.start_quietly().await;
    let data = json!({ "rust": " a ", "ts": " d ", "js": " c ", "python": " b " });
    let event = json!({ "type": "trimmed.all", "id": "e-1", "message": " trimmed ", "data": data });
    daemon.api.publish(event.to_string()).await.expect(200);
    let trimmed = daemon.api.event("e-1").await;
    assert_eq!(trimmed["event"]["data"], json!({ "rust": "a", "ts": "d", "js": "c", "python": "b" }), "{trimmed:#}");
    assert_eq!(trimmed["event"]["message"], "trimmed");
    let result = daemon.api.publish(SAMPLE).await.expect(200).json();
    for channel in result["channels"].as_object().unwrap().values() {
        assert_eq!(channel["status"], "success", "{channel:#}\n{}", home.log());
    }
    assert_eq!(result["summary"]["total_channels"], TEMPLATES.len());
    let texts =
        receiver.received().into_iter().filter(|request| !String::from_utf8_lossy(&request.body).contains("trimmed"));
    let texts = texts.map(|request| serde_json::from_slice::<Value>(&request.body).unwrap());
    assert!(texts.clone().all(|body| body["text"] == "New user registered"), "{:?}", texts.collect::<Vec<_>>());
    assert_eq!(texts.count(), TEMPLATES.len() - 1);
    let written = std::fs::read_to_string(home.path("out/events.log")).unwrap();
    assert_eq!(written.lines().count(), 2, "{written}");

    let digested = |n: u32| json!({ "type": "digested", "message": format!("event {n}") }).to_string();
    let (first, second) = tokio::join!(daemon.api.publish(digested(1)), daemon.api.publish(digested(2)));
    for result in [first.expect(200).json(), second.expect(200).json()] {
        for language in COMPONENTS {
            assert_eq!(result["channels"][format!("digest-{language}")]["status"], "success", "{result:#}");
        }
    }
    let received = receiver.received();
    let digests = received.iter().filter_map(|request| serde_json::from_slice::<Value>(&request.body).ok());
    let digests =
        digests.filter(|body| body["text"].as_str().is_some_and(|text| text.starts_with("2 events:\n- event ")));
    assert_eq!(digests.count(), COMPONENTS.len());
}

#[tokio::test]
async fn a_channel_in_c_has_recipients_templates_and_batches() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering::status(202));
    let home = Home::new("");
    let examples = repository().join("plugin-sdk/c/examples");
    for example in ["letter", "outbox"] {
        build(&examples.join(example), &home.path("plugins")).await;
    }
    let (url, address) = (receiver.url(), receiver.address);
    home.configure(&format!(
        r#"
        [channels.letter]
        retries = 0
        filter = {{ types = ["user.*"] }}
        settings = {{ url = "{url}", template = "welcome" }}
        grant = {{ http = ["{address}"] }}
        [channels.outbox]
        retries = 0
        batch = {{ max = 2, linger = "1h" }}
        filter = {{ types = ["row"] }}
        settings = {{ url = "{url}" }}
        grant = {{ http = ["{address}"] }}
        [templates.welcome]
        subject = "Welcome"
        text = "Hello {{{{ recipient.attributes.name }}}}"
        [templates.welcome.locales.de]
        text = "Hallo {{{{ recipient.attributes.name }}}}"
        [recipients]
        file = "recipients.toml"
        "#
    ));
    let ada = "[usr_1]\nemail = \"ada@example.com\"\nlocale = \"de-AT\"\nattributes = { name = \"Ada\" }\n";
    std::fs::write(home.path("recipients.toml"), ada).unwrap();
    let daemon = home.start_quietly().await;

    let welcome = |subject: &str| json!({ "type": "user.signup", "subject": subject }).to_string();
    for sent in [1, 2] {
        let result = daemon.api.publish(welcome("usr_1")).await.expect(200).json();
        let receipt = json!({ "locale": "de-AT", "sent": sent });
        assert_eq!(result["channels"]["letter"]["receipt"], receipt, "{result:#}\n{}", home.log());
    }
    let letter: Value = serde_json::from_slice(&receiver.received()[0].body).unwrap();
    assert_eq!(letter, json!({ "to": "ada@example.com", "subject": "Welcome", "text": "Hallo Ada" }));
    assert_eq!(daemon.api.metric("fanfare_plugin_letters_total{channel=\"letter\"}").await, Some(2.0));
    let result = daemon.api.publish(welcome("usr_2")).await.expect(200).json();
    assert_eq!(result["channels"]["letter"]["code"], "no_address", "{result:#}");

    let (with, without) = (json!({ "type": "row", "data": { "n": 1 } }), json!({ "type": "row" }));
    let (first, second) = tokio::join!(daemon.api.publish(with.to_string()), daemon.api.publish(without.to_string()));
    assert_eq!(first.expect(200).json()["channels"]["outbox"]["receipt"], json!({ "status": 202 }));
    let result = second.expect(200).json();
    assert_eq!(result["channels"]["outbox"]["code"], "no_data", "{result:#}");
}

/// The blocks of the tutorial that need the network, in the folder that the blocks before them have made.
#[tokio::test]
async fn the_tutorial_s_own_channels_are_built_and_hold() {
    let blocks = page::blocks(include_str!("../../docs/tutorial.md")).unwrap();
    let scripts: Vec<_> = blocks.iter().filter(|block| block.run == page::Run::Not).collect();
    assert_eq!(scripts.len(), 2);
    let script: String = scripts.iter().map(|block| block.script.as_str()).collect();
    for language in ["rust", "ts", "python"] {
        let script = script.replace("--lang rust", &format!("--lang {language}"));
        the_tutorial_s_own_channel_holds(&script).await;
    }
}

async fn the_tutorial_s_own_channel_holds(script: &str) {
    let dir = tempfile::tempdir().unwrap();
    run(fanfare().arg("init").arg(dir.path().join("my-fanfare"))).await;
    // `plugin run` makes a delivery.
    let receiver = Receiver::start().await;
    let script = script.replace("127.0.0.1:9000", &receiver.address.to_string());
    let folder = Path::new(env!("CARGO_BIN_EXE_fanfare")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut shell = tokio::process::Command::new("bash");
    run(shell.args(["-e", "-c", &script]).current_dir(dir.path().join("my-fanfare")).env("PATH", path)).await;
    let config = std::fs::read_to_string(dir.path().join("my-fanfare/config.toml")).unwrap();
    assert!(config.contains("[channels.hello]"), "{config}");
    assert_eq!(receiver.received().len(), 1);
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

async fn build(project: &Path, out: &Path) {
    run(fanfare().args(["plugin", "build"]).arg(project).arg("--out").arg(out)).await;
}

/// What a new project's README tells its author to run, except for Rust and Go, which take long.
async fn own_tests(language: &str, project: &Path) {
    let commands: &[&[&str]] = match language {
        "ts" => &[&["npm", "run", "--silent", "check"], &["npm", "test"]],
        "js" => &[&["npm", "test"]],
        "python" => &[&[".venv/bin/python", "-m", "unittest"]],
        "c" => &[&["make", "test"]],
        _ => &[],
    };
    for command in commands {
        let program = if command[0].contains('/') { project.join(command[0]) } else { command[0].into() };
        run(tokio::process::Command::new(program).args(&command[1..]).current_dir(project)).await;
    }
}

async fn run(command: &mut tokio::process::Command) {
    // Cargo's variables for this test must not reach the Cargo that builds a project.
    for name in ["CARGO_TARGET_DIR", "RUSTC_WRAPPER", "RUSTFLAGS", "CARGO_MANIFEST_DIR"] {
        command.env_remove(name);
    }
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}
