//! Runs work that keeps a thread busy or waits for a disk, without delaying the threads that serve.

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::{block_in_place, spawn_blocking},
};

/// Runs `work` on this thread. If it may take long, the thread's other tasks move to another thread.
pub(crate) fn beside<T>(is_long: bool, work: impl FnOnce() -> T) -> T {
    // A runtime with one thread, as in tests, has no other thread to move them to.
    let can_hand_over =
        || Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread);
    if is_long && can_hand_over() { block_in_place(work) } else { work() }
}

/// Runs `work` on another thread. Resumes its panic here.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(work).await {
        Ok(done) => done,
        // A running blocking task cannot be cancelled, and the runtime outlives the caller.
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => std::future::pending().await,
        },
    }
}
