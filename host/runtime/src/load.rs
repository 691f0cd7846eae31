//! From a file's bytes to a plugin that is known to start.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use memchr::memmem;
use sha2::{Digest as _, Sha256};
use wasmtime::{Module, component::Component};

use crate::{
    LoadError, attempt, cache, compile,
    engine_core::EngineCore,
    exports,
    guest_channel::Loaded,
    image::{Image, is_module},
    kind, limits,
};

pub(crate) async fn load(shared: &Arc<EngineCore>, wasm: Bytes) -> Result<Arc<Loaded>, LoadError> {
    look(&wasm)?;
    let digest = cache::hex(&Sha256::digest(&wasm));
    let (is_module, size) = (is_module(&wasm), wasm.len());
    let image = image(shared, &wasm, &digest).await?;
    let link = |e: wasmtime::Error| LoadError::Link(format!("{e:#}"));
    let (imports, exports, entry) = match &image {
        Image::Component(component) => {
            let (imports, exports) = interfaces(component)?;
            (imports, exports, kind::of_component(&shared.linker, component).map_err(link)?)
        }
        Image::Module(module) => {
            let (imports, exports) = names(module)?;
            // A module that is not a command gets that error before it fails to link.
            let entry = if exports.iter().any(|name| name == exports::START) {
                kind::of_module(&shared.programs, module).map_err(link)?
            } else {
                None
            };
            (imports, exports, entry)
        }
    };
    let Some(entry) = entry else {
        let unwrapped = memmem::find(&wasm, b"component-type").is_some();
        return Err(match is_module {
            true => LoadError::NoCommand { exports, imports, unwrapped },
            false => LoadError::NoKind { exports, imports },
        });
    };
    let loaded = Arc::new(Loaded { shared: Arc::clone(shared), digest, size, imports, exports, entry });
    attempt::start(&loaded).await.map_err(LoadError::Start)?;
    Ok(loaded)
}

/// The compiled file: from the cache, or compiled now.
async fn image(shared: &Arc<EngineCore>, wasm: &Bytes, digest: &str) -> Result<Image, LoadError> {
    let is_module = is_module(wasm);
    let cached = || shared.cache.as_ref().and_then(|cache| cache.get(&shared.engine, digest, is_module));
    if let Some(image) = cached() {
        return Ok(image);
    }
    // A command and the daemon often get a new file at the same moment. One of them compiles it.
    let _only = only(shared, digest).await;
    if let Some(image) = cached() {
        return Ok(image);
    }
    let _turn = shared.compiling.acquire().await.map_err(|e| LoadError::Host(e.to_string()))?;
    tracing::debug!(digest, size = wasm.len(), "compiling a plugin");
    let code = compile(shared, wasm.clone()).await?;
    // The compiler's output is valid, so an image that does not load needs more than the host allows for one plugin.
    let image = cache::of_compiled(&shared.engine, &code, is_module);
    let image = image.map_err(|e| LoadError::TooCostly(format!("it is larger than a plugin may be: {e:#}")))?;
    if let Some(cache) = &shared.cache {
        cache.put(digest, &code);
    }
    Ok(image)
}

/// Waits until no other process that shares the cache compiles this file.
async fn only(shared: &Arc<EngineCore>, digest: &str) -> Option<cache::Lock> {
    let (shared, digest) = (Arc::clone(shared), digest.to_owned());
    tokio::task::spawn_blocking(move || shared.cache.as_ref()?.lock(&digest)).await.ok()?
}

async fn compile(shared: &Arc<EngineCore>, wasm: Bytes) -> Result<Vec<u8>, LoadError> {
    if let Some(compiler) = &shared.compiler {
        return compile::in_child(compiler, &wasm).await;
    }
    let shared = Arc::clone(shared);
    let compiled = tokio::task::spawn_blocking(move || compile::in_process(&shared.engine, &wasm)).await;
    compiled.map_err(|e| LoadError::Host(e.to_string()))?
}

/// Checks that need no compiling.
fn look(wasm: &[u8]) -> Result<(), LoadError> {
    match wasm {
        [] => Err(LoadError::Empty),
        _ if wasm.len() > limits::WASM => Err(LoadError::TooLarge { size: wasm.len() }),
        [b'\0', b'a', b's', b'm', ..] => Ok(()),
        other => Err(LoadError::NotWasm(format!("`{}`", other[..other.len().min(8)].escape_ascii()))),
    }
}

fn interfaces(component: &Component) -> Result<(Vec<String>, Vec<String>), LoadError> {
    let (ty, engine) = (component.component_type(), component.engine());
    let imports = few("imports", ty.imports(engine).map(|(name, _)| name.to_owned()))?;
    let exports = few("exports", ty.exports(engine).map(|(name, _)| name.to_owned()))?;
    Ok((imports, exports))
}

fn names(module: &Module) -> Result<(Vec<String>, Vec<String>), LoadError> {
    // Preview 1 is one interface with many functions: its name is enough.
    let imports = module.imports().map(|import| match import.module() {
        preview1 @ "wasi_snapshot_preview1" => preview1.to_owned(),
        other => format!("{other}.{}", import.name()),
    });
    let imports: BTreeSet<_> = few("imports", imports)?.into_iter().collect();
    let exports = few("exports", module.exports().map(|export| export.name().to_owned()))?;
    Ok((imports.into_iter().collect(), exports))
}

/// The names, if they are few enough to list and compare.
fn few(what: &'static str, names: impl Iterator<Item = String>) -> Result<Vec<String>, LoadError> {
    let (mut few, mut count, mut bytes) = (vec![], 0, 0);
    for name in names {
        count += 1;
        bytes += name.len();
        if count <= limits::NAMES && bytes <= limits::NAME_BYTES {
            few.push(name);
        }
    }
    if few.len() == count { Ok(few) } else { Err(LoadError::TooManyNames { what, count, bytes }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plainly_not_wasm_is_rejected_before_compiling() {
        assert_eq!(look(b""), Err(LoadError::Empty));
        assert_eq!(look(b"(module)"), Err(LoadError::NotWasm("`(module)`".to_owned())));
        assert_eq!(
            look(b"\x7fELF\x02\x01\x01\0\0\0"),
            Err(LoadError::NotWasm("`\\x7fELF\\x02\\x01\\x01\\x00`".to_owned()))
        );
        assert_eq!(look(b"\0asm\x0d\0\x01\0"), Ok(()));
        let size = limits::WASM + 1;
        assert_eq!(look(&vec![0; size]), Err(LoadError::TooLarge { size }));
        assert!(is_module(b"\0asm\x01\0\0\0"));
        assert!(!is_module(b"\0asm\x0d\0\x01\0"));
        assert!(!is_module(b"\0asm"));
    }

    #[test]
    fn names_are_counted() {
        let named = |count: usize, len: usize| few("exports", (0..count).map(move |_| "x".repeat(len)));
        assert_eq!(named(4096, 5).unwrap().len(), 4096);
        assert_eq!(
            named(100_000, 10).unwrap_err().to_string(),
            "the file has 100000 exports with 1000000 bytes of names; it may have 4096 with 256 KiB: build it with \
             only those that it needs"
        );
        assert!(named(3, 100_000).is_err());
    }
}
