// Builds the Deploy simulator as WebAssembly, for Node and for pages.

import { root, simulatorDir } from "./paths.mjs";
import { must } from "./run.mjs";
import { step } from "./stamp.mjs";
import { wasmCargo, wasmToolchain } from "./toolchain.mjs";
import { wasmBindgen } from "./wasm-bindgen.mjs";

/** Builds the simulator into target/simulator. */
export async function buildSimulator() {
  await wasmCargo("Compiling the Deploy simulator", "build", [
    "--release",
    "--lib",
    "-p",
    "deploy-simulator",
  ]);
  const compiled = `${(await wasmToolchain()).out}/release/deploy_simulator.wasm`;
  const bindgen = await wasmBindgen();
  await step(
    "Generating the simulator's bindings",
    { name: "simulator", inputs: [compiled, `${root}/Cargo.lock`], outputs: [simulatorDir] },
    () => must(bindgen, ["--target", "web", "--out-dir", simulatorDir, compiled]),
  );
}
