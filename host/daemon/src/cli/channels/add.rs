//! `fanfare channel add`: writes a commented table for a channel that comes with Fanfare, and copies its file if it has
//! one.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::{MetadataExt as _, fchown},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, anyhow, bail};
use comfy_table::Cell;
use fanfare_core::{ChannelName, Role};
use serde_json::json;
use tempfile::NamedTempFile;

use super::super::{
    Context,
    failure::Failure,
    output::{BOLD, DIM, clean, lines, print, print_json, table},
    serve::environment,
};
use crate::{
    config::{Config, Sidecar, parse_sidecar},
    plugins::{
        Addition, Given, NewTable,
        shipped::{self, Found, Origin, Shape},
    },
    text::{and, nearest},
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to add: a channel or stage that comes with Fanfare, or a file in the plugins' folder
    #[arg(required_unless_present = "list", conflicts_with = "list")]
    name: Option<String>,

    /// Name the channel this instead of after its plugin
    #[arg(long = "as", value_name = "NAME", conflicts_with = "list")]
    alias: Option<String>,

    /// The plugin; NAME is then the name of the channel
    #[arg(long, value_name = "PLUGIN", conflicts_with_all = ["alias", "list"])]
    plugin: Option<String>,

    /// Set a setting; for a secret, where to read it: env:NAME, file:PATH or credential:NAME; can be repeated
    #[arg(long, value_name = "SETTING=VALUE", value_parser = pair, conflicts_with = "list")]
    set: Vec<(String, String)>,

    /// Print what would be added, and change nothing
    #[arg(long, conflicts_with = "list")]
    print: bool,

    /// List what can be added
    #[arg(long)]
    list: bool,

    /// The configuration
    #[arg(long, default_value = "config.toml", value_name = "FILE")]
    config: PathBuf,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write SETTING=VALUE".to_owned()),
    }
}

pub(super) fn run(args: &Args, context: Context) -> Result<(), Failure> {
    let folders = shipped::folders();
    let Some(wanted) = &args.name else {
        let plugins = Config::examine(&args.config, &environment).0.map(|config| config.plugins.dir);
        return list(&plugins.unwrap_or_default(), &folders, context);
    };
    // Without a configuration, nothing can be added, but the addition can still be shown.
    let (config, mistakes) = Config::examine(&args.config, &environment);
    let config = match config {
        Some(config) => config,
        None if args.print => Config::default_in(args.config.parent().unwrap_or(Path::new(""))),
        None => return Err(mistakes.into()),
    };
    let plugin = args.plugin.as_deref().unwrap_or(wanted);
    let (plugin, found) = find(plugin, &config.plugins.dir, &folders)?;
    let name = match (&args.alias, &args.plugin) {
        (Some(alias), _) => alias.as_str(),
        (None, Some(_)) => wanted.as_str(),
        (None, None) => plugin.as_str(),
    };
    let name = ChannelName::new(name)
        .map_err(|error| Failure::usage(error.to_string(), "name it with --as, such as `--as team-a`"))?;
    let shape = found.shape();
    if !args.print {
        refuse_taken(&config, &name, shape)?;
    }
    let new = NewTable { name: &name, plugin: &found.source.name, shape, data: &data_of(&config) };
    let addition = addition(new, &plugin, &found, &args.set)?;
    if args.print {
        return printed(&name, &addition, context);
    }
    let copied = write(&args.config, &config.plugins.dir, &plugin, &found, &addition.text)?;
    report(&args.config, new, &addition, &copied, context)
}

fn find(plugin: &str, plugins: &Path, folders: &[PathBuf]) -> Result<(String, Found), Failure> {
    let all = shipped::all(plugins, folders);
    let builtin = plugin.strip_prefix("builtin:");
    let name = builtin.unwrap_or(plugin);
    if builtin.is_some()
        && let Some(source) = crate::plugins::builtin::find(name)
    {
        return Ok((name.to_owned(), Found { source, origin: Origin::Builtin }));
    }
    if let Some(found) = all.get(name).filter(|_| builtin.is_none()) {
        return Ok((name.to_owned(), found.clone()));
    }
    let places = shipped::places();
    let sources = shipped::sources(&places);
    let build = |folder: &Path| {
        let folder = places.iter().find_map(|place| folder.strip_prefix(place).ok()).unwrap_or(folder);
        format!("fanfare plugin build {} --out {}", folder.display(), plugins.display())
    };
    if let Some(folder) = sources.get(name).filter(|_| builtin.is_none()) {
        let message = format!("`{name}` ships as source here and is not built yet");
        return Err(Failure::usage(message, format!("run `{}` first", build(folder))));
    }
    let names: Vec<_> = all.keys().map(String::as_str).collect();
    let known = names.iter().copied().chain(sources.keys().map(String::as_str));
    let meant = nearest(name, known).map(|meant| format!("; did you mean `{meant}`?"));
    let mut help = format!(
        "there are {}; more are files: name their folder in FANFARE_CHANNELS, or put the .wasm into {}",
        and(&names),
        plugins.display()
    );
    let left: Vec<_> = sources.iter().filter(|(name, _)| !all.contains_key(*name)).collect();
    if let [(name, folder), ..] = left.as_slice() {
        let unbuilt: Vec<_> = left.iter().map(|(name, _)| name.as_str()).collect();
        help += &format!("; {} have to be built first: for {name}, `{}`", and(&unbuilt), build(folder));
    }
    Err(Failure::usage(format!("there is no plugin `{plugin}` to add{}", meant.unwrap_or_default()), help))
}

