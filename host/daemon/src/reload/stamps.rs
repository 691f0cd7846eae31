//! Stamps of all followed files, to notice changes without reading them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;

use super::places::Followed;
use crate::{plugins::folder, stamp::Stamp};

/// The stamps of the followed files, and of the folder with the files in it that count, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stamps(BTreeMap<PathBuf, Stamp>);

impl Stamps {
    /// Takes the stamps, following links. Blocking.
    pub(super) fn of(followed: &Followed) -> Self {
        let Followed { config, plugins, files, folders } = followed;
        let files = [config, plugins].into_iter().chain(files).chain(folders);
        let mut stamps: BTreeMap<_, _> = files.map(|file| (file.clone(), Stamp::of(file))).collect();
        let inside = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
        stamps.extend(inside.map(|entry| entry.path()).map(|file| (file.clone(), Stamp::of(&file))));
        match fs::read_dir(plugins) {
            Ok(entries) => {
                for file in entries.flatten().map(|entry| entry.path()).filter(|file| folder::is_plugin(file)) {
                    // A missing sidecar is recorded too.
                    let sidecar = folder::sidecar(&file);
                    stamps.insert(sidecar.clone(), Stamp::of(&sidecar));
                    stamps.insert(file.clone(), Stamp::of(&file));
                }
            }
            Err(error) => drop(stamps.insert(plugins.clone(), Stamp::Unreadable(error.kind()))),
        }
        Self(stamps)
    }

    /// Only of the configuration. Blocking, but only for one lookup.
    pub(super) fn of_config(config: &Path) -> Self {
        Self(BTreeMap::from([(config.to_owned(), Stamp::of(config))]))
    }

    /// How long until the youngest of these files is `age` old. `None` if it already is.
    pub(super) fn ripens(&self, age: Duration, now: Timestamp) -> Option<Duration> {
        let missing = |stamp: &Stamp| {
            let Stamp::File { changed: (seconds, nanoseconds), .. } = stamp else { return None };
            let changed = Timestamp::new(*seconds, i32::try_from(*nanoseconds).ok()?).ok()?;
            // A time in the future means that a clock was set; then the wait is as long as possible.
            let old = Duration::try_from(now.duration_since(changed)).unwrap_or_default();
            age.checked_sub(old).filter(|missing| !missing.is_zero())
        };
        self.0.values().filter_map(missing).max()
    }

    /// The paths that look different there.
    pub(super) fn differing(&self, other: &Self) -> BTreeSet<PathBuf> {
        let paths = self.0.keys().chain(other.0.keys());
        paths.filter(|path| self.0.get(*path) != other.0.get(*path)).cloned().collect()
    }
}
