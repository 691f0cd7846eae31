//! Parameters, from the settings and from the event.

use std::str::FromStr;

use fanfare_plugin_sdk::{Delivery, Failure, settings};
use serde_json::{Map, Value};

pub struct Params(Map<String, Value>);

impl Params {
    pub fn of(delivery: &Delivery) -> Result<Self, Failure> {
        let mut params: Map<String, Value> = settings()?;
        if let Ok(Value::Object(mut data)) = delivery.event.data_json()
            && let Some(Value::Object(own)) = data.remove("hostile")
        {
            params.extend(own);
        }
        Ok(Self(params))
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned))
    }

    pub fn needed(&self, name: &str) -> Result<String, Failure> {
        self.text(name).ok_or_else(|| Failure::reject("missing_parameter", format!("this mode needs `{name}`")))
    }

    pub fn number<T: FromStr>(&self, name: &str, default: T) -> T {
        self.text(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    pub fn all(&self) -> &Map<String, Value> {
        &self.0
    }
}
