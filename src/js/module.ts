// The engine's module for the default entry. Its bytes are in the code, so there is nothing to fetch or configure.
// build-package.mjs replaces this file in the other entries.

import { unpack } from "./unpack.js";

/** The engine as a string. The build defines it in the last line of the bundle. */
declare const engineText: string;

let compiled: WebAssembly.Module | undefined;

// Synchronous, so that the constructor can check its arguments; the module is small enough for the main thread of every
// browser. Not at import, so that importing alone costs nothing.
export function engineModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(unpack(engineText));
  return compiled;
}
