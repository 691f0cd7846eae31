//! One channel or stage from its guest's point of view: the operator's decisions, and what follows from them.

use std::collections::BTreeMap;

use crate::{ChannelSetup, message::Share, secrets::Vault};

pub(crate) struct ChannelView {
    pub(crate) setup: ChannelSetup,
    /// Its table in the configuration: `channels.hook`, `stages.enrich`.
    table: String,
    pub(crate) vault: Vault,
    /// What the guest reads: the settings, and a placeholder for each secret.
    pub(crate) settings: BTreeMap<String, String>,
    /// The budget of all its attempts together.
    pub(crate) share: Share,
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

impl ChannelView {
    pub(crate) fn new(setup: ChannelSetup) -> Self {
        let vault = Vault::new(&setup.secrets);
        let mut settings = setup.settings.clone();
        for (name, placeholder) in vault.placeholders() {
            let reference = reference(name);
            for value in settings.values_mut().filter(|value| value.contains(&reference)) {
                *value = value.replace(&reference, placeholder);
            }
        }
        settings.extend(vault.placeholders().map(|(name, placeholder)| (name.to_owned(), placeholder.to_owned())));
        let table = setup.role.table(setup.name.as_str());
        Self { setup, table, vault, settings, share: Share::default() }
    }

    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    pub(crate) fn name(&self) -> &str {
        self.setup.name.as_str()
    }
}
