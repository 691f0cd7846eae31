//! Reads the configuration and the plugins' folder, and trusts neither until it is quiet.
//!
//! Editors, `cp` and deploy tools write in pieces, and a truncated file is often valid: half a `config.toml` is a
//! `config.toml` with fewer channels. So files are read after they have been quiet for [`QUIET`], and the result counts
//! only if they look the same before and after. If it would remove something, it has to stay so for [`CERTAIN`] as
//! well. So a file that is moved away and back, or truncated and rewritten a moment later, removes nothing.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use fanfare_dispatch::Clock;
use tokio::time::Instant;

use super::{places::Followed, stamps::Stamps};
use crate::{
    access::{Listed, all_listed},
    blocking::blocking,
    config::{Config, Diagnostic, Diagnostics, PluginRef, RecipientsTable},
    plugins::{
        Assembly,
        folder::{self, Folder, Unreadable},
    },
};

/// A file that was written less than this ago is not trusted.
pub(super) const QUIET: Duration = Duration::from_millis(250);

/// What removes something is trusted if it still holds after this long.
pub(super) const CERTAIN: Duration = Duration::from_secs(1);

/// After this long, a look ends without the files that keep changing.
const PATIENCE: Duration = Duration::from_secs(5);

/// What runs now, as far as a look has to know it.
#[derive(Clone, Copy)]
pub(super) struct Before<'a> {
    pub(super) config: &'a Config,
    pub(super) assembly: &'a Assembly,
    /// From the previous look.
    pub(super) followed: &'a Followed,
}

/// What the files contain.
pub(super) struct Look {
    pub(super) config: Result<Config, Diagnostics>,
    /// The tokens in the file, even if the rest of it is wrong. `None` if that is unknown.
    pub(super) listed: Option<Vec<Listed>>,
    /// Or why the folder cannot be listed.
    pub(super) folder: Result<Folder, String>,
    /// Of everything that was read.
    pub(super) stamps: Stamps,
    /// What was read.
    pub(super) followed: Followed,
    /// Something could not be read and may become readable although no file changes.
    pub(super) passing: bool,
}

/// Looks until two looks agree or [`PATIENCE`] is over.
pub(super) async fn look(before: Before<'_>, clock: &dyn Clock) -> Look {
    let started = Instant::now();
    let mut followed = Followed { plugins: before.config.plugins.dir.clone(), ..before.followed.clone() };
    loop {
        let stamps = stamps_of(&followed).await;
        let patient = started.elapsed() < PATIENCE;
        if let Some(missing) = stamps.ripens(QUIET, clock.now()).filter(|_| patient) {
            tokio::time::sleep(missing).await;
            if stamps_of(&followed).await != stamps {
                continue;
            }
        }
        let mut look = read(&before.config.recipients, followed.clone(), stamps).await;
        let dir = look.config.as_ref().map_or(&followed.plugins, |config| &config.plugins.dir);
        let now = Followed::of(before.config, dir, &look.config);
        if now != followed && (patient || now.plugins != followed.plugins) {
            followed = now;
            continue;
        }
        if look.takes_away(before) {
            tokio::time::sleep(CERTAIN).await;
        }
        let moved = look.stamps.differing(&stamps_of(&followed).await);
        if moved.is_empty() {
            return look;
        }
        if !patient {
            look.disown(&moved);
            return look;
        }
    }
}

/// The configuration a daemon starts with, once its file is quiet.
///
/// # Errors
/// Everything that is wrong with it.
pub async fn first_config(path: PathBuf, clock: Arc<dyn Clock>) -> Result<Config, Diagnostics> {
    let started = Instant::now();
    loop {
        let stamps = Stamps::of_config(&path);
        if let Some(missing) = stamps.ripens(QUIET, clock.now()) {
            tokio::time::sleep(missing).await;
        }
        let config = read_config(path.clone(), None).await;
        if Stamps::of_config(&path) == stamps || started.elapsed() > PATIENCE {
            return config;
        }
    }
}

async fn stamps_of(followed: &Followed) -> Stamps {
    let followed = followed.clone();
    blocking(move || Stamps::of(&followed)).await
}

