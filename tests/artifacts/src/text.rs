//! Guests written as text, where each instruction counts.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Makes a component from a core module in the text format, and from the imports and exports of its world in WIT. Known
/// are our own interfaces and the few of WASI below.
///
/// # Panics
/// One of the two is not valid.
#[must_use]
#[allow(clippy::expect_used, reason = "a test that is written wrong should panic")]
pub fn component(module: &str, world: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    for wit in WASI {
        resolve.push_str("wasi.wit", wit).expect("WASI's part of the text");
    }
    resolve.push_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit/0.1.0")).expect("the project's own WIT");
    let world = format!("package fanfare:text; world text {{ {world} }}");
    let package = resolve.push_str("text.wit", &world).expect("the world");
    let world = resolve.select_world(&[package], Some("text")).expect("its only world");
    let mut module = wat::parse_str(module).expect("the module's text");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("the module's metadata");
    let encoder = ComponentEncoder::default().validate(true).module(&module);
    encoder.expect("a module of that world").encode().expect("a component")
}

const WASI: [&str; 6] = [
    "package wasi:http@0.2.0;
     interface types { resource incoming-request; resource response-outparam; }
     interface incoming-handler {
         use types.{incoming-request, response-outparam};
         handle: func(request: incoming-request, response-out: response-outparam);
     }",
    "package wasi:cli@0.2.0; interface run { run: func() -> result; }",
    "package wasi:random@0.2.0; interface random { get-random-bytes: func(len: u64) -> list<u8>; }",
    "package wasi:config@0.2.0-rc.1;
     interface store {
         variant error { upstream(string), io(string) }
         get: func(key: string) -> result<option<string>, error>;
         get-all: func() -> result<list<tuple<string, string>>, error>;
     }",
    "package wasi:config@0.2.0-draft-2024-09-27;
     interface store {
         variant error { upstream(string), io(string) }
         get: func(key: string) -> result<option<string>, error>;
         get-all: func() -> result<list<tuple<string, string>>, error>;
     }",
    "package wasi:config@0.2.0-draft;
     interface store {
         variant error { upstream(string), io(string) }
         get: func(key: string) -> result<option<string>, error>;
         get-all: func() -> result<list<tuple<string, string>>, error>;
     }
     interface runtime {
         variant config-error { upstream(string), io(string) }
         get: func(key: string) -> result<option<string>, config-error>;
         get-all: func() -> result<list<tuple<string, string>>, config-error>;
     }",
];
