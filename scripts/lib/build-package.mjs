// From src/js to dist/: the package's modules for import and for require, and their types.

import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { PLACEHOLDER } from "./embed.mjs";
import { dist, embedDir, root, short, target } from "./paths.mjs";
import { must } from "./run.mjs";
import { step } from "./stamp.mjs";

const FORMATS = /** @type {const} */ (["esm", "cjs"]);

/** Builds dist/ from src/js and the embedded engine. */
export async function buildPackage() {
  const sources = [`${root}/src/js`, embedDir, `${root}/package-lock.json`];
  const self = `${root}/scripts/lib/build-package.mjs`;
  const types = `${target}/types`;
  const bundles = `${target}/bundles`;
  await step("Bundling the package", { name: "bundle", inputs: [...sources, self], outputs: [bundles] }, () =>
    bundle(bundles),
  );
  await step(
    "Writing the package's types",
    { name: "types", inputs: [...sources, `${root}/tsconfig.json`, self], outputs: [types] },
    () => declare(types),
  );
  await step("Laying out dist", { name: "dist", inputs: [bundles, types, self], outputs: [dist] }, () =>
    layOut(bundles, types),
  );
}

/** Says what a page downloads. */
export async function printSizes() {
  for (const format of FORMATS) {
    const file = `${dist}/${format}/index.js`;
    const bytes = await readFile(file);
    const zipped = gzipSync(bytes, { level: 9 }).length;
    console.log(`${short(file)}: ${kilobytes(bytes.length)}, ${kilobytes(zipped)} with gzip -9`);
  }
}

async function bundle(into) {
  const { build } = await import("esbuild");
  const engine = await readFile(`${embedDir}/wasm.txt`, "utf8");
  await mkdir(into, { recursive: true });
  for (const format of FORMATS) {
    const { outputFiles } = await build({
      entryPoints: [`${root}/src/js/index.ts`],
      write: false,
      bundle: true,
      format,
      platform: "neutral",
      target: "es2022",
      minify: true,
      // Node shows the whole line on which an uncaught error was thrown.
      lineLimit: 160,
      legalComments: "none",
      logLevel: "warning",
    });
    // The engine comes in only now, on a line of its own: esbuild would break it into short ones.
    const code = outputFiles[0].text.split(JSON.stringify(PLACEHOLDER));
    if (code.length !== 2) throw new Error("the bundle must have one place for the engine");
    await writeFile(`${into}/${format}.js`, code.join(`\n${engine}\n`));
  }
}

async function declare(into) {
  await rm(into, { recursive: true, force: true });
  const tsc = `${root}/node_modules/typescript/bin/tsc`;
  const emit = [
    "--noEmit",
    "false",
    "--declaration",
    "--emitDeclarationOnly",
    "--stripInternal",
    "--outDir",
    into,
  ];
  await must(process.execPath, [tsc, "-p", `${root}/tsconfig.json`, "--rootDir", `${root}/src/js`, ...emit]);
}

// Declarations are the same text for both; whose they are says the nearest package.json.
async function layOut(bundles, types) {
  await rm(dist, { recursive: true, force: true });
  for (const format of FORMATS) {
    await mkdir(`${dist}/${format}`, { recursive: true });
    for (const file of await reachable(types))
      await copyFile(`${types}/${file}`, `${dist}/${format}/${file}`);
    await copyFile(`${bundles}/${format}.js`, `${dist}/${format}/index.js`);
  }
  await writeFile(`${dist}/cjs/package.json`, '{ "type": "commonjs" }\n');
}

// What the public types do not lead to is nobody's business.
async function reachable(types) {
  const found = new Set(["index.d.ts"]);
  for (const file of found) {
    const text = await readFile(`${types}/${file}`, "utf8");
    for (const [, name] of text.matchAll(/from "\.\/([\w-]+)\.js"/g)) found.add(`${name}.d.ts`);
  }
  return found;
}

function kilobytes(bytes) {
  return `${(bytes / 1_000).toFixed(1)} KB`;
}
