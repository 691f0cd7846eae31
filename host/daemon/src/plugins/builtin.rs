//! The plugins embedded in the binary. This crate's build script builds them from `plugins/`.

use bytes::Bytes;

use super::{SidecarText, Source, digest};
use crate::config::PluginRef;

// `pub static BUILTIN: &[(name, wasm, sidecar)]`
include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// The names that `builtin:<name>` accepts.
pub fn names() -> impl Iterator<Item = &'static str> {
    BUILTIN.iter().map(|(name, ..)| *name)
}

/// The builtin with this name, without `builtin:`.
#[must_use]
pub fn find(name: &str) -> Option<Source> {
    let (name, wasm, sidecar) = BUILTIN.iter().find(|(have, ..)| *have == name)?;
    let sidecar = SidecarText { file: format!("builtin:{name}.toml").into(), text: (*sidecar).to_owned() };
    Some(Source {
        name: PluginRef::Builtin((*name).to_owned()),
        file: None,
        digest: digest(wasm),
        wasm: Bytes::from_static(wasm),
        sidecar: Some(sidecar),
    })
}
