pub mod bindings {
    wit_bindgen::generate!({ path: "wit/0.1.0", world: "channel", pub_export_macro: true, export_macro_name: "x", default_bindings_module: "::fanfare_plugin_sdk::bindings" });
}
