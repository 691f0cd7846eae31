//! What all that is followed looks like from outside.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;

use super::places::Followed;
use crate::{plugins::folder, stamp::Stamp};

/// The files that are followed, and the folder with those in it that count, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stamps(BTreeMap<PathBuf, Stamp>);

impl Stamps {
    /// Looks, following links as a reader would. Blocking.
    pub(super) fn of(followed: &Followed) -> Self {
        let Followed { config, plugins, files, folders } = followed;
        let files = [config, plugins].into_iter().chain(files).chain(folders);
        let mut stamps: BTreeMap<_, _> = files.map(|file| (file.clone(), Stamp::of(file))).collect();
        let inside = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
        stamps.extend(inside.map(|entry| entry.path()).map(|file| (file.clone(), Stamp::of(&file))));
        match fs::read_dir(plugins) {
            Ok(entries) => {
                for file in entries.flatten().map(|entry| entry.path()).filter(|file| folder::is_plugin(file)) {
                    // That there is none is worth knowing too.
                    let sidecar = folder::sidecar(&file);
                    stamps.insert(sidecar.clone(), Stamp::of(&sidecar));
                    stamps.insert(file.clone(), Stamp::of(&file));
                }
            }
            Err(error) => drop(stamps.insert(plugins.clone(), Stamp::Unreadable(error.kind()))),
        }
        Self(stamps)
    }

    /// Of the configuration alone. Blocking, for as long as the system takes to look one file up.
    pub(super) fn of_config(config: &Path) -> Self {
        Self(BTreeMap::from([(config.to_owned(), Stamp::of(config))]))
    }

    /// How long it takes until the youngest of these files is `age` old. `None` when it is already.
    pub(super) fn ripens(&self, age: Duration, now: Timestamp) -> Option<Duration> {
        let missing = |stamp: &Stamp| {
            let Stamp::File { changed: (seconds, nanoseconds), .. } = stamp else { return None };
            let changed = Timestamp::new(*seconds, i32::try_from(*nanoseconds).ok()?).ok()?;
            // A time to come is a clock that was set: the pause is then as long as it can be.
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
