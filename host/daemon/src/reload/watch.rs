//! Tells when files have changed. Only that: what has changed is found out by reading them.

use std::{path::PathBuf, sync::Arc, time::Duration};

use notify_debouncer_full::{
    DebounceEventResult, Debouncer, RecommendedCache, new_debouncer,
    notify::{EventKind, RecommendedWatcher, RecursiveMode},
};
use tokio::sync::Notify;

/// Editors and `cp` write in pieces: nothing is read before a folder has been quiet for this long.
const QUIET: Duration = Duration::from_millis(150);

/// Whether an event may change what runs. Reading files is what a reload itself does, and a journal may stand in the same
/// folder: neither must cause the next reload.
fn matters(kind: &EventKind, paths: &[PathBuf]) -> bool {
    let ours = |path: &PathBuf| {
        let extension = path.extension().is_some_and(|extension| extension == "wasm" || extension == "toml");
        // Kubernetes swaps a mounted configuration by renaming a link called `..data`.
        extension || path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".."))
    };
    !matches!(kind, EventKind::Access(_)) && paths.iter().any(ours)
}

/// Watches folders, never files: an editor that saves by renaming would leave a file's watch on the old one.
pub struct Watch {
    debouncer: Debouncer<RecommendedWatcher, RecommendedCache>,
    changed: Arc<Notify>,
    folders: Vec<PathBuf>,
}

impl Watch {
    /// # Errors
    /// When the system gives no watcher (too many in use, for one).
    pub fn new() -> notify::Result<Self> {
        let changed = Arc::<Notify>::default();
        let wake = Arc::clone(&changed);
        let debouncer = new_debouncer(QUIET, None, move |result: DebounceEventResult| match result {
            Ok(events) if events.iter().any(|event| matters(&event.kind, &event.paths)) => wake.notify_one(),
            Ok(_) => {}
            Err(errors) => {
                for error in errors {
                    tracing::warn!(%error, "watching files for changes failed; POST /v1/reload does the same by hand");
                }
                wake.notify_one();
            }
        })?;
        Ok(Self { debouncer, changed, folders: Vec::new() })
    }

    /// Watches these folders from now on, instead of the ones before.
    pub fn set(&mut self, folders: Vec<PathBuf>) {
        for gone in self.folders.iter().filter(|folder| !folders.contains(folder)) {
            if let Err(error) = self.debouncer.unwatch(gone) {
                tracing::debug!(folder = %gone.display(), %error, "was not watched any more");
            }
        }
        let mut watched = Vec::new();
        for folder in folders {
            if self.folders.contains(&folder) || watched.contains(&folder) {
                watched.push(folder);
                continue;
            }
            match self.debouncer.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => watched.push(folder),
                Err(error) => {
                    tracing::warn!(folder = %folder.display(), %error,
                        "this folder cannot be watched for changes; POST /v1/reload does the same by hand");
                }
            }
        }
        self.folders = watched;
    }

    /// Resolves when something has changed since the last call.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }
}
