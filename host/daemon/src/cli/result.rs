//! The result of an event, in lines for people.

use std::fmt::Write as _;

use serde_json::{Value, value::RawValue};

use super::{
    client::{Client, escaped},
    json::read,
    output::{BOLD, DIM, GREEN, RED, YELLOW, clean, counted, milliseconds},
};
use crate::api::{Channel, ChannelResult, EventResult};

/// One line per channel, and a summary.
pub(crate) fn render(result: &EventResult) -> String {
    let mut text = channels(result);
    let EventResult { event_id, event_type, offset, .. } = result;
    let (event_id, event_type) = (clean(event_id), clean(event_type));
    if !text.is_empty() {
        text.push('\n');
    }
    let again = if result.duplicate { "; a duplicate: this is the result of the first one" } else { "" };
    writeln!(text, "{}  {event_type} {DIM}{event_id}, offset {offset}{again}{DIM:#}", verdict(result))
        .unwrap_or_default();
    text
}

/// The command that shows more of an event whose result leaves a question open.
pub(crate) fn next(result: &EventResult) -> String {
    let event_id = clean(&result.event_id);
    if result.summary.pending > 0 {
        format!("follow it with: fanfare events show {event_id}\n")
    } else if result.overall_status.as_str() == "unrouted" {
        format!("fanfare events show {event_id} says why\n")
    } else {
        String::new()
    }
}

/// Why the channels whose deliveries wait for a plugin have none. Empty if no delivery does, or if the token may not
/// read channels.
pub(crate) async fn missing_plugins(client: &Client, result: &EventResult) -> String {
    let mut text = String::new();
    let waits = |channel: &ChannelResult| channel.waiting_for.as_ref().is_some_and(|what| *what == "plugin");
    for (name, _) in result.channels.iter().filter(|(_, channel)| waits(channel)) {
        let path = format!("/v1/channels/{}", escaped(name));
        let Ok(channel) = client.get(&path).await.and_then(|answer| answer.read::<Channel>()) else { continue };
        let Some(error) = &channel.loaded.error else { continue };
        let (name, state) = (clean(name), clean(&channel.state));
        text += &format!("{YELLOW}{name} is {state}{YELLOW:#}, and its deliveries wait: {}\n", clean(error));
    }
    text
}

/// Only the channels, aligned.
pub(crate) fn channels(result: &EventResult) -> String {
    let names = width(result.channels.keys().map(String::as_str));
    let attempts: Vec<_> = result.channels.values().map(|channel| counted(channel.attempts, "attempt")).collect();
    let attempts_width = width(attempts.iter().map(String::as_str));
    let times: Vec<_> = result
        .channels
        .values()
        .map(|channel| channel.duration_ms.map_or_else(|| "-".to_owned(), milliseconds))
        .collect();
    let times_width = width(times.iter().map(String::as_str));

    let mut text = String::new();
    for (((name, channel), attempts), time) in result.channels.iter().zip(&attempts).zip(&times) {
        let mark = mark(&channel.status);
        let name = clean(name);
        writeln!(
            text,
            "  {mark} {BOLD}{name:names$}{BOLD:#}  {attempts:attempts_width$}  {time:>times_width$}  {}",
            outcome(channel)
        )
        .unwrap_or_default();
    }
    text
}

/// `✔` for delivered, `✘` for failed, `–` for skipped, `…` for what may still change.
pub(crate) fn mark(status: &str) -> String {
    match status {
        "success" => format!("{GREEN}✔{GREEN:#}"),
        "failed" => format!("{RED}✘{RED:#}"),
        "skipped" => format!("{DIM}–{DIM:#}"),
        _ => format!("{YELLOW}…{YELLOW:#}"),
    }
}

fn outcome(channel: &ChannelResult) -> String {
    let next = match (&*channel.status, channel.next_attempt_at.flatten(), &channel.waiting_for) {
        ("success" | "failed" | "skipped", ..) => String::new(),
        (_, _, Some(what)) if what != "retry" => {
            let until = channel.until.map(|until| format!(" until {until:.0}")).unwrap_or_default();
            format!("; waits{until} ({})", clean(what))
        }
        (_, Some(at), _) => format!("; next attempt at {at:.0}"),
        (_, None, _) => "; pending".to_owned(),
    };
    let line = match channel {
        ChannelResult { class: Some(class), .. } => {
            let code = channel.code.as_deref().unwrap_or_default();
            let error = channel.error.as_deref().unwrap_or_default();
            format!("{} {}: {}", clean(class), clean(code), clean(error))
        }
        ChannelResult { reason: Some(reason), detail, .. } => {
            format!("skipped ({}): {}", clean(reason), clean(detail.as_deref().unwrap_or_default()))
        }
        ChannelResult { receipt: Some(receipt), .. } => format!("{DIM}{}{DIM:#}", clean(&compact(receipt))),
        _ => String::new(),
    };
    let instead = channel.fallback_for.as_deref().map(|of| format!("; fallback for {}", clean(of)));
    let line = line + &next + &instead.unwrap_or_default();
    line.trim_start_matches("; ").to_owned()
}

/// JSON on one line, without spaces.
pub(crate) fn compact(json: &RawValue) -> String {
    read::<Value>(json.get().as_bytes()).map_or_else(|_| json.get().to_owned(), |value| value.to_string())
}

