//! `fanfare listen`: a webhook receiver for trying out a webhook channel.

mod receiver;

use std::{net::SocketAddr, time::Duration};

use anyhow::Context as _;
use fanfare_runtime::webhook::SigningKey;
use http::StatusCode;
use jiff::tz::TimeZone;

pub use receiver::{Received, Receiver, ReceiverOptions, Signature};

use super::{
    Context,
    failure::Failure,
    output::{BOLD, DIM, GREEN, RED, YELLOW, bytes, clean, pretty, print, print_json},
    signals::Signals,
};
use crate::config::units;

#[derive(Debug, clap::Args)]
#[command(after_help = "Responds with 204, or with 401 if the signature is not valid.")]
pub(crate) struct Args {
    /// The port on the loopback address; 0 picks a free port
    #[arg(long, default_value_t = 9000)]
    port: u16,

    /// Listen on this address and port instead, such as 0.0.0.0:9000, so that other machines can connect
    #[arg(long, value_name = "ADDRESS", conflicts_with = "port")]
    listen: Option<SocketAddr>,

    /// The path that deliveries are sent to
    #[arg(long, default_value = "/hook", value_parser = path)]
    path: String,

    /// Verify signatures with this secret: `whsec_…`, `env:NAME` or `file:PATH`; can be repeated
    /// while keys are rotated
    #[arg(long = "secret", value_name = "SECRET")]
    secrets: Vec<String>,

    /// Respond with this status instead of 204
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Option<StatusCode>,

    /// Fail the first N deliveries, with 503 or the value of --status
    #[arg(long, value_name = "N", default_value_t = 0)]
    fail_first: u64,

    /// Show one line per delivery, without its body
    #[arg(long)]
    quiet: bool,

    /// Delay each response by this long
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = delay)]
    delay: Duration,
}

pub(crate) async fn run(args: Args, context: Context) -> Result<(), Failure> {
    let mut signals = Signals::install()?;
    let address = args.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], args.port)));
    let options = ReceiverOptions {
        path: args.path.clone(),
        keys: args.secrets.iter().map(|secret| key(secret)).collect::<Result<_, _>>()?,
        status: args.status,
        fail_first: args.fail_first,
        delay: args.delay,
    };
    let mut receiver = Receiver::start(address, options)
        .await
        .with_context(|| format!("cannot listen on {address}; choose another with --port or --listen"))?;
    let url = format!("http://{}{}", receiver.address, args.path);
    if context.json {
        print_json(&serde_json::json!({ "listening": url }))?;
    } else {
        let checked = if args.secrets.is_empty() { "; signatures are not verified (use --secret)" } else { "" };
        print(&format!("Listening on {BOLD}{url}{BOLD:#}{checked}\n"))?;
    }
    loop {
        tokio::select! {
            received = receiver.deliveries.recv() => {
                let Some(received) = received else { return Ok(()) };
                match context.json {
                    true => print_json(&received)?,
                    false if args.quiet => print(&line(&received, &TimeZone::system()))?,
                    false => print(&(line(&received, &TimeZone::system()) + &body(&received)))?,
                }
            }
            _ = signals.next() => return Ok(()),
        }
    }
}

/// A delivery on one line.
pub(crate) fn line(received: &Received, zone: &TimeZone) -> String {
    let Received { at, answered, .. } = received;
    let time = at.to_zoned(zone.clone()).strftime("%H:%M:%S%.3f");
    let signature = match &received.signature {
        Signature::Verified => format!("{GREEN}verified{GREEN:#}"),
        Signature::Unchecked => "signed, not verified".to_owned(),
        Signature::Unsigned => format!("{YELLOW}unsigned{YELLOW:#}"),
        Signature::Invalid { reason } => format!("{RED}invalid{RED:#} ({})", clean(reason)),
    };
    let answer = if (200..300).contains(answered) { format!("{answered}") } else { format!("{RED}{answered}{RED:#}") };
    let or_dash = |text: &Option<String>| clean(text.as_deref().unwrap_or("-")).into_owned();
    let again = if received.times > 1 {
        format!("  {YELLOW}repeated{YELLOW:#} ({} times)", received.times)
    } else {
        String::new()
    };
    // Both are the delivery's id; unsigned deliveries only have the latter.
    let (name, id) = match (&received.webhook_id, &received.idempotency_key) {
        (None, key @ Some(_)) => ("idempotency-key", key),
        (id, _) => ("webhook-id", id),
    };
    format!(
        "{DIM}{time}{DIM:#}  {answer}  {signature}  {BOLD}{}{BOLD:#} {}  {DIM}{name}{DIM:#} {}  {}{again}\n",
        or_dash(&received.event_type),
        or_dash(&received.event_id),
        or_dash(id),
        bytes(received.size as u64),
    )
}

/// The most lines of a body that are shown.
const LINES: usize = 24;

