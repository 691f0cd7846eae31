//! A channel that does what its setting `mode` says, mostly harm. Every parameter is a separate setting, which an event
//! can override with the data `{"hostile": {…}}`. `then` names a mode to run after the first one has succeeded:
//! `mode = "state-incr"`, `then = "panic"`.
//!
//! | mode | parameters | does |
//! |---|---|---|
//! | `echo` (default) | | the receipt is the delivery and the settings |
//! | `fail` | `disposition` `code` `message` `delay_ms` | fails like this |
//! | `fail-until` | `attempts`, and those of `fail` | fails up to and including that attempt |
//! | `spin` | | uses fuel forever |
//! | `spin-hostcalls` | | the same, mostly in host calls |
//! | `sleep` | `ms` | blocks in a host call |
//! | `memory` | | allocates until that fails, then aborts |
//! | `memory-small-grows` | | grows page by page until that fails; the receipt counts the pages |
//! | `recursion` | | overflows its stack |
//! | `deep-json` | `depth` (127) | parses JSON with that many levels |
//! | `trap` `panic` `exit` | `message`, `status` | ends without a result |
//! | `log-flood` `stderr-flood` `stdout-flood` | `lines` (100,000), `bytes` (64) | prints that many lines |
//! | `big-receipt` `big-failure` | `bytes` (16 MiB) | returns that much |
//! | `bad-receipt` | `receipt` (`not json`) | a receipt that is not a JSON object |
//! | `count` | | the receipt counts the attempts of this instance |
//! | `count-fail` `count-panic` `count-spin` `count-sleep` | `ms` | the same, but every second attempt ends like this |
//! | `secret-header` | `url` | sends what it reads under `token` as a header |
//! | `forged-secret` | `url` | the same with a forged placeholder |
//! | `http` | `url` `method` `body` `times` | sends; the receipt is the last response |
//! | `http` | those, and `describe` = `size` | the same, with the size of the body instead of the body |
//! | `header-flood` | `url` `count` (10,000) | sends that many headers |
//! | `tcp` | `address` `times` | connects, and keeps that many connections open; the receipt counts them |
//! | `resolve` | `address` `times` | looks a name up that often; the receipt counts what succeeded |
//! | `listen` `udp` | `address` | listens there; opens a UDP socket there |
//! | `state-incr` `state-set` `state-get` `state-delete` | `key` `by` `value` `ttl` | the receipt is the result |
//! | `state-flood` | `count` (100,000), `bytes` (64) | that many writes |
//! | `emit` | `type` `times` | emits that many events of that type; the receipt lists their ids |
//! | `tally` | `type` `fails` | increments `n` in the state, emits an event of that type unless its event was emitted |
//! | | | itself, and then fails in `fails` of a hundred attempts |
//! | `metrics` | `name` `value` | one counter, one gauge, one histogram |
//! | `metrics-flood` | `count` (100,000) | that many time series |
//! | `read-file` `write-file` `list-files` | `path` `content` | the receipt is what was read or written |
//! | `open-files` | `path` `count` (5,000) | opens the file that often without closing it; the receipt is how often |
//! | `recipient` | | the receipt is the event's recipient |
//! | `template` | `template` `times` | renders it that often; the receipt is the result, or its error with `ignore` |
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
        "listen" => reach::listen(params)?,
        "udp" => reach::udp(params)?,
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
