//! `fanfare check`: would the daemon start?

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

use comfy_table::Cell;
use fanfare_core::{
    ChannelName, Event, Role, Staged,
    filter::{Candidate, Verdict},
};
use fanfare_dispatch::{Clock as _, Prospect, Refused, SystemClock};
use serde_json::{Value, json};

use super::{
    Context,
    failure::Failure,
    given::given_event,
    output::{BOLD, GREEN, RED, YELLOW, clean, counted, lines, print, print_json, table, unconfigured},
    serve::environment,
    spinner::Spinner,
    stages,
    template::Preview,
};
use crate::{
    api::Explanation,
    config::Config,
    http::{explanation, schema_says},
    plugins::{self, ChannelCheck, CheckReport},
    schemas::{Mismatch, Mode},
    text::and,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The configuration
    #[arg(long, default_value = "config.toml", value_name = "FILE")]
    config: PathBuf,

    /// Also show which channels an event would go to: a file, `-` for stdin, or the event itself in JSON
    #[arg(long, value_name = "EVENT")]
    event: Option<PathBuf>,
}

pub(crate) async fn run(args: Args, context: Context) -> Result<(), Failure> {
    let event = args.event.as_deref().map(|event| given_event(Some(event), "")).transpose()?;
    let (config, mistakes) = Config::examine(&args.config, &environment);
    let Some(config) = config else { return Err(mistakes.into()) };
    let report = {
        let compiling = |names: &[String]| {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            Spinner::tell(format!("compiling {}; kept for next time", clean(&and(&names))))
        };
        plugins::check(&config, event, compiling).await?
    };
    // The channels get the event as the stages leave it.
    let event = report.passed.as_ref().and_then(|passed| passed.as_ref().ok());
    let event = event.filter(|staged| !staged.is_dropped()).map(|staged| &staged.event);
    let routes = report.passed.as_ref().map(|_| event.map(|event| routes(&report, &config, event)).unwrap_or_default());
    let warnings = warnings(&report, &config);
    let schema = event.and_then(|event| judge(&config, event));
    let unfilled = event.zip(routes.as_ref()).map(|(event, routes)| unfilled(&report, &config, event, routes));
    let unfilled = unfilled.unwrap_or_default();
    let holds = mistakes.problems.is_empty();
    if context.json {
        let ok = holds && report.problems.is_empty() && unfilled.is_empty();
        let mut shown =
            json!({ "ok": ok, "channels": report.channels, "problems": report.problems, "warnings": warnings });
        if !report.stages.is_empty() {
            shown["stages"] = json!(report.stages);
        }
        if let (Some(routes), Some(shown)) = (&routes, shown.as_object_mut()) {
            let schema = schema.clone().map(schema_says);
            let mut explained = json!({ "channels": routes, "schema": schema, "templates": unfilled });
            explain_stages(&report, &mut explained);
            shown.insert("event".to_owned(), explained);
        }
        print_json(&shown)?;
    } else if holds || !report.problems.is_empty() {
        print(&render(&report, &args.config, mistakes.problems.len()))?;
        print(&warnings.iter().map(|warning| format!("{YELLOW}!{YELLOW:#} {}\n", clean(warning))).collect::<String>())?;
        print(&render_stages(&report))?;
        if let (Some(event), Some(routes)) = (event, &routes) {
            print(&render_routes(event, routes))?;
            print(&schema.as_ref().map(render_schema).unwrap_or_default())?;
            let line = |(channel, wrong): (&String, &String)| format!("{RED}✘{RED:#} {channel}: {}\n", clean(wrong));
            print(&unfilled.iter().map(line).collect::<String>())?;
        }
    }
    // Channels without mistakes were checked too, so that everything is reported at once.
    mistakes.into_result()?;
    if report.problems.is_empty() && unfilled.is_empty() { Ok(()) } else { Err(Failure::Reported) }
}

