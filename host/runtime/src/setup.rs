//! The operator's decisions for one channel or stage.

use std::collections::BTreeMap;

use fanfare_core::{ChannelName, Role};

use crate::{Grants, Secret, webhook::SigningKey};

/// The operator's decisions for one channel or stage. Guests with equal ones run alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelSetup {
    pub name: ChannelName,
    pub role: Role,
    /// Flattened: `headers.x-env`.
    pub settings: BTreeMap<String, String>,
    pub grants: Grants,
    /// Sign every request with these; empty for none.
    pub sign: Vec<SigningKey>,
    pub secrets: Vec<Secret>,
}

impl ChannelSetup {
    /// A channel without grants and settings.
    #[must_use]
    pub fn new(name: ChannelName) -> Self {
        Self {
            name,
            role: Role::Channel,
            settings: BTreeMap::new(),
            grants: Grants::default(),
            sign: vec![],
            secrets: vec![],
        }
    }
}
