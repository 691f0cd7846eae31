//! The state of `fanfare top`, with pure transitions: `(state, response or key) → state`, and `state → lines`.

use std::{fmt::Write as _, time::Duration};

use comfy_table::{Attribute, Cell, CellAlignment};
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    super::output::{BOLD, DIM, RED, YELLOW, clean, counted, lines, milliseconds, row, span, state_cell, table},
    row::{Row, Sort, sort},
};
use crate::api::{Channel, Stats, Totals};

/// The daemon's responses at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) at: Timestamp,
    pub(crate) stats: Stats,
    pub(crate) channels: Vec<Channel>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Quit,
    Pause(String),
    Resume(String),
}

pub(crate) struct App {
    url: String,
    sort: Sort,
    filter: String,
    mode: Mode,
    /// A name, so that the selection stays on its channel when the order changes.
    selected: Option<String>,
    newest: Option<Sample>,
    /// All channels, unsorted.
    rows: Vec<Row>,
    totals: Shown,
    /// Since when the daemon has not responded, and why.
    lost: Option<(Timestamp, String)>,
    message: String,
}

/// What keys do.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mode {
    Table,
    /// Keys are added to the filter.
    Filter,
    /// Only `y` confirms.
    Confirm(Action),
}

/// The totals, with rates per second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Shown {
    pub(crate) events_per_second: Option<f64>,
    pub(crate) out_per_second: Option<f64>,
    #[serde(flatten)]
    pub(crate) totals: TotalsShown,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct TotalsShown {
    pub(crate) accepted: u64,
    pub(crate) delivered: u64,
    pub(crate) pending: u64,
    pub(crate) dead: u64,
}

impl App {
    pub(crate) fn new(url: String, sort: Sort, filter: String) -> Self {
        Self {
            url,
            sort,
            filter,
            mode: Mode::Table,
            selected: None,
            newest: None,
            rows: vec![],
            totals: Shown::default(),
            lost: None,
            message: String::new(),
        }
    }

    /// Takes a sample.
    pub(crate) fn took(&mut self, sample: Sample) {
        let before = self.newest.as_ref();
        let took = before.map(|before| sample.at.duration_since(before.at)).unwrap_or_default();
        let took = Duration::try_from(took).unwrap_or_default();
        let row = |channel: &Channel| {
            let before = before.and_then(|before| before.channels.iter().find(|one| one.name == channel.name));
            Row::new(channel, before, took, sample.at)
        };
        self.rows = sample.channels.iter().map(row).collect();
        let rate = |count: fn(&Totals) -> u64| {
            let before = count(&before?.stats.totals);
            let more = count(&sample.stats.totals).saturating_sub(before);
            (!took.is_zero()).then(|| more as f64 / took.as_secs_f64())
        };
        let Totals { accepted, delivered, pending, dead, .. } = sample.stats.totals;
        self.totals = Shown {
            events_per_second: rate(|totals| totals.accepted),
            out_per_second: rate(|totals| totals.delivered + totals.dead + totals.skipped),
            totals: TotalsShown { accepted, delivered, pending, dead },
        };
        self.newest = Some(sample);
        self.lost = None;
        self.reselect();
    }

    /// The daemon did not respond. The last sample stays on the screen, marked as old.
    pub(crate) fn lost(&mut self, why: &str, at: Timestamp) {
        let since = self.lost.as_ref().map_or(at, |(since, _)| *since);
        self.lost = Some((since, why.to_owned()));
    }

    pub(crate) fn say(&mut self, message: String) {
        self.message = message;
    }

    pub(crate) fn totals(&self) -> Shown {
        self.totals
    }

