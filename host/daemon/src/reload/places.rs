//! Which folders have to be watched so that no change goes unseen: the files' folders, their parents, and those of
//! every link on the way.
//!
//! A watch stays on the folder it was set on. If a deploy tool renames a new folder into its place, or changes a link
//! such as `current`, the only sign is in the parent folder.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::config::{Config, Diagnostic, Diagnostics};

/// What is read again when it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Followed {
    pub(super) config: PathBuf,
    /// The plugins' folder.
    pub(super) plugins: PathBuf,
    /// Files that the configuration names: those in use, and those that could not be used.
    pub(super) files: BTreeSet<PathBuf>,
    /// Folders of such files, in which every file counts.
    pub(super) folders: BTreeSet<PathBuf>,
}

impl Followed {
    /// `before` is what runs, and `read` what the file says now. A mistake may be in a file that only the newer
    /// configuration names.
    pub(super) fn of(before: &Config, plugins: &Path, read: &Result<Config, Diagnostics>) -> Self {
        let mut files = before.files();
        match read {
            Ok(config) => files = config.files(),
            Err(problems) => {
                let at_fault = |problem: &Diagnostic| [Some(problem.file.clone()), problem.cause.file().cloned()];
                files.extend(problems.problems.iter().flat_map(at_fault).flatten());
            }
        }
        files.remove(&before.path);
        let (folders, files) = files.into_iter().partition(|path| path.is_dir());
        Self { config: before.path.clone(), plugins: plugins.to_owned(), files, folders }
    }

    /// What is followed before anything was read.
    pub(super) fn first(config: &Config) -> Self {
        Self {
            config: config.path.clone(),
            plugins: config.plugins.dir.clone(),
            files: config.files(),
            folders: BTreeSet::new(),
        }
    }
}

/// A longer chain of links is a circle.
const LINKS: usize = 40;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// The folders to watch, without links in their paths.
    pub(super) folders: BTreeSet<PathBuf>,
    /// Those without which changes go unseen.
    pub(super) needed: BTreeSet<PathBuf>,
    /// The entries of these folders that count besides plugins and sidecars: the configuration, folders and links.
    pub(super) names: BTreeSet<PathBuf>,
    /// Those in which every file counts.
    pub(super) whole: BTreeSet<PathBuf>,
}

impl Places {
    /// Resolves the links as they are now. Blocking.
    pub(super) fn of(followed: &Followed) -> Self {
        let Followed { config, plugins, files, folders } = followed;
        let mut places = Self::default();
        places.add(config, 0);
        files.iter().for_each(|file| places.add(file, 0));
        for folder in folders {
            places.add(folder, 0);
            let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.clone());
            places.folders.insert(real.clone());
            places.whole.insert(real);
        }
        for folder in [config.parent().unwrap_or(Path::new("")), plugins] {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            places.add(folder, 0);
            // A missing folder is awaited in its parent.
            let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
            places.folders.insert(real.clone());
            places.needed.insert(real);
        }
        places
    }

    /// A path and every link that leads to it.
    fn add(&mut self, path: &Path, links: usize) {
        let Ok(path) = std::path::absolute(path) else { return };
        let mut at = PathBuf::new();
        for component in path.components() {
            at.push(component);
            if let Ok(target) = fs::read_link(&at)
                && links < LINKS
            {
                self.name(&at);
                self.add(&at.parent().unwrap_or(Path::new("/")).join(target), links + 1);
            }
        }
        self.name(&path);
    }

    fn name(&mut self, path: &Path) {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return };
        if let Ok(parent) = fs::canonicalize(parent) {
            self.names.insert(parent.join(name));
            self.folders.insert(parent);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn followed(config: PathBuf, plugins: PathBuf, files: &[PathBuf]) -> Followed {
        let (folders, files) = files.iter().cloned().partition(|path| path.is_dir());
        Followed { config, plugins, files, folders }
    }

    #[test]
    fn the_folders_of_named_files_are_watched() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        fs::create_dir_all(root.join("schemas")).unwrap();
        let file = root.join("schemas/not-there-yet.json");
        let places = Places::of(&followed(root.join("config.toml"), root.join("plugins"), std::slice::from_ref(&file)));
        assert!(places.folders.contains(&root.join("schemas")) && places.names.contains(&file), "{places:?}");
        let whole = root.join("schemas");
        let places =
            Places::of(&followed(root.join("config.toml"), root.join("plugins"), std::slice::from_ref(&whole)));
        assert!(places.folders.contains(&whole) && places.whole.contains(&whole), "{places:?}");
    }

    #[test]
    fn parent_folders_and_every_link_on_the_way_are_watched() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        for folder in ["app/v1/plugins", "elsewhere"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        symlink("v1", root.join("app/current")).unwrap();
        fs::write(root.join("elsewhere/real.toml"), "").unwrap();
        symlink("../../elsewhere/real.toml", root.join("app/v1/config.toml")).unwrap();

        let current = root.join("app/current");
        let places = Places::of(&followed(current.join("config.toml"), current.join("plugins"), &[]));
        let all = |paths: &[&str]| paths.iter().map(|path| root.join(path)).collect::<BTreeSet<_>>();
        assert!(places.folders.is_superset(&all(&["app", "app/v1", "app/v1/plugins", "elsewhere"])), "{places:?}");
        assert_eq!(places.needed, all(&["app/v1", "app/v1/plugins"]));
        let names = ["app/current", "app/v1/config.toml", "app/v1/plugins", "elsewhere/real.toml"];
        assert!(places.names.is_superset(&all(&names)), "{places:?}");
    }

    #[test]
    fn a_missing_folder_is_awaited_in_its_parent_and_circular_links_end() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        symlink("b", root.join("a")).unwrap();
        symlink("a", root.join("b")).unwrap();
        let places = Places::of(&followed(root.join("config.toml"), root.join("a"), &[]));
        assert!(places.folders.contains(&root) && places.names.contains(&root.join("a")), "{places:?}");
        assert!(places.needed.contains(&root.join("a")));
    }
}
