//! Guests that are one long row: a function without a loop that calls the host again and again. The engine checks its
//! bounds where functions and loops begin, so these guests never make it check. Rust cannot guarantee such code; the
//! text format can.

use crate::text::component;

/// Which export contains the row, and so the kind of plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `deliver` of a `channel`.
    Deliver,
    /// `compose` of an `http-channel`.
    Compose,
    /// `handle` of an `incoming-handler`.
    Handle,
    /// `run` of a `command`.
    Run,
}

impl Place {
    pub const ALL: [Self; 4] = [Self::Deliver, Self::Compose, Self::Handle, Self::Run];
}

/// A component that calls `log` `calls` times, each time with a message of `bytes` zero bytes. If all calls succeed, a
/// `channel` and a `command` deliver.
///
/// # Panics
/// The text in here is not valid.
#[must_use]
pub fn logs(place: Place, calls: usize, bytes: usize) -> Vec<u8> {
    let row = row(calls, bytes);
    // In this order: the world's export, the core function's name and type, its result. Memory is all zeros, and zeros
    // are an `ok` without a receipt.
    let (export, name, ty, answer) = match place {
        Place::Deliver => ("fanfare:channel/handler@0.1.0", "#deliver", "(param i32) (result i32)", "(i32.const 0)"),
        Place::Compose => ("fanfare:channel/exchange@0.1.0", "#compose", "(param i32) (result i32)", "(i32.const 0)"),
        Place::Handle => ("wasi:http/incoming-handler@0.2.0", "#handle", "(param i32 i32)", ""),
        Place::Run => ("wasi:cli/run@0.2.0", "#run", "(result i32)", "(i32.const 0)"),
    };
    let mut text = format!(
        r#"(module
            (import "fanfare:channel/log@0.1.0" "log" (func $log (param i32 i32 i32 i32 i32)))
            (memory (export "memory") {})
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
            (func (export "{export}{name}") {ty} {row} {answer})
        "#,
        pages(bytes)
    );
    if place == Place::Compose {
        text += &format!("(func (export \"{export}#interpret\") (param i32) (result i32) (i32.const 0))");
    }
    text.push(')');

    component(&text, &format!("import fanfare:channel/log@0.1.0; export {export};"))
}

/// The same row in a core module's start function, which runs for every new instance, so that such a `command` does not
/// even load.
///
/// # Panics
/// The text in here is not valid.
#[must_use]
#[allow(clippy::expect_used, reason = "the text is in this file; if it is wrong, a test that uses it should panic")]
pub fn logs_at_start(calls: usize, bytes: usize) -> Vec<u8> {
    // Written by hand: in a component that tools make from a module, the module's imports are not available when it
    // starts.
    let text = format!(
        r#"(component
            (import "fanfare:channel/log@0.1.0" (instance $log
                (type $enum (enum "trace" "debug" "info" "warn" "error"))
                (export "level" (type $level (eq $enum)))
                (export "log" (func
                    (param "level" $level) (param "message" string) (param "fields" (list (tuple string string)))))))
            (core module $memory
                (memory (export "memory") {})
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
            (core instance $memory (instantiate $memory))
            (core func $log (canon lower (func $log "log")
                (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
            (core module $main
                (import "host" "log" (func $log (param i32 i32 i32 i32 i32)))
                (func $row {})
                (start $row)
                (func (export "run") (result i32) (i32.const 0)))
            (core instance $main (instantiate $main (with "host" (instance (export "log" (func $log))))))
            (func $run (result (result)) (canon lift (core func $main "run")))
            (instance $exported (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $exported)))"#,
        pages(bytes),
        row(calls, bytes)
    );
    wat::parse_str(text).expect("the component's text")
}

fn row(calls: usize, bytes: usize) -> String {
    format!("(call $log (i32.const 0) (i32.const 0) (i32.const {bytes}) (i32.const 0) (i32.const 0))\n").repeat(calls)
}

/// In memory pages, with room for the arguments and one more page.
fn pages(bytes: usize) -> usize {
    bytes.div_ceil(64 << 10) + 1
}

/// A preview 1 program that asks for 64 KiB of randomness `calls` times, in its main function or in its start function.
///
/// # Panics
/// The text in here is not valid.
#[must_use]
#[allow(clippy::expect_used, reason = "the text is in this file; if it is wrong, a test that uses it should panic")]
pub fn random(at_start: bool, calls: usize) -> Vec<u8> {
    let row = "(drop (call $random (i32.const 0) (i32.const 65536)))\n".repeat(calls);
    let (start, run) = if at_start { ("(start $row)", "") } else { ("", "(call $row)") };
    let text = format!(
        r#"(module
            (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
            (memory (export "memory") 2)
            (func $row {row})
            {start}
            (func (export "_start") {run}))"#
    );
    wat::parse_str(text).expect("the module's text")
}

/// A program that does nothing and exports the same function `count` times.
///
/// # Panics
/// The text in here is not valid.
#[must_use]
#[allow(clippy::expect_used, reason = "the text is in this file; if it is wrong, a test that uses it should panic")]
pub fn exports(count: usize) -> Vec<u8> {
    let exports: String = (0..count).map(|n| format!("(export \"e{n:06}\" (func $nothing))")).collect();
    let text = format!("(module (func $nothing) (func (export \"_start\")) (memory (export \"memory\") 1) {exports})");
    wat::parse_str(text).expect("a program")
}
