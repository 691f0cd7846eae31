//! The examples of docs/http.md. A test runs every command on that page, so each example is what is really sent and
//! returned.

use serde_json::Value;

const PAGE: &str = include_str!("../../../../docs/http.md");

/// The example of one call. `None` where the page shortens it.
#[derive(Default)]
pub(super) struct Examples {
    pub(super) request: Option<Value>,
    pub(super) answer: Option<Value>,
}

/// The examples in the section of a call.
pub(super) fn of(method: &str, path: &str) -> Examples {
    let heading = format!("\n### `{method} {path}`\n");
    let Some((_, rest)) = PAGE.split_once(&heading) else { return Examples::default() };
    let section = rest.split("\n##").next().unwrap_or_default();
    // A section may make other calls first, to create what its own call needs.
    let calls = section.split("curl ").filter(|call| path.split(['{', '}']).step_by(2).all(|part| call.contains(part)));
    let request =
        calls.filter_map(|call| call.split_once("-d '")).find_map(|(_, body)| whole(body.split('\'').next()?));
    let answer = section.split_once("```json\n").and_then(|(_, rest)| whole(rest.split("```").next()?));
    Examples { request, answer: answer.filter(|answer| !is_problem(answer)) }
}

/// One complete JSON value.
fn whole(text: &str) -> Option<Value> {
    if text.contains('…') { None } else { serde_json::from_str(text).ok() }
}

fn is_problem(answer: &Value) -> bool {
    answer["type"].as_str().is_some_and(|ty| ty.starts_with("urn:fanfare:problem:"))
}
