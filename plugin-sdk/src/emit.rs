//! Emits new events. They are published if the attempt delivers, in the same commit, and go to every channel like any
//! other event. The operator grants the types: `grant.emit`.
//!
//! ```
//! use fanfare_plugin_sdk::{emit, json, testing::Host};
//!
//! let host = Host::new().install();
//! let id = emit::emit(&emit::event("inventory.reserved").subject("sku-1").json(&json!({ "n": 2 }))?)?;
//! assert_eq!(host.emitted()[0].type_, "inventory.reserved");
//! # Ok::<(), fanfare_plugin_sdk::Failure>(())
//! ```

use serde::Serialize;

use crate::{EmitError, Failure, NewEvent, Payload, host};

/// Creates an event of this type, without data.
#[must_use]
pub fn event(ty: impl Into<String>) -> NewEvent {
    NewEvent {
        type_: ty.into(),
        subject: None,
        data_content_type: None,
        data_schema: None,
        extensions: Vec::new(),
        data: None,
    }
}

/// Hands an event to the host, and returns the id under which it will be published.
///
/// # Errors
/// [`EmitError::Denied`] for a type that is not granted, [`EmitError::Invalid`] for what is not an event,
/// [`EmitError::TooMany`] past the host's bounds: 16 events in an attempt, 256 KiB in an event, 16 events in a chain in
/// which each causes the next.
pub fn emit(event: &NewEvent) -> Result<String, EmitError> {
    host::emit::emit(event)
}

impl NewEvent {
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// An extension attribute: 1 to 64 of a-z and 0-9; 20 and shorter is recommended.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extensions.push((name.into(), value.into()));
        self
    }

    /// Data that is JSON.
    ///
    /// # Errors
    /// When the value cannot be written as JSON.
    pub fn json(mut self, data: &impl Serialize) -> Result<Self, Failure> {
        self.data = Some(Payload::Text(serde_json::to_string(data)?));
        Ok(self)
    }

    /// Data of another media type.
    #[must_use]
    pub fn data(mut self, content_type: impl Into<String>, data: impl Into<Payload>) -> Self {
        self.data_content_type = Some(content_type.into());
        self.data = Some(data.into());
        self
    }
}
