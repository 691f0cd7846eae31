//! `fanfare check`: would it start?

use std::path::PathBuf;

use comfy_table::Cell;
use serde_json::json;

use super::{
    Context,
    failure::Failure,
    output::{BOLD, GREEN, RED, clean, counted, lines, print, print_json, table, unconfigured},
    serve::environment,
    spinner::Spinner,
};
use crate::{
    config::Config,
    plugins::{self, ChannelCheck, CheckReport},
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The configuration
    #[arg(long, default_value = "config.toml", value_name = "FILE")]
    config: PathBuf,
}

pub(crate) async fn run(args: Args, context: Context) -> Result<(), Failure> {
    let (config, mistakes) = Config::examine(&args.config, &environment);
    let Some(config) = config else { return Err(mistakes.into()) };
    let report = {
        let _spinner = Spinner::start("compiling plugins");
        plugins::check(&config).await?
    };
    let holds = mistakes.problems.is_empty();
    if context.json {
        let ok = holds && report.problems.is_empty();
        print_json(&json!({ "ok": ok, "channels": report.channels, "problems": report.problems }))?;
    } else if holds || !report.problems.is_empty() {
        print(&render(&report, &args.config, mistakes.problems.len()))?;
    }
    // Channels without a mistake were checked all the same, so that everything is said at once.
    mistakes.into_result()?;
    if report.problems.is_empty() { Ok(()) } else { Err(Failure::Reported) }
}

/// `more` problems are said elsewhere.
fn render(report: &CheckReport, file: &std::path::Path, more: usize) -> String {
    let mut rows = table(["channel", "plugin", "kind", "digest", "imports", "problem"]);
    for channel in &report.channels {
        let ChannelCheck { channel, plugin, kind, digest, imports, problem, configure } = channel;
        let digest = digest.as_deref().map_or("-", |digest| digest.get(..12).unwrap_or(digest));
        let problem = match (problem, configure) {
            (Some(_), _) => Cell::new("see below").fg(comfy_table::Color::Red),
            (None, Some(_)) => Cell::new("unconfigured").fg(comfy_table::Color::Yellow),
            (None, None) => Cell::new(""),
        };
        rows.add_row(vec![
            Cell::new(channel),
            Cell::new(plugin),
            Cell::new(kind.unwrap_or("-")),
            Cell::new(digest),
            Cell::new(imports.iter().filter_map(|import| short(import)).collect::<Vec<_>>().join(" ")),
            problem,
        ]);
    }
    let mut text = if report.channels.is_empty() { String::new() } else { lines(&rows) + "\n" };
    for problem in &report.problems {
        text += &format!("{RED}✘{RED:#} {}\n", clean(problem));
    }
    for channel in &report.channels {
        if let Some(stanza) = &channel.configure {
            text += &unconfigured(&channel.channel, stanza);
        }
    }
    let configured = report.channels.iter().filter(|channel| channel.configure.is_none()).count();
    let file = file.display();
    text += &match (report.problems.len() + more) as u64 {
        0 => format!(
            "{GREEN}✔{GREEN:#} {BOLD}{file}{BOLD:#} holds, and so {}\n",
            match configured {
                0 => "would a daemon without channels".to_owned(),
                1 => "does its channel".to_owned(),
                n => format!("do its {n} channels"),
            }
        ),
        n => format!("\n{} with {BOLD}{file}{BOLD:#}\n", counted(n, "problem")),
    };
    text
}

/// An import as far as it tells something: every Rust guest imports the same WASI for its standard library, and denied until
/// granted, so what is listed is ours, the network and the files.
fn short(import: &str) -> Option<&str> {
    let name = import.split('@').next().unwrap_or(import);
    match name.split_once('/') {
        Some(("fanfare:channel", "events" | "http-types")) => None,
        Some(("fanfare:channel", interface)) => Some(interface),
        Some(("wasi:http" | "wasi:sockets", _)) => Some(name),
        Some(("wasi:filesystem", "preopens")) => Some("wasi:filesystem"),
        Some((package, _)) if package.starts_with("wasi:") => None,
        _ => Some(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(name: &str, problem: Option<&str>) -> ChannelCheck {
        let imports = ["fanfare:channel/events@0.1.0", "fanfare:channel/log@0.1.0", "wasi:io/streams@0.2.6"];
        ChannelCheck {
            channel: name.to_owned(),
            plugin: format!("builtin:{name}"),
            kind: problem.is_none().then_some("channel"),
            digest: problem.is_none().then(|| "0123456789abcdef0123456789abcdef".to_owned()),
            imports: if problem.is_none() { imports.map(str::to_owned).into() } else { vec![] },
            problem: problem.map(str::to_owned),
            configure: None,
        }
    }

    #[track_caller]
    fn check(report: &CheckReport, want: &str) {
        let shown = anstream::adapter::strip_str(&render(report, "config.toml".as_ref(), 0)).to_string();
        assert_eq!(shown, want);
    }

    #[test]
    fn a_configuration_that_holds_says_so_and_shows_what_each_channel_may_call() {
        let report = CheckReport { channels: vec![channel("log", None)], problems: vec![] };
        let want = "\
channel  plugin       kind     digest        imports  problem
log      builtin:log  channel  0123456789ab  log

✔ config.toml holds, and so does its channel
";
        check(&report, want);
        let none = CheckReport { channels: vec![], problems: vec![] };
        check(&none, "✔ config.toml holds, and so would a daemon without channels\n");
    }

    #[test]
    fn problems_stand_below_the_table_and_are_counted() {
        let report = CheckReport {
            channels: vec![channel("log", None), channel("x", Some("no builtin `x`"))],
            problems: vec!["channel x: no builtin `x`".to_owned()],
        };
        let want = "\
channel  plugin       kind     digest        imports  problem
log      builtin:log  channel  0123456789ab  log
x        builtin:x    -        -                      see below

✘ channel x: no builtin `x`

1 problem with config.toml
";
        check(&report, want);
    }

    #[test]
    fn imports_are_shortened_to_what_tells_something() {
        for (import, want) in [
            ("fanfare:channel/http@0.1.0", Some("http")),
            ("fanfare:channel/http-types@0.1.0", None),
            ("wasi:http/outgoing-handler@0.2.3", Some("wasi:http/outgoing-handler")),
            ("wasi:filesystem/preopens@0.2.3", Some("wasi:filesystem")),
            ("wasi:filesystem/types@0.2.3", None),
            ("wasi:clocks/wall-clock@0.2.3", None),
            ("other:thing/x", Some("other:thing/x")),
        ] {
            assert_eq!(short(import), want, "{import}");
        }
    }
}
