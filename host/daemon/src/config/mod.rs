//! The configuration: `config.toml`, the sidecars of plugins, and what follows from both.
//!
//! The reader (`reader`) goes key by key, into types that cannot represent an invalid value. It reports everything that
//! is wrong at once, with places ([`Diagnostics`]), and nothing of a file with a mistake is used. An unknown key is a
//! mistake: a policy that is silently ignored is worse than a daemon that does not start.
//!
//! Each layer overrides the ones before: the built-in values, `[defaults]`, the plugin's sidecar, `[channels.<name>]`
//! ([`ResolvedChannel::resolve`]).

mod bound_secret;
mod channel;
mod diagnostics;
mod doubts;
mod effective;
mod files;
mod filter;
mod grants;
mod init;
mod needs;
mod otel;
mod paths;
mod place;
mod policy;
mod reader;
mod recipients;
mod schema;
mod schemas;
mod secret;
mod self_test;
mod server;
mod settings;
pub mod shape;
mod sign;
mod stage;
mod telemetry;
mod templates;
mod tls;
mod tokens;
mod turn;
pub mod units;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use fanfare_core::ChannelName;

pub use channel::{ChannelTable, PluginRef, ResolvedChannel, Sidecar, parse_sidecar};
pub use diagnostics::{Cause, Diagnostic, Diagnostics};
pub use doubts::Part;
pub use grants::{TCP_HELP, emitted_type, guest_path, tcp_target};
pub use init::STARTER;
pub use needs::{MethodOf, Need, PathOf, Step, Wants};
pub use policy::PolicyPatch;
pub use recipients::{RecipientsTable, is_of_recipients};
pub use schema::Schema;
pub use self_test::{Expected, SelfTest};
pub use server::{Journal, Plugins, Server};
pub use settings::Settings;
pub use stage::StageTable;
pub use telemetry::Telemetry;
pub use tls::Tls;
pub use tokens::of_file as tokens_of;

pub use templates::TemplatesTable;

use crate::{access::Listed, schemas::SchemaSet, text::and};
use doubts::Doubts;
use place::Text;
use reader::{Field, Section};

/// A valid `config.toml`. Two equal values mean the same, whatever their comments are.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    pub server: Server,
    pub journal: Journal,
    pub plugins: Plugins,
    pub defaults: PolicyPatch,
    pub channels: BTreeMap<ChannelName, ChannelTable>,
    /// In the order in which events pass them.
    pub stages: Vec<StageTable>,
    /// The schemas of events, from the files that the table names.
    pub schemas: SchemaSet,
    /// Whom events are for, from the files that the table names.
    pub recipients: RecipientsTable,
    /// Texts for people, from the table and the files that it names.
    pub templates: TemplatesTable,
    /// Where traces are sent; `None` where there are none.
    pub telemetry: Option<Telemetry>,
    /// There is a table of channels, even if it is empty.
    names_channels: bool,
    /// What is wrong in the tables of channels and stages. Nothing is, unless the file was only examined.
    doubts: Doubts,
    /// The file it was read from, or would be read from.
    pub path: PathBuf,
    text: Text,
}

