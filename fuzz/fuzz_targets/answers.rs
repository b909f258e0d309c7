//! Responses of any kind. What must hold, the native tests say, which also play what is kept in `corpus`.
#![no_main]
#![allow(dead_code)] // Of the harness a target uses a part.

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/engine/any_input/answers.rs"]
mod answers;
#[path = "../../tests/engine/harness.rs"]
mod harness;

fuzz_target!(|data: &[u8]| answers::check(data));
