// The references: of the package by typedoc, of the crates by rustdoc. A warning of either is a failure:
// something public without a description, or a link that leads nowhere.

import { root } from "./paths.mjs";
import { cargoBar, cargoProgress, run } from "./run.mjs";
import { wasmCargo, wasmToolchain } from "./toolchain.mjs";

/** Writes the package's reference to target/api. It rests on the types of the built engine. */
export async function packageDocs() {
  await run("typedoc", process.execPath, [`${root}/node_modules/typedoc/bin/typedoc`]);
}

/** Writes the crates' reference to target/doc, and what exists on WebAssembly only to target/wasm. */
export async function rustDocs() {
  // module-cycles is a tool of this repository, which nobody imports.
  const crates = ["--workspace", "--exclude", "module-cycles"];
  const args = ["--no-deps", "--config", 'build.rustdocflags = ["-Dwarnings"]'];
  const options = { env: cargoBar, progress: cargoProgress };
  await run("cargo doc, native", "cargo", ["doc", ...crates, ...args], options);
  // Debian's compiler comes without a rustdoc.
  if ((await wasmToolchain()).name !== "rustup") return;
  const runtime = ["-p", "ontap-select-deploy", "--lib"];
  await wasmCargo("cargo doc, WebAssembly", "doc", [...runtime, ...args]);
}
