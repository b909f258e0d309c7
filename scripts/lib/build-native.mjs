// Builds the native programs, which use the engine without WebAssembly.

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
  const folder = `${target}/native`;
  await build("Building the native example", [...nativeExample, "--target-dir", folder]);
  return `${folder}/debug/native`;
}

/**
 * Builds the fixed history whose instructions are counted, with the profile of the package.
 * @returns {Promise<string>} the program's path
 */
export async function buildHistory() {
  const folder = `${target}/history`;
  const manifest = ["--manifest-path", `${root}/bench/engine/Cargo.toml`];
  await build("Building the engine's history", [
    ...[...manifest, "--target-dir", folder],
    ...["--release", "--bin", "history"],
  ]);
  return `${folder}/release/history`;
}

/**
 * @param {string} title
 * @param {string[]} args
 */
async function build(title, args) {
  await requireRust();
  await run(title, "cargo", ["build", "--locked", ...args], { env: cargoBar, progress: cargoProgress });
}
