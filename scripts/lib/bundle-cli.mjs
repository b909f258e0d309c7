// Bundles the command into one file, which imports the package's own entry.

import { chmod, readFile } from "node:fs/promises";
import { root } from "./paths.mjs";

export const PLAN_SCHEMA = `${root}/src/workflows/plan.schema.json`;

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
    // The completion scripts.
    loader: { ".sh": "text" },
    plugins: [entryBeside, planValidator],
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
    onResolve({ filter: /\/workflows\/index\.js$/ }, () => ({
      path: "./esm/workflows/index.js",
      external: true,
    }));
  },
};

/** @type {import("esbuild").Plugin} */
const planValidator = {
  name: "plan-validator",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/plan-validator\.js$/ }, () => ({ path: PLAN_SCHEMA, namespace: "validator" }));
    onLoad({ filter: /./, namespace: "validator" }, async () => ({ contents: await validatorCode() }));
  },
};

/** The validator that Ajv generates from the plan's schema, without imports. */
async function validatorCode() {
  const { transform } = await import("esbuild");
  const { Ajv } = await import("ajv");
  const { default: standalone } = await import("ajv/dist/standalone/index.js");
  const ajv = new Ajv({
    allErrors: true,
    inlineRefs: false,
    // A member may be a number or a string, each with its own limits.
    allowUnionTypes: true,
    strictTypes: false,
    strictRequired: false,
    // `minLength: 1` is the same in code units, and counting characters would need a helper from Ajv.
    unicode: false,
    logger: false,
    code: { source: true, esm: true },
  });
  // Rough patterns. `checkPlan` checks addresses exactly.
  ajv.addFormat("ipv4", /^\d+(\.\d+){3}$/);
  ajv.addFormat("ipv6", /^[\da-f:.]*:[\da-f:.]*$/i);
  const schema = JSON.parse(await readFile(PLAN_SCHEMA, "utf8"));
  // Generated code is long and not meant to be read.
  return (await transform(standalone.default(ajv, ajv.compile(schema)), { minify: true })).code;
}
