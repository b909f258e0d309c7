// A page with a few files and a strict policy, with the package and a simulated Deploy on the same server.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { built, open } from "./chromium.mjs";

const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

/** Serves these files at the root and the package at /package. */
export async function site(t, files, config) {
  const folder = await mkdtemp(join(tmpdir(), "site-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const folders = { "/": folder, "/package": built.package };
  return open(t, { folders, headers: { "content-security-policy": policy } }, config);
}
