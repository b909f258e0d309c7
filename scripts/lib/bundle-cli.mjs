// The command: one file beside the package's own entry, which it uses as any script would.

import { chmod } from "node:fs/promises";
import { root } from "./paths.mjs";

/** @param {string} outfile */
export async function bundleCli(outfile) {
  const { build } = await import("esbuild");
  await build({
    entryPoints: [`${root}/src/cli/main.ts`],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    banner: { js: "#!/usr/bin/env node" },
    // The scripts for completion.
    loader: { ".sh": "text" },
    plugins: [entryBeside],
    legalComments: "none",
    logLevel: "warning",
  });
  await chmod(outfile, 0o755);
}

/** @type {import("esbuild").Plugin} */
const entryBeside = {
  name: "entry-beside",
  setup({ onResolve }) {
    onResolve({ filter: /\/js\/index\.js$/ }, () => ({ path: "./esm/node.js", external: true }));
    onResolve({ filter: /\/node\/index\.js$/ }, () => ({ path: "./esm/node/index.js", external: true }));
  },
};
