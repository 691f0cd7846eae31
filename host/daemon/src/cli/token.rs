//! `fanfare token`: creates, lists and revokes tokens in the configuration's file.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use comfy_table::Cell;
use fanfare_core::ChannelName;
use fanfare_dispatch::{Clock as _, SystemClock};
use jiff::{SignedDuration, Timestamp, Unit};
use serde_json::{Value, json};

use super::{
    Context,
    failure::Failure,
    output::{BOLD, DIM, clean, lines, print, print_json, row, table},
    serve::environment,
};
use crate::{
    access::{PREFIX, Scope, TokenHash, TokenTable},
    config::{Cause, Config, Diagnostic, Diagnostics, tokens_of, units},
};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Create a token, and write its hash, scopes and bounds into the configuration
    New(NewArgs),
    /// List the tokens of the configuration
    List(ListArgs),
    /// Remove a token from the configuration
    Revoke(RevokeArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct NewArgs {
    /// The configuration
    #[arg(long, default_value = "config.toml", value_name = "FILE")]
    config: PathBuf,
    /// The token's name, which the log and the audit trail show
    #[arg(long)]
    name: String,
    /// What it may do: publish, read, operate, admin; separated by commas, or repeated
    #[arg(long, value_delimiter = ',', required = true, value_parser = scope)]
    scopes: Vec<Scope>,
    /// Sources that it may publish from: exact, or up to a final `*`
    #[arg(long, value_delimiter = ',', value_name = "SOURCE")]
    sources: Vec<String>,
    /// Types that it may publish, exact or patterns
    #[arg(long, value_delimiter = ',', value_name = "TYPE")]
    types: Vec<String>,
    /// Channels that it may see and operate
    #[arg(long, value_delimiter = ',', value_name = "CHANNEL")]
    channels: Vec<ChannelName>,
    /// The rate of requests, such as 100/s
    #[arg(long)]
    rate: Option<String>,
    /// When it expires: a time, or a duration from now, such as 90d
    #[arg(long, value_name = "WHEN")]
    expires: Option<End>,
    /// Print the table instead of writing it
    #[arg(long)]
    print: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// The configuration
    #[arg(long, default_value = "config.toml", value_name = "FILE")]
    config: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RevokeArgs {
    /// The configuration
    #[arg(long, default_value = "config.toml", value_name = "FILE")]
    config: PathBuf,
    /// The token's name
    name: String,
}

fn scope(name: &str) -> Result<Scope, String> {
    Scope::named(name).ok_or_else(|| "the scopes are publish, read, operate and admin".to_owned())
}

/// When a token expires.
#[derive(Clone, Copy, Debug)]
struct End(Timestamp);

impl FromStr for End {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(time) = text.parse() {
            return Ok(Self(time));
        }
        let wrong = |_| {
            format!("`{text}` is not a time; write it like 2027-01-01T00:00:00Z, or as a duration from now: 12h, 90d")
        };
        let left: Duration = units::duration(text).map_err(|_| wrong(()))?;
        let left = SignedDuration::try_from(left).map_err(|_| wrong(()))?;
        let end = SystemClock.now().checked_add(left).and_then(|end| end.round(Unit::Second));
        Ok(Self(end.map_err(|_| wrong(()))?))
    }
}

pub(crate) fn run(command: Command, context: super::Context) -> Result<(), Failure> {
    match command {
        Command::New(args) => new(&args, context),
        Command::List(args) => list(&args, context),
        Command::Revoke(args) => revoke(&args, context),
    }
}

fn new(args: &NewArgs, context: Context) -> Result<(), Failure> {
    let secret = secret()?;
    let stanza = stanza(args, &secret);
    // Checked as the daemon checks it: alone, and together with the other tokens.
    tokens_of(&stanza, Path::new("token")).map_err(|problems| not_made(&problems))?;
    if args.print {
        if context.json {
            print_json(&json!({ "name": args.name, "token": secret, "table": stanza }))?;
        } else {
            print(&format!("{BOLD}{secret}{BOLD:#}\n\n{DIM}# for the configuration:{DIM:#}\n{stanza}"))?;
        }
        return Ok(());
    }
    let text = read(&args.config)?;
    let before = tokens_of(&text, &args.config)?;
    if before.iter().any(|token| token.name == args.name) {
        let help = format!("choose another name, or revoke it first: fanfare token revoke {}", args.name);
        return Err(Failure::usage(format!("there already is a token `{}`", args.name), help));
    }
    let gap = if text.ends_with('\n') { "\n" } else { "\n\n" };
    let text = format!("{text}{gap}{stanza}");
    let after = tokens_of(&text, &args.config);
    if after.as_ref().map(Vec::len).ok() != Some(before.len() + 1) {
        let help = "the file writes `server` or `tokens` in a form that cannot be extended; --print shows the table \
                    to add by hand";
        return Err(Failure::usage(format!("the table cannot be added to {}", args.config.display()), help));
    }
    write(&args.config, &text)?;
    let mistakes = mistakes(&args.config);
    if context.json {
        let made = json!({ "name": args.name, "token": secret, "config": args.config });
        return Ok(print_json(&with_mistakes(made, &mistakes))?);
    }
    let takes = match mistakes.is_empty() {
        true => "at once",
        false => "once the file has no mistakes: run `fanfare check`",
    };
    print(&format!(
        "{BOLD}{secret}{BOLD:#}\n\n{DIM}This is the token `{}`, and it is shown once: {} has its SHA-256. A running \
         daemon applies it {takes}.{DIM:#}\n",
        args.name,
        args.config.display()
    ))?;
    Ok(())
}

/// Why a running daemon would reject the file as it is now. Variables that this process does not have are left out: the
/// daemon may have them.
fn mistakes(config: &Path) -> Vec<Diagnostic> {
    let problems = Config::load(config, &environment).err().map(|problems| problems.problems);
    problems.into_iter().flatten().filter(|problem| problem.cause != Cause::Environment).collect()
}

fn with_mistakes(mut shown: Value, mistakes: &[Diagnostic]) -> Value {
    if !mistakes.is_empty() {
        shown["problems"] = json!(mistakes);
    }
    shown
}

/// The problems of a table that is not in a file yet. Its positions are left out, because they point nowhere.
fn not_made(problems: &Diagnostics) -> Failure {
    let said: Vec<_> = problems
        .problems
        .iter()
        .map(|problem| {
            let key = problem.key.rsplit_once("server.tokens.").map_or(problem.key.as_str(), |(_, key)| key);
            let key = key.split_once('.').map_or(key, |(_, key)| key);
            format!("--{}: {}", key.split('.').next().unwrap_or(key), problem.message)
        })
        .collect();
    let help = problems.problems.iter().find_map(|problem| problem.help.clone()).unwrap_or_default();
    Failure::usage(said.join("\n"), help)
}

/// 256 random bits, with the prefix of tokens.
fn secret() -> Result<String, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).context("the system returned no random numbers")?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

