//! The threads that guests run on. HTTP, the API, the journal's tasks, reloads and signals have others: a guest that keeps its
//! thread, by whatever bug, keeps no answer and no shutdown with it.

use std::io;

use tokio::runtime::{Builder, Handle, Runtime};

/// Threads for guests, one for each core. They end when this is dropped; one that a guest still keeps is left behind.
pub(crate) struct GuestThreads(Option<Runtime>);

/// After so many of its own tasks a thread takes one of those that wait for any. With a thousand busy channels most wait there,
/// and would wait until those that a thread has are done with all they have.
const LOOK_ASIDE: u32 = 2;

impl GuestThreads {
    /// # Errors
    /// The system's own, when it starts no threads.
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
