// Powers off a cluster and deletes it with all its data.
//
//   DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… node delete-cluster.mjs branch-office

import { deleteCluster } from "ontap-select-deploy/workflows";
import { onStep, readArguments, run } from "./script.mjs";

await run(async (deploy) => {
  const [name] = readArguments("delete-cluster.mjs <cluster>", 1).positionals;
  await deleteCluster(deploy, name, { onStep });
});
