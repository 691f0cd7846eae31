//! What the host's bounds must end.

use std::{hint::black_box, thread, time::Duration};

use fanfare_plugin_sdk::{Failure, json, setting};
use serde_json::Value;

use crate::params::Params;

pub fn spin() -> ! {
    loop {
        black_box(());
    }
}

pub fn spin_hostcalls() -> ! {
    loop {
        black_box(setting("mode"));
    }
}

pub fn sleep(params: &Params) -> Value {
    let ms = params.number("ms", 60_000);
    thread::sleep(Duration::from_millis(ms));
    json!({ "slept_ms": ms })
}

pub fn memory() -> ! {
    let mut held = Vec::new();
    loop {
        held.push(black_box(vec![1_u8; 1 << 20]));
    }
}

pub fn memory_small_grows() -> Value {
    let mut grown = 0_u32;
    while grow() {
        grown += 1;
    }
    json!({ "pages_grown": grown })
}

#[cfg(target_arch = "wasm32")]
fn grow() -> bool {
    core::arch::wasm32::memory_grow::<0>(1) != usize::MAX
}

#[cfg(not(target_arch = "wasm32"))]
fn grow() -> bool {
    false
}

pub fn recursion() -> Value {
    json!({ "sum": descend(0) })
}

#[expect(unconditional_recursion, reason = "that is what the mode is for")]
fn descend(depth: u64) -> u64 {
    let frame = black_box([depth; 16]);
    descend(depth + 1) + frame[black_box(3)]
}

pub fn deep_json(params: &Params) -> Result<Value, Failure> {
    let depth = params.number("depth", 127);
    // Objects and lists in turn, with a list around them if the depth is odd.
    let (pairs, odd) = (depth / 2, depth % 2);
    let text = [&"[".repeat(odd), &r#"{"a":["#.repeat(pairs), &"]}".repeat(pairs), &"]".repeat(odd)]
        .map(String::as_str)
        .concat();
    let value: Value = serde_json::from_str(&text)?;
    Ok(json!({ "depth": depth, "bytes": value.to_string().len() }))
}

pub fn trap() -> ! {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    std::process::abort()
}
