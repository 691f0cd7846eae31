//! Hostile files in the plugins' folder: each is rejected with a reason, or bounded. The channel beside it keeps
//! delivering, and the daemon's memory does not grow.

use std::{fs, io::Write as _, os::unix::fs::symlink};

use hyper::Method;

use crate::support::{
    SAMPLE,
    daemon::{Daemon, Home},
    hostile, until,
};

/// How much memory a daemon may need temporarily: for reading and hashing one file of the largest size.
const GROWTH: u64 = 96 << 20;

async fn errors(daemon: &Daemon) -> String {
    daemon.api.get("/v1/stats").await.expect(200).json()["last_reload"]["errors"].to_string()
}

async fn delivers(daemon: &Daemon) {
    let result = daemon.api.publish(SAMPLE).await.expect(200).json();
    assert_eq!(result["channels"]["steady"]["status"], "success", "{result:#}");
}

/// Puts something into the folder of a running daemon, and expects this error.
async fn refused(more: &str, put: impl FnOnce(&Home), says: &[&str]) {
    let home = Home::new(&format!("{more}\n[channels.steady]\nplugin = \"builtin:log\"\n"));
    let daemon = home.start_quietly().await;
    delivers(&daemon).await;
    let before = daemon.resident();
    put(&home);
    until("the refusal", || async {
        // Meanwhile everything else continues.
        delivers(&daemon).await;
        let errors = errors(&daemon).await;
        says.iter().all(|says| errors.contains(says)).then_some(())
    })
    .await;
    delivers(&daemon).await;
    let after = daemon.resident();
    assert!(after < before + GROWTH, "from {before} to {after} bytes");
    let ready = daemon.api.get("/readyz").await;
    assert_eq!(ready.status, 200, "{}", ready.text());
}

fn put(name: &'static str, bytes: impl AsRef<[u8]>) -> impl FnOnce(&Home) {
    move |home| home.install(name, bytes.as_ref())
}

#[tokio::test]
async fn text_an_empty_file_and_half_a_file_are_rejected() {
    refused("", put("text", "#!/bin/sh\nrm -rf /\n"), &["text.wasm", "not Wasm", "#!/bin/s"]).await;
    refused("", put("nothing", ""), &["nothing.wasm", "the file is empty"]).await;
    let half = fanfare_artifacts::hostile();
    refused("", put("half", &half[..half.len() / 2]), &["half.wasm", "is incomplete"]).await;
    refused("", put("huge", vec![0; 33 << 20]), &["huge.wasm", "larger than 32MiB"]).await;
}

#[tokio::test]
async fn a_link_to_the_outside_two_files_of_one_name_and_a_pipe_are_rejected() {
    let link = |home: &Home| symlink("/etc/passwd", home.path("plugins/link.wasm")).unwrap();
    refused("", link, &["link.wasm", "outside the folder"]).await;
    let two = |home: &Home| {
        home.install("Twin", fanfare_artifacts::hostile());
        home.install("twin", fanfare_artifacts::hostile());
    };
    refused("", two, &["two files have this name", "Twin.wasm", "twin.wasm"]).await;
    let pipe = |home: &Home| {
        let made = std::process::Command::new("mkfifo").arg(home.path("plugins/pipe.wasm")).status().unwrap();
        assert!(made.success());
    };
    refused("", pipe, &["pipe.wasm", "not a regular file"]).await;
}

/// A program of one function with this many 32-bit locals.
fn program(locals: usize, instructions: &[u8]) -> Vec<u8> {
    let section = |id: u8, content: &[u8]| [&[id], leb(content.len()).as_slice(), content].concat();
    let body = [&[1], leb(locals).as_slice(), &[0x7f], instructions, &[0x0b]].concat();
    let code = [&[1], leb(body.len()).as_slice(), &body].concat();
    [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[1, 0x60, 0, 0]),
        section(3, &[1, 0]),
        section(7, b"\x01\x06_start\0\0"),
        section(10, &code),
    ]
    .concat()
}

fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = vec![];
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A million multiplications: 7 MB of instructions, of which a compiler makes a hundred times as much.
fn large() -> Vec<u8> {
    // `local.get 0, local.get 0, i32.mul, local.set 0`
    program(1, &[0x20, 0, 0x20, 0, 0x6c, 0x21, 0].repeat(1_000_000))
}

/// Thousands of branches in a loop over thousands of variables: 350 kB that keep a compiler busy for some 20 s.
fn tangled() -> Vec<u8> {
    const LOCALS: usize = 2000;
    let mut instructions = vec![0x03, 0x40]; // loop
    for n in 0..20_000 {
        let (from, to) = (leb(n * 7919 % LOCALS), leb(n * 104_729 % LOCALS));
        // block, local.get from, br_if 0, local.get from, local.get to, i32.add, local.set to, end
        instructions.extend(
            [&[0x02, 0x40, 0x20], &from[..], &[0x0d, 0, 0x20], &from, &[0x20], &to, &[0x6a, 0x21], &to, &[0x0b]]
                .concat(),
        );
    }
    // local.get 1, br_if 0, end
    instructions.extend([0x20, 1, 0x0d, 0, 0x0b]);
    program(LOCALS, &instructions)
}

