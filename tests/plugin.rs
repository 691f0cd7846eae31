//! `fanfare plugin run` and `inspect`: a plugin without a daemon.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::daemon::fanfare;

/// A folder with the hostile guest, and a folder for compiled code.
struct Bench {
    dir: TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { dir: tempfile::tempdir().unwrap() };
        fs::write(bench.path("hostile.wasm"), fanfare_artifacts::hostile()).unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    async fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = fanfare().current_dir(self.dir.path()).args(arguments).output().await.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    /// Delivers with these options, and returns the line about the failure.
    async fn fails(&self, options: &[&str]) -> String {
        let arguments: Vec<_> = ["plugin", "run", "hostile.wasm"].into_iter().chain(options.iter().copied()).collect();
        let (code, out, err) = self.run(&arguments).await;
        assert_eq!(code, 1, "{options:?}: {out}{err}");
        out.lines().find(|line| line.starts_with('✘')).unwrap_or_else(|| panic!("{out}{err}")).to_owned()
    }
}

#[tokio::test]
async fn a_denial_names_the_option_that_allows_it_once() {
    let bench = Bench::new();
    for (options, want) in [
        (
            &["mode=http", "url=http://127.0.0.1:9/x", "method=POST"][..],
            "✘ denied denied: 127.0.0.1:9 is not granted: give --allow '127.0.0.1:9'",
        ),
        (&["mode=emit", "type=a.b"], "✘ denied denied: `a.b` may not be emitted: give --emit 'a.b'"),
        (&["mode=write-file", "path=/out/x"], "✘ denied denied: no folder is granted: give --folder HOST:GUEST"),
        (&["mode=tcp", "address=127.0.0.1:9"], "✘ denied denied: TCP is not granted: give --tcp '<host>:<port>'"),
    ] {
        let options: Vec<_> = options.iter().flat_map(|setting| ["--set", setting]).collect();
        assert_eq!(bench.fails(&options).await, want);
    }
    let private = ["--set", "mode=http", "--set", "url=http://10.0.0.1/", "--allow", "*"];
    let want = "✘ denied denied: 10.0.0.1 is not a public address: give --private-network";
    assert_eq!(bench.fails(&private).await, want);
    let (_, out, _) = bench.run(&[&["plugin", "run", "hostile.wasm"], &private[..]].concat()).await;
    assert_eq!(out.matches("is not a public address").count(), 2, "in the response, and in the outcome: {out}");
    assert_eq!(out.matches("--private-network").count(), 1, "{out}");
    assert!(!out.contains("config.toml"), "{out}");

    let spin = bench.fails(&["--set", "mode=spin", "--fuel", "1000000"]).await;
    assert_eq!(spin, "✘ fuel fuel: the guest ran out of fuel (1000000 units): raise it with --fuel");
    let sleep = bench.fails(&["--set", "mode=sleep", "--set", "ms=60000", "--timeout", "100ms"]).await;
    assert_eq!(sleep, "✘ timeout timeout: the attempt was not done within 100ms: raise it with --timeout");
    let memory = bench.fails(&["--set", "mode=memory", "--memory", "4MiB"]).await;
    assert_eq!(memory, "✘ memory memory: the guest exceeded its memory limit of 4096 KiB: raise it with --memory");

    // With a configuration, the message names its key.
    fs::write(bench.path("config.toml"), "[channels.hostile]\nsettings = { mode = \"emit\", type = \"a.b\" }\n")
        .unwrap();
    let configured = bench.fails(&["--config", "config.toml", "--channel", "hostile"]).await;
    let want = "✘ denied denied: `a.b` may not be emitted: add \"a.b\" to channels.hostile.grant.emit in config.toml";
    assert!(configured.starts_with(want), "{configured}");
}

fn compiled(dir: &Path) -> usize {
    let entries = fs::read_dir(dir).map(|entries| entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>());
    let is_code = |path: &&PathBuf| path.extension().is_some_and(|extension| extension == "cwasm");
    entries.unwrap_or_default().iter().filter(is_code).count()
}