fn refuse_taken(config: &Config, name: &ChannelName, shape: Shape) -> Result<(), Failure> {
    // The text decides, because a channel with mistakes also occupies its name.
    let text = fs::read_to_string(&config.path).context("the configuration cannot be read")?;
    let document: toml::Table = text.parse().context("the configuration is not TOML")?;
    let taken = match shape.role {
        Role::Channel => document.get("channels").and_then(|channels| channels.get(name.as_str())).is_some(),
        Role::Stage => {
            let stages = document.get("stages").and_then(toml::Value::as_array);
            let is = |stage: &toml::Value| stage.get("name").and_then(toml::Value::as_str) == Some(name.as_str());
            stages.is_some_and(|stages| stages.iter().any(is))
        }
    };
    if !taken {
        return Ok(());
    }
    let what = match shape.role {
        Role::Channel => "channel",
        Role::Stage => "stage",
    };
    let message = format!("{} has a {what} `{name}` already; nothing was changed", config.path.display());
    Err(Failure::usage(message, "give this one another name with --as NAME"))
}

fn addition(new: NewTable<'_>, plugin: &str, found: &Found, set: &[(String, String)]) -> Result<Addition, Failure> {
    let sidecar = match &found.source.sidecar {
        Some(sidecar) => parse_sidecar(&sidecar.text, &sidecar.file)?,
        None => Sidecar::default(),
    };
    let given = Given::read(set, sidecar.schema.as_ref());
    given.and_then(|given| Addition::new(new, &sidecar, &given)).map_err(|message| {
        Failure::usage(format!("--set: {message}"), format!("see `fanfare channel add {plugin} --print`"))
    })
}

/// The default folder for a channel's files: beside the journal, where the daemon can certainly write.
fn data_of(config: &Config) -> String {
    let folder = config.journal.path.parent().unwrap_or(Path::new(""));
    let beside = config.path.parent().and_then(|dir| folder.strip_prefix(dir).ok()).unwrap_or(folder);
    match beside.to_str() {
        Some("") => ".".to_owned(),
        Some(folder) => folder.to_owned(),
        None => "data".to_owned(),
    }
}

/// Copies the plugin if necessary, and then writes the table. Returns the files that were copied.
fn write(config: &Path, plugins: &Path, plugin: &str, found: &Found, text: &str) -> Result<Vec<PathBuf>, Failure> {
    let copied = match found.origin {
        Origin::Beside => copy(plugins, plugin, found)?,
        Origin::Builtin | Origin::Installed => vec![],
    };
    if let Err(error) = append(config, text) {
        for file in &copied {
            drop(fs::remove_file(file));
        }
        return Err(error.into());
    }
    Ok(copied)
}

/// Copies the sidecar first. Otherwise the daemon could see the plugin alone and load it without settings.
fn copy(plugins: &Path, plugin: &str, found: &Found) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(plugins).with_context(|| format!("{} cannot be made", plugins.display()))?;
    let sidecar = found.source.sidecar.as_ref().map(|sidecar| ("toml", sidecar.text.as_bytes()));
    let files = sidecar.into_iter().chain([("wasm", found.source.wasm.as_ref())]);
    let mut copied = Vec::new();
    for (extension, bytes) in files {
        let to = plugins.join(format!("{plugin}.{extension}"));
        let written = NamedTempFile::new_in(plugins).and_then(|mut file| {
            file.write_all(bytes)?;
            file.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
            file.as_file().sync_all()?;
            file.persist_noclobber(&to).map_err(|failed| failed.error)
        });
        if let Err(error) = written {
            for file in &copied {
                drop(fs::remove_file(file));
            }
            bail!("{} cannot be written: {error}; nothing was changed", to.display());
        }
        copied.push(to);
    }
    Ok(copied)
}