#[tokio::test]
async fn a_file_that_overloads_the_compiler_is_rejected() {
    let little_memory = "compile_memory = \"256MiB\"";
    refused(little_memory, put("large", large()), &["large.wasm", "more than 256 MiB of memory"]).await;
    let little_time = "compile_time = \"1s\"";
    refused(little_time, put("tangled", tangled()), &["tangled.wasm", "1 s of CPU time"]).await;
}

#[tokio::test]
async fn a_file_that_fails_its_self_tests_or_its_schema_is_rejected() {
    let tested = |home: &Home| {
        let sidecar = "[[tests]]\nevent = { type = \"a\" }\nsettings = { mode = \"fail\" }\n";
        fs::write(home.path("plugins/tested.toml"), sidecar).unwrap();
        home.install("tested", fanfare_artifacts::hostile());
    };
    refused("", tested, &["tested.wasm", "self-test 1 (a)", "expected to deliver", "on_purpose"]).await;
    let schema = |home: &Home| {
        let sidecar = "settings = { url = 1 }\n[schema]\nproperties = { url = { type = \"string\" } }\n";
        fs::write(home.path("plugins/strict.toml"), sidecar).unwrap();
        home.install("strict", fanfare_artifacts::hostile());
    };
    refused("", schema, &["channels.strict.settings.url: value is not of type"]).await;
    let ill = |home: &Home| {
        fs::write(home.path("plugins/ill.toml"), "grant = { http = [\"*\"] }\n[schema]\ntype = 7\n").unwrap();
        home.install("ill", fanfare_artifacts::hostile());
    };
    refused("", ill, &["ill.toml:1:9", "is reserved for the operator", "is not a usable JSON Schema"]).await;
}

#[tokio::test]
async fn a_file_with_very_many_names_is_rejected() {
    let names = ["names.wasm", "100002 exports", "may have 4096"];
    refused("", put("names", fanfare_artifacts::straight::exports(100_000)), &names).await;
}

#[tokio::test]
async fn a_schema_that_would_take_gigabytes_is_rejected() {
    let sidecar = |patterns: usize| {
        move |home: &Home| {
            let pattern = |n| format!("p{n} = {{ pattern = \"(a{{{}}}b{{999}}){{99}}\" }}", 500 + n);
            let properties: Vec<_> = (0..patterns).map(pattern).collect();
            let text = format!("schema = {{ properties = {{ {} }} }}\n", properties.join(", "));
            fs::write(home.path("plugins/bomb.toml"), text).unwrap();
            home.install("bomb", fanfare_artifacts::smallest());
        }
    };
    refused("", sidecar(400), &["bomb.toml:1:10", "it has 400 regular expressions; at most 32 are allowed"]).await;
    refused("", sidecar(1), &["bomb.toml:1:10", "takes more than 64 KiB when compiled"]).await;
}

#[tokio::test]
async fn a_sidecar_whose_errors_would_take_gigabytes_is_rejected() {
    let sidecar = |text: String| {
        move |home: &Home| {
            fs::write(home.path("plugins/bomb.toml"), text).unwrap();
            home.install("bomb", fanfare_artifacts::smallest());
        }
    };
    let zeros = |count: usize| vec!["0"; count].join(",");
    // An error for each value and each part of the schema.
    let parts = vec!["{items={type=\"string\"}}"; 1_000].join(",");
    let product = format!(
        "settings = {{ a = [{}] }}\nschema = {{ properties = {{ a = {{ allOf = [{parts}] }} }} }}\n",
        zeros(9_000)
    );
    refused("", sidecar(product), &["too many settings for their schema"]).await;
    let many = format!("settings = {{ a = [{}] }}\n", zeros(100_000));
    refused("", sidecar(many), &["bomb.toml:1:12", "has 10000 values or more"]).await;
    // Twenty thousand mistakes, each of which needs its line number.
    let unknown: String = (0..20_000).map(|n| format!("k{n} = 1\n")).collect();
    refused("", sidecar(unknown), &["bomb.toml:1:1", "k0: unknown key"]).await;
    let tests = "[[tests]]\n".repeat(20_000);
    refused("", sidecar(tests), &["bomb.toml", "has 20000 tests; at most 100 are allowed"]).await;
}

