//! A channel built with the SDK's feature `lean` that uses what the feature replaces. The setting `mode` says what:
//!
//! | mode | does |
//! |---|---|
//! | `print` | prints lines to both standard streams, the last without an end, and fails |
//! | `panic` | prints the start of a line, and panics |
//! | `ask` | is delivered, with what it sees of the environment as the receipt |
//! | `write` | writes to a file in the folder `/audit` |

use std::{env, fs};

use fanfare_plugin_sdk::{Channel, Delivery, Failure, Receipt, export_channel, json, setting};

struct Lean;

export_channel!(Lean);

impl Channel for Lean {
    fn deliver(delivery: &Delivery) -> Result<Receipt, Failure> {
        match setting("mode").as_deref() {
            Some("print") => {
                println!("one {}", 1);
                eprintln!("oops: {}", delivery.channel);
                eprint!("and the ");
                eprint!("rest");
                Err(Failure::retry("on_purpose", "failed on purpose"))
            }
            Some("panic") => {
                eprint!("half a line");
                panic!("on purpose")
            }
            Some("ask") => {
                let folder = env::current_dir().map_err(|error| Failure::reject("io", error.to_string()))?;
                Ok(json!({ "home": env::var_os("HOME").is_some(), "folder": folder }).into())
            }
            Some("write") => {
                fs::write("/audit/a.txt", "record").map_err(|error| Failure::reject("io", error.to_string()))?;
                Ok(Receipt::none())
            }
            mode => Err(Failure::reject("mode", format!("no such mode: {mode:?}"))),
        }
    }
}
