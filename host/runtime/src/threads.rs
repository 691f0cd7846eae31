//! The threads of guests.

use std::future::Future;

use tokio::{
    runtime::Handle,
    task::{JoinError, JoinHandle},
};

/// The threads of guests, if they have their own. Whatever a guest does to its thread, the other threads still take
/// requests, respond and shut down.
pub(crate) struct Threads(pub(crate) Option<Handle>);

impl Threads {
    /// Whether the current thread is not one of them.
    pub(crate) fn are_elsewhere(&self) -> bool {
        let here = Handle::try_current().ok().map(|handle| handle.id());
        self.0.as_ref().is_some_and(|guests| Some(guests.id()) != here)
    }

    /// Runs a task on them, and cancels it when this is dropped.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, JoinError> {
        let mut task = Task(match &self.0 {
            Some(guests) => guests.spawn(work),
            None => tokio::spawn(work),
        });
        (&mut task.0).await
    }
}

struct Task<T>(JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_done_on_the_threads_it_is_for_and_ends_with_who_asked() {
        let guests =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("guest").build().unwrap();
        let threads = Threads(Some(guests.handle().clone()));
        assert!(threads.are_elsewhere());
        let name = threads.run(async { std::thread::current().name().map(str::to_owned) }).await.unwrap();
        assert_eq!(name.as_deref(), Some("guest"));

        let (alive, gone) = tokio::sync::oneshot::channel::<()>();
        {
            let endless = threads.run(async move {
                let _alive = alive;
                std::future::pending::<()>().await;
            });
            let mut endless = std::pin::pin!(endless);
            assert!(futures_util::poll!(&mut endless).is_pending());
        }
        assert!(gone.await.is_err());
        guests.shutdown_background();
        assert!(!Threads(None).are_elsewhere());
    }
}
