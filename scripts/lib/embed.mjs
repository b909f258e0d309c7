// Turns what wasm-bindgen wrote into what src/js imports: glue.js, the generated bindings as a factory;
// wasm.js, the place for the module's bytes as text; and engine.wasm, the module as a file.

import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

// Lifts every byte above the control characters, the blank and the quote, so that almost all of them
// stand in the text as one plain character: gzip sees through it, as it does not through base64.
const LIFT = 35;

/** Stands in wasm.js for the text of the module, which is in wasm.txt as a string literal. */
export const PLACEHOLDER = "the engine";

/** @param {{ bindgenDir: string, outDir: string }} dirs */
export async function embed({ bindgenDir, outDir }) {
  const bindings = await readFile(join(bindgenDir, "engine_bg.js"), "utf8");
  const wasm = await readFile(join(bindgenDir, "engine_bg.wasm"));
  await mkdir(outDir, { recursive: true });
  await writeFile(join(outDir, "glue.js"), factory(bindings));
  await writeFile(join(outDir, "glue.d.ts"), "export declare function createGlue(): unknown;\n");
  await writeFile(join(outDir, "wasm.txt"), literal(wasm));
  await copyFile(join(bindgenDir, "engine_bg.wasm"), join(outDir, "engine.wasm"));
  await writeFile(
    join(outDir, "engine.d.wasm.ts"),
    "declare const module: WebAssembly.Module;\nexport default module;\n",
  );
  await writeFile(
    join(outDir, "wasm.js"),
    `export const lift = ${LIFT};\nexport const text = ${JSON.stringify(PLACEHOLDER)};\n`,
  );
  await writeFile(
    join(outDir, "wasm.d.ts"),
    "export declare const lift: number;\nexport declare const text: string;\n",
  );
}

// The bindings keep state beside one wasm instance. As a module they could serve only one; as a
// function they serve a fresh one after a panic, and nothing of the dead one reaches it.
function factory(bindings) {
  const names = [];
  const body = bindings.replace(/^export (function|class) (\w+)/gm, (_, kind, name) => {
    names.push(name);
    return `${kind} ${name}`;
  });
  if (/^(import|export)\b/m.test(body) || !names.includes("__wbg_set_wasm")) {
    throw new Error("wasm-bindgen's output has changed its form: scripts/lib/embed.mjs must follow");
  }
  return `export function createGlue() {\n${body}\nreturn { ${names.join(", ")} };\n}\n`;
}

function literal(bytes) {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte + LIFT)).join("");
  return JSON.stringify(text);
}
