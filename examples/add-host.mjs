// Adds a host. Exit codes: 0 the host is added, 1 the job failed or the call was refused, 2 wrong usage,
// 3 the outcome is unknown.
//
//   export DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… VCENTER=vcenter.example.com
//   node add-host.mjs esx-1.example.com

import { DeployClient } from "ontap-select-deploy";

const { DEPLOY_URL, DEPLOY_PASSWORD, VCENTER } = process.env;
const [, , name] = process.argv;
if (!name || !DEPLOY_URL || !DEPLOY_PASSWORD) {
  console.error("usage: DEPLOY_URL=… DEPLOY_PASSWORD=… [VCENTER=…] node add-host.mjs <name>");
  process.exit(2);
}
const deploy = new DeployClient({
  baseUrl: DEPLOY_URL,
  auth: { username: "admin", password: DEPLOY_PASSWORD },
  timeout: 600_000, // ends the wait after ten minutes, not the job
  onProgress: ({ state, message }) => console.error(`${state}: ${message ?? ""}`),
});

// Deploy already has the vCenter's credential. For a host without a vCenter, store the host's own.
const host = { name, hypervisor_type: "ESX", management_server: VCENTER };

try {
  const { job } = await deploy.post("/hosts", { hosts: [host] });
  console.log(JSON.stringify({ job: job?.id, state: "success" }));
} catch (error) {
  console.error(error.message);
  process.exitCode = ["failed", "refused"].includes(error.outcome) ? 1 : 3;
} finally {
  deploy.close();
}
