// Creates the cluster that a plan describes, and deploys it. The plan has the form of the JSON input of
// NetApp's Python sample cluster.py; cluster.json is one. Passwords that it leaves out come from the environment.
//
//   export DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=…
//   export VCENTER_PASSWORD=… CLUSTER_PASSWORD=…   and HOST_PASSWORD for hosts without a vCenter
//   node create-cluster.mjs cluster.json --dry-run   shows the calls, and sends none that changes anything
//   node create-cluster.mjs cluster.json
//
// Exit codes: 0 the cluster is up, 1 a step failed or was refused, 2 the plan or the environment is not in
// order, 3 nobody knows how a step ended. It can be run again: what is there already is not made again.

import { readFile } from "node:fs/promises";
import { createCluster, vmOf } from "./deployment.mjs";
import { faultsOf } from "./plan.mjs";
import { readArguments, run, UsageError } from "./script.mjs";

await run(async (deploy) => {
  const options = { "dry-run": { type: "boolean" } };
  const { values, positionals } = readArguments("create-cluster.mjs <plan.json> [--dry-run]", 1, options);
  const plan = await readPlan(positionals[0]);
  const isDry = values["dry-run"];
  const vm = isDry ? pretended(vmOf(deploy), plan) : vmOf(deploy);
  let sent = 0;
  const send = (...call) => {
    sent += 1;
    return vm.send(...call);
  };
  const path = await createCluster({ ...vm, send }, plan);
  if (sent === 0) console.error(`${plan.cluster.name} is deployed already`);
  if (!isDry) console.log(JSON.stringify({ cluster: plan.cluster.name, path }));
});

async function readPlan(file) {
  let plan;
  try {
    plan = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new UsageError(`${file}: ${error.message}`);
  }
  const { VCENTER_PASSWORD, HOST_PASSWORD, CLUSTER_PASSWORD } = process.env;
  const { vcenter, hosts, cluster } = Object(plan);
  Object(vcenter).password ??= VCENTER_PASSWORD;
  for (const host of Array.isArray(hosts) ? hosts : [])
    if (!host?.mgmt_server) Object(host).password ??= HOST_PASSWORD;
  Object(cluster).ontap_admin_password ??= CLUSTER_PASSWORD;
  const faults = faultsOf(plan).map(({ place, problem }) => `${place} ${problem}${hint(place, problem)}`);
  if (faults.length > 0) throw new UsageError(`${file}: ${faults.join("; ")}`);
  return plan;
}

/** Where a password comes from that a plan leaves out. */
function hint(place, problem) {
  const places = { vcenter: "VCENTER_PASSWORD", hosts: "HOST_PASSWORD", cluster: "CLUSTER_PASSWORD" };
  const isPassword = place.endsWith("password") && problem === "is missing";
  return isPassword ? ` (or set ${places[place.split(/\W/, 1)]})` : "";
}

/** A VM that is read, and on which nothing changes. What would be made has a name in braces for an id. */
function pretended(vm, plan) {
  const isMade = (path) => path.includes("{");
  const guess = (path, { purpose } = {}) => {
    if (path.endsWith("/nodes")) return plan.nodes.map((_, index) => ({ id: `{node-${index + 1}}` }));
    const isThere = plan.nodes.length > 1 || purpose !== "internal";
    return path.endsWith("/networks") && isThere ? [{ id: `{${purpose}}` }] : [];
  };
  const sent = new Set();
  const hidden = (key, value) => (/password/.test(key) && typeof value === "string" ? "…" : value);
  return {
    async list(path, query) {
      if (isMade(path)) return guess(path, query);
      const records = await vm.list(path, query);
      const isNewHost = path === "/hosts" && sent.has("/hosts");
      return records.length === 0 && isNewHost ? [{ id: `{${query.name}}` }] : records;
    },
    async send(method, path, body) {
      sent.add(path);
      console.log(method, decodeURIComponent(path), JSON.stringify(body, hidden) ?? "");
      return { path: "/clusters/{cluster}" };
    },
  };
}
