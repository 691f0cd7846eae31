use fanfare_plugin_sdk::testing::{Host, delivery};

use super::*;

fn process(data: &str) -> Result<Option<Event>, Failure> {
    let _host = Host::new().setting("member", "name").install();
    Trim::process(delivery("user.signup", data).event)
}

#[test]
fn the_text_is_trimmed_and_the_rest_is_unchanged() {
    let event = process(r#"{"name":" Ada ","n":1}"#).unwrap().unwrap();
    let data: Value = event.data_json().unwrap();
    assert_eq!((&data["name"], &data["n"]), (&"Ada".into(), &1.into()));
}

#[test]
fn an_event_without_the_text_is_rejected() {
    assert_eq!(process("{}").unwrap_err().code, "missing");
}
