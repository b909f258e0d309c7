// Powers a cluster off, and deletes it with all that is on it.
//
//   DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… node delete-cluster.mjs branch-office

import { deleteCluster } from "./deployment.mjs";
import { named, readArguments, run, send } from "./script.mjs";

await run(async (deploy) => {
  const [name] = readArguments("delete-cluster.mjs <cluster>", 1).positionals;
  const cluster = await named(deploy, "/clusters", name, "state");
  await deleteCluster({ send: (method, path, body) => send(deploy, method, path, body) }, cluster);
});