/// Where the event would go, like `POST /v1/explain` of a running daemon. Recipients that were set over HTTP are only
/// known to a daemon.
fn routes(report: &CheckReport, config: &Config, event: &Event) -> BTreeMap<String, Explanation> {
    let candidate = Candidate::new(event);
    let now = SystemClock.now();
    let is_known =
        |channel: &&ChannelCheck| channel.configure.is_none() && config.is_sound(&Role::Channel.table(&channel.name));
    let configured = || report.channels.iter().filter(is_known);
    let fallbacks: BTreeSet<_> =
        configured().flat_map(|channel| &channel.policy.fallback).map(ChannelName::as_str).collect();
    let prospect = |channel: &ChannelCheck| {
        let verdict = match channel.policy.is_only_fallback(fallbacks.contains(channel.name.as_str())) {
            true => Verdict::Fallback,
            false => channel.policy.filter.judge(&candidate),
        };
        let wishes = ChannelName::new(channel.name.as_str())
            .ok()
            .and_then(|name| config.recipients.on_file.wishes(event, &name));
        let prospect = Prospect::new(verdict, event, &channel.policy, wishes.as_ref(), now);
        (channel.name.clone(), explanation(prospect, event, &channel.policy.filter))
    };
    configured().map(prospect).collect()
}

/// What is wrong with the templates of the channels that the event would go to, by channel.
fn unfilled(
    report: &CheckReport,
    config: &Config,
    event: &Event,
    routes: &BTreeMap<String, Explanation>,
) -> BTreeMap<String, String> {
    let gets = |channel: &&ChannelCheck| routes.get(&channel.name).is_some_and(|route| route.deliver);
    let wrong = |channel: &ChannelCheck| {
        let preview = Preview { event, recipient: None, locale: None, channel: &channel.name };
        // A missing template has been reported already.
        let template = config.templates.set.get(channel.template.as_deref()?)?;
        let error = preview.render(config, &template.name).err()?;
        Some((channel.name.clone(), error.to_string()))
    };
    report.channels.iter().filter(gets).filter_map(wrong).collect()
}

/// What may be intended, and may be a mistake.
fn warnings(report: &CheckReport, config: &Config) -> Vec<String> {
    let is_there = |name: &ChannelName| report.channels.iter().any(|channel| channel.name == name.as_str());
    let warning = |(name, who): (&ChannelName, &String)| {
        let whose = match who.as_str() {
            "" => "the defaults for recipients have".to_owned(),
            who => format!("the recipient `{who}` has"),
        };
        format!("{whose} a preference for a channel `{name}`, which does not exist")
    };
    let preferences = config.recipients.channels.iter().filter(|(name, _)| !is_there(name)).map(warning);
    let bound = config.server.tokens.iter().flat_map(|token| {
        let unknown = token.channels.iter().flatten().filter(|name| !is_there(name));
        unknown.map(|name| {
            format!("the token `{}` is bound to a channel `{name}`, and there is no such channel", token.name)
        })
    });
    let server = config.server.warnings(SystemClock.now());
    server.into_iter().chain(report.warnings.iter().cloned()).chain(preferences).chain(bound).collect()
}

/// The same for its stages.
fn explain_stages(report: &CheckReport, explained: &mut Value) {
    match &report.passed {
        Some(Ok(Staged { event, trail: Some(trail) })) => {
            explained["stages"] = json!(trail.records);
            explained["event"] = serde_json::from_str(&event.to_structured()).unwrap_or_default();
        }
        Some(Err(Refused { refusal, records })) => {
            explained["stages"] = json!(records);
            explained["refused"] = json!(refusal.to_string());
        }
        Some(Ok(Staged { trail: None, .. })) | None => {}
    }
}

