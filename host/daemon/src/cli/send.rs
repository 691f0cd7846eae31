//! `fanfare send`: sends one event and shows its result.

use std::{io::Read as _, path::PathBuf, time::Duration};

use anyhow::Context as _;
use bytes::Bytes;
use http::{HeaderName, header::CONTENT_TYPE};
use jiff::Timestamp;
use serde_json::{Map, Value, value::RawValue};

use super::{
    Context,
    client::{Answer, Client, ClientArgs, QUICK},
    failure::Failure,
    output::{print, print_raw},
    result,
};
use crate::{api::EventResult, config::units};

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: fanfare send --type user.signup --data '{\"user_id\":\"usr_123\"}' --tag signup")]
pub(crate) struct Args {
    #[command(flatten)]
    client: ClientArgs,

    /// The event's type, such as `user.signup`
    #[arg(long = "type", value_name = "TYPE", required_unless_present = "file")]
    ty: Option<String>,

    /// The event's data, in JSON
    #[arg(long, value_name = "JSON", value_parser = json)]
    data: Option<Value>,

    /// A message for people
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,

    /// Its severity: `debug`, `info`, `warning`, `error`, `critical`
    #[arg(long, value_name = "WORD")]
    severity: Option<String>,

    /// A tag; can be repeated
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,

    /// The source, a URI reference; `/` by default
    #[arg(long, value_name = "URI")]
    source: Option<String>,

    /// The id; an event with the same id and source is a repeat and is not delivered again
    #[arg(long, value_name = "ID")]
    id: Option<String>,

    /// What the event is about, within its source
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<String>,

    /// Deliver it at this time: RFC 3339, such as 2026-11-20T10:30:00Z
    #[arg(long, value_name = "TIME", conflicts_with = "delay")]
    at: Option<Timestamp>,

    /// Deliver it after this delay, such as 5m
    #[arg(long, value_name = "DURATION", value_parser = wait)]
    delay: Option<Duration>,

    /// Send this file instead, `-` for stdin: the simple form, or a CloudEvent in JSON
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["ty", "data", "message", "severity", "tags", "source", "id", "subject", "at"]
    )]
    file: Option<PathBuf>,

    /// Do not wait for the channels, only until the event is recorded
    #[arg(long = "async", conflicts_with = "wait")]
    respond_async: bool,

    /// Wait this long for the channels, instead of the daemon's default
    #[arg(long, value_name = "DURATION", value_parser = wait)]
    wait: Option<Duration>,
}

/// How long a daemon may wait by default: usually half a minute, but it may be configured to more.
const DAEMONS_OWN_WAIT: Duration = Duration::from_mins(5);

pub(crate) async fn run(args: Args, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let body = match &args.file {
        Some(file) => read(file)?,
        None => Bytes::from(args.event().to_string()),
    };
    let answer = publish(&client, body, args.prefer(), args.patience()).await?;
    let result: EventResult = answer.read()?;
    if context.json {
        print_raw(&answer.body)?;
    } else {
        let why = result::missing_plugins(&client, &result).await;
        print(&(result::render(&result) + &why + &result::next(&result)))?;
    }
    if result.is_well() { Ok(()) } else { Err(Failure::Reported) }
}

/// Sends one event in the form that its members imply.
///
/// # Errors
/// As for [`Client::post`].
pub(crate) async fn publish(
    client: &Client,
    body: Bytes,
    prefer: Option<String>,
    patience: Duration,
) -> Result<Answer, Failure> {
    let mut headers = vec![(CONTENT_TYPE, content_type(&body).to_owned())];
    headers.extend(prefer.map(|prefer| (HeaderName::from_static("prefer"), prefer)));
    client.post("/v1/events", &headers, body, patience).await
}

impl Args {
    fn event(&self) -> Value {
        let text = |text: &Option<String>| text.clone().map(Value::from);
        let tags = (!self.tags.is_empty()).then(|| self.tags.clone().into());
        let members = [
            ("type", text(&self.ty)),
            ("id", text(&self.id)),
            ("source", text(&self.source)),
            ("subject", text(&self.subject)),
            ("message", text(&self.message)),
            ("severity", text(&self.severity)),
            ("deliverat", self.at.map(|at| at.to_string().into())),
            ("tags", tags),
            ("data", self.data.clone()),
        ];
        let given = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(given.collect::<Map<_, _>>())
    }

