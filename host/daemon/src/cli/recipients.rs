//! `fanfare recipients`: whom events are for, and what they want.

use std::{fmt::Write as _, path::PathBuf};

use comfy_table::{Cell, ContentArrangement};
use fanfare_core::rfc3339;
use serde_json::{Value, json, value::RawValue};

use super::{
    Context,
    client::{Client, ClientArgs, escaped, query},
    failure::Failure,
    given::given_text,
    output::{BOLD, DIM, clean, clean_lines, lines, pretty, print, print_json, print_raw, row, shortened, table},
    whole::whole,
};
use crate::{
    api::{Recipient, Recipients},
    recipients::check_subject,
};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List recipients, by subject
    List(ListArgs),
    /// Show one recipient: addresses, language, preferences
    Show(OneArgs),
    /// Set a recipient, overriding what the files contain
    Set(SetArgs),
    /// Delete a recipient that was set; what the files contain applies again
    Delete(OneArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// Only subjects that begin with this
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// After this subject, or the `next` of the previous page
    #[arg(long, value_name = "SUBJECT")]
    after: Option<String>,
    /// At most this many
    #[arg(long, default_value_t = 50, value_parser = whole::<u16>)]
    limit: u16,
    /// Show every column in full
    #[arg(long)]
    wide: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct OneArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// The subject of the recipient's events
    #[arg(value_name = "SUBJECT")]
    subject: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SetArgs {
    #[command(flatten)]
    one: OneArgs,
    /// The recipient: a file, `-` for stdin, or the recipient itself in JSON
    #[arg(value_name = "RECIPIENT")]
    recipient: PathBuf,
}

pub(crate) async fn run(command: Command, context: Context) -> Result<(), Failure> {
    match command {
        Command::List(args) => list(args, context).await,
        Command::Show(args) => show(&args, context).await,
        Command::Set(args) => set(&args, context).await,
        Command::Delete(args) => delete(&args, context).await,
    }
}

async fn list(args: ListArgs, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let limit = Some(args.limit.to_string());
    let query = query(&[("prefix", args.prefix), ("after", args.after), ("limit", limit)]);
    let answer = client.get(&format!("/v1/recipients{query}")).await?;
    match context.json {
        true => print_raw(&answer.body)?,
        false => print(&render(&answer.read()?, args.wide))?,
    }
    Ok(())
}

/// The longest subject in a table, in characters. Most are short ids, but one may have a thousand.
const LONGEST_SUBJECT: usize = 64;

fn render(page: &Recipients, wide: bool) -> String {
    let mut rows = table(["subject", "source", "locale", "has", "preferences"]);
    if wide {
        rows.set_content_arrangement(ContentArrangement::Disabled);
    }
    for Recipient { subject, source, members, .. } in &page.recipients {
        let locale = members.get("locale").and_then(Value::as_str).unwrap_or("-");
        let has: Vec<_> = ["email", "phone", "push"].into_iter().filter(|name| members.contains_key(*name)).collect();
        let channels = members.get("channels").and_then(Value::as_object).into_iter().flatten();
        let mut wishes: Vec<_> = channels.map(|(name, _)| name.as_str()).collect();
        wishes.extend(members.contains_key("quiet").then_some("quiet"));
        let or_none = |list: Vec<&str>| if list.is_empty() { "-".to_owned() } else { list.join(", ") };
        let subject = clean(subject);
        let subject = if wide { subject } else { shortened(&subject, LONGEST_SUBJECT).into_owned().into() };
        let cells =
            [subject.into_owned(), source.to_string(), clean(locale).into_owned(), or_none(has), or_none(wishes)];
        let cells: Vec<_> = cells.into_iter().map(|cell| Cell::new(clean(&cell))).collect();
        rows.add_row(if wide { cells.into() } else { row(cells) });
    }
    let mut text = if page.recipients.is_empty() { "no recipients\n".to_owned() } else { lines(&rows) };
    if let Some(next) = &page.next {
        writeln!(text, "{DIM}there are more; continue with --after {}{DIM:#}", clean(next)).unwrap_or_default();
    }
    text
}

async fn show(args: &OneArgs, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let answer = client.get(&path(&args.subject)?).await?;
    if context.json {
        print_raw(&answer.body)?;
        return Ok(());
    }
    let Recipient { subject, source, changed_at, mut members } = answer.read()?;
    members.extend(changed_at.map(|at| ("changed_at".to_owned(), rfc3339(at).into())));
    let text = serde_json::to_vec(&members).map_err(anyhow::Error::from)?;
    let text = pretty(&text).map_err(anyhow::Error::from)?;
    print(&format!("{BOLD}{}{BOLD:#}  {DIM}by {}{DIM:#}\n{}\n", clean(&subject), by(&source), clean_lines(&text)))?;
    Ok(())
}

/// # Errors
/// [`Failure::Usage`] if the subject is not valid.
fn path(subject: &str) -> Result<String, Failure> {
    match check_subject(subject) {
        Some(wrong) => {
            Err(Failure::usage(format!("the subject {wrong}"), "write the `subject` of the recipient's events"))
        }
        None => Ok(format!("/v1/recipients/{}", escaped(subject))),
    }
}

fn by(source: &str) -> &str {
    match source {
        "api" => "the API",
        "file" => "a file of [recipients]",
        other => other,
    }
}

async fn set(args: &SetArgs, context: Context) -> Result<(), Failure> {
    let path = path(&args.one.subject)?;
    let text = given_text(&args.recipient)?;
    // Sent as written, so that the daemon can reject duplicate members.
    let recipient: Box<RawValue> =
        serde_json::from_str(&text).map_err(|error| anyhow::anyhow!("the recipient is not JSON: {error}"))?;
    let client = Client::new(&args.one.client)?;
    let answer = client.put(&path, &recipient).await?;
    match context.json {
        true => print_raw(&answer.body)?,
        false => print(&format!("{} was set\n", clean(&args.one.subject)))?,
    }
    Ok(())
}

async fn delete(args: &OneArgs, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    client.delete(&path(&args.subject)?).await?;
    match context.json {
        true => print_json(&json!({ "deleted": args.subject }))?,
        false => print(&format!("{} was deleted\n", clean(&args.subject)))?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_listed_without_their_addresses() {
        let page = r#"{"recipients": [
            {"subject": "usr_1", "source": "file", "email": "ada@example.com", "push": ["t"], "locale": "de",
             "channels": {"sms": {"off": true}}, "quiet": "none"},
            {"subject": "usr_2", "source": "api"}], "next": "usr_2"}"#;
        let shown = render(&serde_json::from_str(page).unwrap(), true);
        let want = "\
subject  source  locale  has          preferences
usr_1    file    de      email, push  sms, quiet
usr_2    api     -       -            -
there are more; continue with --after usr_2
";
        assert_eq!(anstream::adapter::strip_str(&shown).to_string(), want);
    }
}
