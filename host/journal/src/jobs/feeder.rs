//! The task that advances jobs.

use std::{sync::Arc, time::Duration};

use fanfare_core::ChannelId;
use fanfare_dispatch::JournalError;
use fanfare_record::{DeadLetterFilter, Job, JobKind, ReplayRequest};

use super::{select, step, store};
use crate::open_journal::OpenJournal;

/// The maximum number of deliveries that a job keeps under way: few enough not to delay live events, enough to keep a
/// channel busy between two steps.
const UNDER_WAY: u64 = 512;

/// Deliveries or dead letters per step.
const STEP: usize = 256;

/// The wait before a failed step is retried.
const BACKOFF: Duration = Duration::from_secs(1);

/// Runs until the journal is closed.
pub(crate) async fn run(journal: Arc<OpenJournal>) {
    loop {
        match round(&journal).await {
            Ok(true) => continue,
            Ok(false) => journal.job_work.notified().await,
            Err(JournalError::Closed) => return,
            Err(error) => {
                tracing::warn!(%error, "a step of a job failed; retrying");
                tokio::select! {
                    () = tokio::time::sleep(BACKOFF) => {}
                    () = journal.job_work.notified() => {}
                }
            }
        }
        if journal.queue.is_closed() {
            return;
        }
    }
}

/// Advances every running job by a step. Returns whether there is more to do at once.
async fn round(journal: &Arc<OpenJournal>) -> Result<bool, JournalError> {
    let jobs = journal.readers.run(store::running).await?;
    let mut more = false;
    for job in jobs {
        if job.cursor >= job.last {
            if job.pending == 0 {
                finish(journal, &job, None).await?;
            }
        } else if job.pending < UNDER_WAY {
            more |= move_on(journal, &job).await?;
        }
    }
    Ok(more)
}

/// Returns whether a step was made.
async fn move_on(journal: &Arc<OpenJournal>, job: &Job) -> Result<bool, JournalError> {
    let (text, span) = (job.request.get(), (job.cursor, job.last));
    let page = match job.kind {
        JobKind::Replay => {
            let request: ReplayRequest = match serde_json::from_str(text) {
                Ok(request) => request,
                Err(error) => return finish(journal, job, Some(unreadable(&error))).await,
            };
            let channels: Vec<ChannelId> =
                request.channels.iter().filter_map(|name| journal.memory.channel_id(name)).collect();
            journal.readers.run(move |connection| select::replay(connection, &request, &channels, span, STEP)).await?
        }
        JobKind::Redrive | JobKind::Purge => {
            let filter: DeadLetterFilter = match serde_json::from_str(text) {
                Ok(filter) => filter,
                Err(error) => return finish(journal, job, Some(unreadable(&error))).await,
            };
            let of = Arc::clone(journal);
            journal.readers.run(move |connection| select::letters(connection, &of, &filter, span, STEP)).await?
        }
    };
    let (job, kind, from, to, items) = (job.id, job.kind, job.cursor, page.cursor, page.items);
    journal.run(|answer| step::Step { job, kind, from, to, items, reserved: vec![], answer }).await?;
    Ok(true)
}

async fn finish(journal: &Arc<OpenJournal>, job: &Job, error: Option<String>) -> Result<bool, JournalError> {
    let job = job.id;
    journal.run(|answer| step::Finish { job, error, answer }).await?;
    Ok(false)
}

fn unreadable(error: &serde_json::Error) -> String {
    format!("the job's request is unreadable: {error}")
}
