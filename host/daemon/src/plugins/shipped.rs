//! The channels and stages that come with Fanfare: embedded in the program, or as files beside it.

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
};

use fanfare_core::Role;
use wit_component::DecodedWasm;

use super::{Source, builtin, folder, stanza::LONGEST};
use crate::{
    config::{PluginRef, Schema, parse_sidecar},
    text::is_misleading,
};

/// An environment variable with further folders, in addition to those next to the program.
const VARIABLE: &str = "FANFARE_CHANNELS";
const SYSTEM: &str = "/usr/share/fanfare/channels";

/// A usable plugin and its source.
#[derive(Clone, Debug)]
pub struct Found {
    pub source: Source,
    pub origin: Origin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Embedded in the program.
    Builtin,
    /// In the folder that the daemon loads plugins from.
    Installed,
    /// Must be copied into that folder.
    Beside,
}

/// The exports of a plugin that affect its table in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub role: Role,
    /// Whether the host sends the plugin's requests and can sign them.
    pub is_signable: bool,
}

/// The folders that may contain shipped plugins, in search order.
#[must_use]
pub fn folders() -> Vec<PathBuf> {
    if let Some(folder) = env::var_os(VARIABLE) {
        return vec![folder.into()];
    }
    let beside = program().and_then(|program| program.parent().map(Path::to_owned));
    let beside = beside.iter().flat_map(|folder| {
        ["channels", "../channels", "../share/fanfare/channels"].map(|relative| folder.join(relative))
    });
    beside.chain([PathBuf::from(SYSTEM)]).collect()
}

/// The folders of the plugins' sources, by name, if one of these places is in a clone of Fanfare. Those in other
/// languages than Rust have to be built before they can be added.
#[must_use]
pub fn sources(places: &[PathBuf]) -> BTreeMap<String, PathBuf> {
    let is_clone = |folder: &&Path| folder.join("plugin-sdk").is_dir() && folder.join("wit").is_dir();
    let Some(clone) = places.iter().flat_map(|place| place.ancestors()).find(is_clone) else { return BTreeMap::new() };
    let entries = std::fs::read_dir(clone.join("plugins")).into_iter().flatten().flatten();
    let named = entries.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())));
    named.filter(|(name, folder)| folder.join(format!("{name}.toml")).is_file()).collect()
}

/// The program, through links.
fn program() -> Option<PathBuf> {
    env::current_exe().and_then(|program| program.canonicalize()).ok()
}

/// The places that tell whether this is a clone: the current folder, and the program's.
#[must_use]
pub fn places() -> Vec<PathBuf> {
    env::current_dir().ok().into_iter().chain(program()).collect()
}

/// Every available plugin, by name. The daemon's own folder takes precedence over shipped plugins.
#[must_use]
pub fn all(plugins: &Path, shipped: &[PathBuf]) -> BTreeMap<String, Found> {
    let mut found = BTreeMap::new();
    for name in builtin::names() {
        let builtin = builtin::find(name).map(|source| Found { source, origin: Origin::Builtin });
        found.extend(builtin.map(|builtin| (name.to_owned(), builtin)));
    }
    for folder in shipped {
        for (name, source) in files(folder) {
            found.entry(name).or_insert(Found { source, origin: Origin::Beside });
        }
    }
    for (name, source) in files(plugins) {
        found.insert(name, Found { source, origin: Origin::Installed });
    }
    found
}

/// Lists the plugins in a folder. A missing folder has none; unreadable files are skipped.
fn files(folder: &Path) -> impl Iterator<Item = (String, Source)> {
    let sources = folder::scan(folder).unwrap_or_default().sources;
    sources.into_iter().filter_map(|(name, source)| match name {
        PluginRef::File(name) => Some((name, source)),
        PluginRef::Builtin(_) => None,
    })
}

impl Found {
    /// A one-line summary, if the schema has one.
    #[must_use]
    pub fn summary(&self) -> Option<String> {
        let sidecar = self.source.sidecar.as_ref()?;
        let schema = parse_sidecar(&sidecar.text, &sidecar.file).ok()?.schema?;
        summary(&schema)
    }

    /// Determined from the exports, without compiling.
    #[must_use]
    pub fn shape(&self) -> Shape {
        let exports = exports(&self.source.wasm);
        let has = |interface: &str| exports.iter().any(|export| export.starts_with(interface));
        Shape {
            role: if has("fanfare:channel/stage@") { Role::Stage } else { Role::Channel },
            is_signable: has("fanfare:channel/exchange@") || has("fanfare:channel/batch-exchange@"),
        }
    }
}

/// The summary in a schema, on one line.
pub(super) fn summary(schema: &Schema) -> Option<String> {
    schema.json().get("description").and_then(|text| text.as_str()).map(one_line)
}

/// A third party's text for a comment: on one line, and short.
pub(super) fn one_line(text: &str) -> String {
    text.replace(is_misleading, " ").chars().take(LONGEST).collect()
}

/// The exports of a component. A core module has none.
fn exports(wasm: &[u8]) -> Vec<String> {
    let Ok(DecodedWasm::Component(resolve, world)) = wit_component::decode(wasm) else { return vec![] };
    let exports = resolve.worlds.get(world).map(|world| world.exports.keys());
    exports.into_iter().flatten().map(|export| resolve.name_world_key(export)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_the_daemons_folder_takes_precedence_over_shipped_ones() {
        let (own, shipped) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(shipped.path().join("slack.wasm"), b"shipped").unwrap();
        std::fs::write(shipped.path().join("ntfy.wasm"), b"shipped").unwrap();
        std::fs::write(own.path().join("slack.wasm"), b"own").unwrap();
        let all = all(own.path(), &[shipped.path().to_owned(), "/nowhere".into()]);
        let origin = |name: &str| all.get(name).map(|found| found.origin);
        assert_eq!(origin("slack"), Some(Origin::Installed));
        assert_eq!(origin("ntfy"), Some(Origin::Beside));
        assert_eq!(origin("webhook"), Some(Origin::Builtin));
        assert_eq!(origin("teams"), None);
    }

    #[test]
    fn the_sources_of_a_clone_are_found_from_below() {
        let clone = tempfile::tempdir().unwrap();
        let at = |path: &str| clone.path().join(path);
        for folder in ["plugin-sdk", "wit", "plugins/slack", "plugins/notes", "target/debug"] {
            std::fs::create_dir_all(at(folder)).unwrap();
        }
        std::fs::write(at("plugins/slack/slack.toml"), "").unwrap();
        let found = sources(&["/nowhere".into(), at("target/debug")]);
        assert_eq!(found, BTreeMap::from([("slack".to_owned(), at("plugins/slack"))]));
        assert_eq!(sources(&[at("plugins")]).len(), 1);
        std::fs::remove_dir(at("wit")).unwrap();
        assert_eq!(sources(&[at("target/debug")]), BTreeMap::new(), "some other project");
    }

    #[test]
    fn the_exports_tell_channels_from_stages_and_what_can_be_signed() {
        let shape = |name| Found { source: builtin::find(name).unwrap(), origin: Origin::Builtin }.shape();
        assert_eq!(shape("log"), Shape { role: Role::Channel, is_signable: false });
        assert_eq!(shape("webhook"), Shape { role: Role::Channel, is_signable: true });
        assert_eq!(shape("enrich"), Shape { role: Role::Stage, is_signable: false });
    }
}
