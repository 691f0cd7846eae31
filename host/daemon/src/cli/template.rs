//! `fanfare template`: lists the templates of a configuration, and fills one in for an event.

use std::{
    fmt::Write as _,
    io::{IsTerminal as _, stdout},
    path::PathBuf,
    sync::Arc,
};

use anyhow::Context as _;
use comfy_table::{Cell, ContentArrangement};
use fanfare_core::{Event, Recipient};
use serde_json::json;

use super::{
    Context,
    failure::Failure,
    given::given_event,
    output::{BOLD, DIM, clean, clean_lines, lines, print, print_json, row, table},
    serve::environment,
};
use crate::{
    config::Config,
    recipients::{check_subject, is_locale},
    templates::{Given, Message, Part, RenderError},
};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the templates of a configuration
    List(ListArgs),
    /// Render a template for an event, and show the result
    Preview(PreviewArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// The configuration
    #[arg(long, default_value = "config.toml", value_name = "FILE")]
    config: PathBuf,
    /// Show every column in full
    #[arg(long)]
    wide: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PreviewArgs {
    /// The template
    #[arg(value_name = "NAME")]
    name: String,
    /// The event: a file, `-` for stdin, or the event itself in JSON
    #[arg(long, value_name = "EVENT")]
    event: PathBuf,
    /// Use this recipient from the files of [recipients] instead of the event's subject
    #[arg(long, value_name = "SUBJECT")]
    recipient: Option<String>,
    /// Use this language, such as `de` or `pt-BR`, instead of the recipient's
    #[arg(long, value_name = "TAG", value_parser = tag)]
    locale: Option<String>,
    /// Use this channel's name
    #[arg(long, default_value = "preview", value_name = "NAME")]
    channel: String,
    /// Print only the HTML
    #[arg(long, conflicts_with = "open")]
    html: bool,
    /// Open the HTML in a browser
    #[arg(long)]
    open: bool,
    /// The configuration
    #[arg(long, default_value = "config.toml", value_name = "FILE")]
    config: PathBuf,
}

fn tag(text: &str) -> Result<String, String> {
    if is_locale(text) { Ok(text.to_owned()) } else { Err("is not a language tag such as `de` or `pt-BR`".to_owned()) }
}

pub(crate) fn run(command: Command, context: Context) -> Result<(), Failure> {
    match command {
        Command::List(args) => list(&args, context),
        Command::Preview(args) => preview(&args, context),
    }
}

fn list(args: &ListArgs, context: Context) -> Result<(), Failure> {
    let config = Config::load(&args.config, &environment)?;
    let set = &config.templates.set;
    if context.json {
        let each = set.iter().map(|template| {
            let parts: Vec<_> = Part::ALL.into_iter().filter(|part| template.has(*part)).map(Part::as_str).collect();
            json!({ "name": template.name, "parts": parts, "locales": template.locales() })
        });
        return Ok(print_json(&json!({ "templates": each.collect::<Vec<_>>() }))?);
    }
    let mut rows = table(["template", "parts", "locales"]);
    if args.wide {
        rows.set_content_arrangement(ContentArrangement::Disabled);
    }
    for template in set.iter() {
        let parts: Vec<_> = Part::ALL.into_iter().filter(|part| template.has(*part)).map(Part::as_str).collect();
        let locales: Vec<_> = template.locales().into_iter().collect();
        let locales = if locales.is_empty() { "-".to_owned() } else { locales.join(", ") };
        let cells = vec![Cell::new(&template.name), Cell::new(parts.join(", ")), Cell::new(locales)];
        rows.add_row(if args.wide { cells.into() } else { row(cells) });
    }
    Ok(print(&if set.is_empty() { "no templates\n".to_owned() } else { lines(&rows) })?)
}

/// Fills in a template without a daemon.
#[derive(Clone, Copy)]
pub(crate) struct Preview<'a> {
    pub(crate) event: &'a Event,
    /// Instead of the event's subject.
    pub(crate) recipient: Option<&'a str>,
    /// Instead of the recipient's.
    pub(crate) locale: Option<&'a str>,
    pub(crate) channel: &'a str,
}

