//! One channel or stage from its guest's point of view: the operator's decisions, and what follows from them.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    ChannelSetup,
    message::{Share, Wire},
    secrets::Vault,
};

pub(crate) struct ChannelView {
    pub(crate) setup: Arc<ChannelSetup>,
    pub(crate) wire: Wire,
    /// Its table in the configuration: `channels.hook`, `stages.enrich`.
    table: Arc<str>,
    pub(crate) vault: Vault,
    /// What the guest reads: the settings, and a placeholder for each secret.
    pub(crate) settings: BTreeMap<String, String>,
    /// The budget of all its attempts together.
    pub(crate) share: Arc<Share>,
}

/// How a setting refers to a secret, for example within a URL.
fn reference(name: &str) -> String {
    format!("{REFERENCE}{name}}}")
}

const REFERENCE: &str = "${secrets.";

/// A reference in a setting to a secret that does not exist: the key, and the secret's name.
pub(crate) fn dangling(setup: &ChannelSetup) -> Option<(&str, &str)> {
    setup.settings.iter().find_map(|(key, value)| {
        let names = value.split(REFERENCE).skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
        let mut unknown = names.filter(|name| !setup.secrets.iter().any(|secret| secret.name == *name));
        unknown.next().map(|name| (key.as_str(), name))
    })
}

/// What the guest reads.
fn settings(setup: &ChannelSetup, vault: &Vault) -> BTreeMap<String, String> {
    let mut settings = setup.settings.clone();
    for (name, placeholder) in vault.placeholders() {
        let reference = reference(name);
        for value in settings.values_mut().filter(|value| value.contains(&reference)) {
            *value = value.replace(&reference, placeholder);
        }
    }
    settings.extend(vault.placeholders().map(|(name, placeholder)| (name.to_owned(), placeholder.to_owned())));
    settings
}

impl ChannelView {
    pub(crate) fn new(setup: ChannelSetup, wire: Wire) -> Self {
        let vault = Vault::new(&setup.secrets);
        let settings = settings(&setup, &vault);
        let table = setup.role.table(setup.name.as_str()).into();
        Self { setup: Arc::new(setup), wire, table, vault, settings, share: Arc::default() }
    }

    /// The view of a new instance, with its own placeholders: one that an earlier instance gave away, perhaps to a
    /// publisher, is of no use in it.
    pub(crate) fn for_instance(self: &Arc<Self>) -> Arc<Self> {
        if self.vault.is_empty() {
            return Arc::clone(self);
        }
        let (setup, wire, table, share) =
            (Arc::clone(&self.setup), self.wire.clone(), Arc::clone(&self.table), Arc::clone(&self.share));
        let vault = self.vault.renewed();
        let settings = settings(&setup, &vault);
        Arc::new(Self { setup, wire, table, vault, settings, share })
    }

    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    pub(crate) fn name(&self) -> &str {
        self.setup.name.as_str()
    }
}
