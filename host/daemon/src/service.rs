//! What a service manager is told: `Type=notify` and `WatchdogSec=` of systemd, over the socket that it names in
//! `NOTIFY_SOCKET`. Without one, nothing is told to anybody.

use std::{sync::Arc, time::Duration};

use fanfare_journal::SqliteJournal;
use sd_notify::NotifyState;
use tokio::{
    task::AbortHandle,
    time::{interval, timeout},
};

/// A start that takes longer asks for so much more time again and again: a large journal may be migrated.
const MORE_TIME: Duration = Duration::from_secs(60);

/// A task that ends with its owner.
#[derive(Debug)]
pub struct Task(AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The start takes its time: not to be taken for one that hangs. The task proves that the runtime is alive.
#[must_use]
pub fn starting() -> Task {
    let task = async {
        let mut ticks = interval(MORE_TIME / 3);
        loop {
            ticks.tick().await;
            let micros = u32::try_from(MORE_TIME.as_micros()).unwrap_or(u32::MAX);
            tell(&[NotifyState::ExtendTimeoutUsec(micros)]);
        }
    };
    Task(tokio::spawn(task).abort_handle())
}

/// Events are accepted.
pub fn ready(url: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(&format!("Accepting events at {url}"))]);
}

/// The files are read again, until [`ready`] is told.
pub fn reloading() {
    let now = NotifyState::monotonic_usec_now();
    let mut states = vec![NotifyState::Reloading];
    states.extend(now);
    tell(&states);
}

pub fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("Finishing attempts in flight")]);
}

/// Tells the watchdog, twice as often as it asks for, that the daemon is at work: the runtime runs this task, and the
/// journal's writer works through its queue. A disk that fails is no reason to be killed: the journal resumes by itself.
#[must_use]
pub fn watchdog(journal: Arc<SqliteJournal>) -> Option<Task> {
    let every = sd_notify::watchdog_enabled()?.max(Duration::from_millis(2)) / 2;
    let task = async move {
        let mut ticks = interval(every);
        loop {
            ticks.tick().await;
            // An answer that something is wrong is an answer.
            match timeout(every, journal.pulse()).await {
                Ok(_answered) => tell(&[NotifyState::Watchdog]),
                Err(_elapsed) => tracing::error!("the journal's writer has not answered for {} ms", every.as_millis()),
            }
        }
    };
    Some(Task(tokio::spawn(task).abort_handle()))
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager could not be told");
    }
}
