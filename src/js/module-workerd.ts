// In place of module.ts for workerd, which forbids compiling from bytes: the runtime, or the bundler in
// front of it, compiles the file before the code starts, and an import gives the module.

import module from "../../target/embed/engine.wasm";

export function engineModule(): WebAssembly.Module {
  return module;
}
