//! Notifies the service manager: `Type=notify` and `WatchdogSec=` of systemd, over the socket in `NOTIFY_SOCKET`.
//! Without a socket, nothing is sent.

use std::time::Duration;

use fanfare_dispatch::BoxFuture;
use sd_notify::NotifyState;
use tokio::{
    task::AbortHandle,
    time::{interval, timeout},
};

/// How much more time a slow start requests, repeatedly: migrating a large journal can take long.
const MORE_TIME: Duration = Duration::from_secs(60);

/// A task that is aborted when its owner is dropped.
#[derive(Debug)]
pub struct Task(AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Keeps extending the start timeout. That the task runs shows that the runtime is alive.
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

/// Reports that events are accepted.
pub fn ready(url: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(&format!("Accepting events at {url}"))]);
}

/// Reports a reload in progress, until [`ready`] is called.
pub fn reloading() {
    let now = NotifyState::monotonic_usec_now();
    let mut states = vec![NotifyState::Reloading];
    states.extend(now);
    tell(&states);
}

pub fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("Finishing attempts in flight")]);
}

/// Resolves once the journal's writer has responded.
pub type Pulse = Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// Notifies the watchdog at twice the required rate while the daemon works: the runtime runs this task, and the
/// journal's writer processes its queue. A failing disk is not a reason to restart, because the journal resumes by
/// itself.
#[must_use]
pub fn watchdog(pulse: Pulse) -> Option<Task> {
    let every = sd_notify::watchdog_enabled()?.max(Duration::from_millis(2)) / 2;
    let task = async move {
        let mut ticks = interval(every);
        loop {
            ticks.tick().await;
            match timeout(every, pulse()).await {
                Ok(()) => tell(&[NotifyState::Watchdog]),
                Err(_elapsed) => tracing::error!("the journal's writer has not responded for {} ms", every.as_millis()),
            }
        }
    };
    Some(Task(tokio::spawn(task).abort_handle()))
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager could not be notified");
    }
}
