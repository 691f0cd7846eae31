use clap::CommandFactory as _;

use super::*;

#[test]
fn the_definition_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn invocations_are_accepted_or_rejected_as_documented() {
    let good = [
        "serve",
        "serve --config other.toml --no-watch --log-format json --log-level debug",
        "demo",
        "demo --once --json",
        "init",
        "init some/dir --force",
        "init --systemd",
        "check --config other.toml --json",
        "send --type a.b",
        "--json send --type a --data {\"a\":1} --message m --severity info --tag x --tag y --source /s --id 1 \
         --subject z",
        "send --type a --wait 10s",
        "send --file - --async --url http://localhost:1",
        "events show some-id --source /x --json",
        "status",
        "status --strict",
        "top --once --interval 100ms --sort pending --filter x",
        "channel add --list",
        "channels add slack --as team --set url=env:X --set fields=[\"a\"] --print --config other.toml",
        "channel add team --plugin slack",
        "completions bash",
        "completions zsh",
        "completions fish",
        "listen --port 0 --path /x --secret whsec_a --secret whsec_b --fail-first 3 --status 410 --delay 200ms",
    ];
    for line in good {
        let parsed = Cli::try_parse_from(["fanfare"].into_iter().chain(line.split(' ')));
        assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
    }
    let bad = [
        "",
        "srve",
        "serve --url http://localhost:1",
        "send",
        "send --type a --file -",
        "send --type a --data nojson",
        "send --type a --async --wait 1s",
        "send --type a --wait 10",
        "events",
        "events show",
        "completions",
        "completions tcsh",
        "listen --status 99",
        "listen --path hook",
        "listen --port 70000",
        "listen --delay soon",
        "status --log-format xml",
        "top --interval 1ms",
        "top --sort size",
        "channel add",
        "channel add slack --list",
        "channel add slack --set url",
        "channel add slack --as a --plugin b",
    ];
    for line in bad {
        let words = line.split(' ').filter(|word| !word.is_empty());
        let error = Cli::try_parse_from(["fanfare"].into_iter().chain(words)).map(drop).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{line}");
    }
}

#[test]
fn json_can_be_before_or_after_the_command() {
    for line in [["fanfare", "--json", "status"], ["fanfare", "status", "--json"]] {
        assert!(Cli::try_parse_from(line).unwrap().json);
    }
}

#[test]
fn a_failure_has_its_kind_and_its_exit_code() {
    let problem = failure::ProblemDetails {
        title: "Invalid event".to_owned(),
        detail: "2 members are wrong".to_owned(),
        status: 422,
        errors: vec![fanfare_core::FieldError { pointer: "/type".to_owned(), detail: "is missing".to_owned() }],
        ..failure::ProblemDetails::default()
    };
    let advice = super::client::advice(None);
    let unreachable =
        Failure::Unreachable { url: "http://x".to_owned(), reason: "Connection refused".to_owned(), advice };
    let cases = [
        (Failure::usage("wrong", "do this"), 2, "usage", "error: wrong\n       do this\n"),
        (Failure::Failed(anyhow::anyhow!("a").context("b")), 1, "failed", "error: b: a\n"),
        (Failure::Refused(Box::new(problem)), 1, "refused", "error: Invalid event\n  type  is missing\n"),
        (
            unreachable,
            3,
            "unreachable",
            "error: no response from http://x: Connection refused\n       \
             is the daemon running? start it with `fanfare serve`, or use --url for another address\n",
        ),
    ];
    for (failure, code, kind, text) in cases {
        assert_eq!(failure.code(), code);
        assert_eq!(failure.json().unwrap()["error"]["kind"], kind);
        assert_eq!(anstream::adapter::strip_str(&failure.text(false, false).unwrap()).to_string(), text);
    }
    assert!(Failure::Reported.json().is_none() && Failure::Reported.text(false, false).is_none());
}

#[test]
fn a_closed_pipe_is_not_reported() {
    let closed = Failure::from(std::io::Error::from(std::io::ErrorKind::BrokenPipe));
    assert!(matches!(closed, Failure::Reported));
}

#[test]
fn every_class_of_failure_is_documented() {
    let page = include_str!("../../../../docs/troubleshooting.md");
    for class in fanfare_core::Class::ALL {
        assert!(page.contains(&format!("| `{class}` |")), "docs/troubleshooting.md does not explain `{class}`");
    }
}
