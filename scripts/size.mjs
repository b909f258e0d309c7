// npm run size: what a page downloads, and what takes the room in it. Fails where the whole is over the
// budget in docs/size.json.

import { readFile } from "node:fs/promises";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { buildEngine } from "./lib/build-engine.mjs";
import { buildPackage } from "./lib/build-package.mjs";
import { main } from "./lib/main.mjs";
import { functionSizes } from "./lib/name-section.mjs";
import { npmDependencies } from "./lib/npm-deps.mjs";
import { bindgenDir, bindgenRawDir, dist, embedDir, root, target } from "./lib/paths.mjs";
import { Failure } from "./lib/run.mjs";
import { shrinkNamed } from "./lib/shrink.mjs";

const GROUPS_SHOWN = 25;
/** How much a build may be over the budget: compilers differ by as much. */
const SLACK = 0.02;

await main(async () => {
  await npmDependencies();
  await buildEngine();
  await buildPackage();
  const whole = await readFile(`${dist}/esm/index.js`);
  const engine = await readFile(`${bindgenDir}/engine_bg.wasm`);
  const text = await readFile(`${embedDir}/wasm.txt`);
  const at = whole.indexOf(text);
  const parts = [
    sizes("the engine (wasm)", engine),
    sizes("the glue", await minified(`${embedDir}/glue.js`)),
    sizes("the glue and the face", Buffer.concat([whole.subarray(0, at), whole.subarray(at + text.length)])),
    sizes("dist/esm/index.js", whole),
  ];
  print(["part", "raw", "gzip -9", "brotli"], parts);
  const named = `${target}/named.wasm`;
  await shrinkNamed(bindgenRawDir, named);
  print(["functions of the engine, by module", "raw"], grouped(await functionSizes(named)));
  await keepBudget(gzipSync(whole, { level: 9 }).length);
});

async function minified(file) {
  const { transform } = await import("esbuild");
  const { code } = await transform(await readFile(file, "utf8"), { minify: true, target: "es2022" });
  return Buffer.from(code);
}

function sizes(name, bytes) {
  return [name, bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length];
}

function grouped(functions) {
  const groups = new Map();
  for (const { name, size } of functions) {
    const group = groupOf(name);
    groups.set(group, (groups.get(group) ?? 0) + size);
  }
  const sorted = [...groups].sort(([, a], [, b]) => b - a);
  const rest = sorted.slice(GROUPS_SHOWN).reduce((sum, [, size]) => sum + size, 0);
  return [...sorted.slice(0, GROUPS_SHOWN), ["the rest", rest]];
}

// Our own by file, others by crate and module. An export is a group of its own.
function groupOf(name) {
  const plain = name.replace(/\[[0-9a-f]+\]/g, "");
  const own = /ontap_select_deploy::(core::engine::\w+|\w+::\w+)/.exec(plain);
  if (own) return own[1];
  const [, path] = /(?:^|[<\s&*])((?:[a-z_][a-z_0-9]*::)+)/.exec(plain) ?? [];
  return path === undefined ? plain : path.split("::").slice(0, 2).filter(Boolean).join("::");
}

function print(head, rows) {
  const cells = [head, ...rows].map((row) =>
    row.map((cell) => (typeof cell === "number" ? cell.toLocaleString("en-GB") : cell)),
  );
  const widths = head.map((_, at) => Math.max(...cells.map((row) => row[at].length)));
  const line = (row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join("  ");
  console.log(`\n${cells.map(line).join("\n")}`);
}

async function keepBudget(gzipped) {
  const { gzip: budget } = JSON.parse(await readFile(`${root}/docs/size.json`, "utf8"));
  const said = `${gzipped.toLocaleString("en-GB")} bytes with gzip -9; the budget is ${budget.toLocaleString("en-GB")}`;
  if (gzipped > budget * (1 + SLACK)) throw new Failure(`Too large: ${said}, in docs/size.json.`);
  console.log(`\n${said}.`);
}
