//! Reloads when the files change. Changes come from the system's notifications where it has them, and from comparing
//! the files every few seconds.

use std::{sync::Arc, time::Duration};

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::{Reloader, places::Places, watch::Watch};

/// The files are compared this often, even if they are watched: network folders send no notifications, and a watch can
/// be lost.
const COMPARE: Duration = Duration::from_secs(10);

/// A reload that failed for an internal reason is retried after this long, with a growing interval.
const RETRY: Duration = Duration::from_millis(500);
const LONGEST_RETRY: Duration = Duration::from_secs(30);

/// Loads everything for the first time, then reloads whenever the files have changed. Without `watch`, it only retries
/// what failed. Notifies `loaded` when the first load has ended.
pub async fn follow(reloader: Arc<Reloader>, watch: bool, stopping: CancellationToken, loaded: oneshot::Sender<()>) {
    tokio::select! {
        () = stopping.cancelled() => {}
        () = go_on(&reloader, watch, loaded) => {}
    }
}

async fn go_on(reloader: &Reloader, watch: bool, loaded: oneshot::Sender<()>) {
    reloader.load().await;
    // The receiver may have stopped waiting.
    let _gone = loaded.send(());
    let mut watch = Watching::start(watch, reloader);
    let mut wait = RETRY;
    loop {
        if watch.arm(reloader).await && reloader.differs().await {
            reloader.reload_quietly().await;
            continue;
        }
        let unfinished = reloader.unfinished();
        wait = if unfinished { wait } else { RETRY };
        tokio::select! {
            () = watch.changed() => reloader.reload_quietly().await,
            () = tokio::time::sleep(wait), if unfinished => {
                wait = (wait * 2).min(LONGEST_RETRY);
                reloader.reload_quietly().await;
            }
            () = tokio::time::sleep(COMPARE), if watch.wanted => {
                if reloader.differs().await {
                    reloader.reload_quietly().await;
                }
            }
        }
    }
}

struct Watching {
    /// Changes are to be followed.
    wanted: bool,
    /// Absent if the system provides no watcher. Then the files are only compared.
    watch: Option<Watch>,
}

impl Watching {
    fn start(wanted: bool, reloader: &Reloader) -> Self {
        let watch = wanted.then(Watch::new).and_then(|watch| {
            let failed = |error| reloader.set_unwatched(vec![format!("cannot watch files for changes: {error}")]);
            watch.map_err(failed).ok()
        });
        Self { wanted, watch }
    }

    /// Watches what has to be watched now. Returns whether something may have changed unseen.
    async fn arm(&mut self, reloader: &Reloader) -> bool {
        let Some(mut watch) = self.watch.take() else { return false };
        let followed = reloader.followed().await;
        let armed = tokio::task::spawn_blocking(move || {
            let armed = watch.set(&Places::of(&followed));
            (watch, armed)
        });
        let Ok((watch, armed)) = armed.await else { return false };
        self.watch = Some(watch);
        reloader.set_unwatched(armed.unwatched);
        armed.anew
    }

    async fn changed(&self) {
        match &self.watch {
            Some(watch) => watch.changed().await,
            None => std::future::pending().await,
        }
    }
}