#[tokio::test]
async fn errors_of_a_file_are_short_everywhere() {
    let home = Home::new("[channels.steady]\nplugin = \"builtin:log\"\n");
    let daemon = home.start_quietly().await;
    let long = "x".repeat(200_000);
    fs::write(home.path("plugins/long.toml"), format!("timeout = \"{long}\"\n")).unwrap();
    home.install("long", fanfare_artifacts::smallest());
    until("the refusal", || async { errors(&daemon).await.contains("long.toml").then_some(()) }).await;
    for path in ["/v1/stats", "/v1/plugins", "/readyz"] {
        let size = daemon.api.get(path).await.text().len();
        assert!(size < 64 << 10, "{path}: {size} bytes");
    }
    assert!(home.log().len() < 64 << 10, "{} bytes of log", home.log().len());
}

/// A failed file is retried when it changes, or on request.
#[tokio::test]
async fn a_file_that_does_not_compile_is_not_compiled_again_and_again() {
    const STEADY: &str = "compile_memory = \"256MiB\"\n[channels.steady]\nplugin = \"builtin:log\"\n";
    let home = Home::new(STEADY);
    home.install("large", &large());
    let daemon = home.try_start("fanfare_runtime=debug,warn", &[]).await.unwrap();
    let compiled = || {
        let log = home.log();
        log.lines().filter(|line| line.contains("compiling a plugin") && line.contains("size=7")).count()
    };
    until("the refusal", || async { errors(&daemon).await.contains("more than 256 MiB").then_some(()) }).await;
    assert_eq!(compiled(), 1, "{}", home.log());
    // Another reload, for another reason.
    home.configure(&format!("{STEADY}retries = 7\n"));
    until("the other change", || async {
        let channel = daemon.api.get("/v1/channels/steady").await.expect(200).json();
        (channel["policy"]["retries"] == 7).then_some(())
    })
    .await;
    until("the refusal", || async { errors(&daemon).await.contains("more than 256 MiB").then_some(()) }).await;
    assert_eq!(compiled(), 1, "{}", home.log());
    let asked = daemon.api.send(Method::POST, "/v1/reload", &[], "").await.json();
    assert!(asked.to_string().contains("more than 256 MiB"), "{asked:#}");
    assert_eq!(compiled(), 2, "{}", home.log());
}

/// One reload, of a file that compiles slowly and one that compiles quickly.
#[tokio::test]
async fn a_slow_file_does_not_delay_a_quick_one() {
    let home = Home::new("compile_time = \"10m\"\n[channels.steady]\nplugin = \"builtin:log\"\n");
    let daemon = home.start().await;
    delivers(&daemon).await;
    home.install("tangled", &tangled());
    home.install("quick", fanfare_artifacts::smallest());
    until("the quick one", || async {
        let result = daemon.api.publish(SAMPLE).await.expect(200).json();
        // Its outcome does not matter here.
        (result["channels"]["quick"]["attempts"] == 1).then_some(())
    })
    .await;
    let plugins = daemon.api.get("/v1/plugins").await.expect(200).json();
    let plugins = plugins["plugins"].as_array().unwrap();
    let tangled = plugins.iter().find(|plugin| plugin["name"] == "tangled").unwrap();
    assert_eq!(tangled["error"], "it is being loaded", "{tangled:#}");
    let told = "a plugin is being compiled or waits for the compiler";
    until("the log's word", || async { home.log().contains(told).then_some(()) }).await;
    assert!(daemon.stop().await.success());
}

/// Written slowly and in place, like a careless copy: half the file is rejected, the complete file is loaded in the
/// end.
#[tokio::test]
async fn a_file_that_is_still_being_written_is_loaded_in_the_end() {
    let home = Home::new("[channels.steady]\nplugin = \"builtin:log\"\n");
    let daemon = home.start_quietly().await;
    let mut file = fs::File::create(home.path("plugins/slow.wasm")).unwrap();
    for piece in fanfare_artifacts::hostile().chunks(16 << 10) {
        file.write_all(piece).unwrap();
        file.sync_all().unwrap();
        delivers(&daemon).await;
    }
    until("the channel", || async {
        let channel = daemon.api.get("/v1/channels/slow").await;
        (channel.status == 200 && channel.json()["state"] == "active").then_some(())
    })
    .await;
    let result = daemon.api.publish(SAMPLE).await.expect(200).json();
    assert_eq!(result["channels"]["slow"]["status"], "success", "{result:#}");
}

/// The log and the report show what a new version imports that the old one did not.
#[tokio::test]
async fn new_imports_of_a_version_are_reported() {
    let home = Home::new("[channels.steady]\nplugin = \"builtin:log\"\n");
    home.install("it", fanfare_artifacts::smallest());
    let daemon = home.start().await;
    home.install("it", fanfare_artifacts::hostile());
    // The log keeps it; `/v1/stats` shows it until the next reload.
    until("the difference", || async {
        let log = home.log();
        (log.contains("imports +") && log.contains("+fanfare:channel/http@0.1.0")).then_some(())
    })
    .await;
    delivers(&daemon).await;
}

