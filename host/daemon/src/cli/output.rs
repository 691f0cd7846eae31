//! The output of commands: JSON for programs, aligned lines for people, and colour on terminals.

use std::{
    borrow::Cow,
    io::{self, Write as _},
    time::Duration,
};

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, Color, ColumnConstraint, ContentArrangement, Row, Table, presets};
use serde::Serialize;

use crate::text::{escape, is_misleading};

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const RED: Style = AnsiColor::Red.on_default();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();

/// Writes to stdout. Colour is removed where it does not belong: in files and pipes, and with `NO_COLOR`.
///
/// # Errors
/// Of the write, including a closed pipe, so that nothing panics under `| head`.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes one JSON value and a line break to stdout.
///
/// # Errors
/// Of the write.
pub(crate) fn print_json(value: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_string(value)?;
    text.push('\n');
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes the daemon's response as it is.
///
/// # Errors
/// Of the write.
pub(crate) fn print_raw(body: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(body.trim_ascii_end())?;
    out.write_all(b"\n")?;
    out.flush()
}

/// JSON over several lines, with its members in their order.
///
/// # Errors
/// It is not JSON.
pub(crate) fn pretty(json: &[u8]) -> serde_json::Result<String> {
    let mut text = Vec::with_capacity(json.len() * 2);
    let mut from = super::json::deserializer(json)?;
    serde_transcode::transcode(&mut from, &mut serde_json::Serializer::pretty(&mut text))?;
    text.push(b'\n');
    // The serializer escapes what must be escaped; JSON made from valid UTF-8 is valid UTF-8.
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Columns whose values are copied and compared: they never wrap, however narrow the terminal is.
const WHOLE: [&str; 7] = ["delivery", "event", "id", "offset", "accepted", "when", "digest"];

/// A table without frames: headers in bold, columns two spaces apart, no wider than the terminal if possible.
pub(crate) fn table<const N: usize>(headers: [&str; N]) -> Table {
    let mut table = Table::new();
    // Otherwise padding would be coloured, and would be left at the end of lines.
    table.style_text_only();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .enforce_styling()
        .set_header(headers.map(|name| Cell::new(name).add_attribute(comfy_table::Attribute::Dim)));
    for (column, name) in table.column_iter_mut().zip(headers) {
        column.set_padding((0, 2));
        if WHOLE.contains(&name) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
}

/// A row on one line. What does not fit is truncated; commands that show one thing show it in full.
pub(crate) fn row(cells: Vec<Cell>) -> Row {
    let mut row = Row::from(cells);
    row.max_height(1);
    row
}

/// Text with at most this many characters. A longer one loses its middle, because both ends distinguish it.
pub(crate) fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    let length = text.chars().count();
    if length <= most {
        return text.into();
    }
    let end = most / 3;
    let first: String = text.chars().take(most - end - 1).collect();
    let last: String = text.chars().skip(length - end).collect();
    format!("{first}…{last}").into()
}

/// A table's lines, ready to print.
pub(crate) fn lines(table: &Table) -> String {
    table.trim_fmt() + "\n"
}

/// The colour of a state.
fn state_color(state: &str) -> AnsiColor {
    match state {
        "active" | "ok" | "success" => AnsiColor::Green,
        "missing" | "failed" | "failing" | "rejected" => AnsiColor::Red,
        _ => AnsiColor::Yellow,
    }
}

pub(crate) fn state_style(state: &str) -> Style {
    state_color(state).on_default()
}

/// A cell in the colour of its state.
pub(crate) fn state_cell(state: &str) -> Cell {
    let color = match state_color(state) {
        AnsiColor::Green => Color::Green,
        AnsiColor::Red => Color::Red,
        _ => Color::Yellow,
    };
    Cell::new(clean(state)).fg(color)
}

/// Makes text from elsewhere harmless. A control character could move the cursor, rewrite the screen, or forge a line
/// of ours.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    escape(text, is_misleading)
}

/// The same for text with several lines.
pub(crate) fn clean_lines(text: &str) -> Cow<'_, str> {
    escape(text, |c| is_misleading(c) && c != '\n' && c != '\t')
}

