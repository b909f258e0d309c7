// The wasm-bindgen command. Its version must match the library in Cargo.lock exactly.

import { readFile } from "node:fs/promises";
import { root, tools } from "./paths.mjs";
import { ask, cargoBar, cargoProgress, Failure, run } from "./run.mjs";
import { requireRust } from "./toolchain.mjs";

// Both programs are built at once, which takes a second longer. A debug build takes a quarter of the time and makes
// each run only a fraction of a second slower.

/**
 * Makes sure that a program of wasm-bindgen is installed.
 * @param {"wasm-bindgen" | "wasm-bindgen-test-runner"} [program]
 * @returns {Promise<string>} its path
 */
export async function wasmBindgen(program = "wasm-bindgen") {
  const version = await lockedVersion();
  const path = `${tools}/bin/${program}`;
  if ((await ask(path, ["--version"]))?.endsWith(` ${version}`)) return path;
  await requireRust();
  await run(
    `Building ${program} ${version}, once`,
    "cargo",
    [
      ["install", "wasm-bindgen-cli", "--version", version],
      ["--root", tools, "--target-dir", `${tools}/build`],
      ["--no-default-features", "--force", "--debug"],
      ["--bin", "wasm-bindgen", "--bin", "wasm-bindgen-test-runner"],
    ].flat(),
    { env: { ...cargoBar, CARGO_PROFILE_DEV_DEBUG: "0" }, progress: cargoProgress },
  );
  return path;
}

async function lockedVersion() {
  const lock = await readFile(`${root}/Cargo.lock`, "utf8");
  const version = /^name = "wasm-bindgen"\nversion = "([^"]+)"/m.exec(lock)?.[1];
  if (version === undefined) throw new Failure("Cargo.lock has no version of wasm-bindgen.");
  return version;
}