/// Looks up an environment variable.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Where a configuration gets what it does not contain itself.
struct Sources<'a> {
    env: Env<'a>,
    /// The folder of the file, to which paths are relative.
    dir: &'a Path,
    /// What was read before: files that have not changed are not read again.
    before: Option<&'a RecipientsTable>,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or everything that is wrong with it.
    pub fn load(path: &Path, env: Env<'_>) -> Result<Self, Diagnostics> {
        Self::load_after(path, env, None)
    }

    /// The same with recipients that were read before: their files are read again only if they have changed.
    ///
    /// # Errors
    /// As for [`load`](Self::load).
    pub fn load_after(path: &Path, env: Env<'_>, before: Option<&RecipientsTable>) -> Result<Self, Diagnostics> {
        let text = Self::text(path)?;
        match Self::parse_what_is_sound(&text, path, env, before) {
            (Some(config), problems) => problems.into_result().map(|()| config),
            (None, problems) => Err(problems),
        }
    }

    /// Reads a file for everything that is wrong with it and with what it refers to. Also returns the configuration,
    /// with the channels and stages that have mistakes; it must not run while there are any. `None` if nothing could be
    /// read.
    pub fn examine(path: &Path, env: Env<'_>) -> (Option<Self>, Diagnostics) {
        let text = match Self::text(path) {
            Ok(text) => text,
            Err(problems) => return (None, problems),
        };
        let (mut config, problems) = Self::parse_what_is_sound(&text, path, env, None);
        if let Some(config) = &mut config {
            config.doubts = Doubts::of(&problems.problems);
            // A mistake is under the place of a stage instead of its name if the name itself is wrong.
            config.stages.retain(|stage| config.doubts.is_sound(&format!("stages.{}", stage.place)));
        }
        (config, problems)
    }

    /// Whether nothing in this table, such as `channels.hook`, is wrong.
    #[must_use]
    pub fn is_sound(&self, table: &str) -> bool {
        self.doubts.is_sound(table)
    }

    /// Whether this part of a channel's or stage's table is as its author meant it, so that it can be checked.
    #[must_use]
    pub fn trusts(&self, of: &ResolvedChannel, part: Part) -> bool {
        self.doubts.trusts(&of.table(), part)
    }

    fn text(path: &Path) -> Result<String, Diagnostics> {
        let bytes = std::fs::read(path).map_err(|error| {
            let help = match error.kind() {
                ErrorKind::IsADirectory => "name the file in it",
                _ => "`fanfare init` writes a configuration to start from",
            };
            let problem = Diagnostic::with_file(path, format!("cannot be read: {error}"), help);
            let passing = !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied);
            Diagnostics { passing, ..problem.into() }
        })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..valid].iter().filter(|&&b| b == b'\n').count() + 1;
            Diagnostic::with_file(path, format!("line {line} is not UTF-8"), "save the file in UTF-8")
        })?;
        // A file that was truncated before it is rewritten looks like this; nobody writes it on purpose.
        if Text::new(&text).is_empty() {
            let help = "`fanfare init --force` writes a configuration to start from; to have no channels, write \
                        `channels = {}`";
            return Err(Diagnostic::with_file(path, "is empty: it sets no key", help).into());
        }
        Ok(text)
    }

    /// The tokens that a file names, although it may not be valid as a whole. `None` if that is unknown: it cannot
    /// be read, is empty or is not TOML.
    #[must_use]
    pub fn listed_tokens(path: &Path) -> Option<Vec<Listed>> {
        tokens::listed(&Self::text(path).ok()?)
    }

    /// Reads the text of a file. `path` is for messages, and for the folder that paths are relative to.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(text: &str, path: &Path, env: Env<'_>) -> Result<Self, Diagnostics> {
        match Self::parse_what_is_sound(text, path, env, None) {
            (Some(config), problems) => problems.into_result().map(|()| config),
            (None, problems) => Err(problems),
        }
    }

    fn parse_what_is_sound(
        text: &str,
        path: &Path,
        env: Env<'_>,
        before: Option<&RecipientsTable>,
    ) -> (Option<Self>, Diagnostics) {
        let sources = Sources { env, dir: paths::folder(path), before };
        let mut elsewhere = Diagnostics::default();
        let (config, mut problems) = reader::read_what_is_sound(text, path, |root| {
            let server = Server::read(root, &sources);
            let journal = Journal::read(root, sources.dir);
            let plugins = Plugins::read(root, sources.dir, &journal);
            let defaults = root.section("defaults").map(|mut section| {
                let patch = PolicyPatch::read(&mut section);
                for key in ["fallback", "fallback_after"] {
                    section.refuse(key, policy::NOT_HERE, "write it into [channels.<name>]");
                }
                section.finish();
                patch
            });
            let names_channels = root.has("channels");
            let channels = channels(root, &sources);
            let stages = stage::read(root, &sources);
            let schemas = schemas::read(root, &sources, &mut elsewhere);
            let recipients = recipients::read(root, &sources, &mut elsewhere);
            let fallback = recipients.on_file.rules.locales(None);
            let templates = templates::read(root, &sources, fallback, &mut elsewhere);
            let telemetry = telemetry::read(root, &sources);
            let defaults = defaults.unwrap_or_default();
            let (path, text) = (path.to_owned(), Text::new(text));
            Self {
                server,
                journal,
                plugins,
                defaults,
                channels,
                stages,
                schemas,
                recipients,
                templates,
                telemetry,
                names_channels,
                doubts: Doubts::default(),
                path,
                text,
            }
        });
        // If the text is not TOML, other mistakes are not reported.
        if config.is_some() {
            problems.extend(elsewhere);
        }
        (config, problems)
    }

    /// The configuration without a file: only the channels of the plugins in `<dir>/plugins`.
    #[must_use]
    pub fn default_in(dir: &Path) -> Self {
        let journal = Journal::in_dir(dir);
        Self {
            server: Server::default(),
            plugins: Plugins::in_dir(dir, &journal),
            journal,
            defaults: PolicyPatch::default(),
            channels: BTreeMap::new(),
            stages: vec![],
            schemas: SchemaSet::default(),
            recipients: RecipientsTable::default(),
            templates: TemplatesTable::default(),
            telemetry: None,
            names_channels: false,
            doubts: Doubts::default(),
            path: dir.join("config.toml"),
            text: Text::new(""),
        }
    }

    /// One channel with all its layers. A channel without a table comes from a plugin's file.
    #[must_use]
    pub fn channel(&self, name: &ChannelName, sidecar: Option<&Sidecar>) -> ResolvedChannel {
        ResolvedChannel::resolve(name, &self.defaults, sidecar, self.channels.get(name))
    }

    /// Every plugin that a channel or a stage names.
    pub fn named_plugins(&self) -> impl Iterator<Item = &PluginRef> {
        let tables = self.channels.values().chain(self.stages.iter().map(|stage| &stage.table));
        tables.map(|table| &table.plugin)
    }

    /// The diagnostic that a channel's or stage's plugin does not exist, at the place that names it. Only the caller
    /// knows the plugins.
    #[must_use]
    pub fn unknown_plugin(&self, of: &ResolvedChannel, builtins: &[&str]) -> Diagnostic {
        let dir = self.plugins.dir.display();
        let (message, help) = match &of.plugin {
            PluginRef::File(stem) if builtins.contains(&stem.as_str()) => (
                format!("there is no {stem}.wasm in {dir}"),
                format!("write `plugin = \"builtin:{stem}\"` for the plugin that ships with fanfare"),
            ),
            PluginRef::File(stem) => (
                format!("there is no {stem}.wasm in {dir}"),
                "put the file there, or name another plugin; \"builtin:<name>\" is one that ships with fanfare"
                    .to_owned(),
            ),
            PluginRef::Builtin(name) => (
                format!("fanfare has no builtin plugin `{name}`"),
                format!(
                    "the builtin plugins are {}; without `builtin:`, it is the name of a file in `plugins.dir`",
                    and(builtins)
                ),
            ),
        };
        self.text.problem(&self.path, &[of.setup.role.tables(), of.setup.name.as_str(), "plugin"], message, &help)
    }

    /// A diagnostic for a setting of a channel or a stage, or for all settings if the path is empty, at its place in
    /// the file. Only the caller knows the plugin's schema.
    #[must_use]
    pub fn setting_problem(&self, of: &ResolvedChannel, path: &[String], message: String, help: &str) -> Diagnostic {
        let key: Vec<_> = [of.setup.role.tables(), of.setup.name.as_str(), "settings"]
            .into_iter()
            .chain(path.iter().map(String::as_str))
            .collect();
        self.text.problem(&self.path, &key, message, help)
    }

    /// The diagnostic that all previous channels are missing, and that the file does not say so explicitly. A truncated
    /// file looks the same.
    #[must_use]
    pub fn removes_all(&self, before: &Self) -> Option<Diagnostic> {
        if before.channels.is_empty() || !self.channels.is_empty() || self.names_channels {
            return None;
        }
        let (count, names) = (before.channels.len(), before.channels.keys().take(5).map(ChannelName::as_str));
        let names: Vec<_> = names.collect();
        let more = if count > names.len() { ", …" } else { "" };
        let message = format!("names no channels, although {count} are running: {}{more}", names.join(", "));
        let help = "they keep running; to remove all of them, write `channels = {}` at the top of the file";
        Some(Diagnostic::with_file(&self.path, message, help))
    }

    /// The problem that this configuration has no tokens while the daemon listens on an address that other machines can
    /// reach.
    #[must_use]
    pub fn lets_everybody_in(&self, started: &Server) -> Option<Diagnostic> {
        if !started.is_public() || !self.server.tokens.is_empty() {
            return None;
        }
        let message = format!("no longer has [[server.tokens]], but other machines can reach {}", started.listen);
        let help = "keep one, or listen on loopback and restart before you remove the last";
        Some(Diagnostic::with_file(&self.path, message, help))
    }

    /// The files and folders that it names, besides plugins. They are part of the configuration.
    #[must_use]
    pub fn files(&self) -> BTreeSet<PathBuf> {
        let mut files = self.schemas.files();
        files.extend(self.server.tls.iter().flat_map(Tls::files).cloned());
        files.extend(self.telemetry.iter().flat_map(|telemetry| &telemetry.ca).map(|ca| ca.path.clone()));
        files.extend(self.recipients.files().cloned());
        files.extend(self.templates.files());
        files
    }

    /// The size of the file in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.text.len()
    }

    /// The keys whose new value needs a restart: what the daemon binds, opens or sets up once. Channels, defaults and
    /// `plugins.dir` take effect while it runs.
    #[must_use]
    pub fn needs_restart(&self, new: &Self) -> Vec<&'static str> {
        let (was, is) = (&self.server, &new.server);
        let keys = [
            ("server.listen", was.listen != is.listen),
            // New files take effect at once.
            ("server.tls", was.tls.is_some() != is.tls.is_some()),
            ("server.wait", was.wait != is.wait),
            ("server.max_body", was.max_body != is.max_body),
            ("server.max_batch", was.max_batch != is.max_batch),
            ("server.max_streams", was.max_streams != is.max_streams),
            ("server.max_connections", was.max_connections != is.max_connections),
            ("server.header_timeout", was.header_timeout != is.header_timeout),
            ("server.body_timeout", was.body_timeout != is.body_timeout),
            ("server.write_timeout", was.write_timeout != is.write_timeout),
            ("server.drain", was.drain != is.drain),
            ("journal.path", self.journal.path != new.journal.path),
            ("journal.retention", self.journal.retention != new.journal.retention),
            ("journal.dead_letter_retention", self.journal.dead_letter_retention != new.journal.dead_letter_retention),
            ("journal.audit_retention", self.journal.audit_retention != new.journal.audit_retention),
            ("plugins.cache", self.plugins.cache != new.plugins.cache),
            ("plugins.compile_memory", self.plugins.compile.memory != new.plugins.compile.memory),
            ("plugins.compile_time", self.plugins.compile.cpu != new.plugins.compile.cpu),
        ];
        keys.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
    }
}

