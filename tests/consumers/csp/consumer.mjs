import { readdir, readFile } from "node:fs/promises";
import { Failure } from "../../../scripts/lib/run.mjs";

export const where = "A page under a strict policy";
export const how = "`script-src 'self' 'wasm-unsafe-eval'`; no `eval` and no `new Function` in the code";

const policy = (scripts) => ({
  "content-security-policy": `default-src 'none'; connect-src 'self'; script-src ${scripts}`,
});

export async function run(app) {
  app.followed(await app.visit(await app.serve({ "/": "." }, policy("'self' 'wasm-unsafe-eval'"))));

  // Proves that the policy is in force: without its exception the page fails.
  const without = await app.serve({ "/": "." }, policy("'self'"));
  const title = await app.visit(without).catch((error) => error);
  if (!/WebAssembly|unsafe-eval/.test(title.message))
    throw new Failure(`expected a violation of the policy, got: ${title}`);

  await noEval(`${app.folder}/node_modules/ontap-select-deploy/dist`);
}

async function noEval(dist) {
  for (const file of await readdir(dist, { recursive: true })) {
    if (!file.endsWith(".js")) continue;
    // The pattern skips a string in wasm-bindgen that describes a function for an error message.
    const found = /(?<!unsafe-)\beval\b|(?<!`)\bFunction\s*\(/.exec(
      await readFile(`${dist}/${file}`, "utf8"),
    );
    if (found) throw new Failure(`dist/${file} contains "${found[0]}"`);
  }
}
