//! Rephrases messages of the runtime for `fanfare plugin run`. The runtime addresses an operator with a `config.toml`;
//! the user of this command has options.

/// Replaces configuration keys in a message by the command's options. `has_config` tells whether a configuration was
/// given without one of its channels.
pub(super) fn own_words(message: &str, has_config: bool) -> String {
    // The guest's own words follow the denial, and add nothing to it.
    let said = message.split_once(" (the guest: ").map_or(message, |(said, _)| said);
    let table = said.split_once("channels.").or_else(|| said.split_once("stages."));
    let Some((before, table)) = table else {
        return template(said).filter(|_| !has_config).unwrap_or_else(|| message.to_owned());
    };
    let Some((_, key)) = table.split_once('.') else { return message.to_owned() };
    denial(before, key)
        .or_else(|| bound(before, key))
        .or_else(|| setting(before, key, has_config))
        .unwrap_or_else(|| message.to_owned())
}

/// `… is not granted: add "host" to channels.x.grant.http in config.toml`.
fn denial(before: &str, key: &str) -> Option<String> {
    let key = key.strip_prefix("grant.")?;
    let name = key.split([' ', ':']).next().unwrap_or(key);
    if name == "private_network" {
        return Some(format!("{}give --private-network", before.strip_suffix("set ")?));
    }
    if let Some(reason) = key.strip_prefix("files: ") {
        return Some(format!("--folder: {reason}"));
    }
    let (said, what) = before.strip_suffix(" to ")?.split_once(": add ")?;
    let what = what.replace('"', "'");
    let option = match name {
        "http" => format!("--allow {what}"),
        "tcp" => format!("--tcp {what}"),
        "emit" => format!("--emit {what}"),
        "files" => "--folder HOST:GUEST".to_owned(),
        _ => return None,
    };
    Some(format!("{said}: give {option}"))
}

/// `… was not done within 10s: see channels.x.timeout in config.toml`.
fn bound(before: &str, key: &str) -> Option<String> {
    let said = before.strip_suffix(": see ")?;
    let option = match key.split_once(" in config.toml")? {
        ("timeout", _) => "--timeout",
        ("fuel", _) => "--fuel",
        ("memory", _) => "--memory",
        _ => return None,
    };
    Some(format!("{said}: raise it with {option}"))
}

/// `` `channels.x.settings.url` is missing: set it in the daemon's config `` and similar messages of the SDKs.
fn setting(before: &str, key: &str, has_config: bool) -> Option<String> {
    let key = key.strip_prefix("settings.")?;
    let (name, problem) = key.split_once(['`', ' '])?;
    let before = before.strip_suffix('`').unwrap_or(before);
    let problem = problem.trim_start();
    let problem = match (problem.split_once(": set it in"), problem.split_once(": add it to ")) {
        (Some((problem, _)), _) if has_config => {
            format!("{problem}: give --set {name}=VALUE, or take a channel's settings with --channel")
        }
        (Some((problem, _)), _) => format!("{problem}: give --set {name}=VALUE"),
        (_, Some((problem, _))) => format!("{problem}: take it from a configuration with --config and --channel"),
        _ => problem.to_owned(),
    };
    Some(format!("{before}the setting `{name}` {problem}"))
}

/// ``there is no template `x`: add [templates.x] to the configuration``, as the guest repeats it.
fn template(said: &str) -> Option<String> {
    let (said, rest) = said.split_once(": add [templates.")?;
    rest.ends_with("] to the configuration").then(|| format!("{said}: give a configuration that has it with --config"))
}

/// The fact without the advice, for output that lists both.
pub(super) fn fact(message: &str) -> &str {
    [": give ", ": add ", ": set "]
        .iter()
        .find_map(|advice| message.split_once(advice))
        .map_or(message, |(fact, _)| fact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_names_the_option_of_this_command() {
        for (said, want) in [
            (
                "api.example.com:443 is not granted: add \"api.example.com:443\" to channels.x.grant.http in \
                 config.toml",
                "api.example.com:443 is not granted: give --allow 'api.example.com:443'",
            ),
            (
                "POST a:80/x is outside what is granted for that host, \"a/y\": add \"POST a:80/x\" to \
                 channels.x.grant.http in \
                 config.toml (the guest: no)",
                "POST a:80/x is outside what is granted for that host, \"a/y\": give --allow 'POST a:80/x'",
            ),
            (
                "`a.b` may not be emitted: add \"a.b\" to channels.x.grant.emit in config.toml",
                "`a.b` may not be emitted: give --emit 'a.b'",
            ),
            (
                "no folder is granted: add one to channels.x.grant.files in config.toml (the guest: x)",
                "no folder is granted: give --folder HOST:GUEST",
            ),
            (
                "smtp.example.com may not be looked up: add \"smtp.example.com:<port>\" to channels.x.grant.tcp in \
                 config.toml",
                "smtp.example.com may not be looked up: give --tcp 'smtp.example.com:<port>'",
            ),
            (
                "10.0.0.1 is not a public address: set channels.x.grant.private_network = true in config.toml (the \
                 guest: y)",
                "10.0.0.1 is not a public address: give --private-network",
            ),
            (
                "the attempt was not done within 10s: see channels.x.timeout in config.toml",
                "the attempt was not done within 10s: raise it with --timeout",
            ),
            (
                "the guest needed more than its 64 KiB: see channels.x.memory in config.toml (wasm trap)",
                "the guest needed more than its 64 KiB: raise it with --memory",
            ),
            (
                "`channels.x.settings.url` is missing: set it in the daemon's config",
                "the setting `url` is missing: give --set url=VALUE",
            ),
            ("`channels.x.settings.n` is `a`; it must be a number", "the setting `n` is `a`; it must be a number"),
            (
                "channels.x.settings.url refers to `${secrets.a}`, and there is no such secret: add it to \
                 channels.x.secrets",
                "the setting `url` refers to `${secrets.a}`, and there is no such secret: take it from a \
                 configuration with --config and --channel",
            ),
            (
                "channels.x.grant.files: out is not a folder that can be opened: no",
                "--folder: out is not a folder that can be opened: no",
            ),
            (
                "there is no template `x`: add [templates.x] to the configuration",
                "there is no template `x`: give a configuration that has it with --config",
            ),
            ("anything: add salt", "anything: add salt"),
            ("see channels.x", "see channels.x"),
        ] {
            assert_eq!(own_words(said, false), want);
        }
    }

    #[test]
    fn who_has_named_a_configuration_is_told_what_of_it_is_not_used() {
        let missing = "`channels.x.settings.url` is missing: set it in the daemon's config";
        let want = "the setting `url` is missing: give --set url=VALUE, or take a channel's settings with --channel";
        assert_eq!(own_words(missing, true), want);
        let no_template = "there is no template `x`: add [templates.x] to the configuration";
        assert_eq!(own_words(no_template, true), no_template);
    }

    #[test]
    fn a_fact_is_shown_without_the_advice() {
        assert_eq!(fact("a is not granted: give --allow 'a'"), "a is not granted");
        assert_eq!(fact("a refused the connection"), "a refused the connection");
    }
}
