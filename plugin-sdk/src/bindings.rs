//! The output of `wit-bindgen` for the contract. The types are re-exported at the crate's root; nothing here is used
//! directly.

#![allow(unsafe_code, reason = "generated: the canonical ABI passes pointers into linear memory")]
#![allow(unreachable_pub, missing_docs, reason = "generated")]
#![allow(clippy::all, reason = "generated")]

pub mod channel {
    wit_bindgen::generate!({
        path: "wit/0.1.0",
        world: "channel",
        additional_derives: [PartialEq],
        default_bindings_module: "fanfare_plugin_sdk::bindings::channel",
        export_macro_name: "export_world",
        pub_export_macro: true,
    });
}

/// The same imports and types as the first world's, so that a channel of any kind is written with one set of names.
pub mod http_channel {
    wit_bindgen::generate!({
        path: "wit/0.1.0",
        world: "http-channel",
        default_bindings_module: "fanfare_plugin_sdk::bindings::http_channel",
        export_macro_name: "export_world",
        pub_export_macro: true,
        with: {
            "fanfare:channel/events@0.1.0": crate::bindings::channel::fanfare::channel::events,
            "fanfare:channel/http-types@0.1.0": crate::bindings::channel::fanfare::channel::http_types,
            "fanfare:channel/config@0.1.0": crate::bindings::channel::fanfare::channel::config,
            "fanfare:channel/log@0.1.0": crate::bindings::channel::fanfare::channel::log,
            "fanfare:channel/http@0.1.0": crate::bindings::channel::fanfare::channel::http,
            "fanfare:channel/state@0.1.0": crate::bindings::channel::fanfare::channel::state,
            "fanfare:channel/metrics@0.1.0": crate::bindings::channel::fanfare::channel::metrics,
            "fanfare:channel/emit@0.1.0": crate::bindings::channel::fanfare::channel::emit,
            "fanfare:channel/published@0.1.0": crate::bindings::channel::fanfare::channel::published,
            "fanfare:channel/recipient@0.1.0": crate::bindings::channel::fanfare::channel::recipient,
            "fanfare:channel/templates@0.1.0": crate::bindings::channel::fanfare::channel::templates,
        },
    });
}

pub mod batch_channel {
    wit_bindgen::generate!({
        path: "wit/0.1.0",
        world: "batch-channel",
        default_bindings_module: "fanfare_plugin_sdk::bindings::batch_channel",
        export_macro_name: "export_world",
        pub_export_macro: true,
        with: {
            "fanfare:channel/events@0.1.0": crate::bindings::channel::fanfare::channel::events,
            "fanfare:channel/http-types@0.1.0": crate::bindings::channel::fanfare::channel::http_types,
            "fanfare:channel/config@0.1.0": crate::bindings::channel::fanfare::channel::config,
            "fanfare:channel/log@0.1.0": crate::bindings::channel::fanfare::channel::log,
            "fanfare:channel/http@0.1.0": crate::bindings::channel::fanfare::channel::http,
            "fanfare:channel/state@0.1.0": crate::bindings::channel::fanfare::channel::state,
            "fanfare:channel/metrics@0.1.0": crate::bindings::channel::fanfare::channel::metrics,
            "fanfare:channel/emit@0.1.0": crate::bindings::channel::fanfare::channel::emit,
            "fanfare:channel/published@0.1.0": crate::bindings::channel::fanfare::channel::published,
            "fanfare:channel/recipient@0.1.0": crate::bindings::channel::fanfare::channel::recipient,
            "fanfare:channel/templates@0.1.0": crate::bindings::channel::fanfare::channel::templates,
        },
    });
}

pub mod batch_http_channel {
    wit_bindgen::generate!({
        path: "wit/0.1.0",
        world: "batch-http-channel",
        default_bindings_module: "fanfare_plugin_sdk::bindings::batch_http_channel",
        export_macro_name: "export_world",
        pub_export_macro: true,
        with: {
            "fanfare:channel/events@0.1.0": crate::bindings::channel::fanfare::channel::events,
            "fanfare:channel/http-types@0.1.0": crate::bindings::channel::fanfare::channel::http_types,
            "fanfare:channel/config@0.1.0": crate::bindings::channel::fanfare::channel::config,
            "fanfare:channel/log@0.1.0": crate::bindings::channel::fanfare::channel::log,
            "fanfare:channel/http@0.1.0": crate::bindings::channel::fanfare::channel::http,
            "fanfare:channel/state@0.1.0": crate::bindings::channel::fanfare::channel::state,
            "fanfare:channel/metrics@0.1.0": crate::bindings::channel::fanfare::channel::metrics,
            "fanfare:channel/emit@0.1.0": crate::bindings::channel::fanfare::channel::emit,
            "fanfare:channel/published@0.1.0": crate::bindings::channel::fanfare::channel::published,
            "fanfare:channel/recipient@0.1.0": crate::bindings::channel::fanfare::channel::recipient,
            "fanfare:channel/templates@0.1.0": crate::bindings::channel::fanfare::channel::templates,
        },
    });
}

pub mod stage_plugin {
    wit_bindgen::generate!({
        path: "wit/0.1.0",
        world: "stage-plugin",
        default_bindings_module: "fanfare_plugin_sdk::bindings::stage_plugin",
        export_macro_name: "export_world",
        pub_export_macro: true,
        with: {
            "fanfare:channel/events@0.1.0": crate::bindings::channel::fanfare::channel::events,
            "fanfare:channel/http-types@0.1.0": crate::bindings::channel::fanfare::channel::http_types,
            "fanfare:channel/config@0.1.0": crate::bindings::channel::fanfare::channel::config,
            "fanfare:channel/log@0.1.0": crate::bindings::channel::fanfare::channel::log,
            "fanfare:channel/http@0.1.0": crate::bindings::channel::fanfare::channel::http,
            "fanfare:channel/state@0.1.0": crate::bindings::channel::fanfare::channel::state,
            "fanfare:channel/metrics@0.1.0": crate::bindings::channel::fanfare::channel::metrics,
            "fanfare:channel/emit@0.1.0": crate::bindings::channel::fanfare::channel::emit,
            "fanfare:channel/published@0.1.0": crate::bindings::channel::fanfare::channel::published,
        },
    });
}
