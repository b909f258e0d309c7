// Adds a host. Exits with 0 when it is added, 1 when that failed or was refused, 3 when nobody knows.
//
//   export DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… VCENTER=vcenter.example.com
//   node add-host.mjs esx-1.example.com

import { DeployClient, JobFailedError } from "ontap-select-deploy";

const { DEPLOY_URL = "", DEPLOY_PASSWORD = "" } = process.env;
const deploy = new DeployClient({
  baseUrl: DEPLOY_URL,
  auth: { username: "admin", password: DEPLOY_PASSWORD },
});

// Deploy holds the vCenter's credential. A host without a vCenter has one of its own.
const host = { name: process.argv[2], hypervisor_type: "ESX", management_server: process.env.VCENTER };

try {
  const { job } = await deploy.post(
    "/hosts",
    { hosts: [host] },
    {
      timeout: 600_000, // ten minutes, then the outcome is unknown
      onProgress: ({ state, message }) => console.error(`${state}: ${message ?? ""}`),
    },
  );
  console.log(JSON.stringify({ job: job?.id, state: "success" }));
} catch (error) {
  console.error(error.message);
  // A call that is answered 4xx was not begun.
  const isRefused = error.status < 500 && !error.job;
  process.exitCode = error instanceof JobFailedError || isRefused ? 1 : 3;
} finally {
  deploy.close();
}
