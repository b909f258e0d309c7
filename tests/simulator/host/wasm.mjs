// Reads the machine's wasm from the build's output. The package's entry embeds it instead:
// scripts/lib/bundle-simulator.mjs replaces this file with wasm-in-code.mjs.

import { readFileSync } from "node:fs";

/** @returns {Uint8Array<ArrayBuffer>} */
export function machineWasm() {
  return readFileSync(new URL("../../../target/simulator/deploy_simulator_bg.wasm", import.meta.url));
}
