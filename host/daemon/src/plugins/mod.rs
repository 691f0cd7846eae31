//! Where plugins come from, and how they and the configuration become channels.

mod assemble;
pub mod builtin;
mod check;
pub mod folder;

use std::path::PathBuf;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

pub use assemble::{Assembly, Built, Version, assemble};
pub use check::{ChannelCheck, CheckReport, check};

use crate::config::PluginRef;

/// A plugin's bytes, and what came with them.
#[derive(Clone, Debug)]
pub struct Source {
    pub name: PluginRef,
    /// Absent for a builtin.
    pub file: Option<PathBuf>,
    /// SHA-256 of the bytes, hex: what decides whether a file has changed.
    pub digest: String,
    pub wasm: Bytes,
    pub sidecar: Option<SidecarText>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SidecarText {
    pub file: PathBuf,
    pub text: String,
}

fn digest(wasm: &[u8]) -> String {
    Sha256::digest(wasm).iter().map(|byte| format!("{byte:02x}")).collect()
}