/// What to do about an unconfigured file.
pub(crate) fn unconfigured(name: &str, stanza: &str) -> String {
    let name = clean(name);
    let stanza: String = stanza.lines().map(|line| format!("  {}\n", clean(line))).collect();
    format!("\n{YELLOW}{name}{YELLOW:#} is unconfigured and gets no events; add to config.toml:\n{stanza}")
}

/// `0.4 ms`, `12 ms`, `1.20 s`.
pub(crate) fn milliseconds(ms: f64) -> String {
    match ms {
        ms if ms < 10.0 => format!("{ms:.1} ms"),
        ms if ms < 1_000.0 => format!("{ms:.0} ms"),
        ms => format!("{:.2} s", ms / 1_000.0),
    }
}

/// `312 B`, `1.5 KiB`, `64.0 MiB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut size = count as f64 / 1024.0;
    let mut unit = UNITS[0];
    for next in &UNITS[1..] {
        if size < 1024.0 {
            break;
        }
        size /= 1024.0;
        unit = next;
    }
    format!("{size:.1} {unit}")
}

/// `45s`, `3m 20s`, `5h 12m`, `3d 4h`.
pub(crate) fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {}s", seconds % 60),
        (0, ..) => format!("{hours}h {}m", minutes % 60),
        _ => format!("{days}d {}h", hours % 24),
    }
}

/// `1 attempt`, `2 attempts`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// `1 event matches`, `2 events match`.
pub(crate) fn matching(count: u64, noun: &str) -> String {
    format!("{} {}", counted(count, noun), if count == 1 { "matches" } else { "match" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_readable_at_every_size() {
        for (ms, want) in [(0.04, "0.0 ms"), (0.44, "0.4 ms"), (12.4, "12 ms"), (999.4, "999 ms"), (1200.0, "1.20 s")] {
            assert_eq!(milliseconds(ms), want);
        }
        for (count, want) in
            [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (64 << 20, "64.0 MiB"), (3 << 40, "3.0 TiB")]
        {
            assert_eq!(bytes(count), want);
        }
        for (seconds, want) in [(0, "0s"), (200, "3m 20s"), (18_720, "5h 12m"), (273_600, "3d 4h")] {
            assert_eq!(span(Duration::from_secs(seconds)), want);
        }
    }

    #[test]
    fn text_from_elsewhere_cannot_control_the_terminal() {
        assert_eq!(clean_lines("plain ü\ttext\n"), "plain ü\ttext\n");
        for text in ["a\u{1b}[2Jb\rc", "a\u{9b}c", "a\u{202e}c"] {
            assert!(!clean_lines(text).contains(is_misleading), "{text:?}");
        }
        assert_eq!(clean("name\n✔ verified\u{1b}[2J\r"), "name\\n✔ verified\\u{1b}[2J\\r");
    }

    #[test]
    fn json_is_formatted_in_its_own_order() {
        assert_eq!(
            pretty(br#"{"b":1,"a":[{"c":0.4}]}"#).unwrap(),
            "{\n  \"b\": 1,\n  \"a\": [\n    {\n      \"c\": 0.4\n    }\n  ]\n}\n"
        );
        assert!(pretty(b"{").is_err());
    }

    #[test]
    fn long_text_is_shortened_in_its_middle() {
        for (text, want) in [("short", "short"), ("123456789", "123456789"), ("üöä4567890", "üöä45…890")] {
            assert_eq!(shortened(text, 9), want);
        }
    }

    #[test]
    fn a_table_is_aligned_without_frames_and_trailing_blanks() {
        let mut rows = table(["channel", "state"]);
        rows.add_row(vec![Cell::new("log"), state_cell("active")]);
        rows.add_row(vec![Cell::new("very-long-name"), state_cell("missing")]);
        let shown = anstream::adapter::strip_str(&lines(&rows)).to_string();
        assert_eq!(shown, "channel         state\nlog             active\nvery-long-name  missing\n");
    }
}
