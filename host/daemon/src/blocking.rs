//! Work that keeps a thread busy or waits for a disk, off the threads that serve.

use tokio::task::spawn_blocking;

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
