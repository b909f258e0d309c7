// Adds a host. Exits with 0 when it is added, 1 when that failed or was refused, 2 when something is not given,
// 3 when nobody knows.
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
  timeout: 600_000, // ten minutes, then the outcome is unknown
  onProgress: ({ state, message }) => console.error(`${state}: ${message ?? ""}`),
});

// Deploy holds the vCenter's credential. A host without a vCenter has one of its own.
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
