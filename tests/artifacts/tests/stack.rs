//! Where a guest's stack is. Guests are linked with a small stack, so an overflow must trap instead of overwriting
//! data: the stack must end at address 0, below the data.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use wasmparser::{ConstExpr, DataKind, Operator, Parser, Payload};

const STACK: u32 = 64 << 10;

fn address(expression: &ConstExpr<'_>) -> u32 {
    match expression.get_operators_reader().read().unwrap() {
        Operator::I32Const { value } => value.cast_unsigned(),
        other => panic!("not a constant address: {other:?}"),
    }
}

#[test]
fn the_stack_is_small_and_below_the_data() {
    for guest in [fanfare_artifacts::hostile(), fanfare_artifacts::hostile_http(), fanfare_artifacts::smallest()] {
        let mut data = Vec::new();
        let mut globals = Vec::new();
        for payload in Parser::new(0).parse_all(guest) {
            match payload.unwrap() {
                Payload::DataSection(segments) => data.extend(segments.into_iter().filter_map(|segment| {
                    let DataKind::Active { offset_expr, .. } = segment.unwrap().kind else { return None };
                    Some(address(&offset_expr))
                })),
                // The linker puts the stack pointer first.
                Payload::GlobalSection(section) => {
                    let first = section.into_iter().next().map(|global| address(&global.unwrap().init_expr));
                    globals.extend(first);
                }
                _ => {}
            }
        }
        assert!(globals.contains(&STACK), "no stack pointer starts at {STACK}: {globals:?}");
        assert!(!data.is_empty() && data.iter().all(|&at| at >= STACK), "data is in the way of the stack: {data:?}");
    }
}
