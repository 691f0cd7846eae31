//! The terminal, taken over and given back.

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

/// The whole terminal, until this is dropped.
pub(crate) struct Screen {
    color: bool,
}

impl Screen {
    /// # Errors
    /// The terminal's own.
    pub(crate) fn enter() -> io::Result<Self> {
        let color = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
        let before = panic::take_hook();
        // The message would be lost with the other screen.
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
    /// The terminal's own.
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

/// As it was before. Where even that fails, there is nobody to tell.
fn restore() {
    drop(execute!(io::stdout(), EnableLineWrap, Show, LeaveAlternateScreen));
    drop(terminal::disable_raw_mode());
}
