// The command: one file beside the package's own entry, which it uses as any script would.

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
    // The scripts for completion.
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

/** What Ajv makes of the schema of a plan: a function that stands alone. */
async function validatorCode() {
  const { transform } = await import("esbuild");
  const { Ajv } = await import("ajv");
  const { default: standalone } = await import("ajv/dist/standalone/index.js");
  const ajv = new Ajv({
    allErrors: true,
    inlineRefs: false,
    // A member may be a number or a text, each with limits of its own.
    allowUnionTypes: true,
    strictTypes: false,
    strictRequired: false,
    // `minLength: 1` is the same in code units, and to count characters takes a function of Ajv's own.
    unicode: false,
    logger: false,
    code: { source: true, esm: true },
  });
  // Roughly: `checkPlan` looks more closely.
  ajv.addFormat("ipv4", /^\d+(\.\d+){3}$/);
  ajv.addFormat("ipv6", /^[\da-f:.]*:[\da-f:.]*$/i);
  const schema = JSON.parse(await readFile(PLAN_SCHEMA, "utf8"));
  // Nobody reads it, and it is long.
  return (await transform(standalone.default(ajv, ajv.compile(schema)), { minify: true })).code;
}
