//! What a plugin's imports say of the grants that it may need.

use fanfare_runtime::{Kind, Plugin};

/// What an operator would have to grant before the plugin could use what it imports, and what for. Whether it uses it, an
/// import does not tell: the engines behind Python and JavaScript import all of WASI.
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
