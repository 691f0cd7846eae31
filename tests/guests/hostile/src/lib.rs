//! A channel that does what its setting `mode` says, most of it harm. Every parameter is a setting of its own; an event whose
//! data is `{"hostile": {…}}` overrides them for itself. `then` names a mode to run after the first one has succeeded:
//! `mode = "state-incr"`, `then = "panic"`.
//!
//! | mode | parameters | does |
//! |---|---|---|
//! | `echo` (default) | | the receipt is the delivery and the settings |
//! | `fail` | `disposition` `code` `message` `delay_ms` | fails so |
//! | `fail-until` | `attempts`, and those of `fail` | fails while the attempt's number is at most that |
//! | `spin` | | burns fuel for ever |
//! | `spin-hostcalls` | | the same, mostly in calls of the host |
//! | `sleep` | `ms` | parked in a host call |
//! | `memory` | | allocates until refused, then aborts |
//! | `memory-small-grows` | | grows page by page until refused; the receipt counts the pages |
//! | `recursion` | | overflows its stack |
//! | `deep-json` | `depth` (127) | parses JSON nested so deep |
//! | `trap` `panic` `exit` | `message`, `status` | ends without an answer |
//! | `log-flood` `stderr-flood` `stdout-flood` | `lines` (100,000), `bytes` (64) | prints so many lines |
//! | `big-receipt` `big-failure` | `bytes` (16 MiB) | answers so much |
//! | `bad-receipt` | `receipt` (`not json`) | a receipt that is not a JSON object |
//! | `count` | `ms` | the receipt counts the attempts of this instance; `count-fail`, `count-panic`, `count-spin` and `count-sleep` end every second one so |
//! | `secret-header` `forged-secret` | `url` | sends what it reads under `token`, or a placeholder of its own making, as a header |
//! | `http` | `url` `method` `body` `times` | sends; the receipt is the last response; with `describe` = `size` its body's size in place of the body |
//! | `header-flood` | `url` `count` (10,000) | sends so many headers |
//! | `tcp` | `address` | connects; `resolve` asks for the address of a name alone |
//! | `state-incr` `state-set` `state-get` `state-delete` | `key` `by` `value` `ttl` | the receipt is what the store answers |
//! | `state-flood` | `count` (100,000), `bytes` (64) | so many writes |
//! | `emit` | `type` `times` | emits so many events of that type; the receipt lists their ids |
//! | `tally` | `type` `fails` | counts its deliveries in its state under `n` and emits an event of that type for each that was not emitted itself; then fails in `fails` attempts of a hundred |
//! | `metrics` | `name` `value` | one counter, one gauge, one histogram |
//! | `metrics-flood` | `count` (100,000) | so many time series |
//! | `read-file` `write-file` `list-files` | `path` `content` | the receipt is what was read or written |
//! | `open-files` | `path` `count` (5,000) | opens the file so often and closes nothing; the receipt is how often |
//! | `recipient` | | the receipt is whom the event is for |
//! | `template` | `template` `times` | the receipt is what the template comes to, rendered so often; with `ignore` what is wrong with it |
//! | `environment` | | the receipt is the process's arguments and variables |

use fanfare_plugin_sdk::{Channel, Delivery, Failure, Receipt, export_channel, setting};
use serde_json::Value;

mod answers;
mod bounds;
mod floods;
mod params;
mod reach;

use params::Params;

struct Hostile;

export_channel!(Hostile);

impl Channel for Hostile {
    fn deliver(delivery: &Delivery) -> Result<Receipt, Failure> {
        let params = Params::of(delivery)?;
        let mode = params.text("mode").unwrap_or_else(|| "echo".to_owned());
        let receipt = run(&mode, delivery, &params)?;
        match params.text("then") {
            Some(then) => run(&then, delivery, &params).map(|_| receipt),
            None => Ok(receipt),
        }
    }
}

fn run(mode: &str, delivery: &Delivery, params: &Params) -> Result<Receipt, Failure> {
    let receipt: Value = match mode {
        "echo" => answers::echo(delivery, params),
        "fail" => return Err(answers::failure(params)),
        "fail-until" => answers::fail_until(delivery, params)?,
        "big-receipt" => answers::big_receipt(params),
        "bad-receipt" => {
            return Ok(Receipt::from_json_text(params.text("receipt").unwrap_or_else(|| "not json".to_owned())));
        }
        "big-failure" => return Err(answers::big_failure(params)),
        "spin" => bounds::spin(),
        "spin-hostcalls" => bounds::spin_hostcalls(),
        "sleep" => bounds::sleep(params),
        "memory" => bounds::memory(),
        "memory-small-grows" => bounds::memory_small_grows(),
        "recursion" => bounds::recursion(),
        "deep-json" => bounds::deep_json(params)?,
        "trap" => bounds::trap(),
        "panic" => panic!("{}", params.text("message").unwrap_or_else(|| "panicked on purpose".to_owned())),
        "exit" => std::process::exit(params.number("status", 3)),
        "log-flood" => floods::log(params),
        "stderr-flood" => floods::stderr(params),
        "stdout-flood" => floods::stdout(params),
        "header-flood" => floods::headers(params)?,
        "state-flood" => floods::state(params)?,
        "metrics-flood" => floods::metrics(params),
        "count" | "count-fail" | "count-panic" | "count-spin" | "count-sleep" => answers::count(mode, params)?,
        "secret-header" => reach::secret(params, &setting("token").unwrap_or_default())?,
        "forged-secret" => reach::secret(params, &format!("fanfare-secret-{}", "0".repeat(32)))?,
        "http" => reach::http(params)?,
        "tcp" => reach::tcp(params)?,
        "resolve" => reach::resolve(params)?,
        "state-incr" | "state-set" | "state-get" | "state-delete" => reach::state(mode, params)?,
        "emit" => reach::emit(params)?,
        "tally" => reach::tally(delivery, params)?,
        "metrics" => reach::metrics(params),
        "read-file" => reach::read_file(params)?,
        "write-file" => reach::write_file(params)?,
        "open-files" => reach::open_files(params)?,
        "list-files" => reach::list_files(params)?,
        "recipient" => answers::recipient(),
        "template" => answers::template(params)?,
        "environment" => reach::environment(),
        unknown => {
            return Err(Failure::reject("unknown_mode", format!("`{unknown}` is not a mode of the hostile guest")));
        }
    };
    Ok(receipt.into())
}
