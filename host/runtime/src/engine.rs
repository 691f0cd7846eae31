//! The engine: its settings, its clock and what all plugins share.

use std::sync::Arc;

use bytes::Bytes;
use fanfare_core::{Event, Recipient, Staged};
use fanfare_dispatch::{BoxFuture, Clock, SystemClock};
use tokio::sync::Semaphore;
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, PoolingAllocatorMetrics, component::Linker,
};

use crate::{
    CompilerProcess, LoadError, Plugin,
    attempt::Context,
    cache::{Cache, CacheError, CacheOptions},
    egress::Egress,
    host, limits, load,
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
    /// Knows the recipient of an event. `None`: there are no recipients.
    pub recipient_of: Option<RecipientOf>,
    /// Renders the operator's templates. `None`: there are no templates.
    pub render: Option<Render>,
}

/// Returns the event to record. Called on the guest's thread, and dropped with the attempt.
pub type EmitGate = Arc<dyn Fn(Event) -> BoxFuture<'static, Result<Staged, EmitRefusal>> + Send + Sync>;

/// Why an event may not be emitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmitRefusal {
    /// The event is invalid, for this reason, which the guest gets.
    Invalid(String),
    /// It cannot be decided at the moment: unless it delivers, the attempt ends in a fault of the host.
    Unavailable(String),
}

/// Returns the recipient of an event. Called on the guest's thread.
pub type RecipientOf = Arc<dyn Fn(&Event) -> Option<Recipient> + Send + Sync>;

/// Renders a template, or reports what is missing or wrong, and returns the cost in fuel. Called on the guest's thread,
/// so it must be bounded.
pub type Render = Arc<dyn Fn(&Rendering<'_>) -> (Result<Rendered, String>, u64) + Send + Sync>;

/// A template to render for an attempt.
#[derive(Clone, Copy, Debug)]
pub struct Rendering<'a> {
    /// The template's name.
    pub name: &'a str,
    /// What is delivered: one event, or those of a batch.
    pub events: &'a [Arc<Event>],
    /// Whether all of them have the same recipient, or none.
    pub has_one_recipient: bool,
    pub channel: &'a str,
    /// The id of the delivery or the batch.
    pub delivery_id: &'a str,
}

/// A rendered template. A part that the template does not have is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
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
            recipient_of: None,
            render: None,
        }
    }
}

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    #[error("the engine could not be made: {0}")]
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

/// The engine with everything that all plugins of one runtime share.
pub(crate) struct EngineCore {
    /// Before the engine, so that the clock stops first.
    pub(crate) ticker: Ticker,
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<Context>,
    /// For core modules.
    pub(crate) programs: wasmtime::Linker<Context>,
    pub(crate) egress: Egress,
    /// One permit per instance in the pool: a full pool means waiting, never an error.
    pub(crate) instances: Arc<Semaphore>,
    pub(crate) max_instances: usize,
    /// Compiling keeps a core busy for a while; one at a time leaves the others to deliveries.
    pub(crate) compiling: Semaphore,
    pub(crate) cache: Option<Cache>,
    pub(crate) compiler: Option<CompilerProcess>,
    pub(crate) threads: Threads,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) emit_gate: Option<EmitGate>,
    pub(crate) recipient_of: Option<RecipientOf>,
    pub(crate) render: Option<Render>,
}

