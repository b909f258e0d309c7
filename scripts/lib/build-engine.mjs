// Builds what src/js imports from Rust into target/embed: the bindings (glue.js) and the module (engine.wasm).

import { mkdir, rm, writeFile } from "node:fs/promises";
import { writeGlue } from "./glue.mjs";
import { bindgenDir, embedDir, root } from "./paths.mjs";
import { must } from "./run.mjs";
import { step } from "./stamp.mjs";
import { wasmCargo, wasmToolchain } from "./toolchain.mjs";
import { wasmBindgen } from "./wasm-bindgen.mjs";
import { STRIP, wasmOpt } from "./wasm-opt.mjs";

/** Builds the engine into target/embed. */
export async function buildEngine() {
  // A separate build, so that the engine does not get the features that only the simulator enables.
  const what = ["--release", "--lib", "-p", "ontap-select-deploy"];
  await wasmCargo("Compiling the engine", "rustc", [...what, "--crate-type", "cdylib"]);
  const compiled = `${(await wasmToolchain()).out}/release/ontap_select_deploy.wasm`;
  const bindgen = await wasmBindgen();

  const lib = `${root}/scripts/lib`;
  const self = `${lib}/build-engine.mjs`;
  await step(
    "Generating the engine's bindings",
    { name: "bindgen", inputs: [compiled, `${root}/Cargo.lock`, self], outputs: [bindgenDir] },
    () => must(bindgen, ["--target", "bundler", "--out-dir", bindgenDir, "--out-name", "engine", compiled]),
  );
  await step(
    "Optimizing the engine",
    {
      name: "wasm-opt",
      inputs: [bindgenDir, `${root}/package-lock.json`, `${lib}/wasm-opt.mjs`, `${lib}/glue.mjs`, self],
      outputs: [embedDir],
    },
    optimize,
  );
}

// wasm-bindgen's names are long and occur twice in the download. wasm-opt shortens them in the module and prints the
// mapping, which esbuild then applies to the JavaScript.
async function optimize() {
  await rm(embedDir, { recursive: true, force: true });
  await mkdir(embedDir, { recursive: true });
  const options = [...STRIP, "--minify-imports-and-exports-and-modules"];
  const printed = await wasmOpt(`${bindgenDir}/engine_bg.wasm`, `${embedDir}/engine.wasm`, options);
  /** @type {{ imports: [module: string, name: string, short: string][], exports: [name: string, short: string][] }} */
  const { imports, exports } = JSON.parse(printed);
  const names = [...imports.map(([, name, short]) => [name, short]), ...exports];
  await writeFile(`${embedDir}/names.json`, `${JSON.stringify(Object.fromEntries(names), undefined, 2)}\n`);
  await writeFile(
    `${embedDir}/engine.d.wasm.ts`,
    "declare const module: WebAssembly.Module;\nexport default module;\n",
  );
  await writeGlue({ from: bindgenDir, into: embedDir, imports: imports.map(([, name]) => name) });
}
