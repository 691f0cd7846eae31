//! Wraps a core module that was compiled for a WIT world as the component that a daemon loads.

use anyhow::{Context as _, Result};
use memchr::memmem;
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_component::ComponentEncoder;

/// Whether a core module contains the type of a world, so that it has to become a component.
pub(crate) fn is_wanted(core: &[u8]) -> bool {
    core.get(4..8) == Some(&[1, 0, 0, 0]) && memmem::find(core, b"component-type").is_some()
}

pub(crate) fn encode(core: &[u8]) -> Result<Vec<u8>> {
    let mut encoder =
        ComponentEncoder::default().validate(true).module(core).context("the module contains no usable type")?;
    // Code that uses files or printf calls preview 1, which the adapter translates into WASI 0.2.
    if memmem::find(core, WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME.as_bytes()).is_some() {
        encoder = encoder
            .adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)
            .context("the adapter for preview 1")?;
    }
    encoder.encode().context("the module cannot be made into a component")
}
