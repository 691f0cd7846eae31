//! Too much of everything that the host would have to keep in memory.

use fanfare_plugin_sdk::{Failure, Request, info, json, metrics, state};
use serde_json::Value;

use crate::params::Params;

fn lines(params: &Params) -> (u32, String) {
    (params.number("lines", 100_000), "x".repeat(params.number("bytes", 64)))
}

pub fn log(params: &Params) -> Value {
    let (lines, filler) = lines(params);
    for n in 0..lines {
        info!("line {n}", filler = filler, again = filler);
    }
    json!({ "lines": lines })
}

pub fn stderr(params: &Params) -> Value {
    let (lines, filler) = lines(params);
    for n in 0..lines {
        eprintln!("line {n} {filler}");
    }
    json!({ "lines": lines })
}

pub fn stdout(params: &Params) -> Value {
    let (lines, filler) = lines(params);
    for n in 0..lines {
        println!("line {n} {filler}");
    }
    json!({ "lines": lines })
}

pub fn headers(params: &Params) -> Result<Value, Failure> {
    let count = params.number("count", 10_000);
    let request = Request::get(params.needed("url")?);
    let request = (0..count).fold(request, |request, n| request.header(format!("x-{n}"), "x".repeat(64)));
    Ok(json!({ "status": request.send()?.status }))
}

pub fn state(params: &Params) -> Result<Value, Failure> {
    let count: u32 = params.number("count", 100_000);
    let value = vec![b'x'; params.number("bytes", 64)];
    for n in 0..count {
        state::set(&format!("flood-{n}"), &value)?;
    }
    Ok(json!({ "writes": count }))
}

pub fn metrics(params: &Params) -> Value {
    let count: u32 = params.number("count", 100_000);
    for n in 0..count {
        metrics::counter("flood_total", 1.0, &[("series", &n.to_string())]);
    }
    json!({ "series": count })
}