fn stanza(args: &NewArgs, secret: &str) -> String {
    let scopes: Vec<_> = args.scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
    let channels: Vec<_> = args.channels.iter().map(ToString::to_string).collect();
    let text = |text: &str| toml::Value::from(text).to_string();
    let list = |texts: &[String]| toml::Value::from(texts.to_vec()).to_string();
    let mut lines = vec![
        ("name", text(&args.name)),
        ("sha256", text(&TokenHash::of(secret.as_bytes()).to_hex())),
        ("scopes", list(&scopes)),
    ];
    let bounds = [("sources", &args.sources), ("types", &args.types), ("channels", &channels)];
    lines.extend(bounds.into_iter().filter(|(_, texts)| !texts.is_empty()).map(|(key, texts)| (key, list(texts))));
    lines.extend(args.rate.as_ref().map(|rate| ("rate", text(rate))));
    lines.extend(args.expires.map(|End(at)| ("expires", text(&at.to_string()))));
    lines.into_iter().fold("[[server.tokens]]\n".to_owned(), |mut stanza, (key, value)| {
        // Writing to a string cannot fail.
        let _ok = writeln!(stanza, "{key} = {value}").is_ok();
        stanza
    })
}

fn read(path: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(path);
    let text =
        text.with_context(|| format!("{} cannot be read (`fanfare init` writes one to start from)", path.display()));
    Ok(text?)
}

