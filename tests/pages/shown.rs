//! Whether a command printed what its page shows.
//!
//! Ids, digests, times and measured numbers differ from run to run. Any of them matches any other of its kind, so that
//! a page can show real ones. `…` matches what the page leaves out: any text within a line, any lines if it is alone on
//! a line, any value as a string in JSON, and any more members or entries at the end of an object or a list.
//!
//! Lines of the daemon's log are not compared, because they depend on the speed of the machine.

use std::sync::LazyLock;

use regex::{NoExpand, Regex};
use serde_json::Value;

const LEFT_OUT: &str = "…";

/// Whole numbers that are measured. Numbers with a fraction always are.
const MEASURED: [&str; 5] = ["fuel", "memory", "payload_bytes", "size", "uptime_seconds"];

static VARYING: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
        (r"\b\d\d:\d\d:\d\d\.\d{3}\b", "<time of day>"),
        (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<uuid>"),
        (r"\b(dlv|log|aud)_[0-9a-f]{32}_\d+", "<id>"),
        (r"\b([0-9a-f]{64}|[0-9a-f]{16})\b", "<digest>"),
        (r"\b\d+(\.\d+)? (ms|s)\b", "<duration>"),
        (r" +", " "),
    ]
    .map(|(pattern, name)| (Regex::new(pattern).unwrap(), name))
    .into()
});

/// A line of the daemon's log.
static LOGGED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\d{4}-\d\d-\d\dT[0-9:.]+Z +(ERROR|WARN|INFO|DEBUG|TRACE) ").unwrap());

/// # Errors
/// The first line that was not printed.
pub fn text(wanted: &str, printed: &str) -> Result<(), String> {
    let wanted: Vec<_> = wanted.trim_end().lines().collect();
    let printed: Vec<_> = printed.trim_end().lines().filter(|line| !LOGGED.is_match(line)).collect();
    let mut furthest = 0;
    if lines(&wanted, &printed, 0, &mut furthest) {
        return Ok(());
    }
    Err(match wanted.get(furthest) {
        Some(line) => format!("this line, and what follows it, was not printed:\n{line}"),
        None => "more was printed than is shown".to_owned(),
    })
}

fn lines(wanted: &[&str], printed: &[&str], at: usize, furthest: &mut usize) -> bool {
    *furthest = at.max(*furthest);
    match (wanted.split_first(), printed.split_first()) {
        (None, rest) => rest.is_none(),
        (Some((&LEFT_OUT, after)), rest) => {
            lines(after, printed, at + 1, furthest)
                || rest.is_some_and(|(_, others)| lines(wanted, others, at, furthest))
        }
        (Some(_), None) => false,
        (Some((line, after)), Some((other, others))) => string(line, other) && lines(after, others, at + 1, furthest),
    }
}

/// # Errors
/// Where they differ, and how.
pub fn json(wanted: &str, printed: &str) -> Result<(), String> {
    let wanted = values(wanted).map_err(|error| format!("what is shown is not valid JSON: {error}"))?;
    let printed = values(printed).map_err(|error| format!("what was printed is not valid JSON: {error}"))?;
    if wanted.len() != printed.len() {
        return Err(format!("{} values are shown, {} were printed", wanted.len(), printed.len()));
    }
    wanted.iter().zip(&printed).try_for_each(|(wanted, printed)| value("", wanted, printed))
}

fn values(text: &str) -> serde_json::Result<Vec<Value>> {
    serde_json::Deserializer::from_str(text).into_iter().collect()
}

fn value(at: &str, wanted: &Value, printed: &Value) -> Result<(), String> {
    match (wanted, printed) {
        (Value::String(wanted), _) if wanted == LEFT_OUT => Ok(()),
        (Value::String(wanted), Value::String(printed)) if string(wanted, printed) => Ok(()),
        (Value::Number(wanted), Value::Number(_)) if wanted.is_f64() || is_measured(at) => Ok(()),
        (Value::Object(wanted), Value::Object(printed)) => {
            for (name, wanted) in wanted.iter().filter(|(name, _)| *name != LEFT_OUT) {
                let printed = printed.get(name).ok_or_else(|| format!("{at}/{name} was not printed"))?;
                value(&format!("{at}/{name}"), wanted, printed)?;
            }
            match printed.keys().find(|name| !wanted.contains_key(*name)) {
                Some(name) if !wanted.contains_key(LEFT_OUT) => Err(format!("{at}/{name} is not shown")),
                _ => Ok(()),
            }
        }
        (Value::Array(wanted), Value::Array(printed)) => {
            let (wanted, more) = match wanted.split_last() {
                Some((last, before)) if *last == LEFT_OUT => (before, true),
                _ => (wanted.as_slice(), false),
            };
            if printed.len() < wanted.len() || (printed.len() > wanted.len() && !more) {
                return Err(format!("{at}: {} entries are shown, {} were printed", wanted.len(), printed.len()));
            }
            let mut pairs = wanted.iter().zip(printed).enumerate();
            pairs.try_for_each(|(index, (wanted, printed))| value(&format!("{at}/{index}"), wanted, printed))
        }
        _ if wanted == printed => Ok(()),
        _ => Err(format!("{at}: {wanted} is shown, {printed} was printed")),
    }
}

