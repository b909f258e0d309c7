// Installs missing Debian packages if this process runs as root.

import { access } from "node:fs/promises";
import { ask, Failure, run } from "./run.mjs";

/**
 * Makes sure that Debian packages are installed.
 * @param {string} purpose ends the message "… are needed for"
 * @param {string[]} names
 * @param {string[]} files the files of the packages; if all of them exist, nothing is installed
 */
export async function debianPackages(purpose, names, files) {
  if (await allExist(files)) return;
  const byHand = `apt-get update && apt-get install -y --no-install-recommends ${names.join(" ")}`;
  if ((await ask("apt-get", ["--version"])) === undefined) {
    throw new Failure(
      `The Debian packages ${names.join(", ")} are needed for ${purpose}, but apt-get is not installed.`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new Failure(`Debian packages are needed for ${purpose}. Run as root:\n  ${byHand}`);
  }
  console.log(`Installing the Debian packages ${names.join(", ")}, which are needed for ${purpose}.`);
  const options = { env: { DEBIAN_FRONTEND: "noninteractive" }, progress: percent, statusPipe: true };
  const status = ["-o", "APT::Status-Fd=3"];
  try {
    await run("apt-get update", "apt-get", [...status, "update"], options);
    const install = [...status, "install", "-y", "--no-install-recommends", ...names];
    await run(`apt-get install ${names.join(" ")}`, "apt-get", install, options);
  } catch (error) {
    if (error instanceof Failure) error.message += `\nFix that, then run:\n  ${byHand}`;
    throw error;
  }
  if (!(await allExist(files))) {
    throw new Failure(
      `${names.join(", ")} are installed, but some of these files are missing: ${files.join(", ")}.`,
    );
  }
}

/**
 * Whether all of these files exist.
 * @param {string[]} files
 */
export async function allExist(files) {
  const found = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.every(Boolean);
}

/**
 * apt reports downloads as "dlstatus:1:45.2:…" and installations as "pmstatus:name:45.2:…".
 * @param {string} text
 */
function percent(text) {
  const found = [...text.matchAll(/^(dl|pm)status:[^:]*:([\d.]+):/gm)].at(-1);
  return found && `${found[1] === "dl" ? "downloading" : "installing"} ${Math.round(Number(found[2]))} %`;
}