/// Writes the file atomically. Follows links and keeps the file's permissions.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let written = || -> anyhow::Result<()> {
        use std::io::Write as _;
        let real = fs::canonicalize(path)?;
        let dir = real.parent().context("it is in no folder")?;
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        file.write_all(text.as_bytes())?;
        file.as_file().set_permissions(fs::metadata(&real)?.permissions())?;
        file.as_file().sync_all()?;
        file.persist(&real)?;
        Ok(())
    };
    Ok(written().with_context(|| format!("{} cannot be written", path.display()))?)
}

fn list(args: &ListArgs, context: Context) -> Result<(), Failure> {
    let tokens = tokens_of(&read(&args.config)?, &args.config)?;
    if context.json {
        let tokens: Vec<_> = tokens.iter().map(shown).collect();
        return Ok(print_json(&json!({ "tokens": tokens }))?);
    }
    if tokens.is_empty() {
        return Ok(print("There are no tokens: whoever can connect may do everything.\n")?);
    }
    let mut rows = table(["name", "scopes", "bounds", "expires"]);
    for token in &tokens {
        let expires = token.expires.map_or_else(String::new, |at| match token.has_expired(SystemClock.now()) {
            true => format!("{at} (expired)"),
            false => at.to_string(),
        });
        let scopes = token.scopes.names().join(" ");
        rows.add_row(row([token.name.as_str(), &scopes, &bounds(token), &expires].map(Cell::new).to_vec()));
    }
    Ok(print(&lines(&rows))?)
}

fn bounds(token: &TokenTable) -> String {
    let mut bounds = vec![];
    let texts = |texts: &[String]| texts.iter().map(|text| clean(text).into_owned()).collect::<Vec<_>>().join(" ");
    bounds.extend(token.sources.as_ref().map(|sources| format!("sources {}", texts(sources))));
    bounds.extend(token.types.as_ref().map(|types| format!("types {}", texts(types))));
    bounds.extend(token.channels.as_ref().map(|channels| {
        format!("channels {}", channels.iter().map(ChannelName::as_str).collect::<Vec<_>>().join(" "))
    }));
    bounds.extend(token.rate.map(|rate| format!("{} in {}", rate.count, units::show_duration(rate.period))));
    bounds.join("; ")
}

fn shown(token: &TokenTable) -> Value {
    json!({
        "name": token.name,
        "scopes": token.scopes.names(),
        "sources": token.sources,
        "types": token.types,
        "channels": token.channels,
        "rate": token.rate.map(|rate| json!({ "count": rate.count, "period": units::show_duration(rate.period) })),
        "expires": token.expires,
    })
}

fn revoke(args: &RevokeArgs, context: Context) -> Result<(), Failure> {
    let text = read(&args.config)?;
    let tokens = tokens_of(&text, &args.config).map_err(|problems| not_revoked(problems, args))?;
    let Some(place) = tokens.iter().position(|token| token.name == args.name) else {
        let names: Vec<_> = tokens.iter().map(|token| token.name.as_str()).collect();
        let names =
            if names.is_empty() { "there are none".to_owned() } else { format!("there are {}", names.join(", ")) };
        return Err(Failure::usage(format!("there is no token `{}`", args.name), names));
    };
    let Some(text) = without(&text, place) else {
        let help = format!("remove it by hand: the entry of `server.tokens` with name = \"{}\"", args.name);
        return Err(Failure::usage(format!("the table in {} is written in another form", args.config.display()), help));
    };
    write(&args.config, &text)?;
    let mistakes = mistakes(&args.config);
    if context.json {
        let revoked = json!({ "revoked": args.name, "config": args.config });
        return Ok(print_json(&with_mistakes(revoked, &mistakes))?);
    }
    let more = match (tokens.len() == 1, mistakes.is_empty()) {
        (false, true) => "",
        (false, false) => "This takes effect, but the daemon rejects the rest of the file: run `fanfare check`.\n",
        (true, true) => {
            "\nIt was the last token. On loopback, anyone who can connect may now do everything. On other addresses, \
             the daemon keeps it until there is another one.\n"
        }
        (true, false) => {
            "\nIt was the last token, and the daemon rejects the file: run `fanfare check`. On loopback, a running \
             daemon lets nobody in until it accepts the file. On other addresses, it keeps the token until there is \
             another one.\n"
        }
    };
    Ok(print(&format!("Revoked the token `{}`: it is no longer in {}.\n{more}", args.name, args.config.display()))?)
}

