//! Shows on stderr that something is still running.

use std::{borrow::Cow, io::IsTerminal as _, time::Duration};

use indicatif::ProgressBar;
use tokio::task::AbortHandle;

/// What takes longer is worth a line even where nothing can be animated.
const LONG: Duration = Duration::from_secs(1);

/// Spins until it is dropped, on a terminal.
pub(crate) struct Spinner {
    bar: ProgressBar,
    line: Option<AbortHandle>,
}

impl Spinner {
    pub(crate) fn start(message: impl Into<Cow<'static, str>>) -> Self {
        let bar = crate::telemetry::progress().add(ProgressBar::new_spinner().with_message(message));
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar, line: None }
    }

    /// Also prints one line after a second if stderr is not a terminal. Without it, a pipe or a log would be silent for
    /// as long as a large plugin compiles.
    pub(crate) fn tell(message: String) -> Self {
        let line = (!std::io::stderr().is_terminal()).then(|| {
            let message = message.clone();
            let line = tokio::spawn(async move {
                tokio::time::sleep(LONG).await;
                anstream::eprintln!("{message} …");
            });
            line.abort_handle()
        });
        let mut spinner = Self::start(message);
        spinner.line = line;
        spinner
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        if let Some(line) = &self.line {
            line.abort();
        }
    }
}
