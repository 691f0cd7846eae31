//! Work that keeps a thread busy or waits for a disk, off the threads that serve.

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::{block_in_place, spawn_blocking},
};

/// Runs `work` here. Where it may take long, others on this thread do not wait for it.
pub(crate) fn beside<T>(is_long: bool, work: impl FnOnce() -> T) -> T {
    // A runtime of one thread, as tests have it, has nobody to hand the others to.
    let can_hand_over =
        || Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread);
    if is_long && can_hand_over() { block_in_place(work) } else { work() }
}

/// Runs `work` elsewhere. A panic in it goes on here.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(work).await {
        Ok(done) => done,
        // A blocking task is not cancelled once it runs, and the runtime ends only with whoever waits here.
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => std::future::pending().await,
        },
    }
}
