import { readdir, readFile } from "node:fs/promises";
import { Failure } from "../../../scripts/lib/run.mjs";

export const where = "A page under a strict policy";
export const how = "`script-src 'self' 'wasm-unsafe-eval'`; no `eval` and no `new Function` in the code";

const policy = (scripts) => ({
  "content-security-policy": `default-src 'none'; connect-src 'self'; script-src ${scripts}`,
});

export async function run(app) {
  app.followed(await app.visit(await app.serve({ "/": "." }, policy("'self' 'wasm-unsafe-eval'"))));

  // The policy is in force: without the one exception in it, the page fails.
  const without = await app.serve({ "/": "." }, policy("'self'"));
  const title = await app.visit(without).catch((error) => error);
  if (!/WebAssembly|unsafe-eval/.test(title.message)) throw new Failure(`no violation, but ${title}`);

  await noEval(`${app.folder}/node_modules/ontap-select-deploy/dist`);
}

async function noEval(dist) {
  for (const file of await readdir(dist, { recursive: true })) {
    if (!file.endsWith(".js")) continue;
    // In a text wasm-bindgen describes a function so, for an error's message.
    const found = /(?<!unsafe-)\beval\b|(?<!`)\bFunction\s*\(/.exec(
      await readFile(`${dist}/${file}`, "utf8"),
    );
    if (found) throw new Failure(`dist/${file} holds "${found[0]}"`);
  }
}
