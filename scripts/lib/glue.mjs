// wasm-bindgen's bindings as src/js/instance.ts imports them.

import { copyFile, readFile, writeFile } from "node:fs/promises";

/**
 * The bindings keep state beside one wasm instance. As a module they could serve only one; as a function they
 * serve a new one after a panic, and nothing of the dead one reaches it. wasm-bindgen's abort handler and
 * `schedule_reinit` cannot replace this: with them each late timer and promise of a dead instance throws an
 * error that nobody catches, and the browser must support WebAssembly exceptions.
 * @param {{ from: string, into: string, imports: string[] }} about `imports`: what the module imports
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

// Tests and frameworks replace the global one, and some call back at once, which the bindings cannot bear.
const MICROTASK = "const queueMicrotask = (task) => void Promise.resolve().then(task);\n";

const TYPES = `import type { Client } from "./engine.js";
export type { Client, Job } from "./engine.js";

/** What the wasm exports. */
export type Exports = typeof import("./engine_bg.wasm.js");

export interface Glue extends WebAssembly.ModuleImports {
  readonly Client: typeof Client;
  __wbg_set_wasm(exports: Exports): void;
}

/** What takes the place of the globals that gloo-timers calls. */
export interface Timers {
  setTimeout(callback: () => void, span: number): unknown;
  clearTimeout(timer: never): void;
}

export declare function createGlue(timers: Timers): Glue;
`;
