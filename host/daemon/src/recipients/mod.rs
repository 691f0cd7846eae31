//! Whom events are for: who is on record, and what they want.
//!
//! Two say who is on record: the files that the configuration names, and the API, whose word is in the journal and
//! wins. Where neither does, and there are no defaults, asking costs one look at a flag.

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
use fanfare_journal::RecipientRow;
use jiff::Timestamp;
use serde_json::Value;

pub use book::{Book, Kept};
pub use read::{LONGEST_SUBJECT, check_subject, is_locale, read, read_defaults, read_whole};

/// Who is on record by the API, at the most.
const MOST_SET: usize = 1_000_000;

/// Subjects that a reload names one by one to those who wait. With more of them all are asked again.
const MOST_CHANGED: usize = 10_000;

/// What the configuration says.
#[derive(Clone, Debug, Default)]
pub struct OnFile {
    pub rules: Rules,
    pub book: Arc<Book>,
}

impl OnFile {
    /// What the recipient of an event wants of a channel, by the files alone.
    #[must_use]
    pub fn wishes(&self, event: &Event, channel: &ChannelName) -> Option<Wishes> {
        let subject = subject_of(event)?;
        let recipient = self.book.get(subject).and_then(|body| parsed(subject, body));
        self.rules.wishes(recipient.as_ref(), channel)
    }

    /// Whom an event is for, by the files alone. None where it has no subject, or is one of the daemon's own.
    #[must_use]
    pub fn of_event(&self, event: &Event) -> Option<Recipient> {
        subject_of(event).map(|subject| self.of(subject))
    }

    /// Who a subject stands for, by the files alone.
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
    store: fanfare_journal::Recipients,
    /// Held while one is set or removed, so that memory and the journal have the same order.
    changing: tokio::sync::Mutex<()>,
    /// Nobody is on record and nothing holds for everybody.
    is_idle: AtomicBool,
}

/// Set by the API.
struct Set {
    /// Compact JSON.
    body: String,
    changed_at: Timestamp,
}

/// Who says that a recipient is on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    File,
    Api,
}

/// A recipient that is on record.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub subject: String,
    pub source: Source,
    /// When the API set it.
    pub changed_at: Option<Timestamp>,
    /// As it was written.
    pub body: Value,
}

/// Why one was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    #[error(transparent)]
    Store(#[from] JournalError),
    #[error("{MOST_SET} recipients are set, and there may be no more")]
    TooMany,
}

impl Recipients {
    /// Those on file, and those that the journal remembers.
    ///
    /// # Errors
    /// [`JournalError`] when they cannot be read.
    pub async fn open(file: OnFile, store: fanfare_journal::Recipients) -> Result<Self, JournalError> {
        let mut set = BTreeMap::new();
        for RecipientRow { subject, body, changed_at } in store.all().await? {
            let holds = serde_json::from_str::<Value>(&body).is_ok_and(|value| read(&subject, &value).is_ok());
            if holds {
                set.insert(subject, Set { body, changed_at });
            } else {
                tracing::error!(
                    subject,
                    "the journal's record of a recipient cannot be used; until it is set again, the file's or the defaults hold"
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

    /// Puts another configuration into force. Says whose wishes may be others now.
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

    /// What the configuration says.
    #[must_use]
    pub fn on_file(&self) -> Arc<OnFile> {
        self.file.load_full()
    }

    /// Sets a recipient, durably. Says whether its subject was not on record before.
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

    /// Removes what the API has set, durably. False where it has set nothing.
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

    /// Who is on record under a subject.
    #[must_use]
    pub fn get(&self, subject: &str) -> Option<Record> {
        if let Some(set) = self.reading().get(subject) {
            return record(subject, Source::Api, Some(set.changed_at), &set.body);
        }
        record(subject, Source::File, None, self.file.load().book.get(subject)?)
    }

    /// Who is on record, by subject: those that begin with `prefix` and come after `after`.
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

    /// Whom an event is for, with the default language where none is on record. None where it has no subject, or is one
    /// of the daemon's own, which tell operators.
    #[must_use]
    pub fn of(&self, event: &Event) -> Option<Recipient> {
        subject_of(event).map(|subject| self.of_subject(subject))
    }

    /// Who a subject stands for, on record or not.
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

    /// Notes whether there is anything to ask for.
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

/// Who is not on record.
fn stranger(subject: &str) -> Recipient {
    Recipient { subject: subject.to_owned(), ..Recipient::default() }
}

/// What is kept has been read before.
fn parsed(subject: &str, body: &str) -> Option<Recipient> {
    serde_json::from_str::<Value>(body).ok().and_then(|value| read(subject, &value).ok())
}

fn record(subject: &str, source: Source, changed_at: Option<Timestamp>, body: &str) -> Option<Record> {
    let body = serde_json::from_str(body).ok()?;
    Some(Record { subject: subject.to_owned(), source, changed_at, body })
}