/// Appends to a file atomically: readers see the file before or after. Existing content, owner and mode are preserved.
fn append(file: &Path, text: &str) -> Result<()> {
    let failed = || format!("{} cannot be written", file.display());
    // A symbolic link stays a link.
    let file = fs::canonicalize(file).with_context(failed)?;
    let before = fs::read_to_string(&file).with_context(failed)?;
    let gap = match before.as_str() {
        text if text.is_empty() || text.ends_with("\n\n") => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let after = format!("{before}{gap}{text}");
    if let Err(error) = after.parse::<toml::Table>() {
        bail!(
            "{} cannot take a table at its end: {}. Nothing was changed; `--print` shows the table, to be added by \
             hand",
            file.display(),
            error.message()
        );
    }
    let folder = file.parent().ok_or_else(|| anyhow!("{} has no folder", file.display()))?;
    let metadata = fs::metadata(&file).with_context(failed)?;
    let mut new = NamedTempFile::new_in(folder).with_context(failed)?;
    new.write_all(after.as_bytes()).with_context(failed)?;
    new.as_file().set_permissions(metadata.permissions()).with_context(failed)?;
    let own = new.as_file().metadata().with_context(failed)?;
    if (own.uid(), own.gid()) != (metadata.uid(), metadata.gid()) {
        fchown(new.as_file(), Some(metadata.uid()), Some(metadata.gid()))
            .with_context(|| format!("{} belongs to another user, and only root can keep that", file.display()))?;
    }
    new.as_file().sync_all().with_context(failed)?;
    new.persist(&file).map_err(|error| error.error).with_context(failed)?;
    Ok(())
}

fn printed(name: &ChannelName, addition: &Addition, context: Context) -> Result<(), Failure> {
    if context.json {
        print_json(&json!({ "name": name, "table": addition.text, "left": addition.left }))?;
    } else {
        print(&addition.text)?;
    }
    Ok(())
}

fn report(
    config: &Path,
    NewTable { name, shape, .. }: NewTable<'_>,
    addition: &Addition,
    copied: &[PathBuf],
    context: Context,
) -> Result<(), Failure> {
    if context.json {
        print_json(&json!({ "name": name, "file": config, "copied": copied, "left": addition.left }))?;
        return Ok(());
    }
    let (what, place) = match shape.role {
        Role::Channel => ("channel", ""),
        Role::Stage => ("stage", ", after those that are there"),
    };
    let file = config.display();
    let mut text = format!("Added the {what} {BOLD}{name}{BOLD:#} to {BOLD}{file}{BOLD:#}{place}\n");
    for copy in copied {
        text += &format!("Copied {}\n", copy.display());
    }
    if !addition.left.is_empty() {
        text += "\nLeft to fill in:\n";
        text.extend(addition.left.iter().map(|left| format!("  {}\n", clean(left))));
    }
    let config = if config == Path::new("config.toml") { String::new() } else { format!(" --config {file}") };
    text += &format!("\nNext:\n  fanfare check{config}  {DIM}# shows whether it is valid{DIM:#}\n");
    print(&text)?;
    Ok(())
}

fn list(plugins: &Path, folders: &[PathBuf], context: Context) -> Result<(), Failure> {
    let all = shipped::all(plugins, folders);
    let role = |found: &Found| match found.shape().role {
        Role::Channel => "channel",
        Role::Stage => "stage",
    };
    let origin = |found: &Found| match found.origin {
        Origin::Builtin => "built in",
        Origin::Installed => "in plugins.dir",
        Origin::Beside => "ships as a file",
    };
    if context.json {
        let entry = |(name, found): (&String, &Found)| {
            json!({
                "name": name, "kind": role(found), "origin": origin(found),
                "file": found.source.file, "summary": found.summary(),
            })
        };
        print_json(&json!({ "plugins": all.iter().map(entry).collect::<Vec<_>>() }))?;
        return Ok(());
    }
    let mut rows = table(["name", "kind", "", "what it does"]);
    for (name, found) in &all {
        let summary = found.summary().unwrap_or_default();
        rows.add_row(vec![
            Cell::new(clean(name)),
            Cell::new(role(found)),
            Cell::new(origin(found)),
            Cell::new(clean(&summary)),
        ]);
    }
    print(&lines(&rows))?;
    Ok(())
}