async fn read_config(path: PathBuf, before: Option<RecipientsTable>) -> Result<Config, Diagnostics> {
    blocking(move || Config::load_after(&path, &|name| std::env::var(name).ok(), before.as_ref())).await
}

async fn read(before: &RecipientsTable, followed: Followed, stamps: Stamps) -> Look {
    let config = read_config(followed.config.clone(), Some(before.clone())).await;
    let tokens = match &config {
        Ok(config) => Some(config.server.tokens.iter().map(Listed::from).collect()),
        Err(_) => {
            let path = followed.config.clone();
            blocking(move || Config::listed_tokens(&path)).await
        }
    };
    let listed = {
        let dir = followed.plugins.clone();
        blocking(move || folder::scan(&dir)).await
    };
    let unread = |error: &std::io::Error| error.kind() != std::io::ErrorKind::NotFound;
    let passing = config.as_ref().is_err_and(|problems| problems.passing)
        || listed.as_ref().is_err_and(unread)
        || listed.as_ref().is_ok_and(|folder| folder.unreadable.values().any(|unreadable| unreadable.passing));
    let folder = listed.map_err(|error| {
        let dir = followed.plugins.display();
        match error.kind() {
            std::io::ErrorKind::NotFound => {
                format!(
                    "{dir}: the plugins' folder does not exist; restore it, create an empty one, or correct \
                     `plugins.dir`"
                )
            }
            _ => format!("{dir}: the plugins' folder cannot be listed: {error}"),
        }
    });
    Look { config, listed: tokens, folder, stamps, followed, passing }
}

impl Look {
    /// Whether something that runs now would be missing, or lose a part.
    fn takes_away(&self, before: Before<'_>) -> bool {
        let config = self.config.as_ref().is_ok_and(|config| {
            // A file that was truncated within a channel's table is shorter, but has the same channels.
            config.size() < before.config.size()
                || before.config.channels.keys().any(|name| !config.channels.contains_key(name))
        });
        let plugins = self.folder.as_ref().is_ok_and(|folder| {
            before.assembly.plugins.iter().any(|(name, version)| match folder.sources.get(name) {
                Some(source) => source.sidecar.is_none() && version.sidecar.is_some(),
                None => matches!(name, PluginRef::File(_)) && !folder.unreadable.contains_key(name),
            })
        });
        // A rejected file takes nothing away but tokens.
        let listed = self.listed.as_ref().filter(|_| self.config.is_err());
        let tokens = listed.is_some_and(|listed| !all_listed(&before.config.server.tokens, listed));
        config || plugins || tokens
    }

