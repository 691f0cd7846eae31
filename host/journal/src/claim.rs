//! Hands out deliveries, from memory if possible and otherwise from disk.
//!
//! The reading task itself puts what it reads into the channel's [`Position`](crate::consumer::Position). A claim takes
//! deliveries out under the lock at the moment it returns. So a claim that is dropped half-way takes nothing.

use std::{sync::Arc, time::Duration};

use fanfare_core::{ChannelId, Class, Fault, Offset};
use fanfare_dispatch::{Claim, JournalError};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use crate::{
    consumer::{Consumer, Reading, Taken},
    damage::DamageLog,
    ending,
    keys::NEVER,
    open_journal::OpenJournal,
    prepared::HoldBack,
    readers::store,
    record,
    retries::{Due, Round, Waiting},
    window::Kept,
};

/// The longest sleep until a due time: the wall clock may be set, and time in suspend does not count.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// The wait before a failed read is retried.
const READ_BACKOFF: Duration = Duration::from_millis(200);

/// The maximum number of events scanned in one read, matching or not, so that a read never takes long.
const PAGE_SCAN: usize = 8_192;

pub(crate) async fn claim(
    journal: &Arc<OpenJournal>,
    channel: ChannelId,
    max: usize,
) -> Result<Vec<Claim>, JournalError> {
    let Some(consumer) = journal.memory.consumer(channel) else {
        return Err(JournalError::Store(format!("channel number {} was never registered", channel.0)));
    };
    loop {
        let wake = consumer.wake.notified();
        tokio::pin!(wake);
        // Registered before looking, so that a change after the look wakes us.
        wake.as_mut().enable();
        if journal.queue.is_closed() {
            return Err(JournalError::Closed);
        }
        let now = journal.memory.now();
        let (failed, mut taken) = {
            let mut position = consumer.position();
            match position.failed.take() {
                Some(failed) => (Some(failed), Taken::default()),
                None => (None, position.take(max.max(1), now, &journal.memory.window())),
            }
        };
        if let Some(reason) = failed {
            tokio::time::sleep(READ_BACKOFF).await;
            return Err(JournalError::Store(reason));
        }
        start_reads(journal, &consumer, &mut taken);
        let held = hold_back(journal, channel, &mut taken);
        if !taken.claims.is_empty() {
            return Ok(taken.claims);
        }
        if held {
            continue; // others may not have to wait
        }
        match taken.due {
            None => wake.await,
            Some(due) => {
                let wait = Duration::from_micros(u64::try_from(due - now).unwrap_or(0));
                let wait = wait.clamp(Duration::from_millis(1), LONGEST_SLEEP);
                // Woken or due: look again either way.
                tokio::time::timeout(wait, wake).await.unwrap_or(());
            }
        }
    }
}

/// Takes claims back. Memory is enough: a claim is not recorded.
pub(crate) fn release(journal: &OpenJournal, mut claims: Vec<Claim>) {
    while let Some(first) = claims.first() {
        let channel = first.channel;
        let (of_channel, rest) = claims.into_iter().partition(|claim| claim.channel == channel);
        claims = rest;
        if let Some(consumer) = journal.memory.consumer(channel) {
            consumer.position().give_back(of_channel);
            consumer.wake.notify_waiters();
        }
    }
}

/// Hands out deliveries that began at `before` or earlier. Does not wait.
pub(crate) async fn claim_expired(
    journal: &Arc<OpenJournal>,
    channel: ChannelId,
    before: Timestamp,
    max: usize,
) -> Result<Vec<Claim>, JournalError> {
    claim_without_waiting(journal, channel, (journal.memory.now(), before), max).await
}

/// Hands out every pending delivery, including those that are not due. Does not wait. Deliveries queued behind others
/// of their key follow once those have ended.
pub(crate) async fn claim_all(
    journal: &Arc<OpenJournal>,
    channel: ChannelId,
    max: usize,
) -> Result<Vec<Claim>, JournalError> {
    claim_without_waiting(journal, channel, (NEVER - 1, Timestamp::MAX), max).await
}

/// Hands out deliveries that are due at `now` and began at `before` or earlier.
async fn claim_without_waiting(
    journal: &Arc<OpenJournal>,
    channel: ChannelId,
    (now, before): (i64, Timestamp),
    max: usize,
) -> Result<Vec<Claim>, JournalError> {
    let Some(consumer) = journal.memory.consumer(channel) else {
        return Err(JournalError::Store(format!("channel number {} was never registered", channel.0)));
    };
    loop {
        let wake = consumer.wake.notified();
        tokio::pin!(wake);
        wake.as_mut().enable();
        if journal.queue.is_closed() {
            return Err(JournalError::Closed);
        }
        let (mut taken, reading) = {
            let mut position = consumer.position();
            if let Some(reason) = position.failed.take() {
                return Err(JournalError::Store(reason));
            }
            let taken = position.take_expired(max.max(1), now, before, &journal.memory.window());
            (taken, position.is_reading())
        };
        start_reads(journal, &consumer, &mut taken);
        if !taken.claims.is_empty() || !reading {
            return Ok(taken.claims);
        }
        wake.await;
    }
}

