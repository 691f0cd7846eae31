//! The engine: its settings, its clock and what all plugins share, decided in one place.

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

/// What an operator may say about the engine as a whole.
#[derive(Clone)]
pub struct RuntimeOptions {
    /// Where compiled plugins are kept, so that a restart does not compile again. `None` keeps nothing.
    pub cache: Option<CacheOptions>,
    /// Compiles in a process of its own, which a file cannot make cost more than its limits. `None` compiles in this one.
    pub compiler: Option<CompilerProcess>,
    /// How many instances may be alive at once, over all channels; further attempts wait, and their timeout does not run
    /// meanwhile.
    pub max_instances: u32,
    /// Where guests run, whoever asks for it: an attempt or a start that begins elsewhere is handed over. `None` runs each where it
    /// is asked for.
    pub guests: Option<tokio::runtime::Handle>,
    /// What tells the time of signatures, of emitted events and of `Retry-After`.
    pub clock: Arc<dyn Clock>,
    /// What an emitted event passes before it is kept. `None` takes each as it is.
    pub emit_gate: Option<EmitGate>,
    /// Knows whom an event is for. `None` knows nobody.
    pub recipient_of: Option<RecipientOf>,
    /// Fills in the operator's templates. `None` has none.
    pub render: Option<Render>,
}

/// Answers the event as it is to be recorded. Called on the guest's thread, and dropped with the attempt.
pub type EmitGate = Arc<dyn Fn(Event) -> BoxFuture<'static, Result<Staged, EmitRefusal>> + Send + Sync>;

/// Why an event may not be emitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmitRefusal {
    /// For this reason, which its guest is told.
    Invalid(String),
    /// It cannot be told at the moment: the attempt is a fault of ours unless it delivers.
    Unavailable(String),
}

/// Says whom an event is for. Called on the guest's thread.
pub type RecipientOf = Arc<dyn Fn(&Event) -> Option<Recipient> + Send + Sync>;

/// Fills in a template, or says what is missing or wrong; and what that cost, in fuel. Called on the guest's thread, so
/// it has to be bounded.
pub type Render = Arc<dyn Fn(&Rendering<'_>) -> (Result<Rendered, String>, u64) + Send + Sync>;

/// A template to be filled in for an attempt.
#[derive(Clone, Copy, Debug)]
pub struct Rendering<'a> {
    /// The template's.
    pub name: &'a str,
    /// What is delivered: one event, or those of a batch.
    pub events: &'a [Arc<Event>],
    /// All of them are for the same recipient, or for nobody.
    pub has_one_recipient: bool,
    pub channel: &'a str,
    /// The delivery's, or the batch's.
    pub delivery_id: &'a str,
}

/// A template that is filled in. Each part is empty where the template has none.
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
    #[error("the epoch's thread could not be started: {0}")]
    Thread(std::io::Error),
    #[error("TLS for outgoing requests could not be set up: {0}")]
    Tls(rustls::Error),
    #[error(transparent)]
    Cache(#[from] CacheError),
    #[error("`max_instances` must be from 1 to 4096, not {0}")]
    Instances(u32),
}

/// Compiles plugins and runs them. Cheap to clone; the engine ends with the last clone, plugin or channel made from it.
#[derive(Clone)]
pub struct Runtime {
    pub(crate) shared: Arc<Shared>,
}

/// What all plugins of one runtime share.
pub(crate) struct Shared {
    /// Before the engine, so that the clock stops first.
    pub(crate) ticker: Ticker,
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<Context>,
    /// For core modules.
    pub(crate) programs: wasmtime::Linker<Context>,
    pub(crate) egress: Egress,
    /// One permit per instance the pool can hold: a full pool is waited for, never an error.
    pub(crate) instances: Arc<Semaphore>,
    pub(crate) max_instances: usize,
    /// Compiling keeps a core busy for a while; one at a time leaves the others to the deliveries.
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
            shared: Arc::new(Shared {
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

    /// Compiles a file (or takes it from the cache), finds out its kind, links it and makes one instance to see that it
    /// starts. Compiling happens in a
    /// process of its own where the options name one, and otherwise off the async threads.
    ///
    /// # Errors
    /// [`LoadError`], in words for whoever put the file there.
    pub async fn load(&self, wasm: Bytes) -> Result<Plugin, LoadError> {
        load::load(&self.shared, wasm).await
    }

    /// Whether a file is in the cache, so that loading it takes no time worth mentioning.
    #[must_use]
    pub fn is_compiled(&self, wasm: &[u8]) -> bool {
        self.shared.cache.as_ref().is_some_and(|cache| cache.has(wasm))
    }

    /// Whether what is compiled is kept.
    #[must_use]
    pub fn keeps_compiled(&self) -> bool {
        self.shared.cache.is_some()
    }

    /// Says where the daemon itself listens: a grant without a port is no leave to call its API.
    pub fn keep_from(&self, port: u16) {
        self.shared.egress.keep_from(port);
    }

    /// Instances alive now, of how many there may be.
    #[must_use]
    pub fn instances(&self) -> Option<u64> {
        self.shared.engine.pooling_allocator_metrics().as_ref().map(PoolingAllocatorMetrics::component_instances)
    }
}

/// An engine on a pool, or, where the address space for one is not to be had (`ulimit -v`), one that allocates on demand.
fn engine(instances: u32) -> wasmtime::Result<Engine> {
    match Engine::new(&config(InstanceAllocationStrategy::Pooling(pool(instances)))) {
        Ok(engine) => Ok(engine),
        Err(reason) => {
            let engine = Engine::new(&config(InstanceAllocationStrategy::OnDemand))?;
            tracing::warn!(
                %reason,
                "no address space for a pool of instances: allocating each on demand, which is slower (see `ulimit -v`)"
            );
            Ok(engine)
        }
    }
}

/// An engine that makes the same code and never runs any, so it needs no pool.
pub(crate) fn for_compiling() -> wasmtime::Result<Engine> {
    Engine::new(&config(InstanceAllocationStrategy::OnDemand))
}

fn config(strategy: InstanceAllocationStrategy) -> Config {
    let mut config = Config::new();
    config
        .allocation_strategy(strategy)
        // Fuel bounds the work and shares the executor, the epoch is the wall clock: each catches what the other cannot.
        .consume_fuel(true)
        .epoch_interruption(true)
        // Component-model async costs every call something and is young; guests of 0.1.0 do not use it.
        .concurrency_support(false)
        .wasm_gc(false)
        .wasm_memory64(false)
        .wasm_backtrace_max_frames(std::num::NonZeroUsize::new(limits::BACKTRACE_FRAMES))
        .memory_init_cow(true);
    config
}

/// Of one component at the most. The engines behind Python and JavaScript are components of many parts.
const CORE_INSTANCES: u32 = 32;
const MEMORIES: u32 = 4;
const TABLES: u32 = 16;

fn pool(instances: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        // As many of each as all components together could have: whoever has a permit finds a place. It is address space alone.
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
        // A small guest's memory is wiped in place instead of given back to the kernel and faulted in again. `pagemap_scan`
        // would find the dirty pages faster, but in 48 it misses one that was swapped out, and the next guest reads it.
        .linear_memory_keep_resident(256 << 10)
        .table_keep_resident(16 << 10);
    pool
}