fn channels(root: &mut Section<'_>, sources: &Sources<'_>) -> BTreeMap<ChannelName, ChannelTable> {
    let mut channels = BTreeMap::new();
    let mut fallbacks = vec![];
    let entries = root.section("channels").map(Section::entries);
    for (key, place, field) in entries.into_iter().flatten() {
        // The table is read even if its name is wrong, so that its own mistakes are reported too.
        let table =
            field.section().map(|section| ChannelTable::read(PluginRef::File(key.to_owned()), section, sources));
        match (ChannelName::new(key), table) {
            (Ok(name), Some(table)) => {
                fallbacks.extend(field.member("fallback").map(|field| (name.clone(), field)));
                channels.insert(name, table);
            }
            (Ok(_), None) => {}
            (Err(error), _) => place.problem(error.to_string(), ""),
        }
    }
    for (name, field) in fallbacks {
        check_fallback(&name, &field, &channels);
    }
    channels
}

/// A fallback is another channel of this file, and no chain of fallbacks leads back to its start.
fn check_fallback(name: &ChannelName, field: &Field<'_>, channels: &BTreeMap<ChannelName, ChannelTable>) {
    let of = |name: &ChannelName| channels.get(name).map_or(&[][..], |table| table.policy.fallback());
    for unknown in of(name).iter().filter(|fallback| !channels.contains_key(*fallback)) {
        let help = format!("add a table [channels.{unknown}]");
        field.problem(format!("`{unknown}` is not a channel of this file"), &help);
    }
    // All channels that can be reached from here, step by step.
    let mut reached: Vec<&ChannelName> = of(name).iter().collect();
    let mut next = 0;
    while let Some(&step) = reached.get(next) {
        let further: Vec<_> = of(step).iter().filter(|one| !reached.contains(one)).collect();
        reached.extend(further);
        next += 1;
    }
    if reached.contains(&name) {
        let help = "a channel must not be its own fallback, directly or through other channels";
        field.problem(format!("leads back to `{name}`"), help);
    }
}
