//! One channel as a guest meets it: what its operator decided, and what follows from that.

use std::collections::BTreeMap;

use crate::{ChannelSetup, secrets::Vault};

pub(crate) struct Tenant {
    pub(crate) setup: ChannelSetup,
    pub(crate) vault: Vault,
    /// What the guest reads: the settings, and a placeholder for each secret.
    pub(crate) settings: BTreeMap<String, String>,
}

impl Tenant {
    pub(crate) fn new(setup: ChannelSetup) -> Self {
        let vault = Vault::new(&setup.secrets);
        let mut settings = setup.settings.clone();
        settings.extend(vault.placeholders().map(|(name, placeholder)| (name.to_owned(), placeholder.to_owned())));
        Self { setup, vault, settings }
    }

    pub(crate) fn name(&self) -> &str {
        self.setup.name.as_str()
    }
}
