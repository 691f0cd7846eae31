//! Whom events are for, and what those recipients want.
//!
//! Recipients come from the files that the configuration names and from the API, whose recipients are in the journal
//! and override those in files. If there are none, and no defaults, a lookup costs one look at a flag.

mod book;
mod read;

use std::{
    collections::BTreeMap,
    iter,
    ops::Bound,
    sync::{
        Arc, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwap;
use fanfare_core::{ChannelName, Event, Recipient, Rules, Wishes};
use fanfare_dispatch::{Changed, JournalError};
use fanfare_record::RecipientRow;
use jiff::Timestamp;
use serde_json::Value;

pub use book::{Book, Kept};
pub use read::{LONGEST_SUBJECT, check_subject, is_locale, read, read_defaults, read_whole};

/// The most recipients that the API may set.
const MOST_SET: usize = 1_000_000;

/// The most subjects that a reload reports one by one to waiting deliveries. If more have changed, all of them check
/// again.
const MOST_CHANGED: usize = 10_000;

/// The recipients of the configuration.
#[derive(Clone, Debug, Default)]
pub struct OnFile {
    pub rules: Rules,
    pub book: Arc<Book>,
}

impl OnFile {
    /// What the recipient of an event wants from a channel, by the files alone.
    #[must_use]
    pub fn wishes(&self, event: &Event, channel: &ChannelName) -> Option<Wishes> {
        let subject = subject_of(event)?;
        let recipient = self.book.get(subject).and_then(|body| parsed(subject, body));
        self.rules.wishes(recipient.as_ref(), channel)
    }

    /// Whom an event is for, by the files alone. `None` if it has no subject or is a system event.
    #[must_use]
    pub fn of_event(&self, event: &Event) -> Option<Recipient> {
        subject_of(event).map(|subject| self.of(subject))
    }

    /// The recipient with a subject, by the files alone.
    #[must_use]
    pub fn of(&self, subject: &str) -> Recipient {
        let recipient = self.book.get(subject).and_then(|body| parsed(subject, body));
        self.rules.with_locale(recipient.unwrap_or_else(|| stranger(subject)))
    }
}

impl PartialEq for OnFile {
    fn eq(&self, other: &Self) -> bool {
        self.rules == other.rules && (Arc::ptr_eq(&self.book, &other.book) || self.book == other.book)
    }
}

/// The recipients in force.
pub struct Recipients {
    file: ArcSwap<OnFile>,
    set: RwLock<BTreeMap<String, Set>>,
    store: Arc<dyn fanfare_record::Recipients>,
    /// Locked while a recipient is set or removed, so that memory and journal change in the same order.
    changing: tokio::sync::Mutex<()>,
    /// There are no recipients and no defaults.
    is_idle: AtomicBool,
}

/// A recipient set by the API.
struct Set {
    /// Compact JSON.
    body: String,
    changed_at: Timestamp,
}

/// Where a recipient comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    File,
    Api,
}

/// A recipient.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub subject: String,
    pub source: Source,
    /// When the API set it.
    pub changed_at: Option<Timestamp>,
    /// The recipient as written.
    pub body: Value,
}

/// Why a recipient was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    #[error(transparent)]
    Store(#[from] JournalError),
    #[error("{MOST_SET} recipients are set, which is the limit; delete some first")]
    TooMany,
}

impl Recipients {
    /// The recipients in files and in the journal.
    ///
    /// # Errors
    /// [`JournalError`] if the journal's cannot be read.
    pub async fn open(file: OnFile, store: Arc<dyn fanfare_record::Recipients>) -> Result<Self, JournalError> {
        let mut set = BTreeMap::new();
        for RecipientRow { subject, body, changed_at } in store.all().await? {
            let holds = serde_json::from_str::<Value>(&body).is_ok_and(|value| read(&subject, &value).is_ok());
            if holds {
                set.insert(subject, Set { body, changed_at });
            } else {
                tracing::error!(
                    subject,
                    "a recipient in the journal is not valid; until it is set again, its file or the defaults apply"
                );
            }
        }
        let recipients = Self {
            file: ArcSwap::from_pointee(file),
            set: RwLock::new(set),
            store,
            changing: tokio::sync::Mutex::default(),
            is_idle: AtomicBool::new(false),
        };
        recipients.look();
        Ok(recipients)
    }

    /// Replaces the recipients of the configuration. Returns those whose wishes may have changed.
    pub fn replace(&self, file: OnFile) -> Option<Changed> {
        let before = self.file.load_full();
        if *before == file {
            return None;
        }
        let same_rules = before.rules == file.rules;
        let differing = same_rules.then(|| before.book.differing(&file.book, MOST_CHANGED)).flatten();
        self.file.store(Arc::new(file));
        self.look();
        Some(differing.map_or(Changed::Anybody, |subjects| Changed::Only(subjects.into_iter().collect())))
    }

    /// The recipients of the configuration.
    #[must_use]
    pub fn on_file(&self) -> Arc<OnFile> {
        self.file.load_full()
    }