    fn prefer(&self) -> Option<String> {
        let wait = match self.wait {
            _ if self.respond_async => Some("respond-async".to_owned()),
            Some(wait) => Some(format!("wait={}", whole_seconds(wait))),
            None => None,
        };
        let delay = self.delay.map(|delay| format!("delay={}", units::show_duration(delay)));
        let preferences: Vec<_> = [wait, delay].into_iter().flatten().collect();
        (!preferences.is_empty()).then(|| preferences.join(", "))
    }

    /// The daemon's wait, plus time for the network.
    fn patience(&self) -> Duration {
        match self.wait {
            _ if self.respond_async => QUICK,
            Some(wait) => Duration::from_secs(whole_seconds(wait)) + QUICK,
            None => DAEMONS_OWN_WAIT + QUICK,
        }
    }
}

/// `Prefer: wait` counts in seconds; a shorter wait must not become zero.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// A CloudEvent is recognized by its `specversion`. Anything else is sent in the simple form; the daemon knows the
/// rules and reports what is wrong.
fn content_type(body: &[u8]) -> &'static str {
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(members)) if members.contains_key("specversion") => "application/cloudevents+json",
        _ => "application/json",
    }
}

fn read(file: &PathBuf) -> Result<Bytes, Failure> {
    let content = if file.as_os_str() == "-" {
        let mut content = vec![];
        std::io::stdin().read_to_end(&mut content).context("cannot read stdin")?;
        content
    } else {
        std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?
    };
    let name = if file.as_os_str() == "-" { "standard input".into() } else { file.to_string_lossy() };
    // The daemon knows the rules and reports everything else.
    match serde_json::from_slice::<&RawValue>(&content) {
        Err(error) => Err(anyhow::anyhow!("{name} is not JSON: {error}"))?,
        Ok(value) if value.get().starts_with('[') => Err(anyhow::anyhow!(
            "{name} contains a list, but this command sends one event; POST /v1/events accepts a list as \
             `application/cloudevents-batch+json`"
        ))?,
        Ok(_) => {}
    }
    Ok(content.into())
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("not valid JSON ({error}); text needs quotes: '\"text\"'"))
}

fn wait(text: &str) -> Result<Duration, String> {
    units::duration(text).map_err(|problem| format!("{problem}; {}", units::DURATION_HELP))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use serde_json::json;

    use super::*;

    #[derive(clap::Parser)]
    struct Alone {
        #[command(flatten)]
        args: Args,
    }

    fn args(line: &[&str]) -> Args {
        Alone::try_parse_from([&["send"], line].concat()).unwrap().args
    }

    #[test]
    fn only_given_members_are_sent() {
        assert_eq!(args(&["--type", "a"]).event(), json!({ "type": "a" }));
        let line = ["--type", "a.b", "--data", "[1]", "--tag", "x", "--tag", "y", "--severity", "info", "--id", "7"];
        let want = json!({ "type": "a.b", "data": [1], "tags": ["x", "y"], "severity": "info", "id": "7" });
        assert_eq!(args(&line).event(), want);
    }

    #[test]
    fn the_preference_follows_the_flags_and_a_wait_is_never_rounded_to_zero() {
        assert_eq!(args(&["--type", "a"]).prefer(), None);
        assert_eq!(args(&["--type", "a", "--async"]).prefer().as_deref(), Some("respond-async"));
        for (wait, want) in [("10s", "wait=10"), ("200ms", "wait=1"), ("1m", "wait=60"), ("0s", "wait=0")] {
            let args = args(&["--type", "a", "--wait", wait]);
            assert_eq!(args.prefer().as_deref(), Some(want));
            assert!(args.patience() >= QUICK);
        }
        let later = args(&["--type", "a", "--async", "--delay", "90s"]);
        assert_eq!(later.prefer().as_deref(), Some("respond-async, delay=90s"));
    }

    #[test]
    fn a_cloud_event_is_recognized_by_its_specversion() {
        assert_eq!(content_type(br#"{"specversion":"1.0","type":"a"}"#), "application/cloudevents+json");
        for simple in [&br#"{"type":"a"}"#[..], b"[]", b"not json", b""] {
            assert_eq!(content_type(simple), "application/json");
        }
    }
}
