// wasm-opt, from the npm package binaryen. Nothing else touches a module that rustc and wasm-bindgen wrote.

import { root } from "./paths.mjs";
import { must } from "./run.mjs";

const WASM_OPT = `${root}/node_modules/binaryen/bin/wasm-opt`;

// Lets wasm-opt fold more additions into the offsets of loads and stores. It may do so where no object lies in
// the lowest kilobyte of the memory: there Rust's linker puts the far end of the stack, which only a program
// that is about to overflow it reaches.
const LOW_MEMORY_UNUSED = "--low-memory-unused";

// gzip finds less to share in functions that were put into their callers: 0.4 KB.
const INLINING = ["--one-caller-inline-max-function-size=30", "--always-inline-max-function-size=4"];

// Without nested expressions wasm-opt finds more to simplify, and a second run sees what the first one left: 0.4 KB.
const FLAT = ["--flatten", "--rereloop", "-Oz", "-Oz"];

/** For a module that ships: neither names of functions nor versions of tools. */
export const STRIP = ["--strip-debug", "--strip-producers", "--strip-target-features"];

/**
 * Writes the same module, smaller.
 * @param {string} from
 * @param {string} to
 * @param {string[]} options
 * @returns {Promise<string>} what wasm-opt printed
 */
export function wasmOpt(from, to, options) {
  return must(process.execPath, [
    WASM_OPT,
    ...FLAT,
    LOW_MEMORY_UNUSED,
    ...INLINING,
    ...options,
    from,
    "-o",
    to,
  ]);
}
