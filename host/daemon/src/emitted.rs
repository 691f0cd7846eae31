//! Emitted events pass the stages and the schema of their type like published ones, so emitting bypasses neither.

use std::sync::{Arc, OnceLock, Weak};

use fanfare_core::{Event, Staged};
use fanfare_dispatch::{AcceptError, BoxFuture, Dispatcher};
use fanfare_runtime::EmitRefusal;

use crate::schemas::Schemas;

/// The runtime is created before the dispatcher, so the gate is opened later.
pub struct Gate {
    schemas: Arc<Schemas>,
    dispatcher: OnceLock<Weak<Dispatcher>>,
}

impl Gate {
    #[must_use]
    pub fn new(schemas: Arc<Schemas>) -> Self {
        Self { schemas, dispatcher: OnceLock::new() }
    }

    /// From now on, events pass the stages of this dispatcher.
    pub fn open(&self, dispatcher: &Arc<Dispatcher>) {
        self.dispatcher.get_or_init(|| Arc::downgrade(dispatcher));
    }

    /// The event as it is to be recorded.
    pub fn pass(self: &Arc<Self>, event: Event) -> BoxFuture<'static, Result<Staged, EmitRefusal>> {
        let gate = Arc::clone(self);
        Box::pin(async move {
            let staged = gate.stage(event).await?;
            if !staged.is_dropped() {
                gate.schemas.admit(&staged.event).map_err(|wrong| EmitRefusal::Invalid(wrong.to_string()))?;
            }
            Ok(staged)
        })
    }

    async fn stage(&self, event: Event) -> Result<Staged, EmitRefusal> {
        let Some(dispatcher) = self.dispatcher.get().and_then(Weak::upgrade) else { return Ok(event.into()) };
        let staged = match dispatcher.snapshot() {
            Ok(snapshot) => snapshot.stage(event).await,
            Err(error) => Err(error),
        };
        staged.map_err(|error| match &error {
            AcceptError::Refused(refusals) if !refusals.iter().any(fanfare_dispatch::StageRefusal::is_passing) => {
                EmitRefusal::Invalid(error.to_string())
            }
            _ => EmitRefusal::Unavailable(error.to_string()),
        })
    }
}
