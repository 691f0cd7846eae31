//! `fanfare plugin run`: makes one delivery on this machine, and shows everything about it.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use fanfare_core::{
    BatchReport, ChannelName, Cost, Event, Fault, MAX_HOPS, Outcome, Policy, Report, Staged, TraceLine,
};
use fanfare_dispatch::{Bounds, Channel, Stage};
use fanfare_runtime::{
    ChannelSetup, Exchange, FileGrant, Grants, HostPattern, HttpGrant, Kind, Outbound, RuntimeOptions, SetupError,
    StubAnswer, Tap, Wire,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    super::{
        Context,
        failure::Failure,
        given::given_events,
        output::{BOLD, DIM, GREEN, RED, bytes, clean, milliseconds, pretty, print, print_json},
        serve::environment,
        whole::whole,
    },
    load,
    own_words::{fact, own_words},
    recipient::directory,
    stage::Passage,
};
use crate::{
    config::{self, Config, Sidecar, units},
    directory::{recipient_of, render as render_for},
    plugins::{create_folders, trial},
    templates::Templates,
};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  fanfare plugin run dist/hello.wasm --event event.json --set url=http://127.0.0.1:9000/ --allow 127.0.0.1:9000
  fanfare plugin run dist/hello.wasm --event event.json --config config.toml --channel hello
  fanfare plugin run dist/hello.wasm --event event.json --config config.toml --recipient '{\"locale\":\"de\"}' --set \
                                                                                             template=welcome")]
pub(crate) struct Args {
    /// The plugin's file; the sidecar beside it applies
    file: PathBuf,

    /// A file with the event, `-` for stdin, or the event itself: the simple form, or a CloudEvent in JSON. Given
    /// several times, or with an array of events, a plugin that takes batches gets them in one call. Without it, a
    /// sample event
    #[arg(long, value_name = "FILE|JSON")]
    event: Vec<PathBuf>,

    /// A setting, such as `headers.x-env=dev`; can be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,

    /// A host that it may call, as in `grant.http`; can be repeated
    #[arg(long = "allow", value_name = "HOST", value_parser = HttpGrant::parse)]
    allow: Vec<HttpGrant>,

    /// An event type that it may emit, or a pattern, as in `grant.emit`; can be repeated
    #[arg(long = "emit", value_name = "TYPE", value_parser = config::emitted_type)]
    emit: Vec<String>,

    /// A host that it may connect to over TCP, as in `grant.tcp`; can be repeated
    #[arg(long = "tcp", value_name = "HOST:PORT", value_parser = tcp)]
    tcp: Vec<HostPattern>,

    /// Let the allowed names resolve to private addresses, as with `grant.private_network`
    #[arg(long)]
    private_network: bool,

    /// A folder that it may write to, and the path under which it sees it, as in `grant.files`: `data/out:/out`; can be
    /// repeated
    #[arg(long = "folder", value_name = "HOST:GUEST", value_parser = folder)]
    folders: Vec<FileGrant>,

    /// Take recipients and templates from this configuration, and with --channel everything else
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Take settings, grants, secrets and policy from this channel of the configuration, or from this stage
    #[arg(
        long, value_name = "NAME", requires = "config",
        conflicts_with_all = ["settings", "allow", "emit", "tcp", "private_network", "folders"]
    )]
    channel: Option<ChannelName>,

    /// Use this recipient instead of the recorded one: a file with one recipient, `-` for stdin, or the recipient
    /// itself in JSON, such as `{"email":"ada@example.com","locale":"de"}`
    #[arg(long, value_name = "FILE|JSON")]
    recipient: Option<PathBuf>,

    /// Send no requests; take the responses from this TOML file of `[[answers]]` with `method`, `url`, `status`,
    /// `headers` and `body`
    #[arg(long, value_name = "FILE")]
    stub: Option<PathBuf>,

    /// The number of the attempt that the plugin sees
    #[arg(long, value_name = "N", default_value_t = 1)]
    attempt: u32,

    /// Deliver this many times; the output has the time of the first delivery and the median of the others
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    times: u32,

    /// How many attempts one instance serves; overrides the sidecar
    #[arg(long, value_name = "N")]
    reuse: Option<u32>,

    /// The timeout of one attempt, such as `30s`; overrides the sidecar
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<Duration>,

    /// The fuel of one attempt; overrides the sidecar
    #[arg(long, value_name = "N", value_parser = fuel)]
    fuel: Option<u64>,

    /// The memory of one attempt, such as `64MiB`; overrides the sidecar
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    memory: Option<u64>,
}

