// Builds the console page from www/ into a folder for any static web server.

import { cp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { dist, pageDir, root } from "./paths.mjs";
import { step } from "./stamp.mjs";

const www = `${root}/www`;
const BUNDLED = [".ts", ".css"];

/** Builds the console page into target/www. Needs dist/, because the page imports the package by name. */
export async function buildPage() {
  await step(
    "Bundling the console page",
    {
      name: "page",
      inputs: [
        www,
        `${root}/src/js/clock.ts`,
        `${root}/src/workflows`,
        `${dist}/esm`,
        `${root}/package-lock.json`,
        `${root}/scripts/lib/build-page.mjs`,
      ],
      outputs: [pageDir],
    },
    bundle,
  );
}

async function bundle() {
  const { build } = await import("esbuild");
  const names = await readdir(www, { withFileTypes: true });
  await rm(pageDir, { recursive: true, force: true });
  await build({
    entryPoints: names
      .filter((entry) => entry.isFile() && isBundled(entry.name))
      .map((entry) => join(www, entry.name)),
    outdir: pageDir,
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
  });
  for (const { name } of names.filter((entry) => entry.isFile() && isStatic(entry.name))) {
    await cp(join(www, name), join(pageDir, name));
  }
}

/** @param {string} name */
function isBundled(name) {
  return BUNDLED.some((ending) => name.endsWith(ending));
}

/** @param {string} name */
function isStatic(name) {
  return !isBundled(name) && name !== "tsconfig.json";
}