/// Queues deliveries to be recorded as held back. Returns whether there were any.
fn hold_back(journal: &OpenJournal, channel: ChannelId, taken: &mut Taken) -> bool {
    let offsets = std::mem::take(&mut taken.hold_back);
    if offsets.is_empty() {
        return false;
    }
    // If the journal is closed, the next start finds them in flight.
    let _queued = journal.queue.push_hold_back(HoldBack { channel, offsets });
    true
}

fn start_reads(journal: &Arc<OpenJournal>, consumer: &Arc<Consumer>, taken: &mut Taken) {
    if let Some((from, to)) = taken.read {
        let (id, events, bytes) = (consumer.id, journal.memory.options.page_events, journal.memory.options.page_bytes);
        let damage = Arc::clone(&journal.memory.damage);
        read(
            journal,
            consumer,
            Reading::Page,
            move |connection| Ok((None, read_page(connection, &damage, id, (from, to), (events, bytes))?)),
            |consumer, page| {
                let unreadable: Vec<_> = page.unreadable.iter().map(|bad| (bad.offset, bad.accepted_at)).collect();
                consumer.position().page_read(page.events, &unreadable, (page.to, page.to_at));
                page.unreadable
            },
        );
    }
    if !taken.load.is_empty() {
        let offsets = std::mem::take(&mut taken.load);
        let bytes = journal.memory.options.page_bytes;
        read(
            journal,
            consumer,
            Reading::Load,
            move |connection| Ok((None, load(connection, &offsets, bytes)?)),
            |consumer, (events, unreadable)| {
                let offsets: Vec<_> = unreadable.iter().map(|bad| bad.offset).collect();
                consumer.position().events_loaded(events, &offsets);
                unreadable
            },
        );
    }
    if let Some(from) = taken.fill {
        let (id, limit) = (consumer.id, journal.memory.options.retry_front.max(1));
        read(
            journal,
            consumer,
            Reading::Fill(from),
            move |connection| {
                let (commit, page) = fill(connection, id, from.after, limit)?;
                Ok((Some(commit), page))
            },
            move |consumer, page: Vec<_>| {
                let complete = page.len() < limit;
                consumer.position().retries_filled(from, page, complete);
                vec![]
            },
        );
    }
}

/// Reads in a separate task, so that the result arrives even if the claim that wanted it is dropped. It is installed
/// once memory shows the commit that it names: memory would take what it hears of afterwards for something new.
fn read<T: Send + 'static>(
    journal: &Arc<OpenJournal>,
    consumer: &Arc<Consumer>,
    what: Reading,
    work: impl FnOnce(&Connection) -> Result<(Option<i64>, T), JournalError> + Send + 'static,
    install: impl FnOnce(&Consumer, T) -> Vec<Unreadable> + Send + 'static,
) {
    let (journal, consumer) = (journal.clone(), consumer.clone());
    tokio::spawn(async move {
        match journal.readers.run(work).await {
            Ok((commit, found)) => {
                if let Some(commit) = commit {
                    journal.memory.follows(commit).await;
                }
                for bad in install(&consumer, found) {
                    bury(&journal, &consumer, bad);
                }
            }
            Err(JournalError::Closed) => {}
            Err(error) => {
                tracing::error!(channel = %consumer.name, "reading the backlog failed: {error}");
                consumer.position().read_failed(what, error.to_string());
            }
        }
        consumer.wake.notify_waiters();
    });
}

/// An event whose row is unreadable.
struct Unreadable {
    offset: u64,
    accepted_at: Timestamp,
    reason: String,
}

/// An unreadable event can never be delivered. It becomes a dead letter, where an operator sees it.
fn bury(journal: &OpenJournal, consumer: &Consumer, bad: Unreadable) {
    journal.memory.damage.found(format_args!("the event at offset {} is unreadable: {}", bad.offset, bad.reason));
    tracing::error!(offset = bad.offset, channel = %consumer.name, "an unreadable event becomes a dead letter");
    let fault = Fault::new(Class::Host, "unreadable_event", bad.reason);
    let mut dead = ending::dead(journal, consumer.id, Offset(bad.offset), 0, fault);
    dead.emits = journal.followers().iter().filter_map(|follower| follower.dying(&consumer.name, &dead)).collect();
    ending::settle(journal, dead, None);
}

struct PageRead {
    events: Vec<Kept>,
    unreadable: Vec<Unreadable>,
    /// The first offset that was not scanned, and the acceptance time of the last row that was.
    to: u64,
    to_at: Option<Timestamp>,
}