impl Args {
    /// The bounds of the policy, where the arguments set none.
    fn bounds(&self, policy: &Policy) -> Bounds {
        let base = Bounds::from(policy);
        Bounds {
            timeout: self.timeout.unwrap_or(base.timeout),
            fuel: self.fuel.unwrap_or(base.fuel),
            memory: self.memory.unwrap_or(base.memory),
            reuse: self.reuse.unwrap_or(base.reuse),
        }
    }

    /// Translates messages that name keys of `config.toml` into arguments of this command. Messages about a channel of
    /// a configuration stay as they are.
    fn wording(&self) -> fn(&str) -> String {
        match (&self.channel, &self.config) {
            (Some(_), _) => str::to_owned,
            (None, Some(_)) => |message| own_words(message, true),
            (None, None) => |message| own_words(message, false),
        }
    }
}

fn fuel(text: &str) -> Result<u64, String> {
    whole(text).and_then(|fuel| if fuel > 0 { Ok(fuel) } else { Err("must be more than 0".to_owned()) })
}

fn duration(text: &str) -> Result<Duration, String> {
    match units::duration(text) {
        Ok(Duration::ZERO) => Err("must be more than 0s".to_owned()),
        Ok(duration) => Ok(duration),
        Err(reason) => Err(format!("{reason}; {}", units::DURATION_HELP)),
    }
}

fn memory(text: &str) -> Result<u64, String> {
    let size = units::size(text).map_err(|reason| format!("{reason}; {}", units::SIZE_HELP))?;
    if (1 << 16..=1 << 30).contains(&size) { Ok(size) } else { Err("must be from 64KiB to 1GiB".to_owned()) }
}

fn tcp(text: &str) -> Result<HostPattern, String> {
    config::tcp_target(text).map_err(|reason| format!("{reason}; {}", config::TCP_HELP))
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE".to_owned()),
    }
}

fn folder(text: &str) -> Result<FileGrant, String> {
    match text.rsplit_once(':') {
        Some((host, guest)) if !host.is_empty() => {
            let guest = config::guest_path(guest).map_err(|rule| format!("the guest's path {rule}"))?;
            Ok(FileGrant { host: host.into(), guest, write: true })
        }
        _ => Err("write HOST:GUEST, such as data/out:/out".to_owned()),
    }
}

const SAMPLE: &str = r#"{"type":"user.signup","message":"New user registered","severity":"info",
"tags":["user","signup"],
    "data":{"user_id":"usr_123","plan":"pro"}}"#;

pub(crate) async fn run(args: Args, context: Context) -> Result<(), Failure> {
    let events: Vec<_> = given_events(&args.event, SAMPLE)?.into_iter().map(Arc::new).collect();
    let config = args.config.as_deref().map(|file| Config::load(file, &environment)).transpose()?;
    let directory = Arc::new(directory(config.as_ref(), args.recipient.as_deref(), &events)?);
    let templates = config.as_ref().map(|config| config.templates.set.clone()).unwrap_or_default();
    let options = RuntimeOptions {
        recipient_of: Some(recipient_of(&directory)),
        max_hops: config.as_ref().map_or(MAX_HOPS, |config| config.journal.max_hops),
        render: Some(render_for(&directory, &Arc::new(Templates::new(templates)))),
        ..RuntimeOptions::default()
    };
    let (plugin, sidecar) = load(&args.file, options).await?;
    if events.len() > 1 && !plugin.takes_batches() {
        return Err(Failure::usage(
            format!("{} takes one event at a time, and {} are given", args.file.display(), events.len()),
            "give one --event; a plugin that exports `batch-handler` or `batch-exchange` takes several".to_owned(),
        ));
    }
    let (setup, policy) = match (&config, &args.config, &args.channel) {
        (Some(config), Some(file), Some(name)) => of_config(plugin.kind(), config, file, name, sidecar.as_ref())?,
        _ => of_args(&args, sidecar.as_ref())?,
    };
    let outbound = match &args.stub {
        Some(file) => Outbound::Stubbed(answers(file)?),
        None => Outbound::Live,
    };
    let stubbed = args.stub.is_some();
    let exchanges: Arc<Mutex<Vec<Exchange>>> = Arc::default();
    let seen = Arc::clone(&exchanges);
    let tap = Tap(Arc::new(move |exchange| seen.lock().unwrap_or_else(PoisonError::into_inner).push(exchange)));
    let plugin = plugin.wired(Wire { outbound, tap: Some(tap) });

    let (say, bounds) = (args.wording(), args.bounds(&policy));
    let refused = |error: SetupError| anyhow::anyhow!("{}", say(&error.to_string()));
    if plugin.kind() == Kind::Stage {
        let stage = plugin.stage(setup).map_err(refused)?;
        return pass(&stage, &events, bounds, &args, context).await;
    }
    let channel = plugin.channel(setup).map_err(refused)?;
    let deliver = async || Trial::of(&channel, &events, bounds, args.attempt).await;
    let mut trial = deliver().await;
    trial.faults_mut().for_each(|fault| fault.message = say(&fault.message));
    let mut exchanges = std::mem::take(&mut *exchanges.lock().unwrap_or_else(PoisonError::into_inner));
    for exchange in &mut exchanges {
        if let Err(reason) = &mut exchange.answer {
            *reason = say(reason);
        }
    }
    let mut further = Vec::new();
    for _ in 1..args.times {
        further.push(deliver().await.cost.duration);
    }
    let further = middle(further.iter().map(|took| took.as_secs_f64() * 1e3).collect());

    let delivered = trial.outcomes.iter().all(|(_, outcome)| matches!(outcome, Some(Outcome::Delivered { .. })));
    if context.json {
        print_json(&as_json(&trial, &exchanges, stubbed, further))?;
    } else {
        print(&render(&trial, &exchanges, stubbed, further))?;
    }
    if delivered { Ok(()) } else { Err(Failure::Reported) }
}

