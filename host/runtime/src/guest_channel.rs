//! A loaded file, and a channel or stage that is served by its guests.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::{ChannelSetup, Wire, channel_view::ChannelView, engine_core::EngineCore, kind::EntryPoint, warm::Warm};

/// A compiled, classified and linked file.
pub(crate) struct Loaded {
    pub(crate) shared: Arc<EngineCore>,
    pub(crate) digest: String,
    pub(crate) size: usize,
    pub(crate) imports: Vec<String>,
    pub(crate) exports: Vec<String>,
    pub(crate) entry: EntryPoint,
}

/// A channel or a stage, served by a guest.
#[derive(Clone)]
pub(crate) struct GuestChannel {
    pub(crate) plugin: Arc<Loaded>,
    pub(crate) channel_view: Arc<ChannelView>,
    /// Idle instances.
    pub(crate) warm: Arc<Warm>,
    /// A digest of the settings.
    pub(crate) settings: Arc<str>,
}

impl GuestChannel {
    pub(crate) fn new(plugin: &Arc<Loaded>, setup: ChannelSetup, wire: Wire) -> Self {
        let settings = digest(&setup);
        let channel_view = Arc::new(ChannelView::new(setup, wire));
        Self { plugin: Arc::clone(plugin), channel_view, warm: Arc::default(), settings }
    }
}

/// A digest that shows whether settings differ, and nothing else: values may be private.
fn digest(setup: &ChannelSetup) -> Arc<str> {
    let mut hash = Sha256::new();
    let secrets = setup.secrets.iter().map(|secret| &secret.name);
    for text in setup.settings.iter().flat_map(|(key, value)| [key, value]).chain(secrets) {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    let digest = hash.finalize();
    digest[..8].iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}
