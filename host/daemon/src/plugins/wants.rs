//! The grants that a plugin may need, from its imports.

use fanfare_runtime::{Kind, Plugin};

/// Whether the plugin can read settings or use grants. Nothing says whether it does.
pub(super) fn takes_settings(plugin: &Plugin) -> bool {
    let reads = |import: &String| import.starts_with("fanfare:channel/config@") || import.starts_with("wasi:config/");
    plugin.imports().iter().any(reads) || !wants(plugin).is_empty()
}

/// The grants that the plugin needs before it can use what it imports, and what for. An import does not mean that it is
/// used: the engines behind Python and JavaScript import all of WASI.
pub(crate) fn wants(plugin: &Plugin) -> Vec<(&'static str, &'static str)> {
    let imports = |prefix: &str| plugin.imports().iter().any(|import| import.starts_with(prefix));
    let mut wants = Vec::new();
    if plugin.kind() == Kind::HttpChannel {
        wants.push(("grant.http", "the host sends what it composes"));
    } else if imports("fanfare:channel/http@") || imports("wasi:http/outgoing-handler@") {
        wants.push(("grant.http", "the hosts it sends to"));
    }
    if imports("fanfare:channel/emit@") {
        wants.push(("grant.emit", "if it emits events"));
    }
    if imports("wasi:sockets/tcp-create-socket@") {
        wants.push(("grant.tcp", "if it makes TCP connections of its own"));
    }
    if imports("wasi:filesystem/preopens@") || imports("wasi_snapshot_preview1") {
        wants.push(("grant.files", "if it reads or writes files"));
    }
    wants
}
