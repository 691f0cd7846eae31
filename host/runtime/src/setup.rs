//! The operator's decisions for one channel or stage.

use std::collections::BTreeMap;

use fanfare_core::{ChannelName, Role};

use crate::{Grants, Outbound, Secret, Tap, webhook::SigningKey};

/// The operator's decisions for one channel or stage.
#[derive(Clone, Debug)]
pub struct ChannelSetup {
    pub name: ChannelName,
    pub role: Role,
    /// Flattened: `headers.x-env`.
    pub settings: BTreeMap<String, String>,
    pub grants: Grants,
    /// Sign every request with these; empty for none.
    pub sign: Vec<SigningKey>,
    pub secrets: Vec<Secret>,
    /// The maximum length of a chain of events that cause each other.
    pub max_hops: u32,
    pub outbound: Outbound,
    /// Called for every request, live or stubbed.
    pub tap: Option<Tap>,
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
            max_hops: 16,
            outbound: Outbound::Live,
            tap: None,
        }
    }
}
