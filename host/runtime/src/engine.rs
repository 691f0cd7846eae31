//! The engine's settings.

use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::limits;

/// An engine with a pool or, if there is not enough address space for one (`ulimit -v`), one that allocates on demand.
pub(crate) fn engine(instances: u32) -> wasmtime::Result<Engine> {
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
