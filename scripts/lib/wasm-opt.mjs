// Runs wasm-opt from the npm package binaryen on the module that rustc and wasm-bindgen wrote.

import { root } from "./paths.mjs";
import { must } from "./run.mjs";

const WASM_OPT = `${root}/node_modules/binaryen/bin/wasm-opt`;

// Lets wasm-opt fold more additions into the offsets of loads and stores. This is safe if the lowest kilobyte of the
// memory has no objects. Rust's linker places the end of the stack there, which is used only just before an overflow.
const LOW_MEMORY_UNUSED = "--low-memory-unused";

// Less inlining leaves more repetition for gzip: 0.4 KB.
const INLINING = ["--one-caller-inline-max-function-size=30", "--always-inline-max-function-size=4"];

// Flat expressions let wasm-opt simplify more, and so does a second run: 0.4 KB.
const FLAT = ["--flatten", "--rereloop", "-Oz", "-Oz"];

/** Removes function names and tool versions from a module for the package. */
export const STRIP = ["--strip-debug", "--strip-producers", "--strip-target-features"];

/**
 * Writes an optimized module.
 * @param {string} from
 * @param {string} to
 * @param {string[]} options
 * @returns {Promise<string>} the output of wasm-opt
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