fn verdict(result: &EventResult) -> String {
    let summary = &result.summary;
    let total = counted(summary.total_channels, "channel");
    match result.overall_status.as_str() {
        "success" if summary.skipped > 0 && summary.successful == 0 => format!("{GREEN}skipped{GREEN:#} by {total}"),
        "success" if summary.skipped > 0 => {
            format!("{GREEN}delivered{GREEN:#} to {} of {total}, {} skipped", summary.successful, summary.skipped)
        }
        "success" => format!("{GREEN}delivered{GREEN:#} to {total}"),
        "failed" if summary.skipped > 0 => {
            format!("{RED}failed{RED:#} on {} of {total}, {} skipped", summary.failed, summary.skipped)
        }
        "failed" => format!("{RED}failed{RED:#} on {total}"),
        "partial" => {
            format!("{RED}partly delivered{RED:#}: {} of {total}, {} failed", summary.successful, summary.failed)
        }
        "pending" => {
            let failed = if summary.failed > 0 { format!(", {} failed", summary.failed) } else { String::new() };
            format!(
                "{YELLOW}pending{YELLOW:#}: {} of {total} delivered, {} pending{failed}",
                summary.successful, summary.pending
            )
        }
        "cancelled" => format!("{YELLOW}cancelled{YELLOW:#} before it was due"),
        "unrouted" => format!("{YELLOW}recorded{YELLOW:#}; no channel gets it"),
        other => clean(other).into_owned(),
    }
}

fn width<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(|text| clean(text).chars().count()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, want: &str) {
        let result: EventResult = serde_json::from_str(json).unwrap();
        let shown = anstream::adapter::strip_str(&(render(&result) + &next(&result))).to_string();
        assert_eq!(shown, want);
    }

    #[test]
    fn channels_that_skip_an_event_have_not_failed() {
        check(
            r#"{ "event_id": "e-1", "event_type": "a", "offset": 1, "broadcast_at": "2026-11-20T10:30:00Z",
                 "overall_status": "failed", "duplicate": false, "channels": {},
                 "summary": { "total_channels": 2, "successful": 0, "failed": 1, "pending": 0, "skipped": 1 } }"#,
            "failed on 1 of 2 channels, 1 skipped  a e-1, offset 1\n",
        );
    }

    #[test]
    fn every_channel_has_a_line_and_the_columns_are_aligned() {
        check(
            r#"{ "event_id": "e-1", "event_type": "user.signup", "offset": 42, "broadcast_at": "2026-11-20T10:30:00Z",
                 "overall_status": "partial", "duplicate": false, "channels": {
                   "log": { "status": "success", "attempts": 1, "duration_ms": 0.41, "receipt": { "log_id": "log_1" } },
                   "webhook": { "status": "failed", "attempts": 4, "duration_ms": 12.2, "class": "retry",
                                "code": "http_503", "error": "busy\u001b[2J", "next_attempt_at": null } },
                 "summary": { "total_channels": 2, "successful": 1, "failed": 1, "pending": 0 } }"#,
            "  ✔ log      1 attempt   0.4 ms  {\"log_id\":\"log_1\"}\n  \
               ✘ webhook  4 attempts   12 ms  retry http_503: busy\\u{1b}[2J\n\n\
             partly delivered: 1 of 2 channels, 1 failed  user.signup e-1, offset 42\n",
        );
    }

    #[test]
    fn a_pending_delivery_shows_when_it_is_retried_and_where_to_look() {
        check(
            r#"{ "event_id": "e-2", "event_type": "a", "offset": 1, "broadcast_at": "2026-11-20T10:30:00Z",
                 "overall_status": "pending", "duplicate": true, "channels": {
                   "a": { "status": "pending", "attempts": 1, "duration_ms": 3.0, "class": "retry", "code": "dns",
                          "error": "no such host", "next_attempt_at": "2026-11-20T10:31:00.5Z" },
                   "b": { "status": "pending", "attempts": 0 } },
                 "summary": { "total_channels": 2, "successful": 0, "failed": 0, "pending": 2 } }"#,
            "  … a  1 attempt   3.0 ms  retry dns: no such host; next attempt at 2026-11-20T10:31:00Z\n  \
             … b  0 attempts       -  pending\n\n\
             pending: 0 of 2 channels delivered, 2 pending  \
             a e-2, offset 1; a duplicate: this is the result of the first one\n\
             follow it with: fanfare events show e-2\n",
        );
    }

    #[test]
    fn a_skipped_delivery_is_not_shown_as_delivered() {
        let result = |successful: u32, skipped: u32| {
            let result = serde_json::json!({
                "event_id": "e-3", "event_type": "a", "offset": 7, "broadcast_at": "2026-11-20T10:30:00Z",
                "overall_status": "success", "channels": {},
                "summary": {
                    "total_channels": 2, "successful": successful, "failed": 0, "pending": 0, "skipped": skipped
                }
            });
            result.to_string()
        };
        check(&result(1, 1), "delivered to 1 of 2 channels, 1 skipped  a e-3, offset 7\n");
        check(&result(0, 2), "skipped by 2 channels  a e-3, offset 7\n");
    }

    #[test]
    fn an_event_that_no_channel_gets_is_shown_as_recorded() {
        check(
            r#"{ "event_id": "e-3", "event_type": "a", "offset": 7, "broadcast_at": "2026-11-20T10:30:00Z",
                 "overall_status": "unrouted", "channels": {},
                 "summary": { "total_channels": 0, "successful": 0, "failed": 0, "pending": 0 } }"#,
            "recorded; no channel gets it  a e-3, offset 7\nfanfare events show e-3 says why\n",
        );
    }
}
