//! The code that `bindgen!` generates from `wit/0.1.0`, private to this crate: everything above uses core's own types
//! (see `convert`).
//!
//! One world has the exports of every kind, so that the types are generated once. No component is linked against this
//! whole world: each kind uses its part.

wasmtime::component::bindgen!({
    inline: "
        package fanfare:host;

        world everything {
            import fanfare:channel/config@0.1.0;
            import fanfare:channel/log@0.1.0;
            import fanfare:channel/http@0.1.0;
            import fanfare:channel/state@0.1.0;
            import fanfare:channel/metrics@0.1.0;
            import fanfare:channel/emit@0.1.0;
            import fanfare:channel/published@0.1.0;
            import fanfare:channel/recipient@0.1.0;
            import fanfare:channel/templates@0.1.0;
            export fanfare:channel/handler@0.1.0;
            export fanfare:channel/exchange@0.1.0;
            export fanfare:channel/batch-handler@0.1.0;
            export fanfare:channel/batch-exchange@0.1.0;
            export fanfare:channel/stage@0.1.0;
        }
    ",
    path: "../../wit/0.1.0",
    ownership: Borrowing { duplicate_if_necessary: true },
    imports: {
        "fanfare:channel/http.send": async,
        "fanfare:channel/emit.emit": async,
        "fanfare:channel/state.get": async,
        "fanfare:channel/state.increment": async,
    },
    exports: { default: async },
});
