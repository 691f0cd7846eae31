//! From a core module that was compiled for a WIT world to the component that a daemon loads.

use anyhow::{Context as _, Result};
use memchr::memmem;
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_component::ComponentEncoder;

/// Whether a core module carries the type of a world, and so wants to be a component.
pub(super) fn is_wanted(core: &[u8]) -> bool {
    core.get(4..8) == Some(&[1, 0, 0, 0]) && memmem::find(core, b"component-type").is_some()
}

pub(super) fn encode(core: &[u8]) -> Result<Vec<u8>> {
    let mut encoder =
        ComponentEncoder::default().validate(true).module(core).context("the module carries no usable type")?;
    // What uses files or printf calls preview 1; the adapter turns that into WASI 0.2.
    if memmem::find(core, WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME.as_bytes()).is_some() {
        encoder = encoder
            .adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)
            .context("the adapter for preview 1")?;
    }
    encoder.encode().context("the module does not become a component")
}
