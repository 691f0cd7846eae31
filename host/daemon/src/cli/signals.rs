//! When the process is asked to end.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The two signals that mean the end: Ctrl-C's and the service manager's. Installed as soon as this is made, so that none is
/// lost during a slow start.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// # Errors
    /// The system's own, when it installs no handlers.
    pub(crate) fn install() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next of them and names it.
    pub(crate) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

/// SIGHUP: to read the configuration again.
///
/// # Errors
/// As [`Signals::install`].
pub(crate) fn hangups() -> io::Result<Signal> {
    signal(SignalKind::hangup())
}
