//! Development jobs, as a library: build scripts use it, so it stays free of dependencies beyond `anyhow`.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic"))]

pub mod guests;
