//! The engine with everything that all plugins of one runtime share.

use std::sync::Arc;

use tokio::sync::Semaphore;
use wasmtime::{Engine, component::Linker};

use crate::{CompilerProcess, cache::Cache, context::Context, services::Services, threads::Threads};

/// The engine with everything that all plugins of one runtime share.
pub(crate) struct EngineCore {
    /// Before the engine, so that the clock stops first.
    pub(crate) services: Arc<Services>,
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<Context>,
    /// For core modules.
    pub(crate) programs: wasmtime::Linker<Context>,
    /// One permit per instance in the pool: a full pool means waiting, never an error.
    pub(crate) instances: Arc<Semaphore>,
    pub(crate) max_instances: usize,
    /// Compiling keeps a core busy for a while; one at a time leaves the others to deliveries.
    pub(crate) compiling: Semaphore,
    pub(crate) cache: Option<Cache>,
    pub(crate) compiler: Option<CompilerProcess>,
    pub(crate) threads: Threads,
}