#[tokio::test]
async fn check_and_the_daemon_take_over_what_a_command_has_compiled() {
    let bench = Bench::new();
    fs::create_dir(bench.path("plugins")).unwrap();
    fs::copy(bench.path("hostile.wasm"), bench.path("plugins/hostile.wasm")).unwrap();
    fs::write(bench.path("config.toml"), "[channels.hostile]\n").unwrap();
    let compiles = async |arguments: &[&str]| {
        let mut command = fanfare();
        command.current_dir(bench.dir.path()).env("XDG_CACHE_HOME", bench.path("cache"));
        let output = command.args(["--log-level", "fanfare_runtime=debug"]).args(arguments).output().await.unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stderr).contains("compiling a plugin")
    };
    assert!(compiles(&["plugin", "inspect", "hostile.wasm"]).await);
    assert!(!compiles(&["check"]).await, "it takes the commands' entry");
    assert_eq!(compiled(&bench.path("data/cache")), 1, "and keeps it for the daemon");
    // A folder that others can read is not trusted.
    fs::remove_dir_all(bench.path("data/cache")).unwrap();
    fs::set_permissions(bench.path("cache/fanfare/compiled"), fs::Permissions::from_mode(0o755)).unwrap();
    assert!(compiles(&["check"]).await);
}

#[tokio::test]
async fn a_plugin_that_is_not_built_yet_is_not_just_missing() {
    let bench = Bench::new();
    let (code, _, err) = bench.run(&["plugin", "run", "hello/dist/hello.wasm"]).await;
    assert_eq!((code, err.contains("build it first, with `fanfare plugin build hello`")), (1, true), "{err}");
}

