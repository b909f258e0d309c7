// In place of wasm.mjs in the package's entry, which has the machine in its code.

import { unpack } from "../../../src/js/unpack.js";

/** @returns {Uint8Array<ArrayBuffer>} */
export function machineWasm() {
  return unpack(simulatorText);
}
