//! Shows that something is still running. Drawn on stderr, and only on a terminal.

use std::{borrow::Cow, time::Duration};

use indicatif::ProgressBar;

/// Spins until it is dropped.
pub(crate) struct Spinner(ProgressBar);

impl Spinner {
    pub(crate) fn start(message: impl Into<Cow<'static, str>>) -> Self {
        let bar = crate::telemetry::progress().add(ProgressBar::new_spinner().with_message(message));
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
