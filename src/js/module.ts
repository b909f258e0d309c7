// The engine's module for the default entry: its bytes are in the code, so there is nothing to fetch and
// nothing to configure. build-package.mjs puts another file in this one's place for the other entries.

import { unpack } from "./unpack.js";

/** The engine as text, which the build declares in the last line of the bundle. */
declare const engineText: string;

let compiled: WebAssembly.Module | undefined;

// Synchronous, so that a constructor can check its arguments at once; the module is small enough for
// every browser's main thread. Not at import: who only imports pays nothing.
export function engineModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(unpack(engineText));
  return compiled;
}
