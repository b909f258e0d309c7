// Builds dist/ from src/: the package's entries for import and require, their types, the command, and the engine as a
// file. docs/exports.md lists the entries.

import { copyFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { buildSimulator } from "./build-simulator.mjs";
import { bundleCli, PLAN_SCHEMA } from "./bundle-cli.mjs";
import { bundleSimulator } from "./bundle-simulator.mjs";
import { declared, pack } from "./embed.mjs";
import { llms } from "./llms.mjs";
import { dist, embedDir, root, short, simulatorBundles, target } from "./paths.mjs";
import { must } from "./run.mjs";
import { contents } from "./site-pages.mjs";
import { step } from "./stamp.mjs";

const FORMATS = /** @type {const} */ (["esm", "cjs"]);

// `module` replaces src/js/module.ts, which loads the engine. `waiters` replaces src/js/waiters.ts.
/** @typedef {{ name: string, source: string, module: string, waiters?: string, formats: readonly ("esm" | "cjs")[] }} Entry */
/** @type {Entry[]} */
const ENTRIES = [
  { name: "index", source: "index.ts", module: "module.ts", formats: FORMATS },
  {
    name: "node",
    source: "index.ts",
    module: "module-node.ts",
    waiters: "traced-waiters.ts",
    formats: FORMATS,
  },
  { name: "slim", source: "slim.ts", module: "module-slim.ts", formats: FORMATS },
  { name: "workerd", source: "index.ts", module: "module-workerd.ts", formats: ["esm"] },
];

// The encoded engine for the last line of a bundle, as a variable that these modules read when they need it. In the first
// line it would make the download 0.3 KB larger, because gzip would use one code table for its end and the program.
/** @type {Record<string, ((wasm: Buffer) => string) | undefined>} */
const TEXTS = {
  "module.ts": pack,
  "module-node.ts": (wasm) => wasm.toString("base64"),
};

// The code of the entry that has only types, for bundlers that import it anyway.
const EMPTY = {
  esm: "export {};\n",
  cjs: '"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\n',
};

// Members that only the bindings and src/js use. Shorter names for them save 0.1 KB.
const INTERNAL = [
  ["checkTimeout", "leaderChanged", "multiplexed", "notShared", "peerMessage", "pollOnce"],
  ["askAuthorization", "askHeaders", "mergeHeaders", "requestFailed"],
  [
    "recordChecked",
    "checkRecord",
    "__wbg_ptr",
    "__destroy_into_raw",
    "__wrap",
    "_wbg_cb_unref",
    "__wbg_set_wasm",
  ],
].flat();

const SIMULATOR_TYPES = `${root}/tests/simulator/host/types.d.ts`;

/** Builds dist/ from src/, the embedded engine and the simulator, and llms.txt from the titles of docs/. */
export async function buildPackage() {
  await buildSimulator();
  await bundleSimulator();
  const folders = ["js", "node", "workflows"].map((name) => `${root}/src/${name}`);
  const sources = [...folders, embedDir, `${root}/package-lock.json`];
  const embedding = `${root}/scripts/lib/embed.mjs`;
  const cli = [`${root}/src/cli`, `${root}/scripts/lib/bundle-cli.mjs`];
  const self = `${root}/scripts/lib/build-package.mjs`;
  const types = `${target}/types`;
  const bundles = `${target}/bundles`;
  await step(
    "Bundling the package",
    { name: "bundle", inputs: [...sources, ...cli, embedding, self], outputs: [bundles] },
    () => bundle(bundles),
  );
  await step(
    "Writing the package's types",
    { name: "types", inputs: [...sources, `${root}/tsconfig.json`, self], outputs: [types] },
    () => declare(types),
  );
  const parts = [bundles, types, embedDir, simulatorBundles, SIMULATOR_TYPES, PLAN_SCHEMA, self];
  await step("Laying out dist", { name: "dist", inputs: parts, outputs: [dist] }, () =>
    layOut(bundles, types),
  );
  const { files } = JSON.parse(await readFile(`${root}/package.json`, "utf8"));
  const overview = llms(await contents(), ({ file }) => (files.includes(`!${file}`) ? undefined : file));
  await writeFile(`${root}/llms.txt`, overview);
}

/** Prints the size of the download of a page. */
export async function printSizes() {
  for (const format of FORMATS) {
    const file = `${dist}/${format}/index.js`;
    const bytes = await readFile(file);
    const zipped = gzipSync(bytes, { level: 9 }).length;
    console.log(`${short(file)}: ${kilobytes(bytes.length)}, ${kilobytes(zipped)} with gzip -9`);
  }
}

/** @param {string} into */
async function bundle(into) {
  await rm(into, { recursive: true, force: true });
  for (const entry of ENTRIES) {
    for (const format of entry.formats) {
      await mkdir(`${into}/${format}`, { recursive: true });
      await writeFile(`${into}/${format}/${entry.name}.js`, await bundled(entry, format));
    }
  }
  for (const format of FORMATS) {
    for (const name of ["index", "elsewhere"]) await bundleForNode(name, format, into);
    await bundleWorkflows(format, into);
  }
  await bundleCli(`${into}/cli.js`);
}

/**
 * esbuild bundles the files. terser minifies the result, which becomes 1.3 KB smaller than with esbuild.
 * @param {Entry} entry
 * @param {"esm" | "cjs"} format
 */
async function bundled({ source, module, waiters = "waiters.ts" }, format) {
  const { build } = await import("esbuild");
  const { minify } = await import("terser");
  const wasm = await readFile(`${embedDir}/engine.wasm`);
  const names = JSON.parse(await readFile(`${embedDir}/names.json`, "utf8"));
  const text = TEXTS[module]?.(wasm);
  const { outputFiles } = await build({
    entryPoints: [`${root}/src/js/${source}`],
    write: false,
    bundle: true,
    format,
    plugins: [inPlace(module, waiters)],
    // The names that wasm-opt chose in the module.
    mangleProps: new RegExp(`^(${[...Object.keys(names), ...INTERNAL].join("|")})$`),
    mangleCache: names,
    platform: "neutral",
    target: "es2022",
    minify: true,
    legalComments: "none",
    logLevel: "warning",
  });
  const { code } = await minify(outputFiles.map(({ text }) => text).join(""), {
    ecma: 2020,
    module: format === "esm",
    toplevel: true,
    // Safe, because no function here is called with `new` or before the first statement of its scope.
    compress: { passes: 3, unsafe_arrows: true, hoist_funs: true },
    // ASCII works with every page charset. Node prints the whole line of an uncaught error, so its lines must be short.
    format: { ascii_only: true, ...(module === "module-node.ts" && { max_line_len: 160 }) },
  });
  return text === undefined ? `${code}\n` : `${code}\n${declared("engineText", text).js}\n`;
}

/**
 * @param {string} module
 * @param {string} waiters
 * @returns {import("esbuild").Plugin}
 */
function inPlace(module, waiters) {
  const source = (/** @type {string} */ name) => ({ path: `${root}/src/js/${name}` });
  return {
    name: "in-place",
    setup({ onResolve }) {
      onResolve({ filter: /^\.\/module\.js$/ }, () => source(module));
      // The replacement may import the original.
      onResolve({ filter: /^\.\/waiters\.js$/ }, ({ importer }) =>
        source(importer.endsWith(`/${waiters}`) ? "waiters.ts" : waiters),
      );
      // The path relative to dist/esm.
      onResolve({ filter: /\/engine\.wasm$/ }, () => ({ path: "../engine.wasm", external: true }));
    },
  };
}

/**
 * The entry for Node, and its replacement for other environments.
 * @param {string} name
 * @param {"esm" | "cjs"} format
 * @param {string} into
 */
async function bundleForNode(name, format, into) {
  const { build } = await import("esbuild");
  await build({
    entryPoints: [`${root}/src/node/${name}.ts`],
    outfile: `${into}/${format}/node/${name}.js`,
    bundle: true,
    format,
    platform: name === "index" ? "node" : "neutral",
    target: "es2022",
    // No page downloads it, so it stays readable.
    legalComments: "none",
    logLevel: "warning",
  });
}

/**
 * The entry for pages and for Node. The caller passes a client, so it does not contain the engine.
 * @param {"esm" | "cjs"} format
 * @param {string} into
 */
async function bundleWorkflows(format, into) {
  const { build } = await import("esbuild");
  await build({
    entryPoints: [`${root}/src/workflows/index.ts`],
    outfile: `${into}/${format}/workflows/index.js`,
    bundle: true,
    format,
    platform: "neutral",
    target: "es2022",
    minify: true,
    legalComments: "none",
    logLevel: "warning",
  });
}

/** @param {string} into */
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
  await must(process.execPath, [tsc, "-p", `${root}/tsconfig.json`, "--rootDir", `${root}/src`, ...emit]);
}

