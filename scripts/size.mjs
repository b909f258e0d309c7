// npm run size: prints the size of the download and its largest functions. Fails if the download exceeds the limit in
// docs/size.json.

import { readFile } from "node:fs/promises";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { buildEngine } from "./lib/build-engine.mjs";
import { buildPackage } from "./lib/build-package.mjs";
import { cargoTool } from "./lib/cargo-tool.mjs";
import { main } from "./lib/main.mjs";
import { npmDependencies } from "./lib/npm-deps.mjs";
import { bindgenDir, dist, embedDir, root, target } from "./lib/paths.mjs";
import { Failure, must } from "./lib/run.mjs";
import { wasmOpt } from "./lib/wasm-opt.mjs";

const TWIGGY = "0.8.0";
const ITEMS_SHOWN = "30";

await main(async () => {
  await npmDependencies();
  await buildEngine();
  await buildPackage();
  const whole = await readFile(`${dist}/esm/index.js`);
  // The engine is the last line.
  const text = whole.lastIndexOf("\n", -2) + 1;
  print([
    ["part", "raw", "gzip -9", "brotli"],
    sizes("the engine as a file", await readFile(`${embedDir}/engine.wasm`)),
    sizes("the JavaScript", whole.subarray(0, text)),
    sizes("the engine as text", whole.subarray(text)),
    sizes("dist/esm/index.js", whole),
    sizes("dist/esm/workflows/index.js", await readFile(`${dist}/esm/workflows/index.js`)),
  ]);
  keepBudget(gzip(whole), JSON.parse(await readFile(`${root}/docs/size.json`, "utf8")));
  console.log(`\n${await functions()}`);
});

// Lists the functions by their debug names, which the package does not contain.
async function functions() {
  const named = `${target}/named.wasm`;
  await wasmOpt(`${bindgenDir}/engine_bg.wasm`, named, ["--debuginfo"]);
  return must(await cargoTool("twiggy", TWIGGY), ["top", "-n", ITEMS_SHOWN, named]);
}

/**
 * @param {string} name
 * @param {Buffer} bytes
 */
function sizes(name, bytes) {
  return [name, bytes.length, gzip(bytes), brotliCompressSync(bytes).length];
}

/** @param {Buffer} bytes */
function gzip(bytes) {
  return gzipSync(bytes, { level: 9 }).length;
}

/** @param {(string | number)[][]} rows */
function print(rows) {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === "number" ? grouped(cell) : cell)));
  const width = (/** @type {number} */ at) => Math.max(...cells.map((row) => row[at]?.length ?? 0));
  const line = (/** @type {string[]} */ row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(width(at)) : cell.padStart(width(at)))).join("  ");
  console.log(`\n${cells.map(line).join("\n")}`);
}

/**
 * @param {number} gzipped
 * @param {{ aim: number, limit: number }} budget
 */
function keepBudget(gzipped, { aim, limit }) {
  const said = `${grouped(gzipped)} bytes with gzip -9; the limit is ${grouped(limit)}, the aim ${grouped(aim)}`;
  if (gzipped > limit) throw new Failure(`Too large: ${said}, in docs/size.json.`);
  console.log(`\n${said}.`);
}

/** @param {number} number */
function grouped(number) {
  return number.toLocaleString("en-GB");
}
