//! `fanfare init`: creates a folder with a first configuration.

mod unit;

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde_json::json;

use super::{
    Context,
    failure::Failure,
    output::{BOLD, DIM, print, print_json},
};
use crate::config::{Config, STARTER};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder; it is created if it does not exist
    #[arg(default_value = ".")]
    dir: PathBuf,

    /// Overwrite existing files
    #[arg(long)]
    force: bool,

    /// Also write a systemd unit, fanfare.service, for this program, user and folder; an existing configuration is
    /// kept
    #[arg(long)]
    systemd: bool,
}

/// The unit's file, in the folder.
const UNIT: &str = "fanfare.service";

/// The output of the journal and the compile cache does not belong into version control.
const GITIGNORE: &str = "/data/\n";

pub(crate) fn run(args: &Args, context: Context) -> Result<(), Failure> {
    if args.dir.is_file() {
        return Err(Failure::usage(format!("{} is a file", args.dir.display()), "name a folder"));
    }
    let files = [("config.toml", STARTER), (".gitignore", GITIGNORE)].map(|(name, text)| (args.dir.join(name), text));
    if args.systemd && !args.force && args.dir.join("config.toml").is_file() {
        return systemd(args, context);
    }
    if !args.force
        && let Some((file, _)) = files.iter().find(|(file, _)| fs::symlink_metadata(file).is_ok())
    {
        return Err(taken(file));
    }
    let plugins = args.dir.join("plugins");
    fs::create_dir_all(&plugins).with_context(|| format!("cannot create {}", plugins.display()))?;
    for (file, text) in &files {
        write(file, text, args.force)?;
    }
    if args.systemd {
        return systemd(args, context);
    }
    if context.json {
        let files = files.iter().map(|(file, _)| file).collect::<Vec<_>>();
        print_json(&json!({ "dir": args.dir, "files": files, "plugins": plugins }))?;
    } else {
        print(&next_steps(&args.dir))?;
    }
    Ok(())
}

fn write(file: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true);
    // `create_new` closes the gap between checking and writing.
    let opened = if force { options.create(true).truncate(true) } else { options.create_new(true) }.open(file);
    match opened.and_then(|mut opened| opened.write_all(text.as_bytes())) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(taken(file)),
        Err(error) => Err(anyhow::Error::new(error).context(format!("cannot write {}", file.display())).into()),
    }
}

/// Writes the unit for a folder that has a configuration.
fn systemd(args: &Args, context: Context) -> Result<(), Failure> {
    let failed = |what: &'static str| move || format!("cannot determine {what}");
    let dir = fs::canonicalize(&args.dir).with_context(failed("the folder's full path"))?;
    let program = std::env::current_exe().and_then(fs::canonicalize).with_context(failed("this program's file"))?;
    let config = Config::load(&dir.join("config.toml"), &super::serve::environment)?;
    let writes = unit::writes(&config);
    // What is to be writable has to be there.
    for folder in &writes {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let user = rustix::process::getuid().as_raw().to_string();
    let text = unit::unit(&unit::Place { program: &program, dir: &dir, user: &user, writes });
    let text = text.map_err(|message| Failure::usage(message, "choose a folder with a plain name"))?;
    let file = args.dir.join(UNIT);
    write(&file, &text, args.force)?;
    if context.json {
        print_json(&json!({ "dir": args.dir, "unit": file }))?;
    } else {
        print(&format!(
            "Wrote {BOLD}{}{BOLD:#}. Next:\n\n\
             \x20 sudo cp {} /etc/systemd/system/\n\
             \x20 sudo systemctl daemon-reload && sudo systemctl enable --now fanfare\n\
             \x20 fanfare status    {DIM}# whether it is healthy{DIM:#}\n",
            file.display(),
            file.display(),
        ))?;
    }
    Ok(())
}

fn taken(file: &Path) -> Failure {
    anyhow::anyhow!("{} already exists; nothing was written (--force overwrites it)", file.display()).into()
}

fn next_steps(dir: &Path) -> String {
    let here = dir == Path::new(".");
    let cd = if here { String::new() } else { format!("  cd {}\n", dir.display()) };
    format!(
        "Wrote {BOLD}{}{BOLD:#}, with a folder for plugins beside it. Next:\n\n{cd}\
         \x20 fanfare serve                      {DIM}# the daemon{DIM:#}\n\
         \x20 fanfare listen                     {DIM}# in a second terminal: where the webhook goes{DIM:#}\n\
         \x20 fanfare send --type user.signup    {DIM}# in a third: an event, and what became of it{DIM:#}\n",
        dir.join("config.toml").display(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn init(dir: &Path, force: bool) -> Result<(), Failure> {
        run(&Args { dir: dir.to_owned(), force, systemd: false }, Context { json: true })
    }

    #[test]
    fn the_written_configuration_is_valid() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("new");
        init(&dir, false).unwrap();
        let config = Config::load(&dir.join("config.toml"), &|_| None).unwrap();
        assert!(!config.channels.is_empty());
        assert!(dir.join("plugins").is_dir());
        assert_eq!(fs::read_to_string(dir.join(".gitignore")).unwrap(), "/data/\n");
    }

    #[test]
    fn nothing_is_overwritten_without_force() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["config.toml", ".gitignore"] {
            let file = dir.path().join(name);
            fs::write(&file, "mine").unwrap();
            let error = init(dir.path(), false).unwrap_err();
            assert!(error.text(false, false).unwrap().contains(name));
            assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
            assert!(!dir.path().join("plugins").exists());
            init(dir.path(), true).unwrap();
            assert_ne!(fs::read_to_string(&file).unwrap(), "mine");
            fs::remove_dir_all(dir.path().join("plugins")).unwrap();
            fs::remove_file(dir.path().join("config.toml")).unwrap();
            fs::remove_file(dir.path().join(".gitignore")).unwrap();
        }
    }
}
