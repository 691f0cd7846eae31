//! The schemas in force, and which event types there are.
//!
//! Every event is validated against the schema of its type before it is recorded, in whatever form it was published,
//! and so is every event that a channel emits. For a type without a schema this costs nothing.

mod catalogue;
mod recorded;
mod set;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use arc_swap::ArcSwap;
use fanfare_core::{Event, FieldError};
use fanfare_record::History;

pub use catalogue::{Catalogue, Known, Seen};
pub use recorded::{Compared, Tally};
pub use set::{EventSchema, LIMITS, Mode, SchemaSet};

use crate::{blocking::beside, metrics::Metrics};

/// Data with more bytes than this takes noticeable time to validate.
const LONG: usize = 32 << 10;

/// The schemas in force.
pub struct Schemas {
    current: ArcSwap<Current>,
    metrics: Arc<Metrics>,
    history: Arc<dyn History>,
}

/// One set of schemas while it is in force.
#[derive(Default)]
struct Current {
    set: SchemaSet,
    /// By name: mismatches have been logged.
    reported: Vec<(String, AtomicBool)>,
}

/// An event that does not match its schema.
#[derive(Clone, Debug)]
pub struct Mismatch {
    pub schema: Arc<EventSchema>,
    /// Pointers into the event.
    pub errors: Vec<FieldError>,
}

/// How a set differs from the one before.
pub(crate) struct Replaced {
    /// New or changed schemas.
    pub(crate) changed: Vec<Arc<EventSchema>>,
    pub(crate) gone: Vec<Arc<EventSchema>>,
}

impl Current {
    fn new(set: SchemaSet) -> Self {
        let reported = set.iter().map(|schema| (schema.name.clone(), AtomicBool::new(false))).collect();
        Self { set, reported }
    }
}

impl Schemas {
    #[must_use]
    pub fn new(set: SchemaSet, metrics: Arc<Metrics>, history: Arc<dyn History>) -> Self {
        set.iter().for_each(|schema| metrics.has_schema(&schema.name));
        Self { current: ArcSwap::from_pointee(Current::new(set)), metrics, history }
    }

    /// Puts another set into force.
    pub(crate) fn replace(&self, set: SchemaSet) -> Replaced {
        let before = self.current.load();
        let changed = set.changed_since(&before.set);
        let is_gone = |schema: &&Arc<EventSchema>| !set.iter().any(|other| other.name == schema.name);
        let gone = before.set.iter().filter(is_gone).cloned().collect();
        if set != before.set {
            set.iter().for_each(|schema| self.metrics.has_schema(&schema.name));
            self.current.store(Arc::new(Current::new(set)));
        }
        Replaced { changed, gone }
    }

    /// The set in force.
    #[must_use]
    pub fn set(&self) -> SchemaSet {
        self.current.load().set.clone()
    }

    /// Validates an event against its schema. Counts nothing.
    #[must_use]
    pub fn judge(&self, event: &Event) -> Option<Mismatch> {
        let current = self.current.load();
        let schema = Arc::clone(current.set.of(&event.ty, event.data_schema.as_deref())?);
        let length = event.data.as_ref().map_or(0, |data| data.as_bytes().len());
        let errors = beside(length > LONG, || schema.judge(event));
        Some(Mismatch { schema, errors })
    }

    /// Whether an event is accepted.
    ///
    /// # Errors
    /// It does not match its schema, and the mode is `reject`. Mismatches are counted in either mode.
    pub fn admit(&self, event: &Event) -> Result<(), Mismatch> {
        if self.current.load().set.is_empty() {
            return Ok(());
        }
        let Some(mismatch) = self.judge(event).filter(|judged| !judged.errors.is_empty()) else { return Ok(()) };
        self.metrics.schema_mismatch(&mismatch.schema.name);
        match mismatch.schema.mode {
            Mode::Reject => Err(mismatch),
            Mode::Warn => {
                self.warn(event, &mismatch);
                Ok(())
            }
        }
    }

    /// Logs once until the schemas change; otherwise a publisher could fill the log.
    fn warn(&self, event: &Event, Mismatch { schema, errors }: &Mismatch) {
        let current = self.current.load();
        let said = current.reported.iter().find(|(name, _)| *name == schema.name);
        if said.is_none_or(|(_, said)| said.swap(true, Ordering::Relaxed)) {
            return;
        }
        let Some(FieldError { pointer, detail }) = errors.first() else { return };
        tracing::warn!(
            schema = schema.name, event = ?event.id, ?pointer, ?detail,
            "an event does not match its schema and is accepted anyway (`mode = \"warn\"`); further mismatches are \
             only counted, in fanfare_schema_mismatches_total"
        );
    }

    /// Whether this set is still in force.
    fn is_current(&self, set: &SchemaSet) -> bool {
        self.current.load().set == *set
    }
}

/// In a sentence, for a guest, the log or the command line.
impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the event does not match the schema `{}`", self.schema.name)?;
        for (n, FieldError { pointer, detail }) in self.errors.iter().enumerate() {
            write!(f, "{} {pointer} {detail}", if n == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}