/// Does the same for a stage.
async fn pass(
    stage: &Arc<dyn Stage>,
    events: &[Arc<Event>],
    bounds: Bounds,
    args: &Args,
    context: Context,
) -> Result<(), Failure> {
    let Some(event) = events.first() else { return Ok(()) };
    let mut passage = Passage::of(stage, event, bounds).await;
    passage.reword(args.wording());
    let mut further = vec![];
    for _ in 1..args.times {
        further.push(Passage::of(stage, event, bounds).await.duration_ms());
    }
    let further = middle(further);
    if context.json {
        print_json(&passage.to_json(further))?;
    } else {
        print(&passage.render(further))?;
    }
    if passage.passes() { Ok(()) } else { Err(Failure::Reported) }
}

fn middle(mut times: Vec<f64>) -> Option<f64> {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied()
}

/// The result of one call.
struct Trial {
    /// By event id. `None` if the call returned no outcome for the event.
    outcomes: Vec<(String, Option<Outcome>)>,
    /// Why outcomes are missing.
    fault: Option<Fault>,
    /// Whether several events were passed in one call.
    together: bool,
    cost: Cost,
    emits: Vec<Staged>,
    trace: Vec<TraceLine>,
}

impl Trial {
    async fn of(channel: &Arc<dyn Channel>, events: &[Arc<Event>], bounds: Bounds, number: u32) -> Self {
        let ids = events.iter().map(|event| event.id.clone());
        if let [event] = events {
            let Report { outcome, cost, emits, trace, .. } =
                trial::attempt(channel, Arc::clone(event), bounds, number).await;
            let outcomes = ids.zip([Some(outcome)]).collect();
            return Self { outcomes, fault: None, together: false, cost, emits, trace };
        }
        let BatchReport { outcomes, fault, cost, emits, trace, .. } =
            trial::batch(channel, events, bounds, number).await;
        Self { outcomes: ids.zip(outcomes).collect(), fault, together: true, cost, emits, trace }
    }

    fn faults(&self) -> impl Iterator<Item = &Fault> {
        let each = self.outcomes.iter().filter_map(|(_, outcome)| match outcome {
            Some(Outcome::Failed(fault)) => Some(fault),
            _ => None,
        });
        each.chain(&self.fault)
    }

    fn faults_mut(&mut self) -> impl Iterator<Item = &mut Fault> {
        let each = self.outcomes.iter_mut().filter_map(|(_, outcome)| match outcome {
            Some(Outcome::Failed(fault)) => Some(fault),
            _ => None,
        });
        each.chain(&mut self.fault)
    }
}

