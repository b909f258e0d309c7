// npm run docs: builds the documentation as one site: guides, recipes, and the references of the package and the
// crates. A warning or a dead link is an error. `npm run docs -- --base /somewhere/` builds it for that path.

import { parseArgs } from "node:util";
import { buildSite, SITE_BASE } from "./lib/build-site.mjs";
import { main } from "./lib/main.mjs";
import { npmDependencies } from "./lib/npm-deps.mjs";
import { short, siteDir } from "./lib/paths.mjs";
import { Failure } from "./lib/run.mjs";

await main(async (args) => {
  const base = wantedBase(args);
  await npmDependencies();
  await buildSite(base);
  console.log(`
  The site is in ${short(siteDir)}. Serve it at ${base} with any web server. npm start serves it at ${SITE_BASE}.`);
});

/** @param {string[]} args */
function wantedBase(args) {
  const { base = SITE_BASE } = parseArgs({ args, options: { base: { type: "string" } } }).values;
  if (/^\/(\S+\/)?$/.test(base)) return base;
  throw new Failure(`--base: expected a path with a slash at both ends, such as /docs/.`);
}
