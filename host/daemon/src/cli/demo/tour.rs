//! The demo's output: what was sent, the result, and where to look next.

use std::fmt::Write as _;

use super::{Act, SAMPLE, Stage};
use crate::cli::{
    failure::Failure,
    listen::{Signature, line},
    output::{BOLD, DIM, GREEN, RED, YELLOW, pretty},
    result,
};

pub(super) fn render(stage: &Stage, act: &Act, once: bool) -> Result<String, Failure> {
    let Stage { url, .. } = stage;
    let mut text = format!("{BOLD}Fanfare{BOLD:#} listens on {BOLD}{url}{BOLD:#}");
    if !stage.at_usual_port {
        write!(text, " {YELLOW}(port 8080 is taken){YELLOW:#}").unwrap_or_default();
    }
    writeln!(text, "; its files are in {}", stage.folder.path().display()).unwrap_or_default();

    section(&mut text, "Sent: POST /v1/events");
    text += &pretty(SAMPLE.as_bytes())?;
    section(&mut text, "The result");
    text += &pretty(&act.answer.body)?;
    section(&mut text, "In short");
    text += &result::render(&act.result);
    section(&mut text, "What the webhook receiver saw");
    text += &receiver(act);
    if !once {
        section(&mut text, "Look around");
        text += &places(stage, act);
        writeln!(
            text,
            "\nCtrl-C ends the demo and removes its folder. More deliveries to the receiver are shown \
             here:"
        )
        .unwrap_or_default();
    }
    Ok(text)
}

fn section(text: &mut String, title: &str) {
    writeln!(text, "\n{BOLD}{title}{BOLD:#}").unwrap_or_default();
}

fn receiver(act: &Act) -> String {
    let Some(received) = &act.received else {
        return format!("{RED}✘{RED:#} nothing\n");
    };
    let line = line(received, &jiff::tz::TimeZone::system());
    if received.signature == Signature::Verified {
        format!(
            "{GREEN}✔{GREEN:#} {line}  {DIM}its signature is valid: from the daemon, unchanged, and \
             recent{DIM:#}\n"
        )
    } else {
        format!("{RED}✘{RED:#} {line}")
    }
}

fn places(stage: &Stage, act: &Act) -> String {
    let Stage { url, .. } = stage;
    let event = crate::cli::client::escaped(&act.result.event_id);
    let places = [
        ("this event and every attempt", format!("curl {url}/v1/events/{event}")),
        ("the channels", format!("curl {url}/v1/channels")),
        ("the numbers", format!("curl {url}/v1/stats")),
        ("for Prometheus", format!("curl {url}/metrics")),
        ("the audit log", format!("cat {}/*", stage.audit_folder().display())),
        ("another event", format!("fanfare send{} --type user.login --data '{{\"user_id\":\"usr_123\"}}'", at(stage))),
        (
            "the same with curl",
            format!("curl -H 'content-type: application/json' -d '{{\"type\":\"user.login\"}}' {url}/v1/events"),
        ),
    ];
    let width = places.iter().map(|(what, _)| what.len()).max().unwrap_or(0);
    places.iter().map(|(what, command)| format!("  {DIM}{what:width$}{DIM:#}  {command}\n")).collect()
}

/// The client uses the usual address by default.
fn at(stage: &Stage) -> String {
    if stage.at_usual_port { String::new() } else { format!(" --url {}", stage.url) }
}
