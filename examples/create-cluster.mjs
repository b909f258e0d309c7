// Creates and deploys the cluster that a plan describes. The plan has the format of the JSON input of NetApp's
// Python sample cluster.py; cluster.json is an example. Passwords that are not in the plan come from the environment.
//
//   export DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=…
//   export VCENTER_PASSWORD=… CLUSTER_PASSWORD=…   and HOST_PASSWORD for hosts without a vCenter
//   node create-cluster.mjs cluster.json --dry-run   checks the plan against the VM and changes nothing
//   node create-cluster.mjs cluster.json
//
// Exit codes: 0 the cluster is up, 1 a step failed or was refused, 2 wrong plan, arguments or environment,
// 3 the outcome of a step is unknown. You can run it again: it keeps existing objects.

import { checkPlan, createCluster } from "ontap-select-deploy/workflows";
import { onStep, readArguments, readInput, run, UsageError } from "./script.mjs";

const usage = "create-cluster.mjs <plan.json> [--dry-run] [--inhibit-rollback]";

await run(async (deploy) => {
  const flags = { "dry-run": { type: "boolean" }, "inhibit-rollback": { type: "boolean" } };
  const { values, positionals } = readArguments(usage, 1, flags);
  const plan = await readPlan(positionals[0]);
  const [dryRun, inhibitRollback] = [values["dry-run"], values["inhibit-rollback"]];
  const { id } = await createCluster(deploy, plan, { dryRun, inhibitRollback, onStep });
  if (dryRun) return;
  const { state } = await deploy.read("/clusters/{id}", { params: { id }, query: { fields: "state" } });
  if (state === "powered_off") throw new Error(`Cluster "${plan.cluster.name}" is powered off`);
  console.log(JSON.stringify({ cluster: plan.cluster.name, id }));
});

async function readPlan(file) {
  const text = await readInput(file);
  let plan;
  try {
    plan = JSON.parse(text);
  } catch {
    // The parser's message quotes the file, which may contain passwords.
    throw new UsageError(`${file} is not valid JSON`);
  }
  const { VCENTER_PASSWORD, HOST_PASSWORD, CLUSTER_PASSWORD } = process.env;
  const { vcenter, hosts, cluster } = Object(plan);
  Object(vcenter).password ??= VCENTER_PASSWORD;
  for (const host of Array.isArray(hosts) ? hosts : [])
    if (host?.username ?? host?.user) host.password ??= HOST_PASSWORD;
  Object(cluster).ontap_admin_password ??= CLUSTER_PASSWORD;
  const mistakes = checkPlan(plan).map(({ place, problem }) => `${place} ${problem}${hint(place, problem)}`);
  if (mistakes.length > 0) throw new UsageError(`${file}: ${mistakes.join("; ")}`);
  return plan;
}

/** Names the variable that supplies a missing password. */
function hint(place, problem) {
  const places = { vcenter: "VCENTER_PASSWORD", hosts: "HOST_PASSWORD", cluster: "CLUSTER_PASSWORD" };
  const isPassword = place.endsWith("password") && problem === "is missing";
  return isPassword ? ` (or set ${places[place.split(/\W/, 1)]})` : "";
}
