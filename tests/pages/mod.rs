//! The documentation's commands, run as a reader would type them, and their output compared with what the page shows.
//!
//! Every ```` ```sh ```` block of a page is run, in order, in a fresh folder. The line above it may be `<!-- stays
//! running -->`, for a command that a reader leaves running in another terminal, or `<!-- not run: the reason -->`;
//! each test says how many of the latter its page has. A ```` ```text ```` or ```` ```json ```` block directly below is
//! the expected output: see `shown`.

mod links;
mod page;
mod shown;
mod terminal;

use page::{Run, Shown};
use terminal::Terminal;

use crate::support::{daemon::fanfare, until};

#[tokio::test]
async fn the_commands_of_the_readme_do_what_it_shows() {
    check("README.md", include_str!("../../README.md"), 2).await;
}

/// But for its own channels, which `tests/languages` builds.
#[tokio::test]
async fn the_commands_of_the_tutorial_do_what_it_shows() {
    check("docs/tutorial.md", include_str!("../../docs/tutorial.md"), 2).await;
}

#[tokio::test]
async fn the_commands_of_the_guide_on_delivering_do_what_it_shows() {
    check("docs/howto/deliver.md", include_str!("../../docs/howto/deliver.md"), 0).await;
}

#[tokio::test]
async fn the_commands_of_the_guide_on_policies_do_what_it_shows() {
    check("docs/howto/shape.md", include_str!("../../docs/howto/shape.md"), 0).await;
}

#[tokio::test]
async fn the_commands_of_the_guide_to_production_do_what_it_shows() {
    check("docs/howto/production.md", include_str!("../../docs/howto/production.md"), 0).await;
}

#[tokio::test]
async fn the_commands_of_the_guide_on_upgrades_do_what_it_shows() {
    check("docs/upgrade.md", include_str!("../../docs/upgrade.md"), 1).await;
}

#[tokio::test]
async fn the_commands_of_the_page_on_http_do_what_it_shows() {
    check("docs/http.md", include_str!("../../docs/http.md"), 0).await;
}

#[tokio::test]
async fn the_commands_of_the_page_on_configuration_do_what_it_shows() {
    check("docs/config.md", include_str!("../../docs/config.md"), 0).await;
}

#[tokio::test]
async fn the_commands_of_the_page_on_access_do_what_it_shows() {
    check("docs/access.md", include_str!("../../docs/access.md"), 2).await;
}

#[tokio::test]
async fn the_commands_of_the_page_on_policies_do_what_it_shows() {
    check("docs/policies.md", include_str!("../../docs/policies.md"), 0).await;
}

#[tokio::test]
async fn the_commands_of_the_page_on_system_events_do_what_it_shows() {
    check("docs/system-events.md", include_str!("../../docs/system-events.md"), 0).await;
}

#[tokio::test]
async fn the_commands_of_the_page_on_recipients_do_what_it_shows() {
    check("docs/recipients.md", include_str!("../../docs/recipients.md"), 0).await;
}

#[tokio::test]
async fn the_commands_of_the_page_on_templates_do_what_it_shows() {
    check("docs/templates.md", include_str!("../../docs/templates.md"), 0).await;
}

#[tokio::test]
async fn the_commands_of_the_page_on_schemas_do_what_it_shows() {
    check("docs/schemas.md", include_str!("../../docs/schemas.md"), 1).await;
}

#[tokio::test]
async fn the_commands_of_the_page_on_stages_do_what_it_shows() {
    check("docs/stages.md", include_str!("../../docs/stages.md"), 0).await;
}

/// Except for the plugin, which has to be built first.
#[tokio::test]
async fn the_configuration_by_example_is_valid() {
    let page = include_str!("../../docs/config.md");
    let (_, rest) = page.split_once("```toml\n[server]").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("config.toml"), format!("[server]{example}")).unwrap();
    let mut check = fanfare();
    check
        .env("SLACK_URL", "https://hooks.slack.com/services/x")
        .env("WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let output = check.args(["check", "--json"]).current_dir(dir.path()).output().await.unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let problems =
        report["problems"].as_array().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(problems.len(), 1, "{report:#}");
    assert!(problems[0].as_str().unwrap().contains("there is no slack.wasm"), "{report:#}");
}

