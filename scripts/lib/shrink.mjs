// Takes out of the compiled engine what nobody will miss.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { root } from "./paths.mjs";
import { must } from "./run.mjs";

// What Rust's libraries call when something is wrong beyond repair; none of it comes back. With
// `panic = "abort"` each ends in a trap, which src/js/instance.ts contains. What they do before, the
// writing of a message that goes nowhere, is 2 KB of the download.
const PANICS = [
  /^core::panicking::/,
  /^core::(option|result|cell|slice|str)::.*(failed|fail|panic\w*)$/,
  /^alloc::(raw_vec::(handle_error|capacity_overflow)|alloc::handle_alloc_error)$/,
  /^std::(panicking::|alloc::rust_oom|thread::local::panic)/,
];

// Text is put together in the core by hand. What the standard library writes with, for a programmer or for
// anybody else, serves such messages alone, and stands in tables that no optimiser sees through.
const FORMATTING = [
  /^<.+ as (core::fmt::(Debug|Display)|core::panic::PanicPayload)>::\w+$/,
  /^core::fmt::write$/,
  /^<core::fmt::Formatter>::/,
];

// Where in the sources a panic comes from is written there too, in paths of the machine that built it: as
// long as Rust, Debian's Rust, cargo and this crate have them begin so. A path that begins otherwise stays,
// and fails a test of the package.
const SOURCES = [
  "/rustc/",
  "/rust/deps/",
  "/usr/src/rustc",
  "/usr/lib/rustlib/src/",
  `${process.env.CARGO_HOME ?? `${homedir()}/.cargo`}/registry/src/`,
  "src/engine/",
  "src/runtime/",
  "tests/simulator/src/",
];

/** What the engine calls the module that it imports from. */
export const IMPORT_MODULE = "glue";

/**
 * Writes smaller bindings that do the same.
 * @param {string} from Where wasm-bindgen wrote to.
 * @param {string} into
 */
export async function shrink(from, into) {
  await mkdir(into, { recursive: true });
  const { imports, bindings } = await shrinkModule(from, `${into}/engine_bg.wasm`, STRIP);
  await writeFile(`${into}/engine_bg.js`, bindings);
  await writeFile(`${into}/imports.json`, JSON.stringify(imports));
}

/**
 * The same module with the names of its functions, which tell whose room each is.
 * @param {string} from Where wasm-bindgen wrote to.
 * @param {string} to
 */
export function shrinkNamed(from, to) {
  return shrinkModule(from, to, ["--debuginfo"]);
}

async function shrinkModule(from, to, options) {
  const module = withoutSources(await readFile(`${from}/engine_bg.wasm`));
  const { bytes, ...rest } = await rewritten(module, await readFile(`${from}/engine_bg.js`, "utf8"));
  await writeFile(to, bytes);
  const wasmOpt = `${root}/node_modules/binaryen/bin/wasm-opt`;
  await must(process.execPath, [wasmOpt, ...FEATURES, ...PASSES, ...options, to, "-o", to]);
  return rest;
}

// Memory starts out as zeros, and nothing of ours lies in its first kilobyte, the far end of the stack.
// A function with a single caller is written into it only where it is short: whole ones resemble each other,
// which gzip sees. The second round comes upon other branches than the first.
const PASSES = [
  ["--zero-filled-memory", "--low-memory-unused", "--one-caller-inline-max-function-size=20"],
  ["-Oz", "--converge", "--flatten", "--rereloop", "-Oz", "--converge"],
].flat();
// What rustc and wasm-bindgen use by default, and nothing newer.
const FEATURES = [
  "bulk-memory",
  "bulk-memory-opt",
  "multivalue",
  "mutable-globals",
  "nontrapping-float-to-int",
  "reference-types",
  "sign-ext",
].map((feature) => `--enable-${feature}`);
const STRIP = ["--strip-debug", "--strip-producers", "--strip-target-features"];

