// The command: one file beside the package's own entry, which it uses as any script would.

import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { root } from "./paths.mjs";

/** @param {string} outfile */
export async function bundleCli(outfile) {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [`${root}/src/cli/main.ts`],
    write: false,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    banner: { js: "#!/usr/bin/env node" },
    plugins: [entryBeside],
    legalComments: "none",
    logLevel: "warning",
  });
  await mkdir(dirname(outfile), { recursive: true });
  await writeFile(outfile, outputFiles[0].text);
  await chmod(outfile, 0o755);
}

const entryBeside = {
  name: "entry-beside",
  setup({ onResolve }) {
    onResolve({ filter: /\/js\/index\.js$/ }, () => ({ path: "./esm/index.js", external: true }));
  },
};
