//! `fanfare plugin new`: writes a project that builds as it stands.

use std::path::PathBuf;

use fanfare_author::project::{self, Kind, Language, Template};
use serde_json::json;

use super::super::{
    Context,
    failure::Failure,
    output::{BOLD, DIM, print, print_json},
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The plugin's name: a-z, 0-9 and `-`; also the name of the folder
    #[arg(value_parser = project::name)]
    name: String,

    /// The language of the project
    #[arg(long, value_enum)]
    lang: Language,

    /// The kind of plugin
    #[arg(long, value_enum, default_value_t = Kind::Channel)]
    kind: Kind,

    /// Where to create the project's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    dir: PathBuf,
}

pub(crate) fn run(args: &Args, context: Context) -> Result<(), Failure> {
    let project = args.dir.join(&args.name);
    if project.exists() {
        return Err(anyhow::anyhow!("{} already exists; nothing was written", project.display()).into());
    }
    let template = Template::of(args.lang, args.kind)
        .map_err(|error| Failure::usage(error.to_string(), format!("use --lang {}", one_of(&error.others))))?;
    let files = template.write(&project, &args.name)?;
    if context.json {
        print_json(&json!({ "dir": project, "files": files }))?;
    } else {
        let (dir, count) = (project.display(), files.len());
        print(&format!(
            "{BOLD}{dir}{BOLD:#} {DIM}{count} files{DIM:#}\n\nNext:\n  cd {dir}\n  fanfare plugin build\n\n\
             {dir}/README.md says how to try it and how to add it to a daemon.\n",
        ))?;
    }
    Ok(())
}

/// `a, b or c`.
fn one_of(words: &[&str]) -> String {
    match words {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        words => words.concat(),
    }
}
