//! `fanfare serve`: the daemon, until a signal ends it.

use std::{path::PathBuf, sync::Arc};

use anyhow::anyhow;
use fanfare_dispatch::SystemClock;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;

use super::{
    Context,
    failure::Failure,
    output::{BOLD, counted, print, print_json},
    signals::{Signals, hangups},
    spinner::Spinner,
};
use crate::{
    app::{App, AppOptions},
    plugins, reload, service,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The configuration
    #[arg(long, default_value = "config.toml", value_name = "FILE")]
    config: PathBuf,

    /// Apply changes to plugins and configuration only on request (`POST /v1/reload`)
    #[arg(long)]
    no_watch: bool,
}

pub(crate) async fn run(args: Args, context: Context) -> Result<(), Failure> {
    raise_open_files();
    let mut signals = Signals::install()?;
    let mut hangups = hangups()?;
    let starting = service::starting();
    let config = reload::first_config(args.config, Arc::new(SystemClock)).await?;
    let app = {
        let _spinner = Spinner::start("loading plugins");
        let compiler = plugins::compiler(config.plugins.compile);
        tokio::select! {
            app = App::start(config, AppOptions { watch: !args.no_watch, compiler }) => app?,
            // Nothing was acknowledged yet.
            signal = signals.next() => return Err(anyhow!("{signal} during the start; nothing was running yet").into()),
        }
    };
    let url = app.url();
    if context.json {
        print_json(&json!({ "listening": url, "pid": std::process::id() }))?;
    } else {
        print(&format!("Listening on {BOLD}{url}{BOLD:#}\n"))?;
    }

    drop(starting);
    service::ready(&url);
    let watchdog = service::watchdog(app.pulse());
    let signal = loop {
        tokio::select! {
            signal = signals.next() => break signal,
            _ = hangups.recv() => {
                service::reloading();
                app.reload().await;
                service::ready(&url);
            }
        }
    };
    service::stopping();
    tracing::info!(signal, "stopping; a second signal stops at once");
    let done = tokio::select! {
        left = app.stop() => {
            if left > 0 {
                tracing::warn!("{} did not end in time; the next start repeats them", counted(left as u64, "attempt"));
            }
            Ok(())
        }
        signal = signals.next() => {
            Err(anyhow!("{signal} during the shutdown: stopped at once; the next start repeats attempts in \
                         flight").into())
        }
    };
    drop(watchdog);
    done
}

/// Connections, the journal and guests' granted files all need descriptors. The soft limit is low for the sake of old
/// programs; the hard limit is what the system allows.
fn raise_open_files() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        tracing::warn!(%error, ?current, "cannot raise the limit of open files");
    }
}

/// Looks up a variable of the process's environment.
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
