//! What host calls need from the runtime, and what they ask the daemon for.

use std::sync::{Arc, atomic::AtomicU32};

use fanfare_core::{Event, Recipient, Staged};
use fanfare_dispatch::{BoxFuture, Clock};

use crate::{egress::Egress, ticker::Ticker};

/// Returns the event to record. Called on the guest's thread, and dropped with the attempt.
pub type EmitGate = Arc<dyn Fn(Event) -> BoxFuture<'static, Result<Staged, EmitRefusal>> + Send + Sync>;

/// Why an event may not be emitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmitRefusal {
    /// The event is invalid, for this reason, which the guest gets.
    Invalid(String),
    /// It cannot be decided at the moment: unless it delivers, the attempt ends in a fault of the host.
    Unavailable(String),
}

/// Returns the recipient of an event. Called on the guest's thread.
pub type RecipientOf = Arc<dyn Fn(&Event) -> Option<Recipient> + Send + Sync>;

/// Renders a template, or reports what is missing or wrong, and returns the cost in fuel. Called on the guest's thread,
/// so it must be bounded.
pub type Render = Arc<dyn Fn(&Rendering<'_>) -> (Result<Rendered, String>, u64) + Send + Sync>;

/// A template to render for an attempt.
#[derive(Clone, Copy, Debug)]
pub struct Rendering<'a> {
    /// The template's name.
    pub name: &'a str,
    /// What is delivered: one event, or those of a batch.
    pub events: &'a [Arc<Event>],
    /// Whether all of them have the same recipient, or none.
    pub has_one_recipient: bool,
    pub channel: &'a str,
    /// The id of the delivery or the batch.
    pub delivery_id: &'a str,
}

/// A rendered template. A part that the template does not have is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// What all host calls share.
pub(crate) struct Services {
    pub(crate) ticker: Ticker,
    pub(crate) egress: Egress,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) emit_gate: Option<EmitGate>,
    /// The most hops of a chain of events; a reload may change it.
    pub(crate) max_hops: AtomicU32,
    pub(crate) recipient_of: Option<RecipientOf>,
    pub(crate) render: Option<Render>,
}