/// What the arguments say, over the sidecar.
fn of_args(args: &Args, sidecar: Option<&Sidecar>) -> anyhow::Result<(ChannelSetup, Policy)> {
    let base = sidecar.map(|sidecar| sidecar.settings.flat()).unwrap_or_default();
    let policy = sidecar.map(|sidecar| sidecar.policy.over(Policy::default())).unwrap_or_default();
    let stem = args.file.file_stem().and_then(|stem| stem.to_str()).unwrap_or("plugin");
    let name = ChannelName::new(stem).or_else(|_| ChannelName::new("plugin"))?;
    let grants = Grants {
        http: args.allow.clone(),
        tcp: args.tcp.clone(),
        files: args.folders.clone(),
        emit: args.emit.clone(),
        private_network: args.private_network,
    };
    create_folders(&grants).map_err(anyhow::Error::msg)?;
    let settings = base.into_iter().chain(args.settings.clone()).collect();
    Ok((ChannelSetup { settings, grants, ..ChannelSetup::new(name) }, policy))
}

/// What a channel or stage of the configuration says, over the sidecar.
fn of_config(
    kind: Kind,
    config: &Config,
    file: &Path,
    name: &ChannelName,
    sidecar: Option<&Sidecar>,
) -> Result<(ChannelSetup, Policy), Failure> {
    let stage = if kind == Kind::Stage { config.stages.iter().find(|stage| stage.name == *name) } else { None };
    if stage.is_none() && (kind == Kind::Stage || !config.channels.contains_key(name)) {
        let (word, known): (_, Vec<_>) = match kind {
            Kind::Stage => ("stage", config.stages.iter().map(|stage| stage.name.to_string()).collect()),
            _ => ("channel", config.channels.keys().map(ToString::to_string).collect()),
        };
        return Err(Failure::usage(
            format!("{} has no {word} `{name}`", file.display()),
            format!("it has {}", if known.is_empty() { "none".to_owned() } else { known.join(", ") }),
        ));
    }
    let resolved = match stage {
        Some(stage) => stage.resolve(sidecar),
        None => config.channel(name, sidecar),
    };
    let word = resolved.setup.role.as_str();
    create_folders(&resolved.setup.grants).map_err(|reason| anyhow::anyhow!("{word} {name}: {reason}"))?;
    Ok((resolved.setup, resolved.policy))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stub {
    answers: Vec<StubAnswer>,
}

fn answers(file: &Path) -> Result<Vec<StubAnswer>, Failure> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let stub: Stub = toml::from_str(&text).map_err(|error| {
        let (file, error) = (file.display(), error.message().to_owned());
        anyhow::anyhow!("{file} does not contain answers, each a table `[[answers]]`: {error}")
    })?;
    Ok(stub.answers)
}

fn as_json(trial: &Trial, exchanges: &[Exchange], stubbed: bool, further: Option<f64>) -> Value {
    let sent = exchanges.iter().map(|exchange| {
        let answer = match &exchange.answer {
            Ok((status, size)) => json!({ "status": status, "bytes": size }),
            Err(reason) => json!({ "error": reason }),
        };
        json!({
            "method": exchange.method, "url": exchange.url,
            "headers": exchange.headers.iter().map(|(name, value)| json!([name, value])).collect::<Vec<_>>(),
            "body": String::from_utf8_lossy(&exchange.body), "stubbed": stubbed, "answer": answer,
        })
    });
    let cost = json!({
        "duration_ms": trial.cost.duration.as_secs_f64() * 1e3, "fuel": trial.cost.fuel, "memory": trial.cost.memory,
        "further_ms": further,
    });
    let emitted: Vec<Value> = trial
        .emits
        .iter()
        .filter_map(|Staged { event, .. }| serde_json::from_str(&event.to_structured()).ok())
        .collect();
    let trace: Vec<_> = trial.trace.iter().map(|line| &line.0).collect();
    let mut shown = json!({
        "cost": cost, "requests": sent.collect::<Vec<_>>(), "emitted": emitted, "trace": trace,
    });
    let outcomes: Vec<_> = trial.outcomes.iter().map(|(_, outcome)| outcome_json(outcome.as_ref())).collect();
    match (trial.together, outcomes.as_slice()) {
        (false, [outcome]) => shown["outcome"] = outcome.clone(),
        _ => {
            let named = trial.outcomes.iter().zip(outcomes).map(|((id, _), mut outcome)| {
                outcome["event_id"] = Value::from(id.as_str());
                outcome
            });
            shown["outcomes"] = named.collect();
            shown["fault"] = trial.fault.as_ref().map_or(Value::Null, fault_json);
        }
    }
    shown
}

