//! The entry point: makes an engine and loads plugins.

use std::sync::{Arc, atomic::Ordering};

use bytes::Bytes;
use fanfare_core::MAX_HOPS;
use fanfare_dispatch::{Clock, SystemClock};
use tokio::sync::Semaphore;
use wasmtime::{PoolingAllocatorMetrics, component::Linker};

use crate::{
    CompilerProcess, EmitGate, LoadError, Plugin, RecipientOf, Render, Wire,
    cache::{Cache, CacheError, CacheOptions},
    egress::Egress,
    engine,
    engine_core::EngineCore,
    host, load,
    services::Services,
    threads::Threads,
    ticker::Ticker,
};

/// The operator's options for the whole engine.
#[derive(Clone)]
pub struct RuntimeOptions {
    /// The cache of compiled plugins. `None`: nothing is cached.
    pub cache: Option<CacheOptions>,
    /// Compiles in a child process with limits. `None`: compiles in this process.
    pub compiler: Option<CompilerProcess>,
    /// The maximum number of live instances over all channels. Further attempts wait, which does not count against
    /// their timeout.
    pub max_instances: u32,
    /// The runtime for guests: attempts and starts are moved there. `None`: each runs where it was called.
    pub guests: Option<tokio::runtime::Handle>,
    /// The clock for signatures, emitted events and `Retry-After`.
    pub clock: Arc<dyn Clock>,
    /// Checks each emitted event. `None`: all are accepted.
    pub emit_gate: Option<EmitGate>,
    /// The most hops of a chain of events that cause each other: an event with so many causes no other.
    pub max_hops: u32,
    /// Knows the recipient of an event. `None`: there are no recipients.
    pub recipient_of: Option<RecipientOf>,
    /// Renders the operator's templates. `None`: there are no templates.
    pub render: Option<Render>,
}

impl Default for RuntimeOptions {
    fn default() -> Self {
        Self {
            cache: None,
            compiler: None,
            max_instances: 512,
            guests: None,
            clock: Arc::new(SystemClock),
            emit_gate: None,
            max_hops: MAX_HOPS,
            recipient_of: None,
            render: None,
        }
    }
}

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    #[error("the engine could not be created: {0}")]
    Engine(String),
    #[error("the epoch thread could not be started: {0}")]
    Thread(std::io::Error),
    #[error("TLS for outgoing requests could not be set up: {0}")]
    Tls(rustls::Error),
    #[error(transparent)]
    Cache(#[from] CacheError),
    #[error("`max_instances` must be from 1 to 4096, not {0}")]
    Instances(u32),
}

/// Compiles and runs plugins. Cheap to clone; the engine ends with the last clone, plugin or channel made from it.
#[derive(Clone)]
pub struct Runtime {
    pub(crate) shared: Arc<EngineCore>,
}

impl Runtime {
    /// # Errors
    /// [`RuntimeError`] when the options, the engine or the cache's folder cannot be used.
    pub fn new(options: RuntimeOptions) -> Result<Self, RuntimeError> {
        if !(1..=4096).contains(&options.max_instances) {
            return Err(RuntimeError::Instances(options.max_instances));
        }
        let engine = engine::engine(options.max_instances).map_err(|e| RuntimeError::Engine(format!("{e:#}")))?;
        let ticker = Ticker::start(&engine).map_err(RuntimeError::Thread)?;
        let mut linker = Linker::new(&engine);
        host::add_to_linker(&mut linker).map_err(|e| RuntimeError::Engine(format!("{e:#}")))?;
        let mut programs = wasmtime::Linker::new(&engine);
        host::add_to_program_linker(&mut programs).map_err(|e| RuntimeError::Engine(format!("{e:#}")))?;
        let cache = options.cache.map(|options| Cache::open(options, &engine)).transpose()?;
        let services = Services {
            ticker,
            egress: Egress::new().map_err(RuntimeError::Tls)?,
            clock: options.clock,
            emit_gate: options.emit_gate,
            max_hops: options.max_hops.into(),
            recipient_of: options.recipient_of,
            render: options.render,
        };
        Ok(Self {
            shared: Arc::new(EngineCore {
                services: Arc::new(services),
                engine,
                linker,
                programs,
                instances: Arc::new(Semaphore::new(options.max_instances as usize)),
                max_instances: options.max_instances as usize,
                compiling: Semaphore::new(1),
                cache,
                compiler: options.compiler,
                threads: Threads(options.guests),
            }),
        })
    }

    /// Compiles a file (or takes it from the cache), determines its kind, links it and starts one instance as a check.
    /// Compiling happens in a child process if the options name one, and otherwise off the async threads.
    pub async fn load(&self, wasm: Bytes) -> Result<Plugin, LoadError> {
        load::load(&self.shared, wasm).await.map(|inner| Plugin { inner, wire: Wire::default() })
    }

    /// Whether a file is in the cache, so that loading it is fast.
    #[must_use]
    pub fn is_compiled(&self, wasm: &[u8]) -> bool {
        self.shared.cache.as_ref().is_some_and(|cache| cache.has(wasm))
    }

    /// Whether compiled plugins are cached.
    #[must_use]
    pub fn keeps_compiled(&self) -> bool {
        self.shared.cache.is_some()
    }

    /// Sets the daemon's own port: a grant without a port must not open its API.
    pub fn keep_from(&self, port: u16) {
        self.shared.services.egress.keep_from(port);
    }

    /// Changes `max_hops` from the next emitted event on.
    pub fn set_max_hops(&self, hops: u32) {
        self.shared.services.max_hops.store(hops, Ordering::Relaxed);
    }

    /// The number of live instances.
    #[must_use]
    pub fn instances(&self) -> Option<u64> {
        self.shared.engine.pooling_allocator_metrics().as_ref().map(PoolingAllocatorMetrics::component_instances)
    }
}
