// Replaces wasm.mjs in the package's entry, which embeds the machine.

import { unpack } from "../../../src/js/unpack.js";

/** @returns {Uint8Array<ArrayBuffer>} */
export function machineWasm() {
  return unpack(simulatorText);
}
