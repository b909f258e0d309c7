// Adds a host unless it is there: what a script on top of NetApp's deploy_requests.py does.
//
//   export DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… VCENTER=vcenter.example.com
//   node from-python.mjs esx-1.example.com

import { DeployClient } from "ontap-select-deploy";

const { DEPLOY_URL = "", DEPLOY_PASSWORD = "" } = process.env;
const deploy = new DeployClient({
  baseUrl: DEPLOY_URL,
  auth: { username: "admin", password: DEPLOY_PASSWORD },
});

async function findResource(path, field, value) {
  const { body } = await deploy.get(path, { query: { [field]: value } });
  return body.records[0]?.id;
}

const name = process.argv[2];
if (await findResource("/hosts", "name", name)) {
  console.log(`${name} is there already`);
} else {
  const host = { name, hypervisor_type: "ESX", management_server: process.env.VCENTER };
  await deploy.post(
    "/hosts",
    { hosts: [host] },
    { onProgress: (job) => console.error(`Event: ${job.message ?? ""}`) },
  );
  console.log(`${name} is ${await findResource("/hosts", "name", name)}`);
}
deploy.close();
