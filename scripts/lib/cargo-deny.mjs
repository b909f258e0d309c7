// cargo-deny, which deny.toml is for: the one in the PATH, or one of our own under target/.

import { tools } from "./paths.mjs";
import { ask, cargoBar, cargoProgress, run } from "./run.mjs";
import { requireRust } from "./toolchain.mjs";

const VERSION = "0.20.2";

/**
 * Sees to it that cargo-deny is there.
 * @returns {Promise<string>} its path
 */
export async function cargoDeny() {
  const own = `${tools}/bin/cargo-deny`;
  for (const path of ["cargo-deny", own]) {
    if ((await ask(path, ["--version"])) === `cargo-deny ${VERSION}`) return path;
  }
  await requireRust();
  // Without optimisation it is built in a quarter of the time, and has little to do.
  await run(
    `Building cargo-deny ${VERSION}, once`,
    "cargo",
    [
      ["install", "cargo-deny", "--version", VERSION, "--locked", "--force", "--debug"],
      ["--root", tools, "--target-dir", `${tools}/build`],
    ].flat(),
    { env: { ...cargoBar, CARGO_PROFILE_DEV_DEBUG: "0" }, progress: cargoProgress },
  );
  return own;
}
