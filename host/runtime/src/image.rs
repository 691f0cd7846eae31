//! A compiled file.

use wasmtime::{Module, component::Component};

/// A compiled file.
pub(crate) enum Image {
    Component(Component),
    Module(Module),
}

/// Whether it is a core module rather than a component.
pub(crate) fn is_module(wasm: &[u8]) -> bool {
    wasm.get(4..8) == Some(&[1, 0, 0, 0])
}
