//! Arbitrary tokens and JSON. The native tests define the properties and replay `corpus`.
#![no_main]
#![allow(dead_code)] // A target uses only a part of the harness.

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/engine/harness.rs"]
mod harness;
#[path = "../../tests/engine/any_input/tokens.rs"]
mod tokens;

fuzz_target!(|data: &[u8]| tokens::check(data));