/// Secrets are in no log, no response and no file of the daemon, whatever a guest does with its placeholder.
#[tokio::test]
async fn a_secret_only_reaches_the_receiver() {
    const VALUE: &str = "s3cret-4711-value";
    let receiver = crate::support::receiver::Receiver::start().await;
    receiver.answer(crate::support::receiver::Answering {
        body: format!("your token {VALUE} is wrong"),
        ..crate::support::receiver::Answering::status(401)
    });
    let (url, address) = (receiver.url(), receiver.address);
    let secrets = format!(
        "secrets = {{ token = {{ from = \"file:token\", hosts = [\"{address}\"] }} }}\n\
         grant = {{ http = [\"{address}\"] }}\nretries = 0"
    );
    let home = Home::new("");
    fs::write(home.path("token"), VALUE).unwrap();
    let table = |name: &str, then: &str| {
        hostile(name, "secret-header", &format!("url = \"{url}\", then = \"{then}\""), &secrets)
    };
    home.configure(&format!("{}{}{}", table("falls", "panic"), table("fails", "fail"), table("delivers", "echo")));
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start().await;
    let result = daemon.api.publish(SAMPLE).await.expect(200);
    assert_eq!(receiver.received().iter().filter(|request| request.header("x-token") == VALUE).count(), 3);
    let id = result.json()["event_id"].as_str().unwrap().to_owned();
    let mut seen = result.text();
    for path in [
        format!("/v1/events/{id}"),
        "/v1/dead-letters".into(),
        "/v1/channels".into(),
        "/v1/stats".into(),
        "/metrics".into(),
    ] {
        seen += &daemon.api.get(&path).await.expect(200).text();
    }
    seen += &home.log();
    assert!(seen.contains("[secret token]") && !seen.contains(VALUE), "{seen}");
    assert!(!seen.contains("fanfare-secret-"), "{seen}");
    daemon.stop().await;
    for entry in fs::read_dir(home.path("data")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            assert!(!bytes.windows(VALUE.len()).any(|window| window == VALUE.as_bytes()), "{}", path.display());
        }
    }
}

/// A placeholder that became known is published: the receiver gets it as it is.
#[tokio::test]
async fn a_published_placeholder_is_delivered_literally() {
    const VALUE: &str = "s3cret-4712-value";
    let receiver = crate::support::receiver::Receiver::start().await;
    let (url, address) = (receiver.url(), receiver.address);
    let home = Home::new("");
    fs::create_dir(home.path("out")).unwrap();
    fs::write(home.path("token"), VALUE).unwrap();
    let more = format!(
        "secrets = {{ token = {{ from = \"file:token\", hosts = [\"{address}\"], body = true }} }}\n\
         grant = {{ http = [\"{address}\"], files = [{{ host = \"out\", guest = \"/out\", write = true }}] }}"
    );
    let settings =
        format!("method = \"POST\", url = \"{url}\", path = \"/out/told\", content = \"${{secrets.token}}\"");
    home.configure(&hostile("tells", "write-file", &settings, &more));
    home.install("hostile", fanfare_artifacts::hostile());
    let daemon = home.start().await;
    let publish = async |data: serde_json::Value| {
        let event = serde_json::json!({ "type": "a", "data": { "hostile": data } });
        let result = daemon.api.publish(event.to_string()).await.expect(200);
        assert_eq!(result.json()["overall_status"], "success", "{}", result.text());
        assert!(!result.text().contains(VALUE), "{}", result.text());
    };
    publish(serde_json::json!({})).await;
    let known = fs::read_to_string(home.path("out/told")).unwrap();
    assert!(known.starts_with("fanfare-secret-"), "{known}");
    publish(serde_json::json!({ "mode": "http", "body": known })).await;
    assert_eq!(receiver.received().pop().unwrap().body, known);
}

/// A restart with a plugin that compiles slowly: events are accepted anyway, and kept for it.
#[tokio::test]
async fn a_start_does_not_wait_for_the_compiler() {
    let home = Home::new("compile_time = \"10m\"\n[channels.steady]\nplugin = \"builtin:log\"\n");
    home.install("tangled", &tangled());
    let daemon = home.start_quietly().await;
    let channel = daemon.api.get("/v1/channels/tangled").await.expect(200).json();
    assert_eq!(
        (&channel["state"], &channel["error"]),
        (&"missing".into(), &"it is being loaded".into()),
        "{channel:#}"
    );
    let result = daemon.api.publish_async(SAMPLE).await.expect(202).json();
    assert_eq!(result["channels"]["tangled"]["status"], "pending", "{result:#}");
    assert!(daemon.stop().await.success());
}
