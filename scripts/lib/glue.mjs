// Turns wasm-bindgen's bindings into the form that src/js/instance.ts imports.

import { copyFile, readFile, writeFile } from "node:fs/promises";

/**
 * The bindings hold the state of one wasm instance. As a module they could serve only one instance. As a function they
 * can serve a new instance after a panic, isolated from the old one. wasm-bindgen's abort handler and
 * `schedule_reinit` cannot replace this: each late timer or promise of a dead instance would throw an uncaught error,
 * and the browser must support WebAssembly exceptions.
 * @param {{ from: string, into: string, imports: string[] }} about `imports`: the names that the module imports
 */
export async function writeGlue({ from, into, imports }) {
  const bindings = await readFile(`${from}/engine_bg.js`, "utf8");
  const names = ["Client", "__wbg_set_wasm", ...imports];
  const body = bindings.replaceAll("\nexport ", "\n").replace(/^export /, "");
  await writeFile(
    `${into}/glue.js`,
    `export function createGlue({ setTimeout, clearTimeout }) {\n${MICROTASK}${body}\nreturn { ${names.join(", ")} };\n}\n`,
  );
  for (const file of ["engine.d.ts", "engine_bg.wasm.d.ts"])
    await copyFile(`${from}/${file}`, `${into}/${file}`);
  await writeFile(`${into}/glue.d.ts`, TYPES);
}

// Tests and frameworks replace the global function. Some replacements run the task at once, which breaks the bindings.
const MICROTASK = "const queueMicrotask = (task) => void Promise.resolve().then(task);\n";

const TYPES = `import type { Client } from "./engine.js";
export type { Client, Job } from "./engine.js";

/** The exports of the wasm module. */
export type Exports = typeof import("./engine_bg.wasm.js");

export interface Glue extends WebAssembly.ModuleImports {
  readonly Client: typeof Client;
  __wbg_set_wasm(exports: Exports): void;
}

/** Replacements of the globals that gloo-timers calls. */
export interface Timers {
  setTimeout(callback: () => void, span: number): unknown;
  clearTimeout(timer: never): void;
}

export declare function createGlue(timers: Timers): Glue;
`;