fn read_page(
    connection: &Connection,
    damage: &DamageLog,
    channel: ChannelId,
    (from, to): (u64, u64),
    (events, bytes): (usize, usize),
) -> Result<PageRead, JournalError> {
    let sql =
        "SELECT offset, key, accepted_at, event, targets FROM events WHERE offset >= ? AND offset < ? ORDER BY offset";
    let mut statement = connection.prepare_cached(sql).map_err(|e| store(&e))?;
    let mut rows = statement.query(params![record::column(from), record::column(to)]).map_err(|e| store(&e))?;
    let mut page = PageRead { events: vec![], unreadable: vec![], to, to_at: None };
    let (mut looked_at, mut read) = (0, 0);
    while let Some(row) = rows.next().map_err(|e| store(&e))? {
        let offset = record::offset(row.get(0).map_err(|e| store(&e))?);
        page.to_at = row.get(2).map(record::timestamp).ok().or(page.to_at);
        if looked_at == PAGE_SCAN || page.events.len() == events || read >= bytes {
            page.to = offset;
            break;
        }
        looked_at += 1;
        let targets = record::decoded(row, 4, record::decode_targets);
        // Whether it is meant for this channel, nobody can tell.
        let what = format_args!("the list of channels of the event at offset {offset}");
        if damage.readable(targets, what).is_none_or(|targets| !targets.contains(&channel)) {
            continue;
        }
        match kept(row, offset) {
            Ok((kept, length)) => {
                read += length;
                page.events.push(kept);
            }
            Err(bad) => page.unreadable.push(bad),
        }
    }
    Ok(page)
}

/// An event and the length of its text, from the columns offset, key, accepted_at, event.
fn kept(row: &Row<'_>, offset: u64) -> Result<(Kept, usize), Unreadable> {
    let accepted_at = row.get(2).map_or(Timestamp::UNIX_EPOCH, record::timestamp);
    let read = || -> Result<(Kept, usize), String> {
        let key = Uuid::from_bytes(row.get::<_, [u8; 16]>(1).map_err(|e| e.to_string())?);
        let read = |text: &str| record::decode_event(text).map(|event| (event, text.len()));
        let (event, length) = record::decoded(row, 3, read)?;
        Ok((Kept { offset, key, accepted_at, event: Arc::new(event) }, length))
    };
    read().map_err(|reason| Unreadable { offset, accepted_at, reason })
}

fn load(connection: &Connection, offsets: &[u64], bytes: usize) -> Result<(Vec<Kept>, Vec<Unreadable>), JournalError> {
    let sql = "SELECT offset, key, accepted_at, event FROM events WHERE offset = ?";
    let mut statement = connection.prepare_cached(sql).map_err(|e| store(&e))?;
    let (mut events, mut unreadable, mut read) = (vec![], vec![], 0);
    for &offset in offsets {
        if read >= bytes {
            break;
        }
        let mut rows = statement.query([record::column(offset)]).map_err(|e| store(&e))?;
        match rows.next().map_err(|e| store(&e))? {
            Some(row) => match kept(row, offset) {
                Ok((kept, length)) => {
                    read += length;
                    events.push(kept);
                }
                Err(bad) => unreadable.push(bad),
            },
            None => {
                let reason = "its row is missing".to_owned();
                unreadable.push(Unreadable { offset, accepted_at: Timestamp::UNIX_EPOCH, reason });
            }
        }
    }
    Ok((events, unreadable))
}

/// The waiting deliveries after `after`, and the number of the last commit that they show.
fn fill(
    connection: &Connection,
    channel: ChannelId,
    after: Due,
    limit: usize,
) -> Result<(i64, Vec<(Due, Waiting)>), JournalError> {
    // One snapshot for both.
    let connection = connection.unchecked_transaction().map_err(|e| store(&e))?;
    let commit = connection
        .prepare_cached("SELECT commits FROM journal")
        .and_then(|mut select| select.query_row([], |row| row.get(0)))
        .map_err(|e| store(&e))?;
    let sql = "SELECT due_at, offset, attempts, since, origin, job, order_key, wait_for FROM retries
               WHERE channel = ? AND (due_at, offset) > (?, ?) AND due_at < ? ORDER BY due_at, offset LIMIT ?";
    let mut statement = connection.prepare_cached(sql).map_err(|e| store(&e))?;
    let rows = statement
        .query_map(params![channel.0, after.0, record::column(after.1), NEVER, record::column(limit as u64)], |row| {
            let due = (row.get(0)?, record::offset(row.get(1)?));
            let attempts = u32::try_from(row.get::<_, i64>(2)?).unwrap_or(0);
            let round = Round {
                since: record::timestamp(row.get(3)?),
                origin: record::origin(row.get(4)?),
                job: row.get(5)?,
                key: row.get(6)?,
            };
            Ok((due, Waiting { attempts, round, wait: record::wait(row.get(7)?) }))
        })
        .map_err(|e| store(&e))?;
    Ok((commit, rows.collect::<rusqlite::Result<_>>().map_err(|e| store(&e))?))
}
