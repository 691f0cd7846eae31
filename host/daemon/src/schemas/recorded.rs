//! Whether recorded events match a schema: checked in the background when a schema changes, and by `fanfare schemas
//! check`.

use std::sync::Arc;

use fanfare_core::{Event, FieldError};
use fanfare_record::{EventQuery, Order};

use super::{EventSchema, SchemaSet, Schemas};

/// How many events a changed schema is compared with: the newest of its types.
const NEWEST: u64 = 1_000;
/// How many pages are searched for them. For a rare type, each page examines some 20,000 events.
const PAGES: usize = 20;

/// How many events were validated against a schema, with the result.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub events: u64,
    pub unfit: u64,
    /// The first event that does not match: its id, and what is wrong with it.
    pub first: Option<(String, FieldError)>,
}

impl Tally {
    pub fn add(&mut self, event: &Event, schema: &EventSchema) {
        self.events += 1;
        if let Some(wrong) = schema.judge(event).into_iter().next() {
            self.unfit += 1;
            self.first.get_or_insert_with(|| (event.id.clone(), wrong));
        }
    }
}

/// A schema, and how many recorded events match it.
#[derive(Clone, Debug)]
pub struct Compared {
    pub schema: Arc<EventSchema>,
    pub tally: Tally,
}

impl std::fmt::Display for Compared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Tally { events, unfit, first } = &self.tally;
        let (plural, verb) = (if *events == 1 { "" } else { "s" }, if *unfit == 1 { "does" } else { "do" });
        let name = &self.schema.name;
        write!(f, "{unfit} of the newest {events} event{plural} for the schema `{name}` {verb} not match it")?;
        match first {
            Some((id, FieldError { pointer, detail })) => write!(f, "; the first, {id:?}: {pointer:?} {detail:?}"),
            None => Ok(()),
        }
    }
}

impl Schemas {
    /// Compares changed schemas with recorded events and logs mismatches. Ends early when another set comes into force.
    pub(crate) fn compare(self: &Arc<Self>, changed: Vec<Arc<EventSchema>>) {
        if changed.is_empty() {
            return;
        }
        let (this, set) = (Arc::clone(self), self.set());
        tokio::spawn(async move {
            for schema in changed {
                match this.tally(&set, &schema).await {
                    Some(tally) if tally.unfit > 0 => {
                        let compared = Compared { schema, tally };
                        tracing::warn!("{compared}; `fanfare schemas check --against 7d` checks more of them");
                    }
                    Some(_) => {}
                    None => return,
                }
            }
        });
    }

    /// `None` if the set is no longer in force, or the journal cannot be read.
    async fn tally(&self, set: &SchemaSet, schema: &Arc<EventSchema>) -> Option<Tally> {
        let mut tally = Tally::default();
        let mut query =
            EventQuery { order: Order::Newest, limit: 100, ty: Some(schema.pattern.clone()), ..EventQuery::default() };
        for _ in 0..PAGES {
            let page = self.history.events(query.clone()).await.ok().filter(|_| self.is_current(set))?;
            let (set, schema) = (set.clone(), Arc::clone(schema));
            tally = crate::blocking::blocking(move || {
                for stored in &page.items {
                    let event = &stored.event;
                    let applies =
                        set.of(&event.ty, event.data_schema.as_deref()).is_some_and(|of| Arc::ptr_eq(of, &schema));
                    if applies && tally.events < NEWEST {
                        tally.add(event, &schema);
                    }
                }
                tally
            })
            .await;
            match page.next {
                Some(next) if tally.events < NEWEST => query.after = next,
                _ => break,
            }
        }
        Some(tally)
    }
}
