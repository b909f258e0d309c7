// Resizes all nodes of a cluster.
//
//   DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… CLUSTER_PASSWORD=… \
//   node resize-nodes.mjs branch-office medium

import { resizeNodes } from "ontap-select-deploy/workflows";
import { needed, onStep, readArguments, run } from "./script.mjs";

await run(async (deploy) => {
  const [cluster, size] = readArguments("resize-nodes.mjs <cluster> <size>", 2).positionals;
  await resizeNodes(deploy, cluster, size, needed("CLUSTER_PASSWORD"), { onStep });
});
