//! What events are like: the schemas in force and what is held against them, and which types of events there are.
//!
//! Every event that comes in is held against the schema of its type before anything of it is recorded, in whatever form
//! it comes, and so is what a channel emits. Where there is no schema this costs nothing.

mod catalogue;
mod recorded;
mod set;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use arc_swap::ArcSwap;
use fanfare_core::{Event, FieldError};
use fanfare_journal::History;

pub use catalogue::{Catalogue, Known, Seen};
pub use recorded::{Compared, Tally};
pub use set::{EventSchema, LIMITS, Mode, SchemaSet};

use crate::{blocking::beside, metrics::Metrics};

/// Bytes of data that take longer than a moment to check.
const LONG: usize = 32 << 10;

/// The schemas in force.
pub struct Schemas {
    current: ArcSwap<Current>,
    metrics: Arc<Metrics>,
    history: History,
}

/// One set of schemas, for as long as it is in force.
#[derive(Default)]
struct Current {
    set: SchemaSet,
    /// By name: it has been said that some events do not fit.
    reported: Vec<(String, AtomicBool)>,
}

/// An event that does not fit its schema, which rejects such events.
#[derive(Clone, Debug)]
pub struct Mismatch {
    pub schema: Arc<EventSchema>,
    /// Pointers into the event.
    pub errors: Vec<FieldError>,
}

/// What is otherwise in another set.
pub(crate) struct Replaced {
    /// New, or different from before.
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
    pub fn new(set: SchemaSet, metrics: Arc<Metrics>, history: History) -> Self {
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

    /// What an event is held against, and what is wrong with it. Counts nothing.
    #[must_use]
    pub fn judge(&self, event: &Event) -> Option<Mismatch> {
        let current = self.current.load();
        let schema = Arc::clone(current.set.of(&event.ty, event.data_schema.as_deref())?);
        let length = event.data.as_ref().map_or(0, |data| data.as_bytes().len());
        let errors = beside(length > LONG, || schema.judge(event));
        Some(Mismatch { schema, errors })
    }

    /// Whether an event may come in.
    ///
    /// # Errors
    /// It does not fit its schema. That is counted, whether it is an error or not.
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

    /// Said once until the schemas change: a publisher could fill the log otherwise.
    fn warn(&self, event: &Event, Mismatch { schema, errors }: &Mismatch) {
        let current = self.current.load();
        let said = current.reported.iter().find(|(name, _)| *name == schema.name);
        if said.is_none_or(|(_, said)| said.swap(true, Ordering::Relaxed)) {
            return;
        }
        let Some(FieldError { pointer, detail }) = errors.first() else { return };
        tracing::warn!(
            schema = schema.name, event = ?event.id, ?pointer, ?detail,
            "an event does not fit its schema and is taken all the same (`mode = \"warn\"`); further ones are only counted, in \
             fanfare_schema_mismatches_total"
        );
    }

    /// Whether this set is still the one in force.
    fn is_current(&self, set: &SchemaSet) -> bool {
        self.current.load().set == *set
    }
}

/// An event that does not fit, in a sentence: for a guest, a log, a line of the command line.
impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the event does not fit the schema `{}`", self.schema.name)?;
        for (n, FieldError { pointer, detail }) in self.errors.iter().enumerate() {
            write!(f, "{} {pointer} {detail}", if n == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}