impl Preview<'_> {
    /// From the files of the configuration alone: recipients that were set over HTTP are only known to a daemon.
    pub(crate) fn render(&self, config: &Config, name: &str) -> Result<Message, RenderError> {
        let file = &config.recipients.on_file;
        let subject = self.recipient.or(self.event.subject.as_deref().filter(|_| !self.event.is_system()));
        let recipient = subject.map(|subject| {
            let recipient = file.of(subject);
            Recipient { locale: self.locale.map(str::to_owned).or(recipient.locale.clone()), ..recipient }
        });
        let locale = self.locale.or(recipient.as_ref().and_then(|recipient| recipient.locale.as_deref()));
        let given = Given {
            events: &[Arc::new(self.event.clone())],
            recipient: recipient.as_ref(),
            locales: &file.rules.locales(locale),
            channel: self.channel,
            delivery_id: "dlv_00000000000000000000000000000000_0",
        };
        config.templates.set.render(name, &given).0
    }
}

fn preview(args: &PreviewArgs, context: Context) -> Result<(), Failure> {
    if let Some(wrong) = args.recipient.as_deref().and_then(check_subject) {
        return Err(Failure::usage(format!("--recipient {wrong}"), "use the subject of the recipient's events"));
    }
    let event = given_event(Some(&args.event), "")?;
    let config = Config::load(&args.config, &environment)?;
    let preview = Preview {
        event: &event,
        recipient: args.recipient.as_deref(),
        locale: args.locale.as_deref(),
        channel: &args.channel,
    };
    let message = preview.render(&config, &args.name).map_err(anyhow::Error::from)?;
    if (args.html || args.open) && message.html.is_empty() {
        return Err(anyhow::anyhow!("the template `{}` has no HTML part", args.name).into());
    }
    if args.open {
        return open(&message.html, context);
    }
    if context.json {
        return Ok(print_json(&message)?);
    }
    if args.html {
        // A file gets the page as it is; on a terminal, its control characters are shown instead.
        let page = if stdout().is_terminal() { clean_lines(&message.html) } else { message.html.as_str().into() };
        return Ok(print(&format!("{page}\n"))?);
    }
    Ok(print(&render(&message))?)
}

fn render(message: &Message) -> String {
    let mut text = String::new();
    if !message.subject.is_empty() {
        writeln!(text, "{DIM}subject{DIM:#}  {BOLD}{}{BOLD:#}", clean(&message.subject)).unwrap_or_default();
    }
    for (name, part) in [("text", &message.text), ("html", &message.html)] {
        if !part.is_empty() {
            writeln!(text, "{DIM}{name}{DIM:#}\n{}", clean_lines(part.trim_end())).unwrap_or_default();
        }
    }
    text
}

/// Opens a page with the desktop's default program. The file is kept, because a browser reads it later.
fn open(html: &str, context: Context) -> Result<(), Failure> {
    let file = tempfile::Builder::new().prefix("fanfare-preview-").suffix(".html").tempfile();
    let (_, path) = file
        .and_then(|file| {
            std::fs::write(file.path(), html)?;
            file.keep().map_err(|error| error.error)
        })
        .context("cannot write the page")?;
    let started = std::process::Command::new("xdg-open")
        .arg(&path)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
    let opened = started.is_ok();
    if context.json {
        return Ok(print_json(&json!({ "file": path, "opened": opened }))?);
    }
    let shown = path.display();
    Ok(print(&match opened {
        true => format!("opening {shown}\n"),
        false => format!("the page is in {shown}; there is no `xdg-open` to open it with\n"),
    })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_message_are_shown() {
        let message = Message { subject: "Hi".into(), text: "a\n\u{1b}[31mb\n".into(), html: "<p>".into() };
        let shown = anstream::adapter::strip_str(&render(&message)).to_string();
        assert_eq!(shown, "subject  Hi\ntext\na\n\\u{1b}[31mb\nhtml\n<p>\n");
        assert_eq!(render(&Message::default()), "");
    }
}
