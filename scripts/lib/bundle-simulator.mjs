// Bundles the entry ontap-select-deploy/simulator: the simulator with its WebAssembly as text, and a second file with the
// HTTP server for Node and its libraries. docs/exports.md lists the files.

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { declared, pack } from "./embed.mjs";
import { root, simulatorBundles, simulatorDir, target } from "./paths.mjs";
import { step } from "./stamp.mjs";
import { STRIP, wasmOpt } from "./wasm-opt.mjs";

const host = `${root}/tests/simulator/host`;
/** Bundles the output of buildSimulator into target/simulator-bundles. */
export async function bundleSimulator() {
  const self = `${root}/scripts/lib/bundle-simulator.mjs`;
  const lock = `${root}/package-lock.json`;
  const embedding = [`${root}/scripts/lib/embed.mjs`, `${root}/src/js/unpack.ts`];
  const optimized = `${target}/simulator.wasm`;
  await step(
    "Optimizing the simulator",
    { name: "wasm-opt-simulator", inputs: [simulatorDir, lock, self], outputs: [optimized] },
    () => wasmOpt(`${simulatorDir}/deploy_simulator_bg.wasm`, optimized, STRIP),
  );
  await step(
    "Bundling the simulator",
    {
      name: "bundle-simulator",
      inputs: [host, optimized, ...embedding, lock, self],
      outputs: [simulatorBundles],
    },
    () => bundle(optimized),
  );
}

/** @param {string} wasm */
async function bundle(wasm) {
  const banner = declared("simulatorText", pack(await readFile(wasm)));
  await rm(simulatorBundles, { recursive: true, force: true });
  for (const format of /** @type {const} */ (["esm", "cjs"])) {
    await mkdir(`${simulatorBundles}/${format}`, { recursive: true });
    const anywhere = await bundled({ source: "index.mjs", platform: "neutral", banner }, format);
    await writeFile(`${simulatorBundles}/${format}/simulator.js`, anywhere.text);

    const node = await bundled({ source: "index-node.mjs", platform: "node" }, format);
    await writeFile(`${simulatorBundles}/${format}/simulator-node.js`, node.text);
    await writeFile(`${simulatorBundles}/NOTICES.txt`, await notices(node.libraries));
  }
}

/**
 * @param {{ source: string, platform: "neutral" | "node", banner?: { js: string } }} entry
 * @param {"esm" | "cjs"} format
 */
async function bundled({ source, platform, banner }, format) {
  const { build } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    entryPoints: [`${host}/${source}`],
    absWorkingDir: root,
    write: false,
    metafile: true,
    bundle: true,
    format,
    plugins: [wasmInCode],
    ...(banner && { banner }),
    platform,
    target: "es2022",
    minify: true,
    lineLimit: 160,
    // The licenses are in NOTICES.txt.
    legalComments: "none",
    logLevel: "warning",
    // wasm-bindgen uses import.meta in a function that is never called.
    logOverride: { "empty-import-meta": "silent" },
  });
  const inside = Object.keys(metafile.inputs).map(
    (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1],
  );
  return {
    text: outputFiles.map(({ text }) => text).join(""),
    libraries: new Set(inside.filter((name) => name !== undefined)),
  };
}

/** @type {import("esbuild").Plugin} */
const wasmInCode = {
  name: "wasm-in-code",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/wasm\.mjs$/ }, () => ({ path: `${host}/wasm-in-code.mjs` }));
    onResolve({ filter: /^\.\/index\.mjs$/ }, ({ kind }) =>
      kind === "entry-point" ? undefined : { path: "./simulator.js", external: true },
    );
  },
};

/** @param {Set<string>} libraries */
async function notices(libraries) {
  const parts = [
    "The entry ontap-select-deploy/simulator contains these libraries, each under its own license.\n",
  ];
  for (const name of [...libraries].sort()) {
    const folder = join(root, "node_modules", name);
    const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
    if (file === undefined) throw new Error(`${name} has no license file`);
    const license = await readFile(join(folder, file), "utf8");
    parts.push(`${"-".repeat(80)}\n${name} ${version}\n\n${license.trim()}\n`);
  }
  return parts.join("\n");
}
