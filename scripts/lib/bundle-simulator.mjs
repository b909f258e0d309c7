// The entry ontap-select-deploy/simulator: the simulator's host with the machine in its code, and what Node
// needs to listen beside it, its libraries included. docs/exports.md says who takes which.

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root, simulatorBundles, simulatorDir, target } from "./paths.mjs";
import { must } from "./run.mjs";
import { withoutSources } from "./shrink.mjs";
import { step } from "./stamp.mjs";

const host = `${root}/tests/simulator/host`;
const PLACEHOLDER = "the machine";
// Lifts every byte above the control characters, the blank and the quote: a character for each byte, which
// gzip sees through. Nobody downloads it with a page, so it is simpler than what embed.mjs does.
const LIFT = 35;

/** Bundles what buildSimulator left into target/simulator-bundles. */
export async function bundleSimulator() {
  const self = `${root}/scripts/lib/bundle-simulator.mjs`;
  const lock = `${root}/package-lock.json`;
  const shrunk = `${target}/simulator-shrunk.wasm`;
  await step(
    "Shrinking the simulator",
    { name: "shrink-simulator", inputs: [simulatorDir, lock, self], outputs: [shrunk] },
    () => shrink(shrunk),
  );
  await step(
    "Bundling the simulator",
    { name: "bundle-simulator", inputs: [host, shrunk, lock, self], outputs: [simulatorBundles] },
    () => bundle(shrunk),
  );
}

async function shrink(to) {
  const wasmOpt = `${root}/node_modules/binaryen/bin/wasm-opt`;
  const strip = ["--strip-debug", "--strip-producers", "--strip-target-features"];
  await writeFile(to, withoutSources(await readFile(`${simulatorDir}/deploy_simulator_bg.wasm`)));
  await must(process.execPath, [wasmOpt, "-Oz", ...strip, to, "-o", to]);
}

async function bundle(wasm) {
  const characters = Array.from(await readFile(wasm), (byte) => String.fromCharCode(byte + LIFT));
  const machine = `\n${JSON.stringify(characters.join(""))}\n`;
  await rm(simulatorBundles, { recursive: true, force: true });
  for (const format of /** @type {const} */ (["esm", "cjs"])) {
    await mkdir(`${simulatorBundles}/${format}`, { recursive: true });
    const anywhere = await bundled({ source: "index.mjs", platform: "neutral" }, format);
    const code = anywhere.text.split(JSON.stringify(PLACEHOLDER));
    if (code.length !== 2) throw new Error("the bundle must have one place for the machine");
    await writeFile(`${simulatorBundles}/${format}/simulator.js`, code.join(machine));

    const node = await bundled({ source: "index-node.mjs", platform: "node" }, format);
    await writeFile(`${simulatorBundles}/${format}/simulator-node.js`, node.text);
    await writeFile(`${simulatorBundles}/NOTICES.txt`, await notices(node.libraries));
  }
}

async function bundled({ source, platform }, format) {
  const { build } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    entryPoints: [`${host}/${source}`],
    absWorkingDir: root,
    write: false,
    metafile: true,
    bundle: true,
    format,
    plugins: [machineInCode],
    platform,
    target: "es2022",
    minify: true,
    lineLimit: 160,
    // They are in the notices.
    legalComments: "none",
    logLevel: "warning",
    // wasm-bindgen asks where its own file is in a function that nobody calls.
    logOverride: { "empty-import-meta": "silent" },
  });
  const inside = Object.keys(metafile.inputs).map(
    (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1],
  );
  return { text: outputFiles[0].text, libraries: new Set(inside.filter((name) => name !== undefined)) };
}

const machineInCode = {
  name: "machine-in-code",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/wasm\.mjs$/ }, ({ path }) => ({ path, namespace: "machine" }));
    onLoad({ filter: /.*/, namespace: "machine" }, () => ({
      contents: `export const machineWasm = () =>
        Uint8Array.from(${JSON.stringify(PLACEHOLDER)}, (character) => character.charCodeAt(0) - ${LIFT});`,
    }));
    onResolve({ filter: /^\.\/index\.mjs$/ }, ({ kind }) =>
      kind === "entry-point" ? undefined : { path: "./simulator.js", external: true },
    );
  },
};

async function notices(libraries) {
  const parts = [
    "The entry ontap-select-deploy/simulator holds these libraries, each under its own licence.\n",
  ];
  for (const name of [...libraries].sort()) {
    const folder = join(root, "node_modules", name);
    const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
    if (file === undefined) throw new Error(`${name} has no licence file`);
    const licence = await readFile(join(folder, file), "utf8");
    parts.push(`${"-".repeat(80)}\n${name} ${version}\n\n${licence.trim()}\n`);
  }
  return parts.join("\n");
}