fn is_measured(at: &str) -> bool {
    at.rsplit('/').next().is_some_and(|name| MEASURED.contains(&name))
}

/// Compares a line, or a string of JSON: literally, or with everything that varies replaced by its kind.
fn string(wanted: &str, printed: &str) -> bool {
    like(wanted, printed) || like(&named(wanted), &named(printed))
}

fn named(text: &str) -> String {
    VARYING.iter().fold(text.trim_end().to_owned(), |text, (pattern, name)| {
        pattern.replace_all(&text, NoExpand(name)).into_owned()
    })
}

fn like(wanted: &str, printed: &str) -> bool {
    let pattern: Vec<_> = wanted.split(LEFT_OUT).map(regex::escape).collect();
    Regex::new(&format!("^{}$", pattern.join(".*"))).is_ok_and(|pattern| pattern.is_match(printed))
}

#[test]
fn text_is_compared_line_by_line() {
    for (wanted, printed) in [
        ("a\nb\n", "a\nb"),
        ("…\nb", "a\na\nb"),
        ("…\nb", "b"),
        ("a\n…", "a\nb\nc"),
        ("a … c", "a b c"),
        ("a\nb", "a\n2026-11-21T22:54:54.767557Z  WARN fanfare::app: plugins are being compiled\nb"),
        ("at 2026-11-20T10:30:00Z took 2.0 ms", "at 2027-01-01T00:00:00.123456Z took   12 ms"),
        ("dlv_01a2001e578b71528a299b7156176210_4 {}", "dlv_01b2001e578b71528a299b7156176210_1 {}"),
    ] {
        assert_eq!(text(wanted, printed), Ok(()), "{wanted:?} {printed:?}");
    }
    for (wanted, printed) in
        [("a", "b"), ("a", "a\nb"), ("a\nb", "a"), ("a … c", "a b"), ("…\nb", "a"), ("4 ms", "4 mb")]
    {
        assert!(text(wanted, printed).is_err(), "{wanted:?} {printed:?}");
    }
}

#[test]
fn json_is_compared_value_by_value() {
    for (wanted, printed) in [
        (r#"{"a": 1, "b": [1, 2]}"#, r#"{"b":[1,2],"a":1}"#),
        (r#"{"a": 1, "…": "…"}"#, r#"{"a":1,"b":2}"#),
        (r#"{"a": "…", "b": ["…"]}"#, r#"{"a":{},"b":[]}"#),
        (r#"{"duration_ms": 0.4, "fuel": 1}"#, r#"{"duration_ms":7.25,"fuel":900}"#),
        (r#"[1, "…"]"#, "[1,2,3]"),
        (r#"["log_…"]"#, r#"["log_01b2001e578b71528a299b7156176210_1"]"#),
        ("1\n2", "1 2"),
    ] {
        assert_eq!(json(wanted, printed), Ok(()), "{wanted} {printed}");
    }
    for (wanted, printed) in [
        (r#"{"a": 1}"#, r#"{"a":2}"#),
        (r#"{"a": 1}"#, r#"{"a":1,"b":2}"#),
        (r#"{"a": 1, "b": 2, "…": "…"}"#, r#"{"a":1}"#),
        (r#"{"a": 0.5}"#, r#"{"a":null}"#),
        ("[1]", "[1,2]"),
        (r#"[1, "…"]"#, "[]"),
        (r#""a""#, r#""b""#),
        ("1", "1 2"),
        ("{", "{}"),
    ] {
        assert!(json(wanted, printed).is_err(), "{wanted} {printed}");
    }
}
