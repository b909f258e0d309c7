// npm run build: leaves a package in dist/ that `npm pack` packs whole. Sets up what it needs by itself.

import { buildEngine } from "./lib/build-engine.mjs";
import { buildPackage, printSizes } from "./lib/build-package.mjs";
import { main } from "./lib/main.mjs";
import { npmDependencies } from "./lib/npm-deps.mjs";

await main(async () => {
  await npmDependencies();
  await buildEngine();
  await buildPackage();
  await printSizes();
});