/// The body, indented and truncated: JSON is formatted, other text is shown as it is.
fn body(received: &Received) -> String {
    let text = pretty(received.body.as_bytes()).unwrap_or_else(|_| received.body.clone());
    let count = text.lines().count();
    let mut shown: String = text.lines().take(LINES).map(|line| format!("    {DIM}{}{DIM:#}\n", clean(line))).collect();
    if count > LINES || received.size > received.body.len() {
        shown += &format!("    {DIM}… {} in all; --json shows more{DIM:#}\n", bytes(received.size as u64));
    }
    shown
}

/// Parses a secret, or a reference to one.
fn key(secret: &str) -> Result<SigningKey, Failure> {
    let text = if let Some(name) = secret.strip_prefix("env:") {
        std::env::var(name)
            .map_err(|_| Failure::usage(format!("--secret {secret}: {name} is not set"), "export it first"))?
    } else if let Some(path) = secret.strip_prefix("file:") {
        std::fs::read_to_string(path).with_context(|| format!("--secret {secret}: cannot read {path}"))?
    } else {
        secret.to_owned()
    };
    // Without the text: a mistyped secret is still half a secret.
    SigningKey::parse(text.trim()).map_err(|error| {
        Failure::usage(format!("--secret is not a valid webhook secret: {error}"), "write it like whsec_<base64>")
    })
}

fn path(text: &str) -> Result<String, String> {
    let valid =
        text.starts_with('/') && text.parse::<http::uri::PathAndQuery>().is_ok_and(|path| path.query().is_none());
    if valid { Ok(text.to_owned()) } else { Err("a path must start with `/` and have no query".to_owned()) }
}

fn status(text: &str) -> Result<StatusCode, String> {
    let code = text.parse().ok().filter(|code: &u16| (200..600).contains(code));
    code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or_else(|| "a status must be from 200 to 599".to_owned())
}

fn delay(text: &str) -> Result<Duration, String> {
    units::duration(text).map_err(|problem| format!("{problem}; {}", units::DURATION_HELP))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received() -> Received {
        Received {
            at: "2026-11-20T10:30:00.25Z".parse().unwrap(),
            webhook_id: Some("dlv_1".to_owned()),
            event_type: Some("user.signup".to_owned()),
            event_id: Some("e-1".to_owned()),
            idempotency_key: Some("dlv_2".to_owned()),
            size: 11,
            body: r#"{"a":[1,2]}"#.to_owned(),
            signature: Signature::Verified,
            times: 1,
            answered: 204,
        }
    }

    #[track_caller]
    fn check(received: &Received, want: &str) {
        let shown = anstream::adapter::strip_str(&line(received, &TimeZone::UTC)).to_string();
        assert_eq!(shown, want);
    }

    #[test]
    fn a_delivery_is_one_line() {
        check(&received(), "10:30:00.250  204  verified  user.signup e-1  webhook-id dlv_1  11 B\n");
        let signature = Signature::Invalid { reason: "no signature matches".to_owned() };
        let forged = Received { signature, answered: 401, times: 3, event_type: None, event_id: None, ..received() };
        check(
            &forged,
            "10:30:00.250  401  invalid (no signature matches)  - -  webhook-id dlv_1  11 B  repeated (3 times)\n",
        );
        let unsigned = Received { signature: Signature::Unsigned, webhook_id: None, ..received() };
        check(&unsigned, "10:30:00.250  204  unsigned  user.signup e-1  idempotency-key dlv_2  11 B\n");
    }

    #[test]
    fn a_body_is_formatted_and_truncated() {
        let plain = |received: &Received| anstream::adapter::strip_str(&body(received)).to_string();
        assert!(plain(&received()).starts_with("    {\n      \"a\": [\n"), "{}", plain(&received()));
        let long = Received { size: 90, body: "x\n\x1b[2Jy\n".repeat(18), ..received() };
        let shown = plain(&long);
        assert_eq!((shown.lines().count(), shown.contains('\x1b')), (LINES + 1, false), "{shown}");
        assert!(shown.ends_with("90 B in all; --json shows more\n"), "{shown}");
    }

    #[test]
    fn an_invalid_secret_is_rejected_without_repeating_it() {
        let error = key("hunter2-not-a-key").unwrap_err();
        assert_eq!(error.code(), 2);
        assert!(!error.text(false, false).unwrap().contains("hunter2"));
        assert!(key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_ok());
        assert_eq!(key("env:FANFARE_THIS_IS_NOT_SET").unwrap_err().code(), 2);
    }

    #[test]
    fn paths_and_statuses_are_checked() {
        assert!(path("/hook").is_ok() && path("hook").is_err() && path("/a?b").is_err());
        assert!(status("503").is_ok() && status("99").is_err() && status("teapot").is_err());
    }
}