#[tokio::test]
async fn a_file_is_compiled_once_for_all_commands_in_a_private_folder() {
    let bench = Bench::new();
    let command = async |arguments: &[&str]| {
        let mut command = fanfare();
        command.current_dir(bench.dir.path()).env("XDG_CACHE_HOME", bench.path("cache")).args(arguments);
        let output = command.output().await.unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = command(&["plugin", "run", "hostile.wasm"]).await;
    assert!(said.is_empty() || said.starts_with("compiling hostile.wasm ("), "{said}");
    let folder = bench.path("cache/fanfare/compiled");
    assert_eq!(compiled(&folder), 1);
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    // An entry that this program did not create is not run: the command compiles again, and replaces it.
    let entry = |extension: &str| {
        let mut entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        entries.find(|path| path.extension().is_some_and(|other| other == extension)).unwrap()
    };
    let whole = fs::read(entry("cwasm")).unwrap();
    command(&["plugin", "inspect", "hostile.wasm"]).await;
    assert_eq!(compiled(&folder), 1, "inspect uses the same entry");
    fs::write(entry("cwasm"), b"other code").unwrap();
    let said = command(&["plugin", "inspect", "hostile.wasm"]).await;
    assert!(said.contains("is damaged: compiling it again"), "{said}");
    assert_eq!(fs::read(entry("cwasm")).unwrap().len(), whole.len());

    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    let said = command(&["plugin", "run", "hostile.wasm"]).await;
    assert!(said.contains("compiled plugins are not kept: ") && said.contains("other users can access"), "{said}");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(bench.path("cache"), fs::Permissions::from_mode(0o777)).unwrap();
    let said = command(&["plugin", "run", "hostile.wasm"]).await;
    assert!(said.contains("compiled plugins are not kept: others may write to "), "{said}");
}

#[tokio::test]
async fn inspect_first_shows_what_a_plugin_is_and_needs() {
    let bench = Bench::new();
    let sidecar = "memory = \"16MiB\"\n[schema]\nrequired = [\"url\"]\n[schema.properties.url]\n\
                   description = \"where to\"\n\
                   x-fanfare-grant = \"http POST\"\n";
    fs::write(bench.path("hostile.toml"), sidecar).unwrap();
    let (code, out, err) = bench.run(&["plugin", "inspect", "hostile.wasm"]).await;
    assert_eq!(code, 0, "{err}");
    let first = "\
kind     channel
settings url  where to; needed
grants   grant.http   for the setting `url`
         grant.emit   if it emits events
         grant.tcp    if it makes TCP connections of its own
         grant.files  if it reads or writes files
size     ";
    assert!(out.starts_with(first), "{out}");
    assert!(out.contains(" of memory for an attempt\nsidecar  a schema, no self-tests\ndigest   "), "{out}");
    assert!(out.contains("16.0 MiB of memory") && out.contains("fanfare:channel@0.1.0  config, log, "), "{out}");
    let lines = out.lines().count();
    let (_, out, _) = bench.run(&["plugin", "inspect", "hostile.wasm", "--imports"]).await;
    assert!(out.lines().count() > lines + 10 && out.contains("wasi:cli/environment@"), "{out}");
}

#[tokio::test]
async fn a_plugin_that_takes_batches_gets_several_events_in_one_call() {
    let bench = Bench::new();
    fs::write(bench.path("many.wasm"), fanfare_artifacts::hostile_batch()).unwrap();
    let event = |id: &str, word: &str| format!(r#"{{"type":"a","id":"{id}","data":{{"batch":"{word}"}}}}"#);
    let (one, two) = (event("e-1", ""), event("e-2", "reject"));
    fs::write(bench.path("events.json"), format!("[{one},{two}]")).unwrap();
    let run = async |arguments: &[&str]| {
        let (code, out, err) = bench.run(&[&["plugin", "run", "many.wasm", "--json"], arguments].concat()).await;
        (code, serde_json::from_str::<serde_json::Value>(&out).unwrap_or_else(|_| panic!("{out}{err}")))
    };
    for given in [&["--event", &one, "--event", &two][..], &["--event", "events.json"]] {
        let (code, shown) = run(given).await;
        assert_eq!(code, 1);
        assert_eq!(shown["outcomes"][0]["receipt"]["ids"], serde_json::json!(["e-1", "e-2"]), "{shown:#}");
        assert_eq!(
            (&shown["outcomes"][1]["event_id"], &shown["outcomes"][1]["code"]),
            (&"e-2".into(), &"never".into())
        );
    }
    let (_, shown) = run(&["--event", &one, "--event", &event("e-3", "trap")]).await;
    assert_eq!(
        (&shown["outcomes"][0]["status"], &shown["fault"]["class"]),
        (&"alone".into(), &"trap".into()),
        "{shown:#}"
    );
    let (code, shown) = run(&["--event", &one]).await;
    assert_eq!((code, &shown["outcome"]["receipt"]["batch"]), (0, &1.into()), "{shown:#}");

    let text = bench.run(&["plugin", "run", "many.wasm", "--event", "events.json"]).await.1;
    assert!(text.contains("e-1 ✔ delivered") && text.contains("e-2 ✘ rejected never"), "{text}");
    let (code, out, err) = bench.run(&["plugin", "run", "hostile.wasm", "--event", "events.json"]).await;
    assert_eq!(code, 2, "{out}{err}");
    assert!(err.contains("takes one event at a time, and 2 are given"), "{err}");
    let inspected = bench.run(&["plugin", "inspect", "many.wasm"]).await.1;
    assert!(inspected.contains("channel, takes batches"), "{inspected}");
}

const TEXTS: &str = r#"
[channels.hostile]
settings = { mode = "template", template = "welcome" }

[templates.welcome]
subject = "Welcome, {{ recipient.attributes.name | default('you') }}"
text = "Your plan is {{ data.plan }}."

[templates.welcome.locales.de]
text = "Dein Tarif ist {{ data.plan }}."

[recipients]
file = "recipients.toml"
defaults = { locale = "en" }
"#;

const SIGNUP: &str = r#"{"type":"user.signup","subject":"usr_1","data":{"plan":"pro"}}"#;

/// The receipt of a delivery with these options.
async fn receipt(bench: &Bench, options: &[&str]) -> Value {
    let arguments = ["plugin", "run", "hostile.wasm", "--json", "--event", SIGNUP];
    let (code, out, err) = bench.run(&[&arguments, options].concat()).await;
    let shown: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert_eq!(code, 0, "{shown:#}");
    shown["outcome"]["receipt"].clone()
}

fn bench_with_texts() -> Bench {
    let bench = Bench::new();
    fs::write(bench.path("config.toml"), TEXTS).unwrap();
    let ada = "[usr_1]\nemail = \"ada@example.com\"\nlocale = \"de-AT\"\nattributes = { name = \"Ada\" }\n";
    fs::write(bench.path("recipients.toml"), ada).unwrap();
    bench
}

#[tokio::test]
async fn a_guest_has_the_recipients_and_templates_of_a_configuration() {
    let bench = bench_with_texts();
    let who = ["--config", "config.toml", "--set", "mode=recipient"];
    let ada = receipt(&bench, &who).await;
    assert_eq!(
        (&ada["email"], &ada["locale"], &ada["attributes"]),
        (&json!("ada@example.com"), &json!("de-AT"), &json!([["name", "Ada"]]))
    );
    let welcome = json!({ "subject": "Welcome, Ada", "text": "Dein Tarif ist pro.", "html": "" });
    let by_settings = ["--config", "config.toml", "--set", "mode=template", "--set", "template=welcome"];
    assert_eq!(receipt(&bench, &by_settings).await, welcome);
    assert_eq!(receipt(&bench, &["--config", "config.toml", "--channel", "hostile"]).await, welcome);

    // Without any, there is only the name.
    let alone = receipt(&bench, &["--set", "mode=recipient"]).await;
    assert_eq!((&alone["subject"], &alone["email"], &alone["locale"]), (&json!("usr_1"), &Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_given_recipient_replaces_the_recorded_one() {
    let bench = bench_with_texts();
    let welcome = ["--config", "config.toml", "--channel", "hostile", "--recipient"];
    let bob = r#"{"attributes":{"name":"Bob"},"locale":"de"}"#;
    let of_bob = json!({ "subject": "Welcome, Bob", "text": "Dein Tarif ist pro.", "html": "" });
    fs::write(bench.path("bob.json"), bob).unwrap();
    fs::write(bench.path("bob.toml"), "locale = \"de\"\nattributes = { name = \"Bob\" }\n").unwrap();
    for given in [bob, "bob.json", "bob.toml"] {
        assert_eq!(receipt(&bench, &[&welcome[..], &[given]].concat()).await, of_bob, "{given}");
    }
    // What it omits comes from the defaults, and not from Ada.
    let nameless = json!({ "subject": "Welcome, you", "text": "Your plan is pro.", "html": "" });
    assert_eq!(receipt(&bench, &[&welcome[..], &["{}"]].concat()).await, nameless);
    let who = receipt(&bench, &["--set", "mode=recipient", "--recipient", r#"{"phone":"+49 1"}"#]).await;
    assert_eq!((&who["subject"], &who["phone"], &who["email"]), (&json!("usr_1"), &json!("+49 1"), &Value::Null));
}

#[tokio::test]
async fn a_template_that_is_missing_or_fails_is_reported() {
    let bench = bench_with_texts();
    let wants = ["--set", "mode=template", "--set"];
    for (options, want) in [
        (
            &["template=bye"][..],
            "✘ rejected template: there is no template `bye`: give a configuration that has it with --config",
        ),
        (
            &["template=bye", "--config", "config.toml"],
            "✘ rejected template: there is no template `bye`; the templates are welcome",
        ),
        (
            &["template=welcome", "--config", "config.toml", "--event", r#"{"type":"a"}"#],
            "✘ rejected template: the template `welcome` cannot be filled in: text, line 1: `data` is missing",
        ),
    ] {
        let failed = bench.fails(&[&wants[..], options].concat()).await;
        assert!(failed.starts_with(want), "{failed}");
    }
    let (_, out, _) = bench.run(&["plugin", "run", "hostile.wasm", "--config", "config.toml"]).await;
    assert!(out.contains("✔ delivered"), "a configuration without one of its channels gives no settings: {out}");
}
