// Builds the reference of the package with typedoc and that of the crates with rustdoc. Warnings are errors, such as a
// public item without a description or a dead link.

import { root } from "./paths.mjs";
import { cargoBar, cargoProgress, run } from "./run.mjs";
import { wasmCargo, wasmToolchain } from "./toolchain.mjs";

/** Writes the package's reference to target/api. Needs the types of the built engine. */
export async function packageDocs() {
  await run("typedoc", process.execPath, [`${root}/node_modules/typedoc/bin/typedoc`]);
}

/** Writes the crates' reference to target/doc, and the part that exists only for WebAssembly to target/wasm. */
export async function rustDocs() {
  // module-cycles is an internal tool.
  const crates = ["--workspace", "--exclude", "module-cycles"];
  const args = ["--no-deps", "--config", 'build.rustdocflags = ["-Dwarnings"]'];
  const options = { env: cargoBar, progress: cargoProgress };
  await run("cargo doc, native", "cargo", ["doc", ...crates, ...args], options);
  // Debian's compiler has no rustdoc.
  if ((await wasmToolchain()).name !== "rustup") return;
  const runtime = ["-p", "ontap-select-deploy", "--lib"];
  await wasmCargo("cargo doc, WebAssembly", "doc", [...runtime, ...args]);
}
