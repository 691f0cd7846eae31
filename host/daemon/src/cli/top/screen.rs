//! Takes over the terminal, and restores it.

use std::{
    io::{self, Write as _},
    panic,
};

use crossterm::{
    cursor::{Hide, MoveTo, Show},
    execute, queue,
    style::Print,
    terminal::{
        self, BeginSynchronizedUpdate, Clear, ClearType, DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate,
        EnterAlternateScreen, LeaveAlternateScreen,
    },
};

use super::app::App;

/// Owns the whole terminal until it is dropped.
pub(crate) struct Screen {
    color: bool,
}

impl Screen {
    /// # Errors
    /// Errors of the terminal.
    pub(crate) fn enter() -> io::Result<Self> {
        let color = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
        let before = panic::take_hook();
        // Otherwise the message would disappear with the alternate screen.
        panic::set_hook(Box::new(move |info| {
            restore();
            before(info);
        }));
        terminal::enable_raw_mode()?;
        let screen = Self { color };
        execute!(io::stdout(), EnterAlternateScreen, Hide, DisableLineWrap)?;
        Ok(screen)
    }

    /// # Errors
    /// Errors of the terminal.
    pub(crate) fn draw(&mut self, app: &App) -> io::Result<()> {
        let (width, height) = terminal::size()?;
        let mut out = io::stdout().lock();
        queue!(out, BeginSynchronizedUpdate, MoveTo(0, 0))?;
        for (n, line) in app.lines(width, height).iter().enumerate() {
            let line = if self.color { line.clone() } else { anstream::adapter::strip_str(line).to_string() };
            if n > 0 {
                queue!(out, Print("\r\n"))?;
            }
            queue!(out, Print(line), Clear(ClearType::UntilNewLine))?;
        }
        queue!(out, Clear(ClearType::FromCursorDown), EndSynchronizedUpdate)?;
        out.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Restores the terminal. A failure here cannot be reported.
fn restore() {
    drop(execute!(io::stdout(), EnableLineWrap, Show, LeaveAlternateScreen));
    drop(terminal::disable_raw_mode());
}