fn render_stages(report: &CheckReport) -> String {
    let (records, refusal) = match &report.passed {
        Some(Ok(Staged { trail: Some(trail), .. })) => (&trail.records, None),
        Some(Err(Refused { refusal, records })) => (records, Some(refusal)),
        Some(Ok(Staged { trail: None, .. })) | None => return String::new(),
    };
    let mut text = String::from("\n");
    for record in records {
        text += &format!("stage {BOLD}{}{BOLD:#}  {}\n", record.stage, stages::record(record));
    }
    if let Some(refusal) = refusal {
        text += &format!("{RED}✘{RED:#} it would be rejected: {}\n", clean(&refusal.to_string()));
    }
    text
}

/// Validates the event against the schema of its type.
fn judge(config: &Config, event: &Event) -> Option<Mismatch> {
    let schema = config.schemas.of(&event.ty, event.data_schema.as_deref())?;
    Some(Mismatch { schema: Arc::clone(schema), errors: schema.judge(event) })
}

fn render_schema(judged: &Mismatch) -> String {
    let name = clean(&judged.schema.name);
    match (judged.errors.is_empty(), judged.schema.mode) {
        (true, _) => format!("  it matches the schema {name}\n"),
        (false, Mode::Reject) => format!("  but it would be rejected: {}\n", clean(&judged.to_string())),
        (false, Mode::Warn) => format!("  {}, but the schema only warns\n", clean(&judged.to_string())),
    }
}

fn render_routes(event: &Event, routes: &BTreeMap<String, Explanation>) -> String {
    let ty = clean(&event.ty);
    let (to, others): (Vec<_>, Vec<_>) = routes.iter().partition(|(_, explanation)| explanation.deliver);
    let names: Vec<_> = to.iter().map(|(name, _)| name.as_str()).collect();
    let mut text = match names.as_slice() {
        [] => format!("\n{BOLD}{ty}{BOLD:#} would go to no channel\n"),
        names => format!("\n{BOLD}{ty}{BOLD:#} would go to {}\n", names.join(", ")),
    };
    for (name, explanation) in others {
        text += &format!("  not to {name}: {}\n", explanation.detail.as_deref().map(clean).unwrap_or_default());
    }
    for (name, explanation) in to {
        if let (Some(wait), Some(until)) = (&explanation.waiting_for, explanation.until) {
            text += &format!("  to {name} not before {until:.0} ({wait})\n");
        }
    }
    text
}

/// `more` counts problems that are reported elsewhere.
fn render(report: &CheckReport, file: &std::path::Path, more: usize) -> String {
    let mut rows = table(["channel", "plugin", "kind", "digest", "imports", "problem"]);
    for channel in report.stages.iter().chain(&report.channels) {
        let ChannelCheck { name, plugin, kind, digest, imports, problem, configure, policy: _, template: _ } = channel;
        let digest = digest.as_deref().map_or("-", |digest| digest.get(..12).unwrap_or(digest));
        let problem = match (problem, configure) {
            (Some(_), _) => Cell::new("see below").fg(comfy_table::Color::Red),
            (None, Some(_)) => Cell::new("unconfigured").fg(comfy_table::Color::Yellow),
            (None, None) => Cell::new(""),
        };
        rows.add_row(vec![
            Cell::new(name),
            Cell::new(plugin),
            Cell::new(kind.unwrap_or("-")),
            Cell::new(digest),
            Cell::new(imports.iter().filter_map(|import| short(import)).collect::<Vec<_>>().join(" ")),
            problem,
        ]);
    }
    let mut text =
        if report.channels.is_empty() && report.stages.is_empty() { String::new() } else { lines(&rows) + "\n" };
    for problem in &report.problems {
        text += &format!("{RED}✘{RED:#} {}\n", clean(problem));
    }
    for channel in &report.channels {
        if let Some(stanza) = &channel.configure {
            text += &unconfigured(&channel.name, stanza);
        }
    }
    let configured = report.channels.iter().filter(|channel| channel.configure.is_none()).count();
    let file = file.display();
    text += &match (report.problems.len() + more) as u64 {
        0 => {
            format!("{GREEN}✔{GREEN:#} {BOLD}{file}{BOLD:#} is valid, with {}\n", counted(configured as u64, "channel"))
        }
        n => format!("\n{} with {BOLD}{file}{BOLD:#}\n", counted(n, "problem")),
    };
    text
}

