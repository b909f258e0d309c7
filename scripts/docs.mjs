// npm run docs: the references of the package and of the crates, as pages. A warning fails.

import { packageDocs, rustDocs } from "./lib/build-docs.mjs";
import { buildEngine } from "./lib/build-engine.mjs";
import { main } from "./lib/main.mjs";
import { npmDependencies } from "./lib/npm-deps.mjs";
import { short, target } from "./lib/paths.mjs";

await main(async () => {
  await npmDependencies();
  await buildEngine();
  await packageDocs();
  await rustDocs();
  console.log(`
  The package   ${short(target)}/api/index.html
  The engine    ${short(target)}/doc/ontap_select_deploy/index.html
  The simulator ${short(target)}/doc/deploy_simulator/index.html`);
});