// The declarations are the same for both formats. The nearest package.json decides the format.
/**
 * @param {string} bundles
 * @param {string} types
 */
async function layOut(bundles, types) {
  await rm(dist, { recursive: true, force: true });
  for (const built of [bundles, simulatorBundles]) await cp(built, dist, { recursive: true });
  for (const format of FORMATS) {
    for (const file of await reachable(`${types}/js`, ["index.d.ts", "slim.d.ts", "api.d.ts"]))
      await copyFile(`${types}/js/${file}`, `${dist}/${format}/${file}`);
    for (const folder of ["node", "workflows"]) {
      for (const file of await reachable(`${types}/${folder}`, ["index.d.ts"]))
        await copyDeclaration(`${types}/${folder}/${file}`, `${dist}/${format}/${folder}/${file}`);
    }
    await copyFile(SIMULATOR_TYPES, `${dist}/${format}/simulator.d.ts`);
    await writeFile(`${dist}/${format}/api.js`, EMPTY[format]);
  }
  await copyFile(`${embedDir}/engine.wasm`, `${dist}/engine.wasm`);
  await copyFile(PLAN_SCHEMA, `${dist}/plan.schema.json`);
  await writeFile(`${dist}/cjs/package.json`, '{ "type": "commonjs" }\n');
}

/**
 * Copies a declaration. The files of src/js are one folder higher in dist.
 * @param {string} from
 * @param {string} to
 */
async function copyDeclaration(from, to) {
  const text = await readFile(from, "utf8");
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, text.replaceAll('"../js/', '"../'));
}

// Only declarations that the public types import are in the package.
/**
 * @param {string} types
 * @param {string[]} entries
 */
async function reachable(types, entries) {
  const found = new Set(entries);
  for (const file of found) {
    const text = await readFile(`${types}/${file}`, "utf8");
    // Skips imports in the examples of comments.
    for (const [, name] of text.matchAll(/^(?! *\*).* from "\.\/([\w-]+)\.js"/gm)) found.add(`${name}.d.ts`);
  }
  return found;
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1_000).toFixed(1)} KB`;
}
