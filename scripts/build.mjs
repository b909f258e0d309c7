// npm run build: builds the package in dist/. Installs the tools that it needs.

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
