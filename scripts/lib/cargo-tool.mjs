// Finds a program from crates.io in PATH, or builds it under target/.

import { tools } from "./paths.mjs";
import { ask, cargoBar, cargoProgress, run } from "./run.mjs";
import { requireRust } from "./toolchain.mjs";

/**
 * Makes sure that exactly this version of a program is installed.
 * @param {string} name
 * @param {string} version
 * @returns {Promise<string>} its path
 */
export async function cargoTool(name, version) {
  const own = `${tools}/bin/${name}`;
  for (const path of [name, own]) {
    if ((await ask(path, ["--version"]))?.endsWith(` ${version}`)) return path;
  }
  await requireRust();
  // A debug build takes a quarter of the time, and the program has little to do.
  await run(
    `Building ${name} ${version}, once`,
    "cargo",
    [
      ["install", name, "--version", version, "--locked", "--force", "--debug"],
      ["--root", tools, "--target-dir", `${tools}/build`],
    ].flat(),
    { env: { ...cargoBar, CARGO_PROFILE_DEV_DEBUG: "0" }, progress: cargoProgress },
  );
  return own;
}
