//! Guests that were not written for this host: `wasi:http` servers and programs.

use std::time::Duration;

use bytes::Bytes;
use fanfare_artifacts::text::component;
use fanfare_core::{Class, Outcome, Report};
use fanfare_dispatch::Bounds;
use fanfare_runtime::{ChannelSetup, FileGrant, Grants, Kind, LoadError, Plugin};
use http_body_util::Full;
use hyper::Response;

use crate::support::{
    Receiver, bounds, command, failed, fault, granted, handler, ok, receipt, run_with, runtime, setup,
};

async fn handle(mode: &str) -> Report {
    run_with(&handler().await, setup(&[("MODE", mode)]), bounds()).await
}

#[tokio::test]
async fn a_server_gets_the_event_as_a_cloudevents_post() {
    assert_eq!(handler().await.kind(), Kind::IncomingHandler);
    let report = handle("echo").await;
    let seen = receipt(&report);
    assert_eq!((seen["method"].as_str(), seen["body"].as_str()), (Some("POST"), Some(r#"{"user_id":7}"#)));
    let delivery = "dlv_000000000000000000000000000000fa_3";
    for (name, value) in [
        ("ce-specversion", "1.0"),
        ("ce-id", "e-1"),
        ("ce-type", "user.signup"),
        ("ce-subject", "user/7"),
        ("ce-severity", "info"),
        ("ce-hops", "3"),
        ("content-type", "application/json"),
        ("webhook-id", delivery),
        ("idempotency-key", &format!("\"{delivery}\"")),
        ("fanfare-channel", "hook"),
        ("fanfare-attempt", "2"),
        ("fanfare-replayed", "true"),
    ] {
        assert_eq!(seen["headers"][name], value, "{name}: {seen}");
    }
}

#[tokio::test]
async fn a_server_s_status_is_the_outcome() {
    assert_eq!(receipt(&handle("text").await)["body"], "delivered, thanks");
    assert_eq!(receipt(&handle("status 204").await)["status"], 204);
    failed(&handle("status 503").await, Class::Retry, "http_503", "said the handler");
    failed(&handle("status 422").await, Class::Rejected, "http_422", "said the handler");
    failed(&handle("status 410").await, Class::Suspended, "http_410", "");
    let report = handle("status 429 7").await;
    failed(&report, Class::Throttled, "http_429", "");
    assert_eq!(fault(&report).retry_after, Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn a_server_that_never_responds_or_hangs_up_is_classified() {
    let short = Bounds { timeout: Duration::from_millis(300), ..bounds() };
    for mode in ["sleep", "drip"] {
        let report = run_with(&handler().await, setup(&[("MODE", mode)]), short).await;
        failed(&report, Class::Timeout, "timeout", "");
    }
    let little = Bounds { fuel: 50_000_000, ..bounds() };
    failed(&run_with(&handler().await, setup(&[("MODE", "endless")]), little).await, Class::Fuel, "fuel", "");
    failed(&handle("panic").await, Class::Trap, "panic", "on purpose");
    assert!(matches!(handle("error").await.outcome, Outcome::Failed(_)));
}

#[tokio::test]
async fn a_server_sends_only_where_it_is_granted_and_never_sees_its_secret() {
    let receiver = Receiver::start(ok).await;
    let forward = format!("forward {}", receiver.url());
    let nothing = setup(&[("MODE", &forward)]);
    let key = format!("add \"{}\" to channels.hook.grant.http", receiver.address);
    failed(&run_with(&handler().await, nothing, bounds()).await, Class::Denied, "denied", &key);
    assert!(receiver.seen().is_empty());
    let secrets = vec![crate::support::secret("TOKEN", "s3cret", &receiver.address.to_string())];
    let grants = granted(&[&format!("POST {}/hook", receiver.address)]);
    let with = ChannelSetup { grants, secrets, ..setup(&[("MODE", &forward)]) };
    assert_eq!(receipt(&run_with(&handler().await, with, bounds()).await)["status"], 200);
    let [seen] = receiver.seen().try_into().unwrap();
    assert_eq!((seen.headers["authorization"].as_str(), &seen.body[..]), ("Bearer s3cret", &br#"{"user_id":7}"#[..]));
    assert_eq!(seen.headers["x-ce-type"], "user.signup");
    assert_eq!(seen.headers["content-length"], "13");
}

async fn execute(settings: &[(&str, &str)]) -> Report {
    run_with(&command().await, setup(settings), bounds()).await
}

#[tokio::test]
async fn a_program_reads_the_event_and_returns_a_line() {
    assert_eq!(command().await.kind(), Kind::Command);
    let seen =
        receipt(&execute(&[("mode", "echo"), ("headers.x-env", "dev"), ("API_URL", "u"), ("CE_ID", "forged")]).await);
    assert_eq!((&seen["event"]["type"], &seen["event"]["data"]["user_id"]), (&"user.signup".into(), &7.into()));
    assert_eq!(seen["arguments"], 0);
    for (name, value) in [
        ("FANFARE_DELIVERY_ID", "dlv_000000000000000000000000000000fa_3"),
        ("FANFARE_CHANNEL", "hook"),
        ("FANFARE_ATTEMPT", "2"),
        ("FANFARE_REPLAYED", "true"),
        ("FANFARE_SETTING_HEADERS_X_ENV", "dev"),
        ("FANFARE_SETTING_API_URL", "u"),
        ("API_URL", "u"),
        ("CE_ID", "e-1"),
        ("CE_TYPE", "user.signup"),
        ("CE_SEVERITY", "info"),
    ] {
        assert_eq!(seen["variables"][name], value, "{name}: {seen}");
    }
    assert!(seen["variables"]["PATH"].is_null());
}

#[tokio::test]
async fn a_program_s_exit_status_is_the_outcome() {
    assert!(matches!(execute(&[("mode", "silent")]).await.outcome, Outcome::Delivered { receipt: None }));
    assert!(matches!(execute(&[("mode", "std-exit")]).await.outcome, Outcome::Delivered { receipt: None }));
    let report = execute(&[("mode", "exit")]).await;
    failed(&report, Class::Retry, "exit_1", "cannot go on");
    let said = r#"{"disposition":"retry-after","code":"busy","message":"later","retry_after_ms":1500}"#;
    let report = execute(&[("mode", "say"), ("say", said)]).await;
    failed(&report, Class::Throttled, "busy", "later");
    assert_eq!(fault(&report).retry_after, Some(Duration::from_millis(1500)));
    let report =
        execute(&[("mode", "say"), ("say", r#"{"disposition":"reject","code":"no","message":"never"}"#)]).await;
    failed(&report, Class::Rejected, "no", "never");
    failed(&execute(&[("mode", "panic")]).await, Class::Trap, "panic", "on purpose");
    let little = Bounds { fuel: 5_000_000, ..bounds() };
    for mode in ["spin", "flood"] {
        let report = run_with(&command().await, setup(&[("mode", mode)]), little).await;
        failed(&report, Class::Fuel, "fuel", "");
    }
}

#[tokio::test]
async fn a_program_reads_granted_folders_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "hello").unwrap();
    let files = vec![FileGrant { host: folder.path().to_owned(), guest: "/in".to_owned(), write: false }];
    let with = |path| ChannelSetup {
        grants: Grants { files: files.clone(), ..Grants::default() },
        ..setup(&[("mode", "read"), ("path", path)])
    };
    let report = run_with(&command().await, with("/in/a.txt"), bounds()).await;
    assert_eq!(receipt(&report)["content"], "hello");
    for path in ["/etc/passwd", "/in/../../etc/passwd"] {
        failed(&run_with(&command().await, with(path), bounds()).await, Class::Rejected, "io", "");
    }
}

/// A core module of preview 1, from its text.
async fn program(text: &str) -> Result<Plugin, LoadError> {
    runtime().load(Bytes::from(wat::parse_str(text).unwrap())).await
}

/// Preview 1 functions with their types, for the programs here.
const IMPORTS: &str = r#"
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_open" (func $path_open
    (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
    (memory (export "memory") 1)
"#;

#[tokio::test]
async fn a_core_module_runs_as_preview_1() {
    // Reads 24 bytes of its input, and writes them back between quotes after `{"begins":`.
    let text = format!(
        r#"(module {IMPORTS}
            (data (i32.const 0) "\40\00\00\00\18\00\00\00")
            (data (i32.const 16) "\30\00\00\00\28\00\00\00")
            (data (i32.const 48) "{{\22begins\22:\22......")
            (data (i32.const 88) "\22}}\0a")
            (func (export "_start")
                (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
                (i32.store8 (i32.const 64) (i32.const 46))
                (call $unquote (i32.const 64))
                (i32.store (i32.const 20) (i32.const 43))
                (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8))))
            (func $unquote (param $at i32)
                (loop $next
                    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 34))
                        (then (i32.store8 (local.get $at) (i32.const 39))))
                    (local.set $at (i32.add (local.get $at) (i32.const 1)))
                    (br_if $next (i32.lt_u (local.get $at) (i32.const 88))))))"#
    );
    let plugin = program(&text).await.unwrap();
    assert_eq!((plugin.kind(), plugin.imports()), (Kind::Command, &["wasi_snapshot_preview1".to_owned()][..]));
    let report = run_with(&plugin, setup(&[]), bounds()).await;
    assert!(receipt(&report)["begins"].as_str().unwrap().contains("specversion"), "{report:?}");
}

#[tokio::test]
async fn a_core_module_is_bounded_like_any_guest() {
    let start = |body: &str| format!("(module {IMPORTS} (table $t 1 funcref) (func (export \"_start\") {body}))");
    let little = Bounds { fuel: 5_000_000, memory: 1 << 20, ..bounds() };
    let spin = program(&start("(loop $l (br $l))")).await.unwrap();
    failed(&run_with(&spin, setup(&[]), little).await, Class::Fuel, "fuel", "channels.hook.fuel");
    // Grows until it is refused, then traps.
    for grow in ["(memory.grow (i32.const 1))", "(table.grow $t (ref.null func) (i32.const 1000))"] {
        let text = start(&format!("(loop $l (br_if $l (i32.ne {grow} (i32.const -1)))) unreachable"));
        let report = run_with(&program(&text).await.unwrap(), setup(&[]), little).await;
        failed(&report, Class::Memory, "memory", "channels.hook.memory");
    }
    let exit = program(&start("(call $proc_exit (i32.const 7))")).await.unwrap();
    failed(&run_with(&exit, setup(&[]), bounds()).await, Class::Retry, "exit_7", "status 7");
    let fine = program(&start("(call $proc_exit (i32.const 0))")).await.unwrap();
    assert!(matches!(run_with(&fine, setup(&[]), bounds()).await.outcome, Outcome::Delivered { .. }));
    // No folder is granted, so there is no descriptor to open anything from: the code is 8, `badf`.
    let open = "(call $proc_exit (call $path_open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 11)
        (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 200)))";
    failed(&run_with(&program(&start(open)).await.unwrap(), setup(&[]), bounds()).await, Class::Retry, "exit_8", "");
}

#[tokio::test]
async fn a_module_that_is_not_a_program_says_what_it_is() {
    let says = |text: &'static str| async move { program(text).await.err().unwrap().to_string() };
    let error = says("(module (func (export \"run\")))").await;
    assert!(error.contains("exports `_start`") && error.contains("exports `run`"), "{error}");
    let error = says("(module (import \"env\" \"abort\" (func)) (func (export \"_start\")))").await;
    assert!(error.contains("does not link") && error.contains("abort"), "{error}");
    let error = says("(module (@custom \"component-type:x\" \"\") (func (export \"deliver\")))").await;
    assert!(error.contains("fanfare plugin build"), "{error}");
    let error = says("(module (func (export \"_start\") (param i32)))").await;
    assert!(error.contains("does not start"), "{error}");
}

#[tokio::test]
async fn by_wasi_http_a_response_that_is_cut_ends_with_an_error_behind_its_status() {
    fn endless() -> Response<Full<Bytes>> {
        Response::new(Full::new(vec![b'x'; 64 << 20].into()))
    }
    let receiver = Receiver::start(endless).await;
    let forward = format!("forward {}", receiver.url());
    let with = ChannelSetup { grants: granted(&[&receiver.address.to_string()]), ..setup(&[("MODE", &forward)]) };
    // It copies the body to its own response, and traps where that breaks off.
    let report = run_with(&handler().await, with, bounds()).await;
    let said = format!("{:?}", report.trace);
    assert!(said.contains("HTTP response body size exceeds limit: 4194304 bytes"), "{report:?}");
}

/// On one thread, with guests that spend time in host calls and hardly any fuel: they have to yield as well.
#[tokio::test(flavor = "current_thread")]
async fn a_guest_that_stays_in_host_calls_shares_its_thread() {
    let random = r#"(module
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (memory (export "memory") 2)
        (func (export "_start") (loop $next (drop (call $random (i32.const 0) (i32.const 65536))) (br $next))))"#;
    let plugin = program(random).await.unwrap();
    let long = Bounds { timeout: Duration::from_secs(60), fuel: 1_000_000_000_000, ..bounds() };
    let busy = crate::support::channel(&plugin, setup(&[]));
    let spinning = tokio::spawn(async move { busy.deliver(crate::support::attempt(long)).await });
    tokio::task::yield_now().await;
    for _ in 0..5 {
        assert!(matches!(execute(&[("mode", "silent")]).await.outcome, Outcome::Delivered { .. }));
    }
    assert!(!spinning.is_finished());
    spinning.abort();
    assert!(spinning.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn a_call_returns_no_more_randomness_than_64_kib() {
    let program = |bytes: u32| {
        format!(
            r#"(module
                (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
                (memory (export "memory") 3)
                (func (export "_start") (drop (call $random (i32.const 0) (i32.const {bytes})))))"#
        )
    };
    let channel = |bytes: u32| {
        let module = format!(
            r#"(module
                (import "wasi:random/random@0.2.0" "get-random-bytes" (func $random (param i64 i32)))
                (memory (export "memory") 3)
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
                (func (export "fanfare:channel/handler@0.1.0#deliver") (param i32) (result i32)
                    (call $random (i64.const {bytes}) (i32.const 256))
                    (i32.const 0)))"#
        );
        component(&module, "import wasi:random/random@0.2.0; export fanfare:channel/handler@0.1.0;")
    };
    for (bytes, fits) in [(64 << 10, true), ((64 << 10) + 1, false)] {
        for wasm in [wat::parse_str(program(bytes)).unwrap(), channel(bytes)] {
            let plugin = runtime().load(Bytes::from(wasm)).await.unwrap();
            let report = run_with(&plugin, setup(&[]), bounds()).await;
            match fits {
                true => assert!(matches!(report.outcome, Outcome::Delivered { .. }), "{report:?}"),
                false => failed(&report, Class::Trap, "trap", "65537"),
            }
        }
    }
}

#[tokio::test]
async fn a_backtrace_has_eight_frames_at_most_and_only_names() {
    let text = |name: &str| {
        format!(
            r#"(module
                (func {name} (param i32)
                    (if (i32.eqz (local.get 0)) (then unreachable))
                    (call 0 (i32.sub (local.get 0) (i32.const 1))))
                (func (export "_start") (call 0 (i32.const 30))))"#
        )
    };
    let trace = async |name: &str| {
        let report = run_with(&program(&text(name)).await.unwrap(), setup(&[]), bounds()).await;
        failed(&report, Class::Trap, "trap", "unreachable");
        report.trace.into_iter().map(|line| line.0).filter(|line| line.contains("deeper")).collect::<Vec<_>>()
    };
    assert_eq!(trace("$deeper").await.len(), 8);
    assert!(trace("").await.is_empty());
}

#[tokio::test]
async fn open_files_are_bounded_for_programs_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a"), "x").unwrap();
    // Opens `a` until that fails, and exits with the number of times as its status.
    let text = format!(
        r#"(module {IMPORTS} (data (i32.const 64) "a") (global $opened (mut i32) (i32.const 0))
            (func (export "_start")
                (loop $next
                    (if (i32.eqz (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1)
                            (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 200)))
                        (then (global.set $opened (i32.add (global.get $opened) (i32.const 1))) (br $next))))
                (call $proc_exit (i32.div_u (global.get $opened) (i32.const 10)))))"#
    );
    let files = vec![FileGrant { host: folder.path().to_owned(), guest: "/in".to_owned(), write: false }];
    let with = ChannelSetup { grants: Grants { files, ..Grants::default() }, ..setup(&[]) };
    let report = run_with(&program(&text).await.unwrap(), with, bounds()).await;
    failed(&report, Class::Trap, "handles", "256 handles");
}
