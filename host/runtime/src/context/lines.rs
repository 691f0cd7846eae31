//! A guest's output during one attempt: its log, standard output and standard error, in one order and under one limit.
//! Lines go to the daemon's log at once; the last ones are kept for a failed attempt.

use std::{
    collections::VecDeque,
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use fanfare_core::{DeliveryId, Event, Role, TraceId, TraceLine};
use tracing::{Level, field::display};

use crate::{channel_view::ChannelView, convert::clean, limits};

/// One attempt's lines, shared with the standard streams, which the WASI implementation owns.
#[derive(Clone)]
pub(crate) struct SharedLines(Arc<Inner>);

struct Inner {
    lines: Mutex<Lines>,
    /// Bytes written to the standard streams. Outside of the lock, because each host call reads it.
    written: AtomicU64,
}

impl SharedLines {
    pub(super) fn new(channel_view: Arc<ChannelView>, speaker: Speaker) -> Self {
        Self(Arc::new(Inner { lines: Mutex::new(Lines::new(channel_view, speaker)), written: AtomicU64::new(0) }))
    }

    /// Starts over for the next attempt on the same instance.
    pub(super) fn renew(&self, speaker: Speaker) {
        let mut lines = self.lock();
        *lines = Lines::new(Arc::clone(&lines.channel_view), speaker);
        self.0.written.store(0, Ordering::Relaxed);
    }

    /// Takes what was written to a standard stream.
    pub(crate) fn write(&self, stream: Stream, bytes: &[u8]) {
        self.0.written.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.lock().write(stream, bytes);
    }

    /// Bytes written so far, kept or not.
    pub(crate) fn written(&self) -> u64 {
        self.0.written.load(Ordering::Relaxed)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Lines> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A standard stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Err,
}

/// The attempt that the lines belong to, as the log identifies it. For a batch, the first delivery.
#[derive(Default)]
pub(super) struct Speaker {
    pub(super) event: Option<Arc<Event>>,
    pub(super) delivery: Option<DeliveryId>,
    pub(super) attempt: Option<u32>,
    pub(super) trace: Option<TraceId>,
}

pub(crate) struct Lines {
    /// Whose lines they are.
    channel_view: Arc<ChannelView>,
    speaker: Speaker,
    written: usize,
    dropped: usize,
    recent: VecDeque<TraceLine>,
    out: Partial,
    err: Partial,
    panic: Panic,
    answer: Answer,
}

/// A command answers on its standard output: the last line that is a JSON object is its answer, not a log line.
#[derive(Default)]
enum Answer {
    /// The guest is not a command.
    #[default]
    None,
    Awaited,
    Given(String),
}

/// A line whose end has not been written yet.
#[derive(Default)]
struct Partial {
    bytes: Vec<u8>,
    /// The line exceeds the limit; the rest of it is dropped.
    cut: bool,
}

/// Rust prints a panic on two lines: the place, then the message.
#[derive(Default)]
enum Panic {
    #[default]
    None,
    Where(String),
    Whole(String),
}

impl Lines {
    fn new(channel_view: Arc<ChannelView>, speaker: Speaker) -> Self {
        Self {
            channel_view,
            speaker,
            written: 0,
            dropped: 0,
            recent: VecDeque::new(),
            out: Partial::default(),
            err: Partial::default(),
            panic: Panic::None,
            answer: Answer::None,
        }
    }

    /// From now on, objects on the standard output are answers.
    pub(crate) fn await_answer(&mut self) {
        self.answer = Answer::Awaited;
    }

    /// The command's answer, and the last other line, once it has ended.
    pub(crate) fn take_answer(&mut self) -> (Option<String>, Option<String>) {
        self.end_partials();
        let answer = match mem::take(&mut self.answer) {
            Answer::Given(answer) => Some(answer),
            Answer::None | Answer::Awaited => None,
        };
        (answer, self.recent.back().map(|line| line.0.clone()))
    }

    /// Adds one line. Control characters, including line ends, are escaped: a guest must not be able to forge log
    /// lines. Placeholders are masked before anything is cut.
    pub(crate) fn push(&mut self, level: Level, text: &str) {
        let channel_view = Arc::clone(&self.channel_view);
        let text = &*channel_view.vault.mask_str(text);
        self.watch_for_panic(text);
        if self.written >= limits::LOG_LINES {
            self.dropped += 1;
            return;
        }
        self.written += 1;
        self.emit(level, &clean(text, limits::LOG_LINE).replace('\n', "\\n"));
    }

    /// Splits what was written to a standard stream into lines.
    fn write(&mut self, stream: Stream, bytes: &[u8]) {
        // An answer is a line too, and may be as long as a receipt.
        let answers = stream == Stream::Out && !matches!(self.answer, Answer::None);
        let most = if answers { limits::RECEIPT } else { limits::LOG_LINE };
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|&b| b == b'\n') {
            self.partial(stream).extend(&rest[..end], most);
            self.end(stream);
            rest = &rest[end + 1..];
        }
        self.partial(stream).extend(rest, most);
    }

    /// Ends unfinished lines, reports how many were dropped, and returns the last lines and the panic, if any.
    pub(crate) fn finish(&mut self) -> (Vec<TraceLine>, Option<String>) {
        self.end_partials();
        if self.dropped > 0 {
            let more = format!("{} more lines were dropped: an attempt may log {}", self.dropped, limits::LOG_LINES);
            self.emit(Level::WARN, &more);
        }
        let panic = match mem::take(&mut self.panic) {
            Panic::None => None,
            Panic::Where(text) | Panic::Whole(text) => Some(text),
        };
        (mem::take(&mut self.recent).into(), panic)
    }

    fn end_partials(&mut self) {
        for stream in [Stream::Out, Stream::Err] {
            if !self.partial(stream).bytes.is_empty() {
                self.end(stream);
            }
        }
    }

    fn partial(&mut self, stream: Stream) -> &mut Partial {
        match stream {
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        }
    }

    fn end(&mut self, stream: Stream) {
        let Partial { bytes, .. } = mem::take(self.partial(stream));
        if stream == Stream::Out && !matches!(self.answer, Answer::None) && is_object(&bytes) {
            let answer = Answer::Given(String::from_utf8_lossy(&bytes).trim().to_owned());
            // An earlier answer was an ordinary line after all.
            if let Answer::Given(earlier) = mem::replace(&mut self.answer, answer) {
                self.push(Level::INFO, &earlier);
            }
            return;
        }
        let level = if stream == Stream::Out { Level::INFO } else { Level::WARN };
        self.push(level, String::from_utf8_lossy(&bytes).trim_end_matches('\r'));
    }

    fn emit(&mut self, level: Level, text: &str) {
        let setup = &self.channel_view.setup;
        let (name, Speaker { event, delivery, attempt, trace }) = (&setup.name, &self.speaker);
        let event = event.as_ref().map(|event| event.id.as_str());
        let (delivery, trace_id) = (delivery.map(display), trace.map(display));
        macro_rules! event {
            ($level:ident) => {
                match setup.role {
                    Role::Channel => {
                        tracing::event!(
                            target: "fanfare::guest", Level::$level, channel = %name, event, delivery, attempt,
                            trace_id, "{text}"
                        );
                    }
                    Role::Stage => {
                        tracing::event!(
                            target: "fanfare::guest", Level::$level, stage = %name, event, trace_id, "{text}"
                        );
                    }
                }
            };
        }
        match level {
            Level::ERROR => event!(ERROR),
            Level::WARN => event!(WARN),
            Level::INFO => event!(INFO),
            Level::DEBUG => event!(DEBUG),
            Level::TRACE => event!(TRACE),
        }
        if self.recent.len() == limits::TRACE_LINES {
            self.recent.pop_front();
        }
        self.recent.push_back(TraceLine(format!("{} {text}", level.as_str().to_lowercase())));
    }

    fn watch_for_panic(&mut self, text: &str) {
        match mem::take(&mut self.panic) {
            Panic::Where(place) => self.panic = Panic::Whole(clean(&format!("{place} {text}"), limits::MESSAGE)),
            Panic::None => {
                // The format of the SDK's panic hook.
                if let Some(message) = text.strip_prefix("panic: ") {
                    self.panic = Panic::Whole(clean(message, limits::MESSAGE));
                } else if let Some(at) = text.find("panicked at ") {
                    let said = clean(&text[at..], limits::MESSAGE).replace('\n', " ");
                    self.panic = if said.ends_with(':') { Panic::Where(said) } else { Panic::Whole(said) };
                }
            }
            whole @ Panic::Whole(_) => self.panic = whole,
        }
    }
}

fn is_object(line: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
}

impl Partial {
    fn extend(&mut self, bytes: &[u8], most: usize) {
        if self.cut {
            return;
        }
        let room = most - self.bytes.len().min(most);
        self.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.cut = bytes.len() > room;
    }
}

#[cfg(test)]
mod tests {
    use fanfare_core::ChannelName;

    use super::*;
    use crate::{ChannelSetup, Wire};

    fn lines() -> Lines {
        let setup = ChannelSetup::new(ChannelName::new("log").unwrap());
        Lines::new(Arc::new(ChannelView::new(setup, Wire::default())), Speaker::default())
    }

    fn finish(mut lines: Lines) -> Vec<String> {
        lines.finish().0.into_iter().map(|TraceLine(text)| text).collect()
    }

    #[test]
    fn streams_are_split_into_lines_and_the_rest_comes_at_the_end() {
        let mut lines = lines();
        lines.write(Stream::Out, b"one\r\ntw");
        lines.write(Stream::Err, b"oops\n");
        lines.write(Stream::Out, b"o\nthree");
        assert_eq!(finish(lines), ["info one", "warn oops", "info two", "info three"]);
    }

    #[test]
    fn lines_past_the_limit_are_counted_and_dropped() {
        let mut lines = lines();
        for n in 0..limits::LOG_LINES + 7 {
            lines.push(Level::INFO, &n.to_string());
        }
        let kept = finish(lines);
        assert_eq!(kept.len(), limits::TRACE_LINES);
        assert_eq!(kept.last().unwrap(), "warn 7 more lines were dropped: an attempt may log 256");
    }

    #[test]
    fn a_line_without_an_end_is_held_only_up_to_the_limit() {
        let mut lines = lines();
        for _ in 0..100 {
            lines.write(Stream::Err, &[b'x'; 1000]);
        }
        assert_eq!(lines.err.bytes.len(), limits::LOG_LINE);
        assert!(lines.err.bytes.capacity() <= 2 * limits::LOG_LINE);
        lines.write(Stream::Err, b"\nnext\n");
        assert_eq!(finish(lines)[1], "warn next");
    }

    #[test]
    fn a_guest_cannot_forge_another_line() {
        let mut lines = lines();
        lines.push(Level::INFO, "a\nERROR all is lost\x1b[31m");
        assert_eq!(finish(lines), ["info a\\nERROR all is lost\u{fffd}[31m"]);
    }

    #[test]
    fn a_panic_is_recognised_in_two_printed_lines_and_in_one_logged() {
        let mut printed = lines();
        printed.write(Stream::Err, b"\nthread '<unnamed>' (1) panicked at src/lib.rs:1:2:\nit broke\nnote: run with\n");
        assert_eq!(printed.finish().1.unwrap(), "panicked at src/lib.rs:1:2: it broke");
        let mut logged = lines();
        logged.push(Level::ERROR, "panic: it broke location=src/lib.rs:1:2");
        assert_eq!(logged.finish().1.unwrap(), "it broke location=src/lib.rs:1:2");
        assert_eq!(lines().finish().1, None);
    }
}
