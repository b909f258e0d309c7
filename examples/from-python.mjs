// Adds a host unless it exists, like a script on top of NetApp's deploy_requests.py.
//
//   export DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… VCENTER=vcenter.example.com
//   node from-python.mjs esx-1.example.com

import { DeployClient } from "ontap-select-deploy";

const { DEPLOY_URL = "", DEPLOY_PASSWORD = "" } = process.env;
const deploy = new DeployClient({
  baseUrl: DEPLOY_URL,
  auth: { username: "admin", password: DEPLOY_PASSWORD },
  onProgress: (job) => console.error(`Event: ${job.message ?? ""}`),
});

const name = process.argv[2];
const host = { name, hypervisor_type: "ESX", management_server: process.env.VCENTER };
const { record, created } = await deploy.ensure("/hosts", { name }, { hosts: [host] });
console.log(created ? `${name} is ${record.id}` : `${name} already exists`);
deploy.close();
