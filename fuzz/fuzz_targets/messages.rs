//! Messages of other tabs of any kind. What must hold, the native tests say, which also play what is kept in `corpus`.
#![no_main]
#![allow(dead_code)] // Of the harness a target uses a part.

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/engine/harness.rs"]
mod harness;
#[path = "../../tests/engine/any_input/messages.rs"]
mod messages;

fuzz_target!(|data: &[u8]| messages::check(data));
