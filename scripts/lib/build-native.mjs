// Builds the native example, which uses the engine without WebAssembly.

import { root, target } from "./paths.mjs";
import { cargoBar, cargoProgress, run } from "./run.mjs";
import { requireRust } from "./toolchain.mjs";

/** The arguments with which cargo finds the example, which is a separate workspace. */
export const nativeExample = ["--manifest-path", `${root}/examples/native/Cargo.toml`];

/**
 * Builds the example.
 * @returns {Promise<string>} the program's path
 */
export async function buildNative() {
  await requireRust();
  const folder = `${target}/native`;
  const options = { env: cargoBar, progress: cargoProgress };
  await run(
    "Building the native example",
    "cargo",
    ["build", "--locked", ...nativeExample, "--target-dir", folder],
    options,
  );
  return `${folder}/debug/native`;
}
