// A page of a few files under a strict policy, with the package and a simulated Deploy beside it.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { built, open } from "./chromium.mjs";

const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

/** A site that serves these files at its root, and the package below /package. */
export async function site(t, files, config) {
  const folder = await mkdtemp(join(tmpdir(), "site-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const folders = { "/": folder, "/package": built.package };
  return open(t, { folders, headers: { "content-security-policy": policy } }, config);
}
