//! The command-line reference, generated from its definition.

use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command};

const HEAD: &str = "\
<!-- Generated from the program: `fanfare man --markdown > docs/reference/cli.md`. A test compares them. -->

# Commands

Every command, with its arguments and options. `fanfare help COMMAND` and `man fanfare-COMMAND` say the same. All take `--json`,
`--log-format` and `--log-level`. Commands that talk to a daemon find it through `--url`, `FANFARE_URL`, or the `config.toml` in the current
folder.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | failed |
| 2 | wrong usage |
| 3 | the daemon cannot be reached |
";

/// The options that every command has.
const GLOBAL: [&str; 5] = ["help", "version", "json", "log_format", "log_level"];

pub(super) fn page(mut program: Command) -> String {
    program.build();
    let mut text = HEAD.to_owned();
    for command in program.get_subcommands() {
        section(&mut text, command, "fanfare", 2);
    }
    text
}

fn section(text: &mut String, command: &Command, above: &str, depth: usize) {
    if command.is_hide_set() || command.get_name() == "help" {
        return;
    }
    let name = format!("{above} {}", command.get_name());
    write!(text, "\n{} {name}\n\n", "#".repeat(depth)).unwrap_or_default();
    if let Some(about) = command.get_long_about().or_else(|| command.get_about()) {
        writeln!(text, "{}.", sentence(&about.to_string())).unwrap_or_default();
    }
    let has_own = command.get_subcommands().any(|sub| sub.get_name() != "help");
    if !has_own {
        let usage = command.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ").trim().to_owned();
        write!(text, "\n```text\n{usage}\n```\n").unwrap_or_default();
    }
    let own: Vec<_> =
        command.get_arguments().filter(|arg| !arg.is_hide_set() && !GLOBAL.contains(&arg.get_id().as_str())).collect();
    if !own.is_empty() {
        text.push_str("\n| argument | meaning |\n|---|---|\n");
        for arg in own {
            writeln!(text, "| `{}` | {} |", form(arg), meaning(arg)).unwrap_or_default();
        }
    }
    if let Some(after) = command.get_after_help() {
        write!(text, "\n```text\n{}\n```\n", after.to_string().trim_end()).unwrap_or_default();
    }
    for sub in command.get_subcommands() {
        section(text, sub, &name, depth + 1);
    }
}

/// An argument as it is typed.
fn form(arg: &Arg) -> String {
    let value = arg
        .get_value_names()
        .and_then(|names| names.first())
        .map_or_else(|| arg.get_id().as_str().to_uppercase(), |name| name.to_string());
    let takes = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    match arg.get_long() {
        Some(long) if takes => format!("--{long} {value}"),
        Some(long) => format!("--{long}"),
        None => value,
    }
}

fn meaning(arg: &Arg) -> String {
    let help = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut text = cell(&help);
    let mut notes = Vec::new();
    if matches!(arg.get_action(), ArgAction::Append) && !help.contains("repeat") {
        notes.push("may be repeated".to_owned());
    }
    let default: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    if arg.get_action().takes_values() && default.iter().any(|value| !value.is_empty()) {
        notes.push(format!("default: `{}`", default.join(" ")));
    }
    let values: Vec<_> = arg.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
    if arg.get_action().takes_values() && !values.is_empty() {
        notes.push(format!("one of {}", values.join(", ")));
    }
    if let Some(variable) = arg.get_env() {
        notes.push(format!("also `{}`", variable.to_string_lossy()));
    }
    if !notes.is_empty() {
        write!(text, " ({})", notes.join("; ")).unwrap_or_default();
    }
    text
}

fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|").replace('<', "&lt;")
}

fn sentence(text: &str) -> String {
    cell(text).trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn the_reference_in_the_documentation_is_that_of_this_program() {
        let written = include_str!("../../../../../docs/reference/cli.md");
        let page = page(Cli::command());
        let differs = written.lines().zip(page.lines()).find(|(written, is)| written != is);
        assert!(
            written.trim_end() == page.trim_end(),
            "docs/reference/cli.md is out of date: `cargo run -- man --markdown > docs/reference/cli.md`; first: \
             {differs:?}"
        );
    }

    #[test]
    fn every_command_that_is_shown_has_a_section() {
        let page = page(Cli::command());
        for heading in
            ["## fanfare serve\n", "### fanfare channels add\n", "### fanfare plugin new\n", "## fanfare top\n"]
        {
            assert!(page.contains(heading), "{heading}");
        }
        assert!(!page.contains("## fanfare man\n"));
        assert!(page.contains("| `--set SETTING=VALUE` |") && page.contains("default: `config.toml`"), "{page}");
    }
}