/// Mistakes that leave the file as it is.
fn not_revoked(mut problems: Diagnostics, args: &RevokeArgs) -> Diagnostics {
    let message = format!("was not changed: the token `{}` stays in force", args.name);
    let help = "correct what is wrong with the syntax or with the tokens, and revoke it again";
    problems.extend(Diagnostic::with_file(&args.config, message, help).into());
    problems
}

/// Removes the table of `[[server.tokens]]` at this position and leaves the rest of the text unchanged. `None` if the
/// table is not written in this form. The table ends at the next header or at the end of the file: at the first such
/// line where removing it leaves the meaning of the rest unchanged.
fn without(text: &str, place: usize) -> Option<String> {
    let tables = |text: &str| text.parse::<toml::Table>().ok();
    let mut want = tables(text)?;
    let server = want.get_mut("server")?.as_table_mut()?;
    let tokens = server.get_mut("tokens")?.as_array_mut()?;
    tokens.remove(place);
    let is_empty = tokens.is_empty();
    if is_empty {
        server.remove("tokens");
    }
    let is_wanted = |text: &str| {
        let mut have = tables(text).unwrap_or_default();
        have.entry("server").or_insert_with(|| toml::Table::new().into());
        have == want
    };
    let starts: Vec<_> = line_starts(text).filter(|&start| is_header(&text[start..])).collect();
    let start = *starts.get(place)?;
    let ends =
        line_starts(text).filter(|&end| end > start && text[end..].trim_start_matches([' ', '\t']).starts_with('['));
    for end in ends.chain([text.len()]) {
        // A comment directly above the next table describes that table.
        let kept = last_of_table(text, start, end);
        let before = text[..start].strip_suffix("\n\n").map_or(&text[..start], |before| &text[..before.len() + 1]);
        for candidate in [format!("{before}{}", &text[kept..]), format!("{}{}", &text[..start], &text[kept..])] {
            if is_wanted(&candidate) {
                return Some(candidate);
            }
        }
    }
    None
}

/// The end of the last line with a key, in the table in this range.
fn last_of_table(text: &str, start: usize, end: usize) -> usize {
    let mut kept = start;
    let mut at = start;
    for line in text[start..end].split_inclusive('\n') {
        at += line.len();
        if !matches!(line.trim_start().as_bytes().first(), None | Some(b'#')) {
            kept = at;
        }
    }
    kept
}

fn line_starts(text: &str) -> impl Iterator<Item = usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1))
}

fn is_header(line: &str) -> bool {
    let Some(inner) = line.trim_start_matches([' ', '\t']).strip_prefix("[[") else { return false };
    let Some((name, _)) = inner.split_once("]]") else { return false };
    name.split('.').map(str::trim).eq(["server", "tokens"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_removed_and_the_rest_stays_byte_for_byte() {
        let table = |name: &str| format!("[[server.tokens]]\nname = \"{name}\"  # who\nscopes = [\n  \"read\",\n]\n");
        let head = "# top\r\n[server]\nlisten = \"127.0.0.1:1\"   # here\n";
        let tail = "# about the channel\n[channels.log]\nplugin = \"builtin:log\"\n";
        let text = format!("{head}\n{}\n{}\n{tail}", table("a"), table("b"));
        assert_eq!(without(&text, 0).unwrap(), format!("{head}\n{}\n{tail}", table("b")));
        assert_eq!(without(&text, 1).unwrap(), format!("{head}\n{}\n{tail}", table("a")));
        assert_eq!(without(&format!("{head}\n{}", table("a")), 0).unwrap(), head);
        assert_eq!(without("[server]\ntokens = [{ name = \"a\" }]\n", 0), None);
        assert_eq!(without(&table("a"), 0).unwrap(), "");
        assert_eq!(without("", 0), None);
    }
}