    /// The channels that are shown, sorted.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows: Vec<_> = self.rows.iter().filter(|row| row.channel.contains(&self.filter)).cloned().collect();
        sort(&mut rows, self.sort);
        rows
    }

    /// Handles a key.
    pub(crate) fn press(&mut self, key: KeyEvent) -> Option<Action> {
        if key.kind == KeyEventKind::Release {
            return None;
        }
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return (key.code == KeyCode::Char('c')).then_some(Action::Quit);
        }
        self.message.clear();
        match std::mem::replace(&mut self.mode, Mode::Table) {
            Mode::Table => return self.press_in_table(key.code),
            Mode::Filter => match key.code {
                KeyCode::Enter => {}
                KeyCode::Esc => self.filter.clear(),
                KeyCode::Backspace => {
                    self.filter.pop();
                    self.mode = Mode::Filter;
                }
                KeyCode::Char(c) => {
                    self.filter.push(c);
                    self.mode = Mode::Filter;
                }
                _ => self.mode = Mode::Filter,
            },
            Mode::Confirm(action) => return (key.code == KeyCode::Char('y')).then_some(action),
        }
        self.reselect();
        None
    }

    fn press_in_table(&mut self, key: KeyCode) -> Option<Action> {
        match key {
            KeyCode::Char('q') | KeyCode::Esc => return Some(Action::Quit),
            KeyCode::Char('s') => self.sort = self.sort.next(),
            KeyCode::Char('/') => self.mode = Mode::Filter,
            KeyCode::Down | KeyCode::Char('j') => self.step(1),
            KeyCode::Up | KeyCode::Char('k') => self.step(-1),
            KeyCode::Char('p') => self.mode = self.confirm(Action::Pause),
            KeyCode::Char('r') => self.mode = self.confirm(Action::Resume),
            _ => {}
        }
        None
    }

    fn confirm(&self, action: fn(String) -> Action) -> Mode {
        self.selected.clone().map_or(Mode::Table, |name| Mode::Confirm(action(name)))
    }

    fn step(&mut self, by: isize) {
        let rows = self.rows();
        let at = rows.iter().position(|row| Some(&row.channel) == self.selected.as_ref()).unwrap_or_default();
        let to = at.saturating_add_signed(by).min(rows.len().saturating_sub(1));
        self.selected = rows.get(to).map(|row| row.channel.clone());
    }

    /// Keeps the selection within the channels that are shown.
    fn reselect(&mut self) {
        let rows = self.rows();
        if !rows.iter().any(|row| Some(&row.channel) == self.selected.as_ref()) {
            self.selected = rows.first().map(|row| row.channel.clone());
        }
    }

    /// One table, for output that is not a terminal.
    pub(crate) fn plain(&self) -> String {
        self.head() + "\n" + &self.table(None, &self.rows())
    }

    /// The lines for a screen of this size, never more than fit.
    pub(crate) fn lines(&self, width: u16, height: u16) -> Vec<String> {
        let head = self.head();
        // Three lines are for the heads of the page and of the table, and the line at the bottom.
        let room = usize::from(height).saturating_sub(head.lines().count() + 3);
        let rows = self.rows();
        let at = rows.iter().position(|row| Some(&row.channel) == self.selected.as_ref()).unwrap_or_default();
        // Keeps the selected channel visible.
        let from = (at + 1).saturating_sub(room.max(1));
        let to = (from + room).min(rows.len());
        let mut lines: Vec<String> = head.lines().map(str::to_owned).collect();
        lines.push(String::new());
        lines.extend(self.table(Some(width), &rows[from..to]).lines().map(str::to_owned));
        let hidden = rows.len() - (to - from);
        lines.truncate(usize::from(height).saturating_sub(1));
        lines.push(self.foot(hidden));
        lines
    }

    fn head(&self) -> String {
        let mut text = String::new();
        let Some(newest) = &self.newest else { return text };
        let up = span(Duration::from_secs(newest.stats.uptime_seconds));
        let url = clean(&self.url);
        writeln!(text, "{BOLD}fanfare {}{BOLD:#} at {url}, up {up}", clean(&newest.stats.version)).unwrap_or_default();
        if let Some((since, why)) = &self.lost {
            writeln!(text, "{RED}not reachable since {since:.0}, trying again{RED:#}: {}", clean(why))
                .unwrap_or_default();
        } else if newest.stats.journal.health.status != "ok" {
            let error = newest.stats.journal.health.error.as_deref().unwrap_or_default();
            let status = clean(&newest.stats.journal.health.status);
            writeln!(text, "{RED}journal {status}{RED:#}: {}", clean(error)).unwrap_or_default();
        }
        let Shown { events_per_second, out_per_second, totals } = self.totals;
        let TotalsShown { accepted, delivered, pending, dead } = totals;
        writeln!(
            text,
            "{} ({}/s), {delivered} delivered ({}/s), {pending} pending, {dead} dead",
            counted(accepted, "event"),
            rate(events_per_second),
            rate(out_per_second)
        )
        .unwrap_or_default();
        text
    }

    fn table(&self, width: Option<u16>, rows: &[Row]) -> String {
        if rows.is_empty() {
            return if self.filter.is_empty() {
                "no channels\n".into()
            } else {
                "no channel matches the filter\n".into()
            };
        }
        let mut shown = table([
            "channel",
            "state",
            "in/s",
            "out/s",
            "pending",
            "in flight",
            "oldest",
            "p50",
            "p99",
            "success",
            "dead",
            "waits for",
        ]);
        if let Some(width) = width {
            shown.set_width(width);
        }
        for one in rows {
            let is_selected = width.is_some() && self.selected.as_ref() == Some(&one.channel);
            let name = Cell::new(clean(&one.channel));
            let name = if is_selected { name.add_attribute(Attribute::Reverse) } else { name };
            let number = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
            let time = |ms: Option<f64>| number(ms.map_or_else(|| "-".to_owned(), milliseconds));
            let age = |seconds: u64| span(Duration::from_secs(seconds));
            let success = |rate: f64| format!("{:.1} %", rate * 100.0);
            shown.add_row(row(vec![
                name,
                state_cell(&one.state),
                number(rate(one.in_per_second)),
                number(rate(one.out_per_second)),
                number(one.pending.to_string()),
                number(one.in_flight.to_string()),
                number(one.oldest_seconds.map_or_else(|| "-".to_owned(), age)),
                time(one.p50_ms),
                time(one.p99_ms),
                number(one.success_rate.map_or_else(|| "-".to_owned(), success)),
                number(one.dead_letters.to_string()),
                Cell::new(clean(&one.waits_for)),
            ]));
        }
        lines(&shown)
    }

    fn foot(&self, hidden: usize) -> String {
        let more = if hidden == 0 { String::new() } else { format!("{hidden} more  ") };
        match &self.mode {
            Mode::Filter => format!("filter: {}_  {DIM}Enter keeps it, Esc clears it{DIM:#}", clean(&self.filter)),
            Mode::Confirm(Action::Pause(name)) => {
                format!("{YELLOW}pause {}? Its deliveries wait until it is resumed.{YELLOW:#} y/n", clean(name))
            }
            Mode::Confirm(Action::Resume(name)) => format!("{YELLOW}resume {}?{YELLOW:#} y/n", clean(name)),
            Mode::Confirm(Action::Quit) | Mode::Table if !self.message.is_empty() => self.message.clone(),
            Mode::Confirm(Action::Quit) | Mode::Table => {
                let filter = if self.filter.is_empty() { String::new() } else { format!(": {}", clean(&self.filter)) };
                let sort = self.sort.as_str();
                format!("{more}{DIM}↑↓ select  s sort: {sort}  / filter{filter}  p pause  r resume  q quit{DIM:#}")
            }
        }
    }
}