    /// Sets a recipient, durably. Returns whether its subject is new.
    ///
    /// # Errors
    /// [`SetError`]; then nothing has changed.
    pub async fn set(&self, subject: String, body: String, changed_at: Timestamp) -> Result<bool, SetError> {
        let _one_at_a_time = self.changing.lock().await;
        let (is_set, count) = {
            let set = self.reading();
            (set.contains_key(&subject), set.len())
        };
        if !is_set && count >= MOST_SET {
            return Err(SetError::TooMany);
        }
        let is_new = !is_set && self.file.load().book.get(&subject).is_none();
        self.store.set(RecipientRow { subject: subject.clone(), body: body.clone(), changed_at }).await?;
        self.writing().insert(subject, Set { body, changed_at });
        self.look();
        Ok(is_new)
    }

    /// Removes a recipient that the API has set, durably. Returns whether there was one.
    ///
    /// # Errors
    /// [`JournalError`]; then nothing has changed.
    pub async fn remove(&self, subject: &str) -> Result<bool, JournalError> {
        let _one_at_a_time = self.changing.lock().await;
        if !self.reading().contains_key(subject) {
            return Ok(false);
        }
        self.store.remove(subject.to_owned()).await?;
        self.writing().remove(subject);
        self.look();
        Ok(true)
    }

    /// The recipient with a subject.
    #[must_use]
    pub fn get(&self, subject: &str) -> Option<Record> {
        if let Some(set) = self.reading().get(subject) {
            return record(subject, Source::Api, Some(set.changed_at), &set.body);
        }
        record(subject, Source::File, None, self.file.load().book.get(subject)?)
    }

    /// The recipients whose subjects begin with `prefix` and come after `after`, by subject.
    #[must_use]
    pub fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Vec<Record> {
        let (file, set) = (self.file.load(), self.reading());
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let mut by_api = set.range::<str, _>((from, Bound::Unbounded)).peekable();
        let by_file: Box<dyn Iterator<Item = Kept<'_>>> = match from {
            Bound::Excluded(after) => Box::new(file.book.after(after)),
            _ => Box::new(file.book.at_or_after(prefix)),
        };
        let mut by_file = by_file.peekable();
        let next = || {
            let api_first = match (by_api.peek(), by_file.peek()) {
                (Some((subject, _)), Some(kept)) => subject.as_str() <= kept.subject,
                (api, _) => api.is_some(),
            };
            if !api_first {
                let Kept { subject, body } = by_file.next()?;
                return Some((subject, Source::File, None, body));
            }
            let (subject, Set { body, changed_at }) = by_api.next()?;
            by_file.next_if(|kept| kept.subject == subject);
            Some((subject.as_str(), Source::Api, Some(*changed_at), body.as_str()))
        };
        iter::from_fn(next)
            .take_while(|(subject, ..)| subject.starts_with(prefix))
            .filter_map(|(subject, source, at, body)| record(subject, source, at, body))
            .take(limit)
            .collect()
    }

    /// Whom an event is for, with the default language if the recipient has none. `None` if the event has no subject or
    /// is a system event, which is for operators.
    #[must_use]
    pub fn of(&self, event: &Event) -> Option<Recipient> {
        subject_of(event).map(|subject| self.of_subject(subject))
    }

    /// The recipient with a subject, or an empty one.
    #[must_use]
    pub fn of_subject(&self, subject: &str) -> Recipient {
        self.file.load().rules.with_locale(self.find(subject).unwrap_or_else(|| stranger(subject)))
    }

    fn find(&self, subject: &str) -> Option<Recipient> {
        if let Some(set) = self.reading().get(subject) {
            return parsed(subject, &set.body);
        }
        parsed(subject, self.file.load().book.get(subject)?)
    }

    /// Updates the flag that says whether there is anything to look up.
    fn look(&self) {
        let file = self.file.load();
        let idle = file.book.is_empty() && file.rules.are_open() && self.reading().is_empty();
        self.is_idle.store(idle, Ordering::Release);
    }

    fn reading(&self) -> RwLockReadGuard<'_, BTreeMap<String, Set>> {
        self.set.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn writing(&self) -> RwLockWriteGuard<'_, BTreeMap<String, Set>> {
        self.set.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl fanfare_dispatch::Recipients for Recipients {
    fn wishes(&self, event: &Event, channel: &ChannelName) -> Option<Wishes> {
        if self.is_idle.load(Ordering::Acquire) {
            return None;
        }
        let recipient = self.find(subject_of(event)?);
        self.file.load().rules.wishes(recipient.as_ref(), channel)
    }
}

fn subject_of(event: &Event) -> Option<&str> {
    event.subject.as_deref().filter(|_| !event.is_system())
}

/// The recipient with a subject that is not known.
fn stranger(subject: &str) -> Recipient {
    Recipient { subject: subject.to_owned(), ..Recipient::default() }
}

/// Cannot fail: what is kept was read before.
fn parsed(subject: &str, body: &str) -> Option<Recipient> {
    serde_json::from_str::<Value>(body).ok().and_then(|value| read(subject, &value).ok())
}

fn record(subject: &str, source: Source, changed_at: Option<Timestamp>, body: &str) -> Option<Record> {
    let body = serde_json::from_str(body).ok()?;
    Some(Record { subject: subject.to_owned(), source, changed_at, body })
}