/// The name of an import worth showing: ours, the network and the files. Every Rust guest imports the rest of WASI for
/// its standard library, where it is harmless.
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
    use fanfare_core::{Defaults, Policy, filter::Filter};

    use super::*;

    fn channel(name: &str, problem: Option<&str>) -> ChannelCheck {
        let imports = ["fanfare:channel/events@0.1.0", "fanfare:channel/log@0.1.0", "wasi:io/streams@0.2.6"];
        ChannelCheck {
            name: name.to_owned(),
            plugin: format!("builtin:{name}"),
            kind: problem.is_none().then_some("channel"),
            digest: problem.is_none().then(|| "0123456789abcdef0123456789abcdef".to_owned()),
            imports: if problem.is_none() { imports.map(str::to_owned).into() } else { vec![] },
            problem: problem.map(str::to_owned),
            policy: Policy::default(),
            template: None,
            configure: None,
        }
    }

    #[track_caller]
    fn check(report: &CheckReport, want: &str) {
        let shown = anstream::adapter::strip_str(&render(report, "config.toml".as_ref(), 0)).to_string();
        assert_eq!(shown, want);
    }

    #[test]
    fn a_valid_configuration_is_reported_with_the_imports_of_each_channel() {
        let report = CheckReport {
            channels: vec![channel("log", None)],
            problems: vec![],
            stages: vec![],
            warnings: vec![],
            passed: None,
        };
        let want = "\
channel  plugin       kind     digest        imports  problem
log      builtin:log  channel  0123456789ab  log

✔ config.toml is valid, with 1 channel
";
        check(&report, want);
        let none = CheckReport { channels: vec![], problems: vec![], stages: vec![], warnings: vec![], passed: None };
        check(&none, "✔ config.toml is valid, with 0 channels\n");
    }

    #[test]
    fn an_event_is_shown_with_the_channels_that_it_would_go_to() {
        let filter = Filter { types: vec!["user.*".to_owned()], ..Filter::default() };
        let users = ChannelCheck { policy: Policy { filter, ..Policy::default() }, ..channel("users", None) };
        let fallback = vec![ChannelName::new("sms").unwrap()];
        let log = ChannelCheck { policy: Policy { fallback, ..Policy::default() }, ..channel("log", None) };
        let report = CheckReport {
            channels: vec![log, users, channel("sms", None)],
            problems: vec![],
            stages: vec![],
            warnings: vec![],
            passed: None,
        };
        let defaults = Defaults { now: jiff::Timestamp::UNIX_EPOCH, id: uuid::Uuid::nil() };
        let event = Event::from_simple(br#"{"type":"order.created"}"#, defaults).unwrap();
        let config = Config::default_in("".as_ref());
        let shown = render_routes(&event, &routes(&report, &config, &event));
        let shown = anstream::adapter::strip_str(&shown).to_string();
        let want = "\norder.created would go to log\n  not to sms: it has no filter and is named in a `fallback`: it \
                    gets only what another channel cannot deliver\n  not to users: `filter.types` does not \
                    match\n";
        assert_eq!(shown, want);
        let nobody = CheckReport { channels: vec![], problems: vec![], stages: vec![], warnings: vec![], passed: None };
        let shown = anstream::adapter::strip_str(&render_routes(&event, &routes(&nobody, &config, &event))).to_string();
        assert_eq!(shown, "\norder.created would go to no channel\n");
    }

    #[test]
    fn problems_are_listed_below_the_table_and_counted() {
        let report = CheckReport {
            channels: vec![channel("log", None), channel("x", Some("no builtin `x`"))],
            problems: vec!["channel x: no builtin `x`".to_owned()],
            stages: vec![],
            warnings: vec![],
            passed: None,
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
    fn only_informative_imports_are_shown() {
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
