// Gives all nodes of a cluster another size.
//
//   DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… CLUSTER_PASSWORD=… \
//   node resize-nodes.mjs branch-office medium

import { named, needed, readArguments, run } from "./script.mjs";

await run(async (deploy) => {
  const [name, instance_type] = readArguments("resize-nodes.mjs <cluster> <size>", 2).positionals;
  const admin_password = needed("CLUSTER_PASSWORD");
  const { id, nodes } = await named(deploy, "/clusters", name, "nodes");
  const resized = nodes.map((node) => ({ id: node.id, instance_type }));
  await deploy.patch("/clusters/{id}", { admin_password, nodes: resized }, { params: { id } });
});
