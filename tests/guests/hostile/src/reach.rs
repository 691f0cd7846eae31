//! Reaching out of the sandbox, as far as the operator allows it.

use std::{
    env, fs, io,
    net::{TcpListener, TcpStream, ToSocketAddrs as _, UdpSocket},
};

use fanfare_plugin_sdk::{
    Delivery, Failure, Payload, Request, Response, emit as host_emit, json, metrics as host_metrics, state as store,
};
use serde_json::Value;

use crate::params::Params;

pub fn http(params: &Params) -> Result<Value, Failure> {
    let mut request = Request::new(params.text("method").unwrap_or_else(|| "GET".to_owned()), params.needed("url")?);
    if let Some(Value::Object(headers)) = params.all().get("headers") {
        for (name, value) in headers {
            request = request.header(name, value.as_str().unwrap_or_default());
        }
    }
    if let Some(body) = params.text("body") {
        request = request.body(body);
    }
    let mut response = request.send()?;
    for _ in 1..params.number("times", 1_u32) {
        response = request.send()?;
    }
    Ok(match params.text("describe").as_deref() {
        Some("size") => size(&response),
        _ => describe(&response),
    })
}

/// For a response whose body is larger than a receipt may be.
fn size(response: &Response) -> Value {
    json!({ "status": response.status, "headers": response.headers, "bytes": response.body.as_bytes().len() })
}

/// Sends a token to the address in the settings, and returns it with the response.
pub fn secret(params: &Params, token: &str) -> Result<Value, Failure> {
    let request = Request::new("POST".to_owned(), params.needed("url")?).header("x-token", token);
    Ok(json!({ "token": token, "response": describe(&request.send()?) }))
}

fn describe(response: &Response) -> Value {
    let body = String::from_utf8_lossy(response.body.as_bytes());
    let kind = if matches!(response.body, Payload::Text(_)) { "text" } else { "binary" };
    json!({ "status": response.status, "headers": response.headers, "body": body, "kind": kind })
}

/// The first connection has to succeed. The others are made until one fails.
pub fn tcp(params: &Params) -> Result<Value, Failure> {
    let address = params.needed("address")?;
    let first = TcpStream::connect(&address)?;
    let others = (1..params.number("times", 1)).map_while(|_| TcpStream::connect(&address).ok());
    let others: Vec<_> = others.collect();
    Ok(json!({ "peer": first.peer_addr()?.to_string(), "connections": 1 + others.len() }))
}

/// The same for look-ups.
pub fn resolve(params: &Params) -> Result<Value, Failure> {
    let address = params.needed("address")?;
    let look_up = || (address.as_str(), 80).to_socket_addrs();
    let addresses: Vec<_> = look_up()?.map(|address| address.to_string()).collect();
    let others = (1..params.number("times", 1)).map_while(|_| look_up().ok()).count();
    Ok(json!({ "addresses": addresses, "lookups": 1 + others }))
}

pub fn listen(params: &Params) -> Result<Value, Failure> {
    let listener = TcpListener::bind(params.needed("address")?)?;
    Ok(json!({ "listens": listener.local_addr()?.to_string() }))
}

pub fn udp(params: &Params) -> Result<Value, Failure> {
    let socket = UdpSocket::bind(params.needed("address")?)?;
    Ok(json!({ "bound": socket.local_addr()?.to_string() }))
}

pub fn state(mode: &str, params: &Params) -> Result<Value, Failure> {
    let key = params.text("key").unwrap_or_else(|| "key".to_owned());
    Ok(match mode {
        "state-incr" => json!({ "value": store::increment(&key, params.number("by", 1))? }),
        "state-set" => {
            let value = params.text("value").unwrap_or_default();
            match params.number("ttl", 0) {
                0 => store::set(&key, value.as_bytes())?,
                seconds => store::set_for(&key, value.as_bytes(), seconds)?,
            }
            json!({ "value": value })
        }
        "state-delete" => {
            store::delete(&key)?;
            json!({ "value": null })
        }
        _ => json!({ "value": store::get(&key)?.map(|value| String::from_utf8_lossy(&value).into_owned()) }),
    })
}

pub fn emit(params: &Params) -> Result<Value, Failure> {
    let mut ids = vec![];
    for n in 0..params.number("times", 1_u32) {
        let event = host_emit::event(params.needed("type")?).json(&json!({ "n": n }))?;
        let forged = params.text("traceparent");
        let event = forged.into_iter().fold(event, |event, context| event.attribute("traceparent", context));
        ids.push(host_emit::emit(&event)?);
    }
    Ok(json!({ "emitted": ids }))
}

/// What an attempt does before it fails must leave no trace, so it fails last.
pub fn tally(delivery: &Delivery, params: &Params) -> Result<Value, Failure> {
    let count = store::increment("n", 1)?;
    if !delivery.event.source.starts_with("/channels/") {
        let event = host_emit::event(params.needed("type")?).json(&json!({ "of": delivery.event.id }))?;
        let subject = delivery.event.subject.clone();
        host_emit::emit(&subject.into_iter().fold(event, |event, subject| event.subject(subject)))?;
    }
    let chance = delivery.id.bytes().fold(delivery.attempt, |hash, byte| hash.wrapping_mul(31) ^ u32::from(byte));
    if chance % 100 < params.number("fails", 0) {
        return Err(Failure::retry("tally", "failed on purpose, after all was done"));
    }
    Ok(json!({ "count": count }))
}

pub fn metrics(params: &Params) -> Value {
    let name = params.text("name").unwrap_or_else(|| "hostile".to_owned());
    let value = params.number("value", 1.0);
    host_metrics::counter(&format!("{name}_total"), value, &[("kind", "counter")]);
    host_metrics::gauge(&format!("{name}_gauge"), value, &[("kind", "gauge")]);
    host_metrics::histogram(&format!("{name}_seconds"), value, &[("kind", "histogram")]);
    json!({ "value": value })
}

pub fn read_file(params: &Params) -> Result<Value, Failure> {
    let path = params.needed("path")?;
    let content = fs::read(&path).map_err(|error| failure(&path, error))?;
    Ok(json!({ "content": String::from_utf8_lossy(&content) }))
}

pub fn open_files(params: &Params) -> Result<Value, Failure> {
    let path = params.needed("path")?;
    let mut held = vec![];
    for _ in 0..params.number("count", 5_000) {
        held.push(fs::File::open(&path).map_err(|error| failure(&path, error))?);
    }
    Ok(json!({ "opened": held.len() }))
}

pub fn write_file(params: &Params) -> Result<Value, Failure> {
    let path = params.needed("path")?;
    let content = params.text("content").unwrap_or_else(|| "written".to_owned());
    fs::write(&path, &content).map_err(|error| failure(&path, error))?;
    Ok(json!({ "bytes": content.len() }))
}

pub fn list_files(params: &Params) -> Result<Value, Failure> {
    let path = params.needed("path")?;
    let list = || -> io::Result<Vec<String>> {
        fs::read_dir(&path)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    };
    let mut names = list().map_err(|error| failure(&path, error))?;
    names.sort();
    Ok(json!({ "names": names }))
}

fn failure(path: &str, error: io::Error) -> Failure {
    let mut failure = Failure::from(error);
    failure.message = format!("{path}: {}", failure.message);
    failure
}

pub fn environment() -> Value {
    json!({ "arguments": env::args().collect::<Vec<_>>(), "variables": env::vars().collect::<Vec<_>>() })
}
