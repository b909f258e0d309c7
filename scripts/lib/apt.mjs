// Debian packages, installed when they are missing and this process may.

import { access } from "node:fs/promises";
import { ask, Failure, run } from "./run.mjs";

/**
 * Sees to it that Debian packages are there.
 * @param {string} purpose what they are for, as the end of "… is needed for"
 * @param {string[]} names
 * @param {string[]} files what the packages bring; when all of these exist nothing is done
 */
export async function debianPackages(purpose, names, files) {
  if (await allExist(files)) return;
  const byHand = `apt-get update && apt-get install -y --no-install-recommends ${names.join(" ")}`;
  if ((await ask("apt-get", ["--version"])) === undefined) {
    throw new Failure(
      `Debian's packages ${names.join(", ")} are needed for ${purpose}, and there is no apt-get here.`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new Failure(`Debian's packages are needed for ${purpose}. Run by hand, as root:\n  ${byHand}`);
  }
  console.log(`Debian's packages ${names.join(", ")} are needed for ${purpose} and will be installed now.`);
  const options = { env: { DEBIAN_FRONTEND: "noninteractive" }, progress: percent, statusPipe: true };
  const status = ["-o", "APT::Status-Fd=3"];
  try {
    await run("apt-get update", "apt-get", [...status, "update"], options);
    const install = [...status, "install", "-y", "--no-install-recommends", ...names];
    await run(`apt-get install ${names.join(" ")}`, "apt-get", install, options);
  } catch (error) {
    if (error instanceof Failure) error.message += `\nWhen that is mended, run by hand:\n  ${byHand}`;
    throw error;
  }
  if (!(await allExist(files))) {
    throw new Failure(`${names.join(", ")} are installed, but not all of ${files.join(", ")} are there.`);
  }
}

/**
 * Whether every one of these files is there.
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
 * apt tells of its downloads and of its installing as "dlstatus:1:45.2:…" and "pmstatus:name:45.2:…".
 * @param {string} text
 */
function percent(text) {
  const found = [...text.matchAll(/^(dl|pm)status:[^:]*:([\d.]+):/gm)].at(-1);
  return found && `${found[1] === "dl" ? "downloading" : "installing"} ${Math.round(Number(found[2]))} %`;
}