fn outcome_json(outcome: Option<&Outcome>) -> Value {
    match outcome {
        Some(Outcome::Delivered { receipt }) => {
            let receipt = receipt.as_deref().and_then(|receipt| serde_json::from_str::<Value>(receipt).ok());
            json!({ "status": "success", "receipt": receipt })
        }
        Some(Outcome::Failed(fault)) => {
            let mut shown = fault_json(fault);
            shown["status"] = "failed".into();
            shown
        }
        None => json!({ "status": "alone" }),
    }
}

fn fault_json(fault: &Fault) -> Value {
    json!({
        "class": fault.class.as_str(), "code": fault.code, "error": fault.message,
        "retry_after_ms": fault.retry_after.map(|wait| wait.as_millis() as u64),
    })
}

fn render(trial: &Trial, exchanges: &[Exchange], stubbed: bool, further: Option<f64>) -> String {
    let mut text = String::new();
    let note = if stubbed { " (answered from the stub)" } else { "" };
    for Exchange { method, url, headers, body, answer } in exchanges {
        let answer = match answer {
            Ok((status, size)) => format!("{status}, {}", bytes(*size as u64)),
            // The advice follows below.
            Err(reason) => format!("{RED}{}{RED:#}", clean(fact(reason))),
        };
        writeln!(text, "{BOLD}→ {} {}{BOLD:#}", clean(method), clean(url)).unwrap_or_default();
        for (name, value) in headers {
            writeln!(text, "{DIM}  {}: {}{DIM:#}", clean(name), clean(value)).unwrap_or_default();
        }
        let shown: String = String::from_utf8_lossy(body).chars().take(2000).collect();
        for line in shown.lines() {
            writeln!(text, "  {}", clean(line)).unwrap_or_default();
        }
        writeln!(text, "{BOLD}←{BOLD:#} {answer}{DIM}{note}{DIM:#}\n").unwrap_or_default();
    }
    for (id, outcome) in &trial.outcomes {
        let name = if trial.together { format!("{DIM}{}{DIM:#} ", clean(id)) } else { String::new() };
        match outcome {
            Some(Outcome::Delivered { receipt }) => {
                let receipt = receipt.as_deref().unwrap_or("{}");
                let receipt = pretty(receipt.as_bytes()).unwrap_or_else(|_| receipt.to_owned());
                writeln!(text, "{name}{GREEN}✔ delivered{GREEN:#} {receipt}").unwrap_or_default();
            }
            Some(Outcome::Failed(fault)) => failed(&mut text, &name, fault),
            None => writeln!(text, "{name}{DIM}would be attempted alone{DIM:#}").unwrap_or_default(),
        }
    }
    if let Some(fault) = &trial.fault {
        failed(&mut text, "the call as a whole ", fault);
    }
    // Leaves out what has just been printed.
    let said = trial.faults().map(|fault| fault.message.as_str()).collect::<Vec<_>>();
    for line in trial.trace.iter().filter(|line| !said.iter().any(|message| line.0.contains(message))) {
        writeln!(text, "{DIM}  {}{DIM:#}", clean(&line.0)).unwrap_or_default();
    }
    for Staged { event, .. } in &trial.emits {
        writeln!(text, "{BOLD}⇢ emitted{BOLD:#} {}", clean(&event.to_structured())).unwrap_or_default();
    }
    let cost = &trial.cost;
    let time = milliseconds(cost.duration.as_secs_f64() * 1e3);
    let further = further.map_or_else(String::new, |ms| format!(", then {}", milliseconds(ms)));
    writeln!(text, "{DIM}{time}{further}, {} fuel, {} of memory{DIM:#}", cost.fuel, bytes(cost.memory))
        .unwrap_or_default();
    text
}

fn failed(text: &mut String, name: &str, fault: &Fault) {
    let wait = fault.retry_after.map_or_else(String::new, |wait| format!(", not before {wait:?}"));
    let (class, code, message) = (fault.class.as_str(), clean(&fault.code), clean(&fault.message));
    writeln!(text, "{name}{RED}✘ {class}{RED:#} {BOLD}{code}{BOLD:#}{wait}: {message}").unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_a_path_here_and_one_there() {
        let out = folder("C:/data/out:/out").unwrap();
        assert_eq!((out.host.to_str(), out.guest.as_str(), out.write), (Some("C:/data/out"), "/out", true));
        for bad in ["", "data", "data:out", ":/out"] {
            assert!(folder(bad).is_err(), "{bad}");
        }
    }
}