impl Runtime {
    /// # Errors
    /// [`RuntimeError`] when the options, the engine or the cache's folder cannot be used.
    pub fn new(options: RuntimeOptions) -> Result<Self, RuntimeError> {
        if !(1..=4096).contains(&options.max_instances) {
            return Err(RuntimeError::Instances(options.max_instances));
        }
        let engine = engine(options.max_instances).map_err(|e| RuntimeError::Engine(format!("{e:#}")))?;
        let ticker = Ticker::start(&engine).map_err(RuntimeError::Thread)?;
        let mut linker = Linker::new(&engine);
        host::add_to_linker(&mut linker).map_err(|e| RuntimeError::Engine(format!("{e:#}")))?;
        let mut programs = wasmtime::Linker::new(&engine);
        host::add_to_program_linker(&mut programs).map_err(|e| RuntimeError::Engine(format!("{e:#}")))?;
        let cache = options.cache.map(|options| Cache::open(options, &engine)).transpose()?;
        Ok(Self {
            shared: Arc::new(EngineCore {
                ticker,
                engine,
                linker,
                programs,
                egress: Egress::new().map_err(RuntimeError::Tls)?,
                instances: Arc::new(Semaphore::new(options.max_instances as usize)),
                max_instances: options.max_instances as usize,
                compiling: Semaphore::new(1),
                cache,
                compiler: options.compiler,
                threads: Threads(options.guests),
                clock: options.clock,
                emit_gate: options.emit_gate,
                recipient_of: options.recipient_of,
                render: options.render,
            }),
        })
    }

    /// Compiles a file (or takes it from the cache), determines its kind, links it and starts one instance as a check.
    /// Compiling happens in a child process if the options name one, and otherwise off the async threads.
    pub async fn load(&self, wasm: Bytes) -> Result<Plugin, LoadError> {
        load::load(&self.shared, wasm).await
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
        self.shared.egress.keep_from(port);
    }

    /// The number of live instances.
    #[must_use]
    pub fn instances(&self) -> Option<u64> {
        self.shared.engine.pooling_allocator_metrics().as_ref().map(PoolingAllocatorMetrics::component_instances)
    }
}

/// An engine with a pool or, if there is not enough address space for one (`ulimit -v`), one that allocates on demand.
fn engine(instances: u32) -> wasmtime::Result<Engine> {
    match Engine::new(&config(InstanceAllocationStrategy::Pooling(pool(instances)))) {
        Ok(engine) => Ok(engine),
        Err(reason) => {
            let engine = Engine::new(&config(InstanceAllocationStrategy::OnDemand))?;
            tracing::warn!(
                %reason,
                "not enough address space for a pool of instances: allocating on demand, which is slower \
                 (see `ulimit -v`)"
            );
            Ok(engine)
        }
    }
}

/// An engine that compiles identical code without running it, so it needs no pool.
pub(crate) fn for_compiling() -> wasmtime::Result<Engine> {
    Engine::new(&config(InstanceAllocationStrategy::OnDemand))
}

fn config(strategy: InstanceAllocationStrategy) -> Config {
    let mut config = Config::new();
    config
        .allocation_strategy(strategy)
        // Fuel limits computation and yields the thread, the epoch limits wall-clock time: each catches what the other
        // cannot.
        .consume_fuel(true)
        .epoch_interruption(true)
        // Component-model async costs every call and is young; guests of 0.1.0 do not use it.
        .concurrency_support(false)
        .wasm_gc(false)
        .wasm_memory64(false)
        .wasm_backtrace_max_frames(std::num::NonZeroUsize::new(limits::BACKTRACE_FRAMES))
        .memory_init_cow(true);
    config
}

/// The maximum per component. The engines of Python and JavaScript are components with many parts.
const CORE_INSTANCES: u32 = 32;
const MEMORIES: u32 = 4;
const TABLES: u32 = 16;

fn pool(instances: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        // As many of each as all components together could need, so that a permit guarantees room. It is only address
        // space.
        .total_core_instances(CORE_INSTANCES * instances)
        .total_memories(MEMORIES * instances)
        .total_tables(TABLES * instances)
        .total_stacks(instances)
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_component_instance_size(1 << 20)
        .max_memory_size(limits::LINEAR_MEMORY)
        .table_elements(limits::TABLE_ELEMENTS)
        // A small guest's memory is wiped in place instead of being returned to the kernel and faulted in again.
        // `pagemap_scan` would find dirty pages faster, but version 48 misses a page that was swapped out, and the next
        // guest would read it.
        .linear_memory_keep_resident(256 << 10)
        .table_keep_resident(16 << 10);
    pool
}
