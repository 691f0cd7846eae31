//! Damaged files: whatever they contain, the host reports what is wrong or runs them within their limits.

use bytes::Bytes;
use fanfare_core::Outcome;
use fanfare_dispatch::Bounds;
use fanfare_runtime::LoadError;

use crate::support::{bounds, run_with, runtime, setup};

/// A small program with something of everything, which writes a receipt. Without names, which would add an optional
/// section at its end.
const PROGRAM: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (table 2 funcref) (elem (i32.const 0) 0)
    (global (mut i32) (i32.const 3))
    (data (i32.const 0) "\10\00\00\00\03\00\00\00")
    (data (i32.const 16) "{}\0a")
    (func (export "_start")
        (loop
            (global.set 0 (i32.sub (global.get 0) (i32.const 1)))
            (br_if 0 (global.get 0)))
        (drop (call 0 (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

/// The same wrapped into a component, which exports nothing that could be called.
const COMPONENT: &str =
    r#"(component (core module $m (func (export "f") (result i32) i32.const 7)) (core instance (instantiate $m)))"#;

async fn survive(bytes: Vec<u8>) -> Result<(), LoadError> {
    let plugin = runtime().load(Bytes::from(bytes)).await?;
    let little = Bounds { fuel: 200_000, memory: 1 << 20, ..bounds() };
    let report = run_with(&plugin, setup(&[]), little).await;
    assert!(matches!(report.outcome, Outcome::Delivered { .. } | Outcome::Failed(_)));
    Ok(())
}

#[tokio::test]
async fn every_byte_flipped_in_turn_harms_nobody() {
    let (mut ran, mut refused) = (0, 0);
    for whole in [PROGRAM, COMPONENT].map(|text| wat::parse_str(text).unwrap()) {
        for at in 0..whole.len() {
            for flip in [0xff, 0x01, 0x80] {
                let mut damaged = whole.clone();
                damaged[at] ^= flip;
                match survive(damaged).await {
                    Ok(()) => ran += 1,
                    Err(error) => {
                        assert!(!error.to_string().is_empty());
                        refused += 1;
                    }
                }
            }
        }
    }
    // Most damage is detected; the rest (in data, in a constant) makes a different program.
    assert!(ran > 50 && refused > 300, "{ran} ran, {refused} were refused");
}

#[tokio::test]
async fn a_file_cut_anywhere_is_refused() {
    let whole = wat::parse_str(PROGRAM).unwrap();
    survive(whole.clone()).await.unwrap();
    let mut whole_without_it = 0;
    for end in 0..whole.len() {
        match survive(whole[..end].to_vec()).await {
            // Cut between the code and the data, which comes last: a valid program without data.
            Ok(()) => whole_without_it += 1,
            Err(
                LoadError::Empty
                | LoadError::NotWasm(_)
                | LoadError::Truncated(_)
                | LoadError::Invalid(_)
                | LoadError::NoCommand { .. },
            ) => {}
            Err(error) => panic!("{end}: {error}"),
        }
    }
    assert_eq!(whole_without_it, 1);
}