    /// Discards what was read from files that keep changing.
    fn disown(&mut self, moved: &BTreeSet<PathBuf>) {
        const RESTLESS: &str = "keeps changing while it is read; it will be read again when it is quiet";
        self.passing = true;
        let Followed { config, plugins: dir, files, .. } = &self.followed;
        for file in [config].into_iter().chain(files).filter(|file| moved.contains(*file)) {
            let help = "write to a temporary file beside it and rename that";
            let problems = Diagnostics::from(Diagnostic::with_file(file, RESTLESS, help));
            self.config = Err(Diagnostics { passing: true, ..problems });
            self.listed = None;
        }
        if moved.contains(dir) {
            self.folder = Err(format!("{}: the folder {RESTLESS}", dir.display()));
        }
        let Ok(folder) = &mut self.folder else { return };
        for file in moved.iter().filter(|path| path.parent() == Some(dir.as_path())) {
            let Some(stem) = file.file_stem().and_then(|stem| stem.to_str()) else { continue };
            let name = PluginRef::File(stem.to_owned());
            folder.sources.remove(&name);
            let unreadable = Unreadable { file: file.clone(), reason: format!("it {RESTLESS}"), passing: true };
            folder.unreadable.insert(name, unreadable);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use fanfare_dispatch::SystemClock;

    use super::*;

    const TWO: &str = "[channels.a]\nplugin = \"builtin:log\"\nretries = 3\n[channels.b]\nplugin = \"builtin:log\"\n";

    struct Files(tempfile::TempDir);

    impl Files {
        fn new() -> Self {
            let files = Self(tempfile::tempdir().unwrap());
            fs::create_dir(files.path("plugins")).unwrap();
            files.configure(TWO);
            files
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn configure(&self, text: &str) {
            fs::write(self.path("config.toml"), text).unwrap();
        }

        fn config(&self) -> Config {
            Config::parse(TWO, &self.path("config.toml"), &|_| None).unwrap()
        }

        /// The result of a look while `meanwhile` runs, in tokio's time, which is the only one in which a look sleeps.
        async fn look(&self, meanwhile: impl Future<Output = ()>) -> Look {
            let (config, assembly) = (self.config(), Assembly::default());
            let followed = Followed::of(&config, &config.plugins.dir, &Ok(config.clone()));
            let before = Before { config: &config, assembly: &assembly, followed: &followed };
            let (look, ()) = tokio::join!(look(before, &SystemClock), meanwhile);
            look
        }
    }

    fn channels(look: &Look) -> Vec<&str> {
        look.config.as_ref().unwrap().channels.keys().map(fanfare_core::ChannelName::as_str).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_truncated_but_valid_file_removes_no_channel() {
        let files = Files::new();
        let cut = TWO.find("[channels.b]").unwrap();
        // The rest arrives before the file has been quiet, or after that but before its content is certain.
        for pause in [QUIET / 2, QUIET + CERTAIN / 2] {
            files.configure(&TWO[..cut]);
            let rest = async {
                tokio::time::sleep(pause).await;
                files.configure(TWO);
            };
            assert_eq!(channels(&files.look(rest).await), ["a", "b"], "{pause:?}");
        }
        // Truncated within a table: no channel is missing, but a key of one is.
        files.configure(&TWO[..cut - "retries = 3\n".len()]);
        let rest = async {
            tokio::time::sleep(QUIET + CERTAIN / 2).await;
            files.configure(TWO);
        };
        assert_eq!(channels(&files.look(rest).await), ["a", "b"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lasting_removal_is_trusted() {
        let files = Files::new();
        files.configure("[channels.a]\nplugin = \"builtin:log\"\n");
        assert_eq!(channels(&files.look(async {}).await), ["a"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_that_keeps_changing_delays_only_itself() {
        let files = Files::new();
        fs::write(files.path("plugins/good.wasm"), b"good").unwrap();
        let busy = |name: &'static str| {
            let path = files.path(name);
            async move {
                for n in 0_u32.. {
                    fs::write(&path, format!("# {n}\n{TWO}")).unwrap();
                    tokio::time::sleep(QUIET / 3).await;
                }
            }
        };
        let config = files.config();
        let assembly = Assembly::default();
        let followed = Followed::of(&config, &config.plugins.dir, &Ok(config.clone()));
        let before = Before { config: &config, assembly: &assembly, followed: &followed };
        let plugin = PluginRef::File("busy".into());
        let found = tokio::select! {
            found = look(before, &SystemClock) => found,
            () = busy("plugins/busy.wasm") => unreachable!(),
        };
        let folder = found.folder.as_ref().unwrap();
        assert!(folder.sources.contains_key(&PluginRef::File("good".into())) && found.config.is_ok());
        // The last look may have fallen between two writes; then the file was read whole.
        assert!(folder.sources.contains_key(&plugin) || folder.unreadable[&plugin].passing);
        let found = tokio::select! {
            found = look(before, &SystemClock) => found,
            () = busy("config.toml") => unreachable!(),
        };
        assert!(found.config.is_ok() || found.passing);
        assert!(found.folder.unwrap().sources.contains_key(&PluginRef::File("good".into())));
    }

    #[tokio::test(start_paused = true)]
    async fn a_missing_folder_is_reported_and_not_created() {
        let files = Files::new();
        fs::remove_dir(files.path("plugins")).unwrap();
        let found = files.look(async {}).await;
        assert!(found.folder.unwrap_err().contains("does not exist") && !Path::new(&files.path("plugins")).exists());
    }
}
