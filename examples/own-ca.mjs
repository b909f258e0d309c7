// Adds a host, and trusts one certificate for it: the Deploy VM's own, or that of a CA.
//
//   export DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… DEPLOY_CA=deploy.crt
//   VCENTER=vcenter.example.com node own-ca.mjs esx-1.example.com

import { readFileSync } from "node:fs";
import { DeployClient } from "ontap-select-deploy";
import { Agent, fetch } from "undici";

const { DEPLOY_URL = "", DEPLOY_PASSWORD = "", DEPLOY_CA = "", DEPLOY_CERT_NAME } = process.env;

const dispatcher = new Agent({
  connect: {
    ca: readFileSync(DEPLOY_CA), // this certificate and what it signed, instead of the public CAs
    servername: DEPLOY_CERT_NAME, // where the certificate has another name than the address
  },
});

const deploy = new DeployClient({
  baseUrl: DEPLOY_URL,
  auth: { username: "admin", password: DEPLOY_PASSWORD },
  // The fetch of the same package as the Agent: Node's own is of another version.
  fetch: (input, init) => fetch(input, { ...init, dispatcher }),
});

const host = { name: process.argv[2], hypervisor_type: "ESX", management_server: process.env.VCENTER };
try {
  const { job } = await deploy.post("/hosts", { hosts: [host] });
  console.log(job?.state);
} catch (error) {
  console.error(error.message, error.cause?.cause?.code ?? "");
  process.exitCode = 1;
} finally {
  deploy.close();
  await dispatcher.close();
}
