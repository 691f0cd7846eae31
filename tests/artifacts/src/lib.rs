//! The guests of `tests/guests` and the plugins of the examples as bytes, built by this crate's build script, for tests
//! and benchmarks.

/// The guest's work as a native function: what the `smallest` guest does with an event's data.
///
/// A benchmark measures the sandbox's cost by calling [`native::receipt`] on [`SAMPLE`] and then delivering an event
/// with the same data to [`smallest`].
#[path = "../../guests/smallest/src/work.rs"]
pub mod native;

pub mod straight;
pub mod text;

/// An order of 140 bytes, the data for measurements of `smallest`.
pub const SAMPLE: &str = concat!(
    r#"{"order_id":"ord-0001","customer":{"id":42,"email":"ada@example.com"},"#,
    r#""items":[{"sku":"wasm-book","quantity":2},{"sku":"mug","quantity":1}]}"#
);

/// A channel that does what its setting `mode` says, mostly harm; `tests/guests/hostile/src/lib.rs` lists the modes.
#[must_use]
pub fn hostile() -> &'static [u8] {
    include_bytes!(concat!(env!("OUT_DIR"), "/hostile.wasm"))
}

/// The same for batches; `tests/guests/hostile-batch/src/lib.rs` lists what events can ask for.
#[must_use]
pub fn hostile_batch() -> &'static [u8] {
    include_bytes!(concat!(env!("OUT_DIR"), "/hostile-batch.wasm"))
}

/// The same for http-channels: unusual requests, bad interpretations.
#[must_use]
pub fn hostile_http() -> &'static [u8] {
    include_bytes!(concat!(env!("OUT_DIR"), "/hostile-http.wasm"))
}

/// The same for stages; `tests/guests/hostile-stage/src/lib.rs` lists the modes.
#[must_use]
pub fn hostile_stage() -> &'static [u8] {
    include_bytes!(concat!(env!("OUT_DIR"), "/hostile-stage.wasm"))
}

/// An ordinary `wasi:http` server; `tests/guests/handler/src/main.rs` lists its modes.
#[must_use]
pub fn handler() -> &'static [u8] {
    include_bytes!(concat!(env!("OUT_DIR"), "/handler.wasm"))
}

/// A program that reads standard input; `tests/guests/command/src/main.rs` lists its modes.
#[must_use]
pub fn command() -> &'static [u8] {
    include_bytes!(concat!(env!("OUT_DIR"), "/command.wasm"))
}

/// A channel built with the SDK's feature `lean`; `tests/guests/lean/src/lib.rs` lists its modes.
#[must_use]
pub fn lean() -> &'static [u8] {
    include_bytes!(concat!(env!("OUT_DIR"), "/lean.wasm"))
}

/// A channel that parses the event's data, formats a receipt, and does nothing else.
#[must_use]
pub fn smallest() -> &'static [u8] {
    include_bytes!(concat!(env!("OUT_DIR"), "/smallest.wasm"))
}

/// The plugins of `docs/examples/saga`.
#[must_use]
pub fn inventory() -> &'static [u8] {
    include_bytes!(concat!(env!("OUT_DIR"), "/inventory.wasm"))
}

#[must_use]
pub fn payment() -> &'static [u8] {
    include_bytes!(concat!(env!("OUT_DIR"), "/payment.wasm"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]
mod tests {
    use super::*;

    #[test]
    fn every_guest_is_a_component() {
        let guests = [hostile(), hostile_batch(), hostile_http(), hostile_stage(), handler(), command(), smallest()];
        for guest in guests.into_iter().chain([lean(), inventory(), payment()]) {
            assert_eq!(&guest[..8], b"\0asm\x0d\0\x01\0", "the preamble of a component, not of a core module");
        }
    }

    #[test]
    fn the_sample_has_the_documented_size_and_the_native_work_accepts_it() {
        assert_eq!(SAMPLE.len(), 140);
        let receipt = native::receipt(SAMPLE.as_bytes()).unwrap();
        let receipt: serde_json::Value = serde_json::from_str(&receipt).unwrap();
        assert_eq!(receipt["quantity"], 3);
    }
}
