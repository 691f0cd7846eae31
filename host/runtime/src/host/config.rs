//! `config`: the settings the operator wrote for this channel.

use std::collections::BTreeMap;

use wasmtime::component::{HasData, Linker};

use crate::{attempt::Context, bindings::fanfare::channel::config};

struct Config;

struct View<'a> {
    settings: &'a BTreeMap<String, String>,
}

impl HasData for Config {
    type Data<'a> = View<'a>;
}

pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    config::add_to_linker::<_, Config>(linker, |context| View { settings: &context.tenant.settings })
}

impl config::Host for View<'_> {
    fn get(&mut self, key: String) -> Option<String> {
        self.settings.get(&key).cloned()
    }

    fn all(&mut self) -> Vec<(String, String)> {
        self.settings.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}
