//! The command line against a running daemon.

use std::{process::Stdio, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};

use crate::support::{
    client::Api,
    daemon::{Home, fanfare},
    receiver::{Answering, Receiver},
};

/// Runs a command; returns its exit code, stdout and stderr.
async fn run(api: &Api, arguments: &[&str]) -> (i32, String, String) {
    let output = fanfare().args(arguments).env("FANFARE_URL", &api.base).output().await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

async fn json(api: &Api, arguments: &[&str]) -> Value {
    let arguments: Vec<_> = arguments.iter().copied().chain(["--json"]).collect();
    let (code, out, err) = run(api, &arguments).await;
    assert_eq!(code, 0, "{arguments:?}: {err}");
    serde_json::from_str(&out).unwrap_or_else(|e| panic!("{arguments:?}: {e}: {out}"))
}

#[tokio::test]
async fn history_dead_letters_replays_and_channels_have_commands() {
    let receiver = Receiver::start().await;
    receiver.answer(Answering::status(500));
    let home = Home::new(&format!(
        "[channels.log]\nplugin = \"builtin:log\"\n[channels.hook]\nplugin = \"builtin:webhook\"\nretries = 0\n\
         settings = {{ url = \
         \"{}\" }}\ngrant = {{ http = [\"{}\"], private_network = true }}\n",
        receiver.url(),
        receiver.address
    ));
    let daemon = home.start().await;
    let api = &daemon.api;
    for n in 1..=4 {
        api.publish(format!(r#"{{"type":"order.paid","id":"e{n}","data":{n}}}"#)).await.expect(200);
    }

    let (code, out, _) = run(api, &["events", "list", "--status", "partial", "--newest", "--limit", "2"]).await;
    assert_eq!(code, 0);
    assert!(out.contains("e4") && out.contains("e3") && !out.contains("e2"), "{out}");
    assert!(out.contains("there are more; continue with --after 3"), "{out}");
    assert_eq!(json(api, &["events", "list", "--since", "1h"]).await["events"].as_array().unwrap().len(), 4);
    let (code, _, err) = run(api, &["events", "list", "--since", "soon"]).await;
    assert_eq!(code, 2, "{err}");

    let listed = json(api, &["dead-letters", "list", "--code", "http_500"]).await;
    let one = listed["dead_letters"][0]["delivery_id"].as_str().unwrap().to_owned();
    let (_, out, _) = run(api, &["dead-letters", "show", &one]).await;
    assert!(out.contains("http_500") && out.contains("attempt 1 (first)"), "{out}");
    let (code, _, err) = run(api, &["dead-letters", "replay", "--all"]).await;
    assert_eq!(code, 2, "there is no terminal to ask on: {err}");
    assert!(err.contains("--yes"), "{err}");
    assert_eq!(json(api, &["dead-letters", "purge", "--all", "--dry-run"]).await["matched"], 4);
    let (code, _, err) = run(api, &["dead-letters", "purge", "--yes"]).await;
    assert_eq!(code, 2, "a filter or --all is needed: {err}");
    for (wrong, known) in [
        (&["dead-letters", "list", "--class", "nope"][..], "; the classes are "),
        (&["dead-letters", "list", "--channel", "nope"], "; the channels are "),
        (&["events", "list", "--channel", "nope"], "; the channels are "),
    ] {
        let (code, _, err) = run(api, wrong).await;
        assert_eq!(code, 1, "{wrong:?}: {err}");
        assert!(err.contains("`nope`") && err.contains(known), "{wrong:?}: {err}");
    }
    let (code, _, err) = run(api, &["dead-letters", "show", "nope"]).await;
    assert!(code == 2 && err.contains("id like dlv_"), "{err}");

    receiver.answer(Answering::status(200));
    let job = json(api, &["dead-letters", "replay", "--channel", "hook", "--yes"]).await;
    assert_eq!((job["state"].as_str(), job["delivered"].as_u64()), (Some("done"), Some(4)));
    let job = json(api, &["replay", "--channel", "hook", "--after", "2", "--yes"]).await;
    assert_eq!((job["state"].as_str(), job["delivered"].as_u64()), (Some("done"), Some(2)));
    let (_, out, _) = run(api, &["replay", "status"]).await;
    assert!(out.contains("replay 2") && out.contains("redrive 1"), "{out}");
    assert_eq!(receiver.count(), 4 + 4 + 2);

    let (_, out, _) = run(api, &["channels", "pause", "hook", "--reason", "tea"]).await;
    assert!(out.contains("hook is paused"), "{out}");
    let (_, out, _) = run(api, &["channels", "list"]).await;
    assert!(out.contains("paused") && out.contains("log"), "{out}");
    assert_eq!(json(api, &["channels", "show", "hook"]).await["hold"]["reason"], "tea");
    let (_, out, _) = run(api, &["channels", "show", "hook"]).await;
    assert!(out.starts_with("hook is paused since ") && out.contains(": tea\n"), "{out}");
    assert!(out.contains("`fanfare channels resume hook`") && out.contains("\ngrants     http: 127.0.0.1:"), "{out}");
    let (code, out, _) = run(api, &["channels", "test", "hook"]).await;
    assert_eq!(code, 0, "{out}");
    receiver.answer(Answering::status(400));
    let (code, out, _) = run(api, &["channels", "test", "hook"]).await;
    assert_eq!((code, out.contains("http_400")), (1, true), "{out}");
    let (_, out, _) = run(api, &["channels", "resume", "hook"]).await;
    assert!(out.contains("hook is active"), "{out}");
    let (code, _, err) = run(api, &["channels", "pause", "nobody"]).await;
    assert_eq!((code, err.contains("nobody")), (1, true), "{err}");
}

#[tokio::test]
async fn a_backup_can_be_made_while_the_daemon_runs_and_restored_by_copying() {
    let home = Home::new("[channels.log]\nplugin = \"builtin:log\"\n");
    let daemon = home.start().await;
    for n in 1..=50 {
        daemon.api.publish(format!(r#"{{"type":"t","id":"e{n}"}}"#)).await.expect(200);
    }
    let (config, to) = (home.path("config.toml"), home.path("backup.db"));
    let (config, target) = (config.to_str().unwrap(), to.to_str().unwrap());
    let (code, out, err) = run(&daemon.api, &["backup", target, "--config", config]).await;
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("copied"), "{out}");
    let (code, _, err) = run(&daemon.api, &["backup", target, "--config", config]).await;
    assert_eq!((code, err.contains("already exists")), (1, true), "{err}");
    daemon.kill().await;

    let restored = Home::new("[channels.log]\nplugin = \"builtin:log\"\n");
    std::fs::create_dir(restored.path("data")).unwrap();
    std::fs::copy(&to, restored.path("data/journal.db")).unwrap();
    let daemon = restored.start().await;
    assert_eq!(daemon.api.event("e50").await["result"]["overall_status"], "success");
    let again = daemon.api.publish(r#"{"type":"t","id":"e50"}"#).await.expect(200).json();
    assert_eq!(again["duplicate"], true);
}

#[tokio::test]
async fn the_tail_resumes_when_the_daemon_comes_back() {
    use tokio::io::{AsyncBufReadExt, BufReader};
    let home = Home::new("");
    let daemon = home.start().await;
    let mut tail = fanfare();
    tail.args(["events", "tail", "--from", "0", "--json"]).env("FANFARE_URL", &daemon.api.base);
    let mut tail = tail.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    let mut next = async || -> Value {
        let line = tokio::time::timeout(std::time::Duration::from_secs(30), lines.next_line()).await.unwrap();
        serde_json::from_str(&line.unwrap().unwrap()).unwrap()
    };
    daemon.api.publish(r#"{"type":"t","id":"one"}"#).await.expect(200);
    assert_eq!(next().await["data"]["event"]["id"], "one");
    let address = daemon.api.base.strip_prefix("http://").unwrap().to_owned();
    daemon.kill().await;
    let config = std::fs::read_to_string(home.path("config.toml")).unwrap().replace("127.0.0.1:0", &address);
    std::fs::write(home.path("config.toml"), config).unwrap();
    let daemon = home.start().await;
    daemon.api.publish(r#"{"type":"t","id":"two"}"#).await.expect(200);
    assert_eq!(next().await["data"]["event"]["id"], "two", "neither repeated nor missing");
    tail.kill().await.unwrap();
}

/// Reads a request's head, and answers with this stream, byte by byte.
async fn stream(listener: &TcpListener, content_type: &str, body: &[u8]) -> String {
    let (mut client, _) = listener.accept().await.unwrap();
    let mut head = vec![];
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.unwrap());
    }
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\nconnection: close\r\n\r\n");
    client.write_all(answer.as_bytes()).await.unwrap();
    for byte in body {
        // A client that cannot use this type hangs up.
        if client.write_all(&[*byte]).await.is_err() {
            break;
        }
    }
    String::from_utf8(head).unwrap().to_lowercase()
}

/// The line endings, comments, fields and ends that the specification of server-sent events allows.
#[tokio::test]
async fn the_tail_reads_every_form_of_a_stream_and_resumes_after_the_last_id() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut tail = fanfare();
    tail.args(["events", "tail", "--json", "--url", &format!("http://{}", listener.local_addr().unwrap())]);
    let mut tail = tail.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    let mut next = async || -> Value {
        let line = tokio::time::timeout(Duration::from_secs(30), lines.next_line()).await.unwrap();
        serde_json::from_str(&line.unwrap().unwrap()).unwrap()
    };
    let first = "\u{feff}retry: 10\r\n\r\n: heartbeat\r\n\r\n\
                 id: 7\r\nevent: settled\r\ndata: {\"offset\": 7,\r\ndata:\"channel\": \"ü\"}\r\n\r\n\
                 event: gap\rdata: {\"after\": 7}\runknown: x\r\r\
                 event: empty\ndata:\n\n\
                 id: 9\n\n\
                 id: 10\nevent: event\ndata: {\"unfinished\": true}\n";
    let head = stream(&listener, "text/event-stream", first.as_bytes()).await;
    assert!(head.contains("accept: text/event-stream") && !head.contains("last-event-id"), "{head}");
    assert_eq!(next().await, json!({ "event": "settled", "data": { "offset": 7, "channel": "ü" } }));
    assert_eq!(next().await, json!({ "event": "gap", "data": { "after": 7 } }));
    let second = b"id: 10\nevent: settled\ndata: {}\n\n";
    let head = stream(&listener, "Text/Event-Stream; charset=utf-8", second).await;
    assert!(head.contains("last-event-id: 9\r\n"), "of a message without data, and not of an unfinished one: {head}");
    assert_eq!(next().await, json!({ "event": "settled", "data": {} }));
    let head = stream(&listener, "text/event-stream", b"").await;
    assert!(head.contains("last-event-id: 10\r\n"), "{head}");
    tail.kill().await.unwrap();
}

#[tokio::test]
async fn the_tail_says_when_the_answer_is_not_a_stream() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = Api::new(format!("http://{}", listener.local_addr().unwrap()));
    let (head, (code, out, err)) =
        tokio::join!(stream(&listener, "text/html", b"<p>data: 1\n\n"), run(&api, &["events", "tail"]));
    assert!(head.starts_with("get /v1/events/stream "), "{head}");
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    assert!(err.contains("did not return a stream; is it Fanfare that listens there?"), "{err}");
}

#[tokio::test]
async fn a_receiver_listens_at_the_given_address() {
    let mut command = fanfare();
    command.args(["listen", "--listen", "127.0.0.1:0", "--json"]).stdout(std::process::Stdio::piped());
    let mut receiver = command.spawn().unwrap();
    let mut lines = BufReader::new(receiver.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    let url = serde_json::from_str::<Value>(&line).unwrap()["listening"].as_str().unwrap().to_owned();
    let (base, path) = url.split_at(url.rfind("/hook").unwrap());
    assert!(base.starts_with("http://127.0.0.1:") && !base.ends_with(":0"), "{url}");
    Api::new(base.to_owned()).post(path, "{}").await.expect(204);
    receiver.kill().await.unwrap();
}
