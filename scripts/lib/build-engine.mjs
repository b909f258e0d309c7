// From Rust to the two JavaScript modules with the engine in them that src/js imports.

import { embed } from "./embed.mjs";
import { bindgenDir, bindgenRawDir, embedDir, root } from "./paths.mjs";
import { must } from "./run.mjs";
import { shrink } from "./shrink.mjs";
import { step } from "./stamp.mjs";
import { wasmCargo, wasmToolchain } from "./toolchain.mjs";
import { wasmBindgen } from "./wasm-bindgen.mjs";

/** Builds the engine into target/embed. */
export async function buildEngine() {
  // Alone: built together with the simulator it would get the features that only the simulator asks for.
  const what = ["--release", "--lib", "-p", "ontap-select-deploy"];
  await wasmCargo("Compiling the engine", "rustc", [...what, "--crate-type", "cdylib"]);
  const compiled = `${(await wasmToolchain()).out}/release/ontap_select_deploy.wasm`;
  const bindgen = await wasmBindgen();

  const self = `${root}/scripts/lib/build-engine.mjs`;
  const shrinks = `${root}/scripts/lib/shrink.mjs`;
  await step(
    "Generating the engine's bindings",
    { name: "bindgen", inputs: [compiled, `${root}/Cargo.lock`, self], outputs: [bindgenRawDir] },
    () =>
      must(bindgen, ["--target", "bundler", "--out-dir", bindgenRawDir, "--out-name", "engine", compiled]),
  );
  await step(
    "Shrinking the engine",
    {
      name: "wasm-opt",
      inputs: [bindgenRawDir, `${root}/package-lock.json`, shrinks],
      outputs: [bindgenDir],
    },
    () => shrink(bindgenRawDir, bindgenDir),
  );
  await step(
    "Embedding the engine",
    { name: "embed", inputs: [bindgenDir, `${root}/scripts/lib/embed.mjs`], outputs: [embedDir] },
    () => embed({ bindgenDir, outDir: embedDir }),
  );
}
