//! The threads for guests. HTTP, the journal's tasks, reloads and signals have other threads, so a guest that blocks
//! its thread cannot stop the daemon from responding or shutting down.

use std::io;

use tokio::runtime::{Builder, Handle, Runtime};

/// Threads for guests, one per core. They end when this is dropped, except those that a guest still blocks.
pub(crate) struct GuestThreads(Option<Runtime>);

/// After this many of its own tasks, a thread takes one from the shared queue. With a thousand busy channels most tasks
/// are in that queue, and would wait until a thread has no tasks of its own.
const LOOK_ASIDE: u32 = 2;

impl GuestThreads {
    /// # Errors
    /// The system cannot start threads.
    pub(crate) fn start() -> io::Result<(Self, Handle)> {
        let mut builder = Builder::new_multi_thread();
        builder.thread_name("fanfare-guest").enable_all().global_queue_interval(LOOK_ASIDE);
        let runtime = builder.build()?;
        let handle = runtime.handle().clone();
        Ok((Self(Some(runtime)), handle))
    }
}

impl Drop for GuestThreads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
