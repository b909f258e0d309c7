// Ballast: the hand-written loop, the package's engine as a string, and its decoding and compilation at the first client. Nothing
// runs the compiled module.

import { decode, text } from "#ballast";
import { create as createHand } from "./hand.mjs";

export const title = "hand-written loop + the engine decoded and compiled";

export function create(options) {
  globalThis.ballast = new WebAssembly.Module(decode(text));
  return createHand(options);
}
