//! `fanfare events`: shows the history.

mod list;
mod tail;
mod timeline;

use std::fmt::Write as _;

use serde_json::Value;

use super::{
    Context,
    client::{Client, ClientArgs, escaped},
    failure::Failure,
    output::{BOLD, DIM, clean, print, print_raw},
    result,
};
use crate::api::{Explanation, Shown};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Show one event: its content, its result, and every attempt of every channel
    Show(ShowArgs),
    /// List events in the order in which they were accepted
    List(list::ListArgs),
    /// Follow events and settled deliveries as they happen
    Tail(tail::TailArgs),
    /// Cancel a scheduled event before it is due
    Cancel(ShowArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    client: ClientArgs,

    /// The event's id
    id: String,

    /// The event's source; without it, the newest event with the id
    #[arg(long, value_name = "URI")]
    source: Option<String>,
}

pub(crate) async fn run(command: Command, context: Context) -> Result<(), Failure> {
    match command {
        Command::Show(args) => show(args, context).await,
        Command::List(args) => list::run(args, context).await,
        Command::Tail(args) => tail::run(args, context).await,
        Command::Cancel(args) => cancel(args, context).await,
    }
}

async fn show(args: ShowArgs, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let answer = client.get(&path(&args)).await?;
    if context.json {
        print_raw(&answer.body)?;
    } else {
        let view: Shown = answer.read()?;
        print(&(render(&view) + &result::missing_plugins(&client, &view.result).await))?;
    }
    Ok(())
}

async fn cancel(args: ShowArgs, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let answer = client.delete(&path(&args)).await?;
    if context.json {
        print_raw(&answer.body)?;
    } else {
        print(&result::render(&answer.read()?))?;
    }
    Ok(())
}

fn path(args: &ShowArgs) -> String {
    let source = args.source.as_deref().map(|source| format!("?source={}", escaped(source))).unwrap_or_default();
    format!("/v1/events/{}{source}", escaped(&args.id))
}

fn render(view: &Shown) -> String {
    let mut text = String::new();
    let (event, result) = (view.event.members(), &view.result);
    let heading = format!("{BOLD}{}{BOLD:#}  {DIM}offset {}{DIM:#}", clean(&result.event_type), result.offset);
    writeln!(text, "{heading}").unwrap_or_default();
    // The type is in the heading, the data is below, and the version is always the same.
    let shown = |name: &str| !matches!(name, "type" | "specversion" | "data" | "data_base64");
    let width = event.keys().filter(|name| shown(name)).map(|name| name.chars().count()).max().unwrap_or(0).max(4);
    let data = ["data", "data_base64"].into_iter().filter_map(|name| event.get_key_value(name));
    for (name, value) in event.iter().filter(|(name, _)| shown(name)).chain(data) {
        let value = match value {
            Value::String(text) if name != "data" => text.clone(),
            other => other.to_string(),
        };
        writeln!(text, "  {DIM}{:width$}{DIM:#}  {}", clean(name), clean(&value)).unwrap_or_default();
    }
    text.push('\n');
    text += &timeline::render(result, &view.stages, &view.attempts);
    text.push('\n');
    text += &result::render(result);
    text += &others(view);
    text
}

/// Why the other channels did not get it. What would happen there now is mostly what happened.
fn others(view: &Shown) -> String {
    let mut text = String::new();
    for (name, Explanation { deliver, detail, .. }) in &view.other_channels {
        let name = clean(name);
        let why = match detail {
            Some(detail) => clean(detail).into_owned(),
            None if *deliver => {
                let after = view.result.offset.saturating_sub(1);
                format!(
                    "it would get it now; `fanfare replay --channel {name} --after {after}` sends it, and all later \
                     events"
                )
            }
            None => continue,
        };
        writeln!(text, "  {DIM}not sent to {name}: {why}{DIM:#}").unwrap_or_default();
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_names_the_event_whatever_its_id_is() {
        let client = ClientArgs::to("");
        let mut args = ShowArgs { client, id: "a/b".to_owned(), source: None };
        assert_eq!(path(&args), "/v1/events/a%2Fb");
        args.source = Some("/shop?x".to_owned());
        assert_eq!(path(&args), "/v1/events/a%2Fb?source=%2Fshop%3Fx");
    }

    #[test]
    fn an_event_is_shown_with_its_attributes_its_attempts_in_order_and_its_result() {
        let view = r#"{
            "offset": 42,
            "event": { "specversion": "1.0", "id": "e-1", "source": "/", "type": "user.signup",
                       "message": "New", "data": { "plan": "pro" } },
            "result": { "event_id": "e-1", "event_type": "user.signup", "offset": 42,
                "broadcast_at": "2026-11-20T10:30:00Z", "overall_status": "failed", "channels": {
                    "hook": { "status": "failed", "attempts": 2, "duration_ms": 3.0, "class": "retry",
                              "code": "http_503", "error": "busy" } },
                "summary": { "total_channels": 1, "successful": 0, "failed": 1, "pending": 0 } },
            "attempts": { "hook": [
                { "number": 1, "trigger": "first", "started": "2026-11-20T10:30:00.002Z", "duration_ms": 4.0,
                  "class": "retry", "code": "http_503", "error": "busy", "fuel": 1200, "memory": 1114112,
                  "plugin": "ab", "trace": ["one"] },
                { "number": 2, "trigger": "retry", "started": "2026-11-20T10:30:01.002Z", "duration_ms": 3.0,
                  "class": "retry", "code": "http_503", "error": "busy", "fuel": 1200, "memory": 1114112,
                  "plugin": "ab" } ] } }"#;
        let view: Shown = serde_json::from_str(view).unwrap();
        let shown = anstream::adapter::strip_str(&render(&view)).to_string();
        let want = "\
user.signup  offset 42
  id       e-1
  message  New
  source   /
  data     {\"plan\":\"pro\"}

+0.000 s  accepted at 2026-11-20T10:30:00Z
+0.002 s  ✘ hook  attempt 1  4.0 ms  retry http_503: busy
                  one
+1.002 s  ✘ hook  attempt 2  3.0 ms  retry http_503: busy

  ✘ hook  2 attempts  3.0 ms  retry http_503: busy

failed on 1 channel  user.signup e-1, offset 42
";
        assert_eq!(shown, want);
    }
}
