//! Components made for other hosts read the channel's settings through their own interfaces.

use bytes::Bytes;
use fanfare_artifacts::text::component;
use fanfare_core::{Outcome, Report};
use fanfare_runtime::ChannelSetup;

use crate::support::{bounds, receipt, run_with, runtime, secret, setup};

const INTERFACES: [&str; 4] = [
    "wasi:config/store@0.2.0-rc.1",
    "wasi:config/store@0.2.0-draft-2024-09-27",
    "wasi:config/store@0.2.0-draft",
    "wasi:config/runtime@0.2.0-draft",
];

/// A channel that makes one call; afterwards `text` points to the address and the length of its receipt.
fn reader(interface: &str, import: &str, call: &str, text: &str) -> Vec<u8> {
    let module = format!(
        r#"(module
            (import "{interface}" {import})
            (memory (export "memory") 4)
            (data (i32.const 16) "said")
            (global $next (mut i32) (i32.const 4096))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (local $at i32)
                (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
                (global.set $next (i32.add (local.get $at) (local.get 3)))
                (local.get $at))
            (func (export "fanfare:channel/handler@0.1.0#deliver") (param i32) (result i32)
                (call $call {call})
                (i32.store (i32.const 68) (i32.load {text}))
                (i32.store (i32.const 72) (i32.load offset=4 {text}))
                (i32.const 64)))"#
    );
    component(&module, &format!("import {interface}; export fanfare:channel/handler@0.1.0;"))
}

/// Reads the setting `said`.
fn one(interface: &str) -> Vec<u8> {
    // The answer is at 32: the result's case, the option's case, then the text.
    let import = r#""get" (func $call (param i32 i32 i32))"#;
    reader(interface, import, "(i32.const 16) (i32.const 4) (i32.const 32)", "(i32.const 40)")
}

/// Reads all settings, of which `said` is the first.
fn all(interface: &str) -> Vec<u8> {
    // The answer is at 32: the result's case, then the list of names and values.
    let import = r#""get-all" (func $call (param i32))"#;
    reader(interface, import, "(i32.const 32)", "(i32.add (i32.load (i32.const 36)) (i32.const 8))")
}

async fn deliver(wasm: Vec<u8>, setup: ChannelSetup) -> Report {
    let plugin = runtime().load(Bytes::from(wasm)).await.unwrap();
    run_with(&plugin, setup, bounds()).await
}

#[tokio::test]
async fn settings_are_read_by_every_name_that_wasi_has_for_them_and_secrets_as_placeholders() {
    for interface in INTERFACES {
        for wasm in [one(interface), all(interface)] {
            let mut setup = setup(&[("said", r#"{"by":"the operator","with":"${secrets.token}"}"#)]);
            setup.secrets = vec![secret("token", "s3cret", "example.com")];
            let receipt = receipt(&deliver(wasm, setup).await);
            assert_eq!(receipt["by"], "the operator", "{interface}");
            let secret = receipt["with"].as_str().unwrap();
            assert_eq!(secret, "[secret token]", "{interface}: the placeholder, as the record has it");
        }
    }
}

#[tokio::test]
async fn a_setting_that_is_not_there_is_none() {
    for interface in INTERFACES {
        let report = deliver(one(interface), setup(&[("other", "x")])).await;
        assert_eq!(report.outcome, Outcome::Delivered { receipt: None }, "{interface}");
    }
}
