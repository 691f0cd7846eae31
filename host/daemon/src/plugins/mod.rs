//! Where plugins come from, and how they and the configuration become channels.

mod admission;
mod assemble;
pub mod builtin;
mod check;
mod fit;
pub mod folder;
mod stanza;
pub mod trial;
mod wants;

use std::{ffi::OsString, path::PathBuf};

use bytes::Bytes;
use fanfare_runtime::{CompileLimits, CompilerProcess};
use sha2::{Digest as _, Sha256};

pub use admission::self_tests;
pub use assemble::{
    Assembling, Assembly, Built, BuiltStage, Retry, Unconfigured, Version, announce, assemble, setup, template,
};
pub use check::{ChannelCheck, CheckReport, check};
pub use stanza::Stanza;
pub(crate) use wants::wants;

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

/// What the daemon calls itself with to compile one plugin. It stands alone, before any option.
const COMPILE: &str = "compile-plugin";

/// This program, compiling. `None` where it cannot tell which file it is; then plugins are compiled in its own process.
#[must_use]
pub fn compiler(limits: CompileLimits) -> Option<CompilerProcess> {
    let program = std::env::current_exe().inspect_err(
        |error| tracing::warn!(%error, "plugins are compiled without limits: this program's file is unknown"),
    );
    let arguments = [COMPILE.to_owned(), limits.memory.to_string(), limits.cpu.to_string()];
    Some(CompilerProcess { program: program.ok()?, arguments: arguments.map(OsString::from).into(), limits })
}

/// What [`compiler`] wrote, if this process was called with it: then it is to compile, and nothing else.
#[must_use]
pub fn called_to_compile(arguments: &[OsString]) -> Option<CompileLimits> {
    let [_, command, memory, cpu] = arguments else { return None };
    let number = |text: &OsString| text.to_str()?.parse().ok();
    (command == COMPILE).then_some(CompileLimits { memory: number(memory)?, cpu: number(cpu)? })
}

fn digest(wasm: &[u8]) -> String {
    Sha256::digest(wasm).iter().map(|byte| format!("{byte:02x}")).collect()
}
