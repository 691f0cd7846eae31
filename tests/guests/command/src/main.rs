//! An ordinary program that reads an event from standard input and knows nothing else of Fanfare. The setting `mode`,
//! which it gets as a variable, says what it does.

use std::{
    env,
    io::{Read as _, Write as _},
    process::ExitCode,
};

use serde_json::{Value, json};

fn main() -> ExitCode {
    let mode = env::var("FANFARE_SETTING_MODE").unwrap_or_default();
    match mode.as_str() {
        "" | "echo" => {
            let mut event = String::new();
            if let Err(error) = std::io::stdin().read_to_string(&mut event) {
                eprintln!("standard input: {error}");
                return ExitCode::FAILURE;
            }
            let event: Value = serde_json::from_str(&event).unwrap_or(Value::Null);
            let variables: serde_json::Map<_, _> = env::vars().map(|(name, value)| (name, value.into())).collect();
            println!("a line that is not an answer");
            println!("{{\"an object\": \"that another follows\"}}");
            println!("{}", json!({ "event": event, "variables": variables, "arguments": env::args().count() }));
            ExitCode::SUCCESS
        }
        "silent" => ExitCode::SUCCESS,
        "exit" => {
            eprintln!("cannot go on");
            ExitCode::from(3)
        }
        "std-exit" => std::process::exit(0),
        "say" => {
            println!("{}", env::var("FANFARE_SETTING_SAY").unwrap_or_default());
            ExitCode::FAILURE
        }
        "panic" => panic!("on purpose"),
        "spin" => loop {
            std::hint::black_box(());
        },
        "flood" => loop {
            // One line that never ends.
            drop(std::io::stdout().write_all(&[b'x'; 4096]));
        },
        "read" => match std::fs::read_to_string(env::var("FANFARE_SETTING_PATH").unwrap_or_default()) {
            Ok(content) => {
                println!("{}", json!({ "content": content }));
                ExitCode::SUCCESS
            }
            Err(error) => {
                println!("{}", json!({ "disposition": "reject", "code": "io", "message": error.to_string() }));
                ExitCode::FAILURE
            }
        },
        other => {
            eprintln!("no such mode: {other}");
            ExitCode::FAILURE
        }
    }
}
