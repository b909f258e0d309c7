// Checks that the hosts of a plan reach each other over the internal networks. Run it before you deploy a cluster
// of more than one node.
//
//   DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… node check-network.mjs cluster.json StandardvSwitch

import { readArguments, readInput, run } from "./script.mjs";

const usage = "check-network.mjs <plan.json> <StandardvSwitch | DistributedvSwitch | OpenvSwitch>";

await run(async (deploy) => {
  const [file, vswitch_type] = readArguments(usage, 2).positionals;
  const { cluster, nodes } = JSON.parse(await readInput(file));
  const host_networks = nodes.map(({ host_name, networks }) => {
    const { name } = networks.find(({ purpose }) => purpose === "internal");
    return { host_name, network_name: name };
  });
  const { mtu = 9000 } = cluster;
  const check = { mode: "quick", mtu, vswitch_type, debug: false, host_networks };
  await deploy.post("/network/connectivitychecks", check);
});
