//! Tells when files have changed. Only that: what has changed is found out by reading them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use notify_debouncer_full::{
    DebounceEventResult, DebouncedEvent, Debouncer, RecommendedCache, new_debouncer,
    notify::{EventKind, RecommendedWatcher, RecursiveMode},
};
use tokio::sync::Notify;

use super::places::Places;

/// Editors and `cp` write in pieces: nothing is read before a folder has been quiet for this long.
const QUIET: Duration = Duration::from_millis(150);

type Names = Arc<Mutex<BTreeSet<PathBuf>>>;

/// Watches folders, never files: an editor that saves by renaming would leave a file's watch on the old one.
pub(super) struct Watch {
    debouncer: Debouncer<RecommendedWatcher, RecommendedCache>,
    changed: Arc<Notify>,
    names: Names,
    /// Which folder the watch of a path is on: another one may stand there by now.
    set: BTreeMap<PathBuf, Identity>,
}

/// Device and inode.
type Identity = (u64, u64);

/// What came of setting a watch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Armed {
    /// A folder is watched that was not watched before: what has changed in it until now was not told.
    pub(super) anew: bool,
    /// The folders that should be watched and are not, with the reason.
    pub(super) unwatched: Vec<String>,
}

impl Watch {
    /// # Errors
    /// When the system gives no watcher (too many in use, for one).
    pub(super) fn new() -> notify::Result<Self> {
        let changed = Arc::<Notify>::default();
        let names = Names::default();
        let (wake, counted) = (Arc::clone(&changed), Arc::clone(&names));
        let debouncer = new_debouncer(QUIET, None, move |result: DebounceEventResult| match result {
            Ok(events) if events.iter().any(|event| matters(event, &counted)) => wake.notify_one(),
            Ok(_) => {}
            Err(errors) => {
                for error in errors {
                    tracing::warn!(%error, "watching files for changes failed; they are compared every few seconds");
                }
                wake.notify_one();
            }
        })?;
        Ok(Self { debouncer, changed, names, set: BTreeMap::new() })
    }

    /// Watches these places from now on, instead of the ones before. Blocking.
    pub(super) fn set(&mut self, places: &Places) -> Armed {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&places.names);
        let mut armed = Armed::default();
        let gone: Vec<_> = self
            .set
            .iter()
            .filter(|(path, was)| !places.folders.contains(*path) || identity(path) != Some(**was))
            .map(|(path, _)| path.clone())
            .collect();
        for path in gone {
            self.set.remove(&path);
            if let Err(error) = self.debouncer.unwatch(&path) {
                tracing::debug!(folder = %path.display(), %error, "was not watched any more");
            }
        }
        for folder in &places.folders {
            if self.set.contains_key(folder) {
                continue;
            }
            // Asked first: if another folder takes its place meanwhile, the next call finds that out.
            let is = identity(folder);
            match (self.debouncer.watch(folder, RecursiveMode::NonRecursive), is) {
                (Ok(()), Some(is)) => {
                    self.set.insert(folder.clone(), is);
                    armed.anew = true;
                }
                (Ok(()), None) => armed.anew = true,
                (Err(error), _) if places.needed.contains(folder) => {
                    // The path is named once.
                    let reason = notify::Error { paths: vec![], ..error };
                    armed.unwatched.push(format!("{}: {reason}", folder.display()));
                }
                (Err(error), _) => tracing::debug!(folder = %folder.display(), %error, "cannot be watched"),
            }
        }
        armed
    }

    /// Resolves when something has changed since the last call.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }
}

fn identity(folder: &Path) -> Option<Identity> {
    fs::metadata(folder).ok().map(|found| (found.dev(), found.ino()))
}

/// Whether an event may change what runs. Reading files is what a reload itself does, and a journal may stand in the same
/// folder: neither must cause the next reload.
fn matters(event: &DebouncedEvent, names: &Names) -> bool {
    // So much has happened that the system lost count.
    if event.need_rescan() {
        return true;
    }
    let names = names.lock().unwrap_or_else(PoisonError::into_inner);
    let ours = |path: &PathBuf| {
        let extension =
            path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("wasm") || extension == "toml");
        // Kubernetes swaps a mounted configuration by renaming a link called `..data`.
        let dots = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".."));
        extension || dots || names.contains(path)
    };
    !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(ours)
}
