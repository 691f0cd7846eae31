//! Where plugins come from, and how files and configuration become channels.

mod addition;
mod admission;
mod assemble;
pub mod builtin;
mod check;
pub mod compiled;
mod fit;
pub mod folder;
pub mod shipped;
mod stanza;
pub mod trial;
mod wants;

use std::{ffi::OsString, path::PathBuf};

use bytes::Bytes;
use fanfare_runtime::{CompileLimits, CompilerProcess};
use sha2::{Digest as _, Sha256};

pub use addition::{Addition, Given, NewTable};
pub use admission::self_tests;
pub use assemble::{
    Assembling, Assembly, Built, BuiltStage, Retry, Unconfigured, Version, announce, assemble, create_folders, template,
};
pub use check::{ChannelCheck, CheckReport, check};
pub use stanza::Stanza;
pub(crate) use wants::wants;

use crate::config::PluginRef;

/// A plugin's bytes, with where they came from.
#[derive(Clone, Debug)]
pub struct Source {
    pub name: PluginRef,
    /// Absent for a builtin.
    pub file: Option<PathBuf>,
    /// SHA-256 of the bytes in hex; decides whether a file has changed.
    pub digest: String,
    pub wasm: Bytes,
    pub sidecar: Option<SidecarText>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SidecarText {
    pub file: PathBuf,
    pub text: String,
}

/// The daemon runs itself with this one argument to compile a plugin.
const COMPILE: &str = "compile-plugin";

/// This program as the compiler. `None` if its own file is unknown; then plugins are compiled in this process.
#[must_use]
pub fn compiler(limits: CompileLimits) -> Option<CompilerProcess> {
    let program = std::env::current_exe().inspect_err(|error| {
        tracing::warn!(%error, "plugins are compiled without limits, because this program's own file cannot be \
                                found")
    });
    let arguments = [COMPILE.to_owned(), limits.memory.to_string(), limits.cpu.to_string()];
    Some(CompilerProcess { program: program.ok()?, arguments: arguments.map(OsString::from).into(), limits })
}

/// The limits that [`compiler`] passed, if this process was started to compile.
#[must_use]
pub fn called_to_compile(arguments: &[OsString]) -> Option<CompileLimits> {
    let [_, command, memory, cpu] = arguments else { return None };
    let number = |text: &OsString| text.to_str()?.parse().ok();
    (command == COMPILE).then_some(CompileLimits { memory: number(memory)?, cpu: number(cpu)? })
}

fn digest(wasm: &[u8]) -> String {
    Sha256::digest(wasm).iter().map(|byte| format!("{byte:02x}")).collect()
}
