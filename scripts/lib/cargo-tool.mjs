// Programs from crates.io that a script needs: the one in the PATH, or one of our own under target/.

import { tools } from "./paths.mjs";
import { ask, cargoBar, cargoProgress, run } from "./run.mjs";
import { requireRust } from "./toolchain.mjs";

/**
 * Sees to it that a program of exactly this version is there.
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
  // Without optimisation it is built in a quarter of the time, and has little to do.
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
