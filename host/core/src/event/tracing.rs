//! The attributes of the distributed tracing extension of CloudEvents.

/// The attribute and the header with a trace and the span to continue.
pub const TRACEPARENT: &str = "traceparent";
/// The attribute and the header with what vendors add to it.
pub const TRACESTATE: &str = "tracestate";

/// Whether an attribute belongs to the trace context. It says how an event came, and not what it is.
#[must_use]
pub fn is_of_trace(attribute: &str) -> bool {
    matches!(attribute, TRACEPARENT | TRACESTATE)
}
