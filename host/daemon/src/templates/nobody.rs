//! The recipient of an event that has none. Templates may ask for its members, which are all absent.

use std::sync::Arc;

use minijinja::{
    Environment,
    value::{Object, Value},
};

/// Without members, and not defined.
#[derive(Debug)]
pub(super) struct Nobody;

impl Object for Nobody {
    /// Templates look up names below `attributes`.
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str() == Some("attributes")).then(|| Value::from_dyn_object(Arc::clone(self)))
    }
}

/// `recipient is defined` asks whether there is one.
pub(super) fn teach(environment: &mut Environment<'_>) {
    environment.add_test("defined", |value: &Value| is_defined(value));
    environment.add_test("undefined", |value: &Value| !is_defined(value));
}

fn is_defined(value: &Value) -> bool {
    !value.is_undefined() && value.downcast_object_ref::<Nobody>().is_none()
}
