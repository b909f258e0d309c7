//! Arbitrary responses. The native tests define the properties and replay `corpus`.
#![no_main]
#![allow(dead_code)] // A target uses only a part of the harness.

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/engine/any_input/answers.rs"]
mod answers;
#[path = "../../tests/engine/harness.rs"]
mod harness;

fuzz_target!(|data: &[u8]| answers::check(data));