/// `0`, `0.4`, `12`, `1.2k`.
fn rate(per_second: Option<f64>) -> String {
    match per_second {
        None => "-".to_owned(),
        Some(0.0) => "0".to_owned(),
        Some(rate) if rate < 10.0 => format!("{rate:.1}"),
        Some(rate) if rate < 1_000.0 => format!("{rate:.0}"),
        Some(rate) => format!("{:.1}k", rate / 1_000.0),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sample(second: i64, delivered: u64) -> Sample {
        let stats = json!({
            "version": "0.1.0", "uptime_seconds": second, "journal": { "status": "ok" }, "last_reload": null,
            "totals": { "accepted": delivered, "delivered": delivered, "pending": 3 },
        });
        let channels = json!([
            { "name": "log", "state": "active", "delivered": delivered, "success_rate": 1.0,
              "latency": { "p50_ms": 0.2, "p99_ms": 3.5 } },
            { "name": "hook", "state": "open", "pending": 3, "in_flight": 1,
              "oldest_pending_at": "1970-01-01T00:00:00Z", "hold": { "kind": "open", "reason": "" } },
        ]);
        Sample {
            at: Timestamp::from_second(second).unwrap(),
            stats: serde_json::from_value(stats).unwrap(),
            channels: serde_json::from_value(channels).unwrap(),
        }
    }

    fn app() -> App {
        let mut app = App::new("http://127.0.0.1:8080".to_owned(), Sort::Name, String::new());
        app.took(sample(60, 10));
        app.took(sample(62, 16));
        app
    }

    fn press(app: &mut App, keys: &str) -> Vec<Action> {
        keys.chars()
            .filter_map(|c| {
                app.press(KeyEvent::from(match c {
                    '\n' => KeyCode::Enter,
                    '\u{1b}' => KeyCode::Esc,
                    '\u{8}' => KeyCode::Backspace,
                    c => KeyCode::Char(c),
                }))
            })
            .collect()
    }

    fn shown(app: &App, width: u16, height: u16) -> String {
        let lines = app.lines(width, height).join("\n");
        anstream::adapter::strip_str(&lines).to_string()
    }

    #[test]
    fn the_channels_are_shown_with_their_rates_and_why_they_wait() {
        let want = "\
fanfare 0.1.0 at http://127.0.0.1:8080, up 1m 2s
16 events (3.0/s), 16 delivered (3.0/s), 3 pending, 0 dead

channel  state   in/s  out/s  pending  in flight  oldest  p50     p99     success  dead  waits for
hook     open       0      0        3          1  1m 2s        -       -        -     0  open
log      active   3.0    3.0        0          0       -  0.2 ms  3.5 ms  100.0 %     0
↑↓ select  s sort: name  / filter  p pause  r resume  q quit";
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(squeezed(&shown(&app(), 120, 20)), squeezed(want));
        let plain = anstream::adapter::strip_str(&app().plain()).to_string();
        assert!(plain.contains("hook") && !plain.contains("select"), "{plain}");
    }

    #[test]
    fn a_small_screen_shows_what_is_selected_and_never_more_lines_than_it_has() {
        let mut app = app();
        for height in 1..12 {
            assert!(app.lines(40, height).len() <= usize::from(height), "{height}");
        }
        press(&mut app, "j");
        let text = shown(&app, 120, 6);
        assert!(text.contains("\nlog ") && !text.contains("\nhook ") && text.contains("1 more"), "{text}");
    }

    #[test]
    fn keys_sort_filter_and_select() {
        let mut app = app();
        press(&mut app, "s");
        assert!(shown(&app, 120, 20).contains("sort: state"));
        press(&mut app, "/lo");
        assert!(shown(&app, 120, 20).contains("filter: lo_") && !shown(&app, 120, 20).contains("\nhook"));
        press(&mut app, "\u{8}\u{8}x\n");
        assert!(shown(&app, 120, 20).contains("no channel matches the filter"));
        assert_eq!(press(&mut app, "p"), [], "nothing is selected");
        press(&mut app, "/\u{1b}");
        assert!(shown(&app, 120, 20).contains("\nhook"));
        assert_eq!(press(&mut app, "q"), [Action::Quit]);
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(app.press(interrupt), Some(Action::Quit));
    }

    #[test]
    fn a_channel_is_paused_and_resumed_only_after_a_yes() {
        let mut app = app();
        press(&mut app, "p");
        assert!(shown(&app, 120, 20).contains("pause hook?"));
        assert_eq!(press(&mut app, "n"), []);
        assert_eq!(press(&mut app, "y"), []);
        assert_eq!(press(&mut app, "py"), [Action::Pause("hook".to_owned())]);
        assert_eq!(press(&mut app, "jry"), [Action::Resume("log".to_owned())]);
        app.say("log: done".to_owned());
        assert!(shown(&app, 120, 20).ends_with("log: done"));
    }

    #[test]
    fn a_lost_daemon_is_said_and_what_was_seen_last_stays() {
        let mut app = app();
        for second in [70, 80] {
            app.lost("Connection refused", Timestamp::from_second(second).unwrap());
        }
        let text = shown(&app, 120, 20);
        assert!(text.contains("not reachable since 1970-01-01T00:01:10Z, trying again: Connection refused"), "{text}");
        assert!(text.contains("\nhook"), "{text}");
        app.took(sample(90, 20));
        assert!(!shown(&app, 120, 20).contains("not reachable"));
    }

    #[test]
    fn rates_read_well_at_every_size() {
        for (per_second, want) in
            [(None, "-"), (Some(0.0), "0"), (Some(0.42), "0.4"), (Some(12.3), "12"), (Some(1_234.0), "1.2k")]
        {
            assert_eq!(rate(per_second), want);
        }
    }
}
