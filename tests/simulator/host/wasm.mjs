// The machine's wasm, from where the build leaves it. The package's entry has it in the code instead:
// scripts/lib/bundle-simulator.mjs puts wasm-in-code.mjs in this one's place.

import { readFileSync } from "node:fs";

/** @returns {Uint8Array<ArrayBuffer>} */
export function machineWasm() {
  return readFileSync(new URL("../../../target/simulator/deploy_simulator_bg.wasm", import.meta.url));
}
