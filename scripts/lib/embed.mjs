// Turns what wasm-bindgen wrote into what src/js imports: glue.js, the generated bindings as a factory;
// wasm.js, the place for the module's bytes as text; and engine.wasm, the module as a file.

import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

// A character for each byte: gzip sees through that, as it does not through base64. The commonest bytes
// get the plain characters, which UTF-8 writes in one byte and a string literal as they are; the others,
// in their order, those from U+00A1 on. src/js/unpack.ts reads it back.
const PLAIN = Array.from({ length: 95 }, (_, at) => at + 32).filter((code) => code !== 34 && code !== 92);
const FIRST_OTHER = 161;
// Puts a byte among the characters that need no escape.
const LIFT = 35;

/** Stands in wasm.js for the text of the module, which is in wasm.txt as a string literal. */
export const PLACEHOLDER = "the engine";

/** @param {{ bindgenDir: string, outDir: string }} dirs */
export async function embed({ bindgenDir, outDir }) {
  const bindings = await readFile(join(bindgenDir, "engine_bg.js"), "utf8");
  const wasm = await readFile(join(bindgenDir, "engine_bg.wasm"));
  await mkdir(outDir, { recursive: true });
  const imports = JSON.parse(await readFile(join(bindgenDir, "imports.json"), "utf8"));
  await writeFile(join(outDir, "glue.js"), factory(bindings, imports));
  await writeFile(join(outDir, "glue.d.ts"), "export declare function createGlue(): unknown;\n");
  const common = commonest(wasm, PLAIN.length);
  await writeFile(join(outDir, "wasm.txt"), literal(wasm, common));
  await copyFile(join(bindgenDir, "engine_bg.wasm"), join(outDir, "engine.wasm"));
  await writeFile(
    join(outDir, "engine.d.wasm.ts"),
    "declare const module: WebAssembly.Module;\nexport default module;\n",
  );
  await writeFile(
    join(outDir, "wasm.js"),
    `export const common = ${JSON.stringify(String.fromCharCode(...common.map((byte) => byte + LIFT)))};
export const lift = ${LIFT};
export const text = () => ${JSON.stringify(PLACEHOLDER)};
`,
  );
  await writeFile(
    join(outDir, "wasm.d.ts"),
    ["common: string", "lift: number", "text: () => string"]
      .map((it) => `export declare const ${it};\n`)
      .join(""),
  );
}

// The bindings keep state beside one wasm instance. As a module they could serve only one; as a
// function they serve a fresh one after a panic, and nothing of the dead one reaches it.
function factory(bindings, imports) {
  const names = [];
  const body = bindings.replace(/^export (function|class) (\w+)/gm, (_, kind, name) => {
    names.push(name);
    return `${kind} ${name}`;
  });
  if (/^(import|export)\b/m.test(body) || !names.includes("__wbg_set_wasm")) {
    throw new Error("wasm-bindgen's output has changed its form: scripts/lib/embed.mjs must follow");
  }
  // Under the names by which shrink.mjs lets the engine import them.
  const given = names.map((name) => (imports[name] ? `${imports[name]}: ${name}` : name));
  return `export function createGlue() {\n${body}\nreturn { ${given.join(", ")} };\n}\n`;
}

function commonest(bytes, count) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte]++;
  return [...counts.keys()].sort((a, b) => counts[b] - counts[a]).slice(0, count);
}

function literal(bytes, common) {
  const codes = [...PLAIN];
  const order = [...common];
  for (let byte = 0; byte < 256; byte++) {
    if (common.includes(byte)) continue;
    codes.push(FIRST_OTHER + order.length - PLAIN.length);
    order.push(byte);
  }
  const code = new Map(order.map((byte, at) => [byte, codes[at]]));
  return `"${Array.from(bytes, (byte) => String.fromCharCode(code.get(byte))).join("")}"`;
}
