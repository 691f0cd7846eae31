//! `fanfare schemas`: shows the event types, and checks schemas.

mod check;

use std::fmt::Write as _;

use comfy_table::{Cell, ContentArrangement};
use serde_json::value::RawValue;

use super::{
    Context,
    client::{Client, ClientArgs, escaped, query},
    failure::Failure,
    output::{BOLD, DIM, YELLOW, clean, clean_lines, counted, lines, pretty, print, print_raw, row, table},
    whole::whole,
};
use crate::api::{Catalogue, Schema, TypeShown};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the event types that were published or have a schema
    List(ListArgs),
    /// Show one event type: its count, its schemas, and its newest event
    Show(ShowArgs),
    /// Check the schemas of a configuration, and whether recorded events match them
    Check(check::Args),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// Only types that match a pattern such as `order.*` or `order.>`
    #[arg(long = "type", value_name = "TYPE")]
    ty: Option<String>,
    /// After this type, or the `next` of the previous page
    #[arg(long, value_name = "TYPE")]
    after: Option<String>,
    /// At most this many
    #[arg(long, default_value_t = 50, value_parser = whole::<u16>)]
    limit: u16,
    /// Show every column in full
    #[arg(long)]
    wide: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// The type
    #[arg(value_name = "TYPE")]
    ty: String,
}

pub(crate) async fn run(command: Command, context: Context) -> Result<(), Failure> {
    match command {
        Command::List(args) => list(args, context).await,
        Command::Show(args) => show(&args, context).await,
        Command::Check(args) => check::run(args, context).await,
    }
}

async fn list(args: ListArgs, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let examples = (!context.json).then(|| "false".to_owned());
    let limit = Some(args.limit.to_string());
    let query = query(&[("type", args.ty), ("after", args.after), ("limit", limit), ("examples", examples)]);
    let answer = client.get(&format!("/v1/schemas{query}")).await?;
    match context.json {
        true => print_raw(&answer.body)?,
        false => print(&render(&answer.read()?, args.wide))?,
    }
    Ok(())
}

fn render(page: &Catalogue, wide: bool) -> String {
    let mut rows = table(["type", "events", "when", "schemas"]);
    if wide {
        rows.set_content_arrangement(ContentArrangement::Disabled);
    }
    for ty in &page.types {
        let seen = ty.last_seen.map_or_else(|| "-".to_owned(), |at| format!("{at:.0}"));
        let schemas = if ty.schemas.is_empty() { "-".to_owned() } else { ty.schemas.join(", ") };
        let cells = vec![Cell::new(clean(&ty.ty)), Cell::new(ty.events), Cell::new(seen), Cell::new(clean(&schemas))];
        rows.add_row(if wide { cells.into() } else { row(cells) });
    }
    let mut text = if page.types.is_empty() { "no types\n".to_owned() } else { lines(&rows) };
    if let Some(next) = &page.next {
        writeln!(text, "{DIM}there are more; continue with --after {}{DIM:#}", clean(next)).unwrap_or_default();
    }
    if page.counted.others > 0 {
        let others = counted(page.counted.others, "event");
        writeln!(
            text,
            "{others} of other types, which are counted together: there are too many, or their names are \
             too long"
        )
        .unwrap_or_default();
    }
    if page.counted.incomplete {
        text += "the counts are incomplete: some events cannot be read; `fanfare doctor` shows which\n";
    }
    for schema in page.schemas.iter().filter(|schema| schema.mismatches > 0) {
        text += &mismatches(schema);
    }
    text
}

fn mismatches(schema: &Schema) -> String {
    let (name, did) = (clean(&schema.name), if schema.mode == "warn" { "were accepted" } else { "were rejected" });
    let events = counted(schema.mismatches, "event");
    format!("{YELLOW}{name}{YELLOW:#}: {events} since the start did not match and {did}\n")
}

async fn show(args: &ShowArgs, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let answer = client.get(&format!("/v1/schemas/{}", escaped(&args.ty))).await?;
    if context.json {
        print_raw(&answer.body)?;
        return Ok(());
    }
    let TypeShown { ty, events, last_seen, example, definitions, .. } = answer.read()?;
    let seen = last_seen.map(|at| format!(", the last at {at:.0}")).unwrap_or_default();
    let mut text = format!("{BOLD}{}{BOLD:#}  {}{seen}\n", clean(&ty), counted(events, "event"));
    for schema in definitions {
        let (name, mode, file) = (clean(&schema.name), clean(&schema.mode), clean(&schema.file));
        text += &format!("\nschema {BOLD}{name}{BOLD:#}  {mode}  {DIM}{file}{DIM:#}\n");
        if let Some(json) = &schema.schema {
            text += &indented(json)?;
        }
        if schema.mismatches > 0 {
            text += &mismatches(&schema);
        }
    }
    if let Some(example) = example {
        text += &format!("\nthe newest event\n{}", indented(&example.0)?);
    }
    print(&text)?;
    Ok(())
}

fn indented(json: &RawValue) -> Result<String, Failure> {
    let text = pretty(json.get().as_bytes()).map_err(anyhow::Error::from)?;
    Ok(text.lines().map(|line| format!("  {}\n", clean_lines(line))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_listed_with_mismatches_below() {
        let page = r#"{"types": [
            {"type": "order.paid", "events": 12, "last_seen": "2026-11-20T10:30:00.5Z", "schemas": ["order.*", ">"]},
            {"type": "user.signup", "events": 0, "last_seen": null, "schemas": []}
        ], "next": "user.signup", "schemas": [{"name": "order.*", "mode": "warn", "file": "o.json", "mismatches": 2},
            {"name": ">", "mode": "reject", "file": "a.json", "mismatches": 0}],
            "counted": {"others": 1, "incomplete": false}}"#;
        let shown = render(&serde_json::from_str(page).unwrap(), true);
        let want = "\
type         events  when                  schemas
order.paid   12      2026-11-20T10:30:00Z  order.*, >
user.signup  0       -                     -
there are more; continue with --after user.signup
1 event of other types, which are counted together: there are too many, or their names are too long
order.*: 2 events since the start did not match and were accepted
";
        assert_eq!(anstream::adapter::strip_str(&shown).to_string(), want);
    }
}
