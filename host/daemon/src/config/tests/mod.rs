//! One file per behaviour, with what they share.

mod broken;
mod fuzz;
mod layers;
mod secrets;
mod shape;
mod sound;

use std::path::Path;

use super::{Config, Diagnostics};

const FILE: &str = "/etc/fanfare/config.toml";

/// A key in the form of Standard Webhooks, as `env:GOOD`. `env:BAD` is not a valid key, and `env:EMPTY` is empty.
const GOOD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BAD: &str = "hunter2-hunter2";

fn env(name: &str) -> Option<String> {
    match name {
        "GOOD" => Some(format!("{GOOD}\n")),
        "BAD" => Some(BAD.to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

fn parse(text: &str) -> Result<Config, Diagnostics> {
    let config = Config::parse(text, Path::new(FILE), &env);
    if config.is_ok() {
        shape::assert_valid(text);
    }
    config
}

/// Each mistake as `line:column key message`.
fn lines(problems: &Diagnostics) -> Vec<String> {
    let line = |p: &super::Diagnostic| format!("{}:{} {} {}", p.line, p.column, p.key, p.message);
    problems.problems.iter().map(line).collect()
}
