//! Compiles Wasm to native code in a child process. Compiling is the one step that a file can make arbitrarily
//! expensive before any other limit applies, and the engine cannot limit it. A process can be limited in memory, CPU
//! time and wall time.

use std::{
    ffi::OsString,
    io::{Read as _, Write as _},
    path::PathBuf,
    process::{ExitCode, Stdio},
    time::Duration,
};

use rustix::process::{Resource, Rlimit, getrlimit, nice, setrlimit};
use tokio::{io::AsyncWriteExt as _, process::Command};
use wasmtime::Engine;

use crate::{LoadError, engine, image::is_module, limits, load_error::invalid};

/// The program that compiles, and its limits: this crate's [`compile_as_child`], as a subcommand of the daemon.
#[derive(Clone, Debug)]
pub struct CompilerProcess {
    pub program: PathBuf,
    /// The arguments that make the program call [`compile_as_child`] with the same limits.
    pub arguments: Vec<OsString>,
    pub limits: CompileLimits,
}

/// The limits of compiling one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompileLimits {
    /// Bytes of address space.
    pub memory: u64,
    /// Seconds of CPU time over all cores. The wall-clock limit is two and a half times that, because the machine may
    /// be busy.
    pub cpu: u64,
}

impl Default for CompileLimits {
    /// The heaviest engines (20 MB of Wasm) need about 1 GiB, and some 10 s with optimisations, 60 s without.
    fn default() -> Self {
        Self { memory: 4 << 30, cpu: 120 }
    }
}

impl CompileLimits {
    fn wall(self) -> Duration {
        Duration::from_secs(self.cpu).saturating_mul(5) / 2
    }
}

/// Returns what `Engine::precompile_…` returns for these bytes.
pub(crate) async fn in_child(compiler: &CompilerProcess, wasm: &[u8]) -> Result<Vec<u8>, LoadError> {
    let host = |reason: String| LoadError::Host(format!("the compiler process: {reason}"));
    let mut child = Command::new(&compiler.program)
        .args(&compiler.arguments)
        .env_clear()
        .env("RAYON_NUM_THREADS", threads().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| host(format!("{}: {error}", compiler.program.display())))?;
    let stdin = child.stdin.take();
    let run = async {
        let feed = async {
            if let Some(mut stdin) = stdin {
                // If the child ends early, it reports the reason itself.
                drop(stdin.write_all(wasm).await);
            }
        };
        tokio::join!(feed, child.wait_with_output()).1
    };
    let allowed = compiler.limits;
    let Ok(output) = tokio::time::timeout(allowed.wall(), run).await else {
        return Err(LoadError::TooCostly(format!("compiling took longer than {:?}", allowed.wall())));
    };
    let output = output.map_err(|error| host(error.to_string()))?;
    match output.status.code() {
        Some(0) => Ok(output.stdout),
        Some(INVALID) => Err(invalid(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
        _ => {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
            Err(LoadError::TooCostly(format!(
                "compiling needs more than {} MiB of memory or {} s of CPU time ({}{}{said})",
                allowed.memory >> 20,
                allowed.cpu,
                output.status,
                if said.is_empty() { "" } else { ": " },
            )))
        }
    }
}

/// How many of a file's functions are compiled at once. Each takes memory from a common limit.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(8))
}

pub(crate) fn in_process(engine: &Engine, wasm: &[u8]) -> Result<Vec<u8>, LoadError> {
    let compiled = match is_module(wasm) {
        true => engine.precompile_module(wasm),
        false => engine.precompile_component(wasm),
    };
    compiled.map_err(|error| invalid(format!("{error:#}")))
}

/// The exit code for bytes that are not valid Wasm.
const INVALID: i32 = 3;

/// The child's main function: reads Wasm from standard input and writes native code to standard output.
#[must_use]
pub fn compile_as_child(allowed: CompileLimits) -> ExitCode {
    let limit = |resource, most: u64| {
        // A process cannot raise the limits it inherited.
        let most = getrlimit(resource).maximum.map_or(most, |given| given.min(most));
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
    };
    let limited = limit(Resource::As, allowed.memory)
        .and_then(|()| limit(Resource::Cpu, allowed.cpu))
        .and_then(|()| limit(Resource::Core, 0))
        .and_then(|()| limit(Resource::Nofile, 16));
    // Deliveries come first. Without this, compiling only disturbs them more.
    let _niceness = nice(10);
    let compile = || -> Result<(), (i32, String)> {
        limited.map_err(|error| (1, format!("the limits could not be set: {error}")))?;
        let mut wasm = Vec::new();
        let most = limits::WASM as u64 + 1;
        std::io::stdin().take(most).read_to_end(&mut wasm).map_err(|error| (1, error.to_string()))?;
        let engine = engine::for_compiling().map_err(|error| (1, format!("{error:#}")))?;
        let code = in_process(&engine, &wasm).map_err(|error| match error {
            LoadError::Truncated(reason) | LoadError::Invalid(reason) => (INVALID, reason),
            other => (1, other.to_string()),
        })?;
        std::io::stdout().write_all(&code).map_err(|error| (1, error.to_string()))
    };
    match compile() {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, reason)) => {
            // If this fails, there is no other way to report the reason.
            drop(writeln!(std::io::stderr(), "{reason}"));
            ExitCode::from(u8::try_from(code).unwrap_or(1))
        }
    }
}
