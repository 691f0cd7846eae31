//! From a file's bytes to a plugin that is known to start.

use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use wasmtime::{Engine, component::Component};

use crate::{Plugin, attempt, cache, engine::Shared, kind, limits, plugin::Loaded};

/// Why a file is no plugin, for whoever put it there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    #[error("the file is empty")]
    Empty,
    #[error("the file is {size} bytes long, and a plugin is at most {} MiB", limits::WASM >> 20)]
    TooLarge { size: usize },
    #[error("the file is not Wasm: it starts with {0}, not with `\\0asm`")]
    NotWasm(String),
    #[error(
        "the file is a core Wasm module, and a channel is a component: build for `wasm32-wasip2`, or wrap it with `wasm-tools component new`"
    )]
    CoreModule,
    #[error("the file ends in the middle: {0}; was it still being copied?")]
    Truncated(String),
    #[error("the file does not compile: {0}")]
    Invalid(String),
    #[error(
        "no kind of channel: the file exports {}, and a channel exports `{}` or `{}`. It imports {}",
        list(exports),
        kind::HANDLER,
        kind::EXCHANGE,
        list(imports)
    )]
    NoKind { exports: Vec<String>, imports: Vec<String> },
    #[error("the file does not link with this host: {0}")]
    Link(String),
    #[error("the file links but does not start: {0}")]
    Start(String),
    #[error("the file could not be compiled for a reason of the host's own: {0}")]
    Host(String),
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
    }
}

pub(crate) async fn load(shared: &Arc<Shared>, wasm: Bytes) -> Result<Plugin, LoadError> {
    look(&wasm)?;
    let host = |reason: String| LoadError::Host(reason);
    let turn = shared.compiling.acquire().await.map_err(|e| host(e.to_string()))?;
    let (owned, size) = (Arc::clone(shared), wasm.len());
    let compiled = tokio::task::spawn_blocking(move || compile(&owned, &wasm)).await;
    drop(turn);
    let (digest, component) = compiled.map_err(|e| host(e.to_string()))??;

    let (imports, exports) = interfaces(&component, &shared.engine);
    let pre = shared.linker.instantiate_pre(&component).map_err(|e| LoadError::Link(format!("{e:#}")))?;
    let Some(entry) = kind::classify(&pre).map_err(|e| LoadError::Link(format!("{e:#}")))? else {
        return Err(LoadError::NoKind { exports, imports });
    };
    let loaded = Loaded { shared: Arc::clone(shared), digest, size, imports, exports, entry, pre };
    attempt::start(&loaded).await.map_err(LoadError::Start)?;
    Ok(Plugin { inner: Arc::new(loaded) })
}

/// What can be told without compiling.
fn look(wasm: &[u8]) -> Result<(), LoadError> {
    match wasm {
        [] => Err(LoadError::Empty),
        _ if wasm.len() > limits::WASM => Err(LoadError::TooLarge { size: wasm.len() }),
        [b'\0', b'a', b's', b'm', 1, 0, 0, 0, ..] => Err(LoadError::CoreModule),
        [b'\0', b'a', b's', b'm', ..] => Ok(()),
        other => Err(LoadError::NotWasm(format!("`{}`", other[..other.len().min(8)].escape_ascii()))),
    }
}

fn compile(shared: &Shared, wasm: &[u8]) -> Result<(String, Component), LoadError> {
    let digest = cache::hex(&Sha256::digest(wasm));
    if let Some(component) = shared.cache.as_ref().and_then(|cache| cache.get(&shared.engine, &digest)) {
        return Ok((digest, component));
    }
    let component = Component::from_binary(&shared.engine, wasm).map_err(|error| {
        let reason = format!("{error:#}");
        if reason.contains("unexpected end") || reason.contains("out of bounds (bound") {
            LoadError::Truncated(reason)
        } else {
            LoadError::Invalid(reason)
        }
    })?;
    if let Some(cache) = &shared.cache {
        cache.put(&digest, &component);
    }
    Ok((digest, component))
}

fn interfaces(component: &Component, engine: &Engine) -> (Vec<String>, Vec<String>) {
    let ty = component.component_type();
    let imports = ty.imports(engine).map(|(name, _)| name.to_owned()).collect();
    let exports = ty.exports(engine).map(|(name, _)| name.to_owned()).collect();
    (imports, exports)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plainly_no_component_is_told_apart_before_compiling() {
        assert_eq!(look(b""), Err(LoadError::Empty));
        assert_eq!(look(b"(module)"), Err(LoadError::NotWasm("`(module)`".to_owned())));
        assert_eq!(
            look(b"\x7fELF\x02\x01\x01\0\0\0"),
            Err(LoadError::NotWasm("`\\x7fELF\\x02\\x01\\x01\\x00`".to_owned()))
        );
        assert_eq!(look(b"\0asm\x01\0\0\0"), Err(LoadError::CoreModule));
        assert_eq!(look(b"\0asm\x0d\0\x01\0"), Ok(()));
        let size = limits::WASM + 1;
        assert_eq!(look(&vec![0; size]), Err(LoadError::TooLarge { size }));
    }
}
