//! `wasi:config`: the same settings as `fanfare:channel/config`, for components made for other hosts. No version of it
//! is released, and a pre-release is linked by its exact name only, so each one that components import is listed here.

use wasmtime::component::Linker;

use super::config::{Config, View, view};
use crate::context::Context;

#[allow(
    unsafe_code,
    unreachable_pub,
    reason = "generated: how the variant of errors, of which we return none, is laid out in a guest's memory"
)]
mod bindings {
    wasmtime::component::bindgen!({
        inline: "
            package fanfare:settings;

            world settings {
                import wasi:config/store@0.2.0-rc.1;
                import wasi:config/store@0.2.0-draft-2024-09-27;
                import wasi:config/store@0.2.0-draft;
                import wasi:config/runtime@0.2.0-draft;
            }

            package wasi:config@0.2.0-rc.1 {
                interface store {
                    variant error { upstream(string), io(string) }
                    get: func(key: string) -> result<option<string>, error>;
                    get-all: func() -> result<list<tuple<string, string>>, error>;
                }
            }

            package wasi:config@0.2.0-draft-2024-09-27 {
                interface store {
                    variant error { upstream(string), io(string) }
                    get: func(key: string) -> result<option<string>, error>;
                    get-all: func() -> result<list<tuple<string, string>>, error>;
                }
            }

            package wasi:config@0.2.0-draft {
                interface store {
                    variant error { upstream(string), io(string) }
                    get: func(key: string) -> result<option<string>, error>;
                    get-all: func() -> result<list<tuple<string, string>>, error>;
                }

                interface runtime {
                    variant config-error { upstream(string), io(string) }
                    get: func(key: string) -> result<option<string>, config-error>;
                    get-all: func() -> result<list<tuple<string, string>>, config-error>;
                }
            }
        ",
    });
}

macro_rules! serve {
    ($($interface:path, $error:ident;)*) => {
        pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
            $({
                use $interface as interface;
                interface::add_to_linker::<_, Config>(linker, view)?;
            })*
            Ok(())
        }

        $(const _: () = {
            use $interface as interface;

            impl interface::Host for View<'_> {
                fn get(&mut self, key: String) -> Result<Option<String>, interface::$error> {
                    Ok(self.setting(&key))
                }

                fn get_all(&mut self) -> Result<Vec<(String, String)>, interface::$error> {
                    Ok(self.settings())
                }
            }
        };)*
    };
}

serve! {
    bindings::wasi::config0_2_0_rc_1::store, Error;
    bindings::wasi::config0_2_0_draft_2024_09_27::store, Error;
    bindings::wasi::config0_2_0_draft::store, Error;
    bindings::wasi::config0_2_0_draft::runtime, ConfigError;
}
