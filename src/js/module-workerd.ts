// Replaces module.ts in workerd, which forbids compiling from bytes. The runtime or the bundler compiles the file
// before the code starts, and the import returns the module.

import module from "../../target/embed/engine.wasm";

export function engineModule(): WebAssembly.Module {
  return module;
}