/**
 * The same module without the paths of its sources.
 * @param {Buffer} bytes
 */
export function withoutSources(bytes) {
  const begin = SOURCES.map((path) => path.replace(/[.+?^$()[\]{}|\\]/g, "\\$&")).join("|");
  const path = new RegExp(`(?:${begin})[\\w/.+-]+?\\.rs`, "g");
  // Zeros take no room, and everything stays where it is.
  const text = bytes.toString("latin1").replace(path, (found) => "\0".repeat(found.length));
  return Buffer.from(text, "latin1");
}

async function rewritten(bytes, bindings) {
  const { default: binaryen } = await import("binaryen");
  binaryen.setDebugInfo(true);
  const module = binaryen.readBinary(bytes);
  const gone = leaveOutMessages(binaryen, module);
  module.runPasses(["remove-unused-module-elements"]);
  const whole = module.emitText();
  nobodyCalls(gone, whole);
  const { text, ...rest } = shorten(whole, bindings);
  return { bytes: binaryen.parseText(text).emitBinary(), ...rest };
}

function leaveOutMessages(binaryen, module) {
  const formatting = new Set();
  for (let at = 0; at < module.getNumFunctions(); at++) {
    const reference = module.getFunctionByIndex(at);
    const { name, module: importedFrom, results } = binaryen.getFunctionInfo(reference);
    // The names carry hashes of the crates and of the functions.
    const plain = name.replace(/\[[0-9a-f]+\]|::h[0-9a-f]{16}$/g, "");
    const panics = results === binaryen.none && PANICS.some((it) => it.test(plain));
    const formats = FORMATTING.some((it) => it.test(plain));
    if (importedFrom === "" && (panics || formats)) {
      binaryen.Function.setBody(reference, module.unreachable());
      if (formats) formatting.add(name);
    }
  }
  return formatting;
}

// With the panics gone nothing may be left that writes in that way: it would trap where it is wanted. A call
// through a table is not seen here; in src/engine and src/runtime nothing is shown as a `dyn Display` or `dyn Debug`.
function nobodyCalls(gone, text) {
  let caller;
  for (const [, kind, name] of text.matchAll(/\((func|call|return_call) \$("[^"]+"|[^\s()]+)/g)) {
    const plain = name.replaceAll('"', "");
    if (kind === "func") caller = plain;
    else if (gone.has(plain))
      throw new Error(`${caller} needs ${plain}, which scripts/lib/shrink.mjs leaves out`);
  }
}

// What the module imports and exports is named twice in the download, and wasm-bindgen's names are long and
// have hashes in them. What src/js/instance.ts or a test knows by name keeps it; what the bindings never
// mention is not exported.
function shorten(text, bindings) {
  const imports = shortNames();
  const exports = shortNames();
  const used = new Set(Array.from(bindings.matchAll(EXPORT), ([, name]) => name)).add("__wbindgen_start");
  return {
    imports: imports.given,
    bindings: bindings.replace(EXPORT, (_, name) => `wasm.${KEPT.test(name) ? name : exports.of(name)}`),
    text: text
      .replace(
        /\(import "\.\/engine_bg\.js" "([^"]+)"/g,
        (_, name) => `(import "${IMPORT_MODULE}" "${imports.of(name)}"`,
      )
      .replace(/\(export "([^"]+)" \(\w+ \$(?:"[^"]+"|[^\s()]+)\)\)/g, (whole, name) => {
        if (!used.has(name)) return "";
        return KEPT.test(name) ? whole : whole.replace(name, exports.of(name));
      }),
  };
}

const EXPORT = /\bwasm\.(\w+)/g;
const KEPT = /^(client_|job_|memory$|__wbindgen_start$)/;

function shortNames() {
  const given = {};
  const of = (name) => {
    const at = Object.keys(given).length;
    given[name] ??= String.fromCharCode(97 + (at % 26)) + (at < 26 ? "" : Math.floor(at / 26));
    return given[name];
  };
  return { given, of };
}
