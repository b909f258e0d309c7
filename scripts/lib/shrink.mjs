// Takes out of the compiled engine what nobody will miss.

import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { root } from "./paths.mjs";
import { must } from "./run.mjs";

// What Rust's libraries call when something is wrong beyond repair; none of it comes back. With
// `panic = "abort"` each ends in a trap, which src/js/engine.ts contains. What they do before, the
// writing of a message that goes nowhere, is 2 KB of the download.
const PANICS = [
  /^core::panicking::/,
  /^core::(option|result|cell|slice|str)::.*(failed|fail|panic\w*)$/,
  /^alloc::(raw_vec::(handle_error|capacity_overflow)|alloc::handle_alloc_error)$/,
  /^std::(panicking::|alloc::rust_oom|thread::local::panic)/,
];

/**
 * Writes smaller bindings that do the same.
 * @param {string} from Where wasm-bindgen wrote to.
 * @param {string} into
 */
export async function shrink(from, into) {
  await mkdir(into, { recursive: true });
  await shrinkModule(`${from}/engine_bg.wasm`, `${into}/engine_bg.wasm`, STRIP);
  await copyFile(`${from}/engine_bg.js`, `${into}/engine_bg.js`);
}

/**
 * The same module with the names of its functions, which tell whose room each is.
 * @param {string} from Where wasm-bindgen wrote to.
 * @param {string} to
 */
export function shrinkNamed(from, to) {
  return shrinkModule(`${from}/engine_bg.wasm`, to, ["--debuginfo"]);
}

async function shrinkModule(from, to, options) {
  await writeFile(to, await withoutMessages(await readFile(from)));
  const wasmOpt = `${root}/node_modules/binaryen/bin/wasm-opt`;
  await must(process.execPath, [wasmOpt, ...PASSES, ...options, to, "-o", to]);
}

// Memory starts out as zeros, and nothing of ours lies in its first kilobyte, the far end of the stack.
const PASSES = ["-Oz", "--converge", "--zero-filled-memory", "--low-memory-unused"];
// Which WebAssembly features wasm-opt may use it reads from the module itself; after it nobody asks again.
const STRIP = ["--strip-debug", "--strip-producers", "--strip-target-features"];

async function withoutMessages(bytes) {
  const { default: binaryen } = await import("binaryen");
  const module = binaryen.readBinary(bytes);
  for (let at = 0; at < module.getNumFunctions(); at++) {
    const reference = module.getFunctionByIndex(at);
    const { name, module: importedFrom, results } = binaryen.getFunctionInfo(reference);
    // The names carry hashes of the crates and of the functions.
    const plain = name.replace(/\[[0-9a-f]+\]|::h[0-9a-f]{16}$/g, "");
    if (importedFrom === "" && results === binaryen.none && PANICS.some((it) => it.test(plain))) {
      binaryen.Function.setBody(reference, module.unreachable());
    }
  }
  binaryen.setDebugInfo(true);
  return module.emitBinary();
}
