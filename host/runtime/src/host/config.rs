//! `config`: the operator's settings for this channel.

use std::collections::BTreeMap;

use wasmtime::component::{HasData, Linker};

use crate::{
    bindings::fanfare::channel::config,
    context::{Account, Context},
};

pub(super) struct Config;

pub(super) struct View<'a> {
    settings: &'a BTreeMap<String, String>,
    account: &'a mut Account,
}

impl HasData for Config {
    type Data<'a> = View<'a>;
}

pub(super) fn view(context: &mut Context) -> View<'_> {
    View { settings: &context.channel_view.settings, account: &mut context.account }
}

pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    config::add_to_linker::<_, Config>(linker, view)
}

impl View<'_> {
    pub(super) fn setting(&mut self, key: &str) -> Option<String> {
        let value = self.settings.get(key).cloned();
        self.account.charge(key.len() + value.as_ref().map_or(0, String::len));
        value
    }

    pub(super) fn settings(&mut self) -> Vec<(String, String)> {
        let all: Vec<_> = self.settings.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        self.account.charge_pairs(&all);
        all
    }
}

impl config::Host for View<'_> {
    fn get(&mut self, key: String) -> Option<String> {
        self.setting(&key)
    }

    fn all(&mut self) -> Vec<(String, String)> {
        self.settings()
    }
}