/// In the example's folder, with its plugins.
#[tokio::test]
async fn the_saga_does_what_its_page_shows() {
    let terminal = Terminal::new();
    terminal.bring("config.toml", include_str!("../../docs/examples/saga/config.toml"));
    terminal.bring("run", include_str!("../../docs/examples/saga/run"));
    terminal.install("inventory", fanfare_artifacts::inventory());
    terminal.install("payment", fanfare_artifacts::payment());
    check_in(terminal, "docs/examples/saga/README.md", include_str!("../../docs/examples/saga/README.md"), 1).await;
}

#[tokio::test]
async fn the_alerts_do_what_their_page_shows() {
    let terminal = Terminal::new();
    terminal.bring("config.toml", include_str!("../../docs/examples/alerts/config.toml"));
    terminal.bring("run", include_str!("../../docs/examples/alerts/run"));
    check_in(terminal, "docs/examples/alerts/README.md", include_str!("../../docs/examples/alerts/README.md"), 0).await;
}

#[tokio::test]
async fn notify_does_what_its_page_shows() {
    // Carla's quiet hours leave out one minute of the day.
    #[allow(clippy::disallowed_methods, reason = "the daemon goes by the machine's clock")]
    let is_carlas_minute = || jiff::Timestamp::now().as_second() % 86_400 < 60;
    while is_carlas_minute() {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    let terminal = Terminal::new();
    terminal.bring("config.toml", include_str!("../../docs/examples/notify/config.toml"));
    terminal.bring("recipients.toml", include_str!("../../docs/examples/notify/recipients.toml"));
    terminal.bring("texts/mail.json", include_str!("../../docs/examples/notify/texts/mail.json"));
    terminal.bring("texts/mail.de.json", include_str!("../../docs/examples/notify/texts/mail.de.json"));
    terminal.bring("run", include_str!("../../docs/examples/notify/run"));
    check_in(terminal, "docs/examples/notify/README.md", include_str!("../../docs/examples/notify/README.md"), 0).await;
}

/// `skipped` is how many blocks of the page are not run.
async fn check(name: &str, text: &str, skipped: usize) {
    check_in(Terminal::new(), name, text, skipped).await;
}

async fn check_in(mut terminal: Terminal, name: &str, text: &str, skipped: usize) {
    let blocks = page::blocks(text).unwrap_or_else(|wrong| panic!("{name}:{wrong}"));
    let (mut run, mut not_run) = (0, 0);
    for block in blocks {
        let at = format!("{name}:{}", block.line);
        match block.run {
            Run::Not => {
                not_run += 1;
                continue;
            }
            Run::ToItsEnd => {
                let printed = terminal.run(&block.script).await.unwrap_or_else(|wrong| panic!("{at}: {wrong}"));
                if let Some(wanted) = block.shown {
                    compare(&wanted, &printed)
                        .unwrap_or_else(|wrong| panic!("{at}: {wrong}\n\nIt printed:\n{printed}"));
                }
            }
            Run::Stays => {
                let Some(wanted) = block.shown else { panic!("{at}: it must show what it prints once it is ready") };
                let mut started = terminal.start(&block.script);
                let ready = || {
                    let wrong = compare(&wanted, &started.printed()).err();
                    assert!(
                        wrong.is_none() || !started.has_ended(),
                        "{at}: it ended. {wrong:?}\n\nIt printed:\n{}",
                        started.printed()
                    );
                    std::future::ready(wrong.is_none().then_some(()))
                };
                until(&format!("{at} to print what it shows"), ready).await;
                terminal.keep(started);
            }
        }
        run += 1;
    }
    assert!(run > 0, "{name} has commands");
    assert_eq!(not_run, skipped, "{name}: the number of blocks that are marked as not run");
}

fn compare(wanted: &Shown, printed: &str) -> Result<(), String> {
    match wanted {
        Shown::Text(wanted) => shown::text(wanted, printed),
        Shown::Json(wanted) => shown::json(wanted, printed),
    }
}
