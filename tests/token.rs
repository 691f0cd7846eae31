//! `fanfare token`, and commands that send a token.

use std::fs;

use serde_json::Value;

use crate::{
    access::{secret, token},
    support::{
        daemon::{Home, fanfare},
        until,
    },
};

const LOG: &str = "[channels.log]\nplugin = \"builtin:log\"\n";

struct Done {
    code: i32,
    out: String,
    err: String,
}

/// Runs a command in a daemon's folder.
async fn run(home: &Home, arguments: &[&str], environment: &[(&str, &str)]) -> Done {
    let mut command = fanfare();
    let output = command.args(arguments).envs(environment.iter().copied()).current_dir(home.path("")).output().await;
    let output = output.unwrap();
    Done {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test]
async fn a_token_is_created_shown_once_listed_and_revoked_and_the_rest_is_unchanged() {
    let home = Home::new(&format!("{LOG}# the end, without a line break"));
    let path = home.path("config.toml");
    let text = fs::read_to_string(&path).unwrap();
    let text = text.trim_end().to_owned() + "\n";
    fs::write(&path, &text).unwrap();
    let more = ["--types", "order.>", "--sources", "/shop,/shop/*", "--rate", "100/s", "--expires", "90d"];
    let new = ["token", "new", "--name", "ci", "--scopes", "publish,read", "--channels", "log"];
    let done = run(&home, &[&new[..], &more].concat(), &[]).await;
    assert_eq!(done.code, 0, "{}", done.err);
    let made = done.out.lines().next().unwrap().to_owned();
    assert!(made.starts_with("ff_") && made.len() == 46, "{made}");
    let written = fs::read_to_string(&path).unwrap();
    assert!(written.starts_with(&text), "{written}");
    assert!(!written.contains(&made), "{written}");
    let check = run(&home, &["check"], &[]).await;
    assert_eq!(check.code, 0, "{}{}", check.out, check.err);
    let list = run(&home, &["token", "list", "--json"], &[]).await.out;
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["tokens"][0]["scopes"], serde_json::json!(["publish", "read"]));
    assert_eq!(list["tokens"][0]["sources"], serde_json::json!(["/shop", "/shop/*"]));
    assert!(!list.to_string().contains("sha256"), "{list}");
    let shown = run(&home, &["token", "list"], &[]).await.out;
    for word in ["ci", "publish read", "order.>", "100 in 1s", "channels log"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }

    let again = run(&home, &["token", "new", "--name", "ci", "--scopes", "read"], &[]).await;
    assert_eq!(again.code, 2);
    assert!(again.err.contains("fanfare token revoke ci"), "{}", again.err);
    let second = run(&home, &["token", "new", "--name", "ops", "--scopes", "admin"], &[]).await;
    assert_eq!(second.code, 0, "{}", second.err);
    let revoked = run(&home, &["token", "revoke", "ci"], &[]).await;
    assert_eq!(revoked.code, 0, "{}", revoked.err);
    let names = run(&home, &["token", "list"], &[]).await.out;
    assert!(names.contains("ops") && !names.contains("ci "), "{names}");
    assert_eq!(run(&home, &["token", "revoke", "ops"], &[]).await.code, 0);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let unknown = run(&home, &["token", "revoke", "ops"], &[]).await;
    assert_eq!((unknown.code, unknown.err.contains("there is no token `ops`")), (2, true), "{}", unknown.err);

    let printed = run(&home, &["token", "new", "--name", "x", "--scopes", "read", "--print"], &[]).await;
    assert!(printed.out.contains("[[server.tokens]]\nname = \"x\"\n"), "{}", printed.out);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    for (wrong, says) in [
        (&["--scopes", "write"][..], "the scopes are publish, read, operate and admin"),
        (&["--scopes", "read", "--types", "a"], "--types: has no effect"),
        (&["--scopes", "admin", "--channels", "log"], "--channels: has no effect on `admin`"),
        (&["--scopes", "publish", "--rate", "fast"], "--rate: is not a valid rate"),
        (&["--scopes", "publish", "--expires", "soon"], "is not a time"),
    ] {
        let done = run(&home, &[&["token", "new", "--name", "w"], wrong].concat(), &[]).await;
        assert_eq!(done.code, 2, "{wrong:?}");
        assert!(done.err.contains(says), "{wrong:?}: {}", done.err);
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn commands_send_a_token_and_say_what_to_do_without_one() {
    let tokens =
        [token("ops", &["admin"], ""), token("reader", &["read"], ""), token("slow", &["read"], "rate = \"1/h\"")];
    let home = Home::new(&format!("{LOG}{}", tokens.concat()));
    let daemon = home.start_quietly().await;
    let url = ("FANFARE_URL", daemon.api.base.as_str());
    let without = run(&home, &["channels", "list"], &[url]).await;
    assert_eq!(without.code, 1);
    assert!(without.err.contains("FANFARE_TOKEN"), "{}", without.err);
    let (ops, reader, slow) = (secret("ops"), secret("reader"), secret("slow"));
    assert_eq!(run(&home, &["channels", "list"], &[url, ("FANFARE_TOKEN", &reader)]).await.code, 0);
    let refused = run(&home, &["channels", "pause", "log"], &[url, ("FANFARE_TOKEN", &reader)]).await;
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("`operate`") && refused.err.contains("fanfare token"), "{}", refused.err);
    fs::write(home.path("token"), format!("{ops}\n")).unwrap();
    let done = run(&home, &["channels", "pause", "log", "--token-file", "token"], &[url]).await;
    assert_eq!(done.code, 0, "{}", done.err);
    let status = run(&home, &["status"], &[url, ("FANFARE_TOKEN", &reader)]).await;
    assert_eq!(status.code, 0, "{}", status.err);
    run(&home, &["channels", "list"], &[url, ("FANFARE_TOKEN", &slow)]).await;
    let limited = run(&home, &["channels", "list"], &[url, ("FANFARE_TOKEN", &slow)]).await;
    assert_eq!((limited.code, limited.err.contains("`rate`")), (1, true), "{}", limited.err);
    for answer in [without, refused, limited] {
        assert!(!answer.err.contains("ff_"), "{}", answer.err);
    }
    let missing = run(&home, &["status", "--token-file", "nowhere"], &[url]).await;
    assert!(missing.err.contains("nowhere cannot be read"), "{}", missing.err);
    let empty = run(&home, &["status"], &[url, ("FANFARE_TOKEN", " ")]).await;
    assert_eq!((empty.code, empty.err.contains("has no token")), (2, true), "{}", empty.err);

    // A running daemon applies what the command writes.
    let made = run(&home, &["token", "new", "--name", "fresh", "--scopes", "read"], &[]).await.out;
    let made = made.lines().next().unwrap();
    let takes =
        || async { (run(&home, &["events", "list"], &[url, ("FANFARE_TOKEN", made)]).await.code == 0).then_some(()) };
    until("the new token", takes).await;
}

#[tokio::test]
async fn token_commands_say_when_the_daemon_rejects_the_file() {
    let tokens = [token("p1", &["read"], ""), token("p2", &["read"], ""), token("p3", &["read"], "")].concat();
    let typo = "[channels.log]\nplugin = \"builtin:log\"\nfliter = 1\n";
    let home = Home::new(&format!("{typo}{tokens}"));
    let revoked = run(&home, &["token", "revoke", "p2"], &[]).await;
    assert_eq!(revoked.code, 0, "{}", revoked.err);
    assert!(revoked.out.contains("takes effect, but the daemon rejects the rest of the file"), "{}", revoked.out);
    assert!(revoked.out.contains("`fanfare check`"), "{}", revoked.out);
    let shown = run(&home, &["token", "revoke", "p3", "--json"], &[]).await;
    let shown: Value = serde_json::from_str(&shown.out).unwrap();
    assert!(shown["problems"][0]["key"].as_str().unwrap().contains("fliter"), "{shown}");
    let made = run(&home, &["token", "new", "--name", "p4", "--scopes", "read"], &[]).await;
    assert_eq!(made.code, 0, "{}", made.err);
    assert!(made.out.contains("once the file has no mistakes: run `fanfare check`"), "{}", made.out);

    // A variable of the daemon's environment is not a mistake of the file.
    let environment = "[channels.hook]\nplugin = \"builtin:log\"\n\
                       secrets = { key = { from = \"env:NOT_HERE_BUT_THERE\", hosts = [\"a.example\"] } }\n";
    home.configure(&format!("{environment}{tokens}"));
    let revoked = run(&home, &["token", "revoke", "p2"], &[]).await;
    assert!(revoked.code == 0 && !revoked.out.contains("rejects"), "{}{}", revoked.out, revoked.err);
    let made = run(&home, &["token", "new", "--name", "p4", "--scopes", "read"], &[]).await;
    assert!(made.code == 0 && made.out.contains("applies it at once"), "{}{}", made.out, made.err);
    let check = run(&home, &["check"], &[]).await;
    assert_eq!(check.code, 1, "{}", check.out);
    let said = check.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("NOT_HERE_BUT_THERE is not set") && said.contains("fanfare status"), "{said}");

    // What is not TOML cannot be edited, and nobody is told otherwise.
    fs::write(home.path("config.toml"), format!("{tokens}[channels\n")).unwrap();
    let refused = run(&home, &["token", "revoke", "p2"], &[]).await;
    assert_eq!(refused.code, 1, "{}", refused.out);
    assert!(refused.err.contains("not valid TOML") && refused.err.contains("stays in force"), "{}", refused.err);
}
