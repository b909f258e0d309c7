// Adds the named hosts and prints the outcome of each.
//
//   export DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… VCENTER=vcenter.example.com
//   node many-jobs.mjs esx-1 esx-2 esx-3 …

import { DeployClient } from "ontap-select-deploy";

const CALLS_AT_ONCE = 4;

const { DEPLOY_URL, DEPLOY_PASSWORD, VCENTER } = process.env;
const names = process.argv.slice(2);
if (names.length === 0 || !DEPLOY_URL || !DEPLOY_PASSWORD) {
  console.error("usage: DEPLOY_URL=… DEPLOY_PASSWORD=… [VCENTER=…] node many-jobs.mjs <name> …");
  process.exit(2);
}
const deploy = new DeployClient({
  baseUrl: DEPLOY_URL,
  auth: { username: "admin", password: DEPLOY_PASSWORD },
  maxOpenPolls: 8, // for any number of jobs
});

const waits = new Map();
const queue = names.values();

// Sends a few calls at a time, and waits for all their jobs at once.
async function call() {
  for (const name of queue) {
    const host = { name, hypervisor_type: "ESX", management_server: VCENTER };
    const accepted = deploy.submit("POST", "/hosts", { body: { hosts: [host] } });
    const wait = accepted.then((handle) => handle.result({ timeout: 3_600_000 }));
    waits.set(name, wait);
    wait.catch(() => {}); // printed below
    await accepted.catch(() => {});
  }
}
await Promise.all(Array.from({ length: CALLS_AT_ONCE }, call));

for (const name of names) {
  await waits.get(name).then(
    () => console.log(`${name}: added`),
    (error) => {
      const known = error.outcome === "unknown" ? "outcome unknown" : error.outcome;
      console.log(`${name}: ${known}: ${error.message}`);
      process.exitCode = 1;
    },
  );
}
deploy.close();
