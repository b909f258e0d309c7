// Adds a host and trusts one certificate, given by its fingerprint or as a PEM file with it or its CA.
//
//   export DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… VCENTER=vcenter.example.com
//   DEPLOY_FINGERPRINT=9F:86:… node own-certificate.mjs esx-1.example.com
//   DEPLOY_CA=deploy.crt node own-certificate.mjs esx-1.example.com

import { readFileSync } from "node:fs";
import { DeployClient } from "ontap-select-deploy";
import { nodeFetch } from "ontap-select-deploy/node";

const { DEPLOY_URL, DEPLOY_PASSWORD, DEPLOY_FINGERPRINT, DEPLOY_CA, DEPLOY_CERT_NAME } = process.env;

const [, , name] = process.argv;
if (!name || !DEPLOY_URL || !DEPLOY_PASSWORD || !(DEPLOY_FINGERPRINT || DEPLOY_CA)) {
  const trust = "DEPLOY_FINGERPRINT=… | DEPLOY_CA=<file>";
  console.error(`usage: DEPLOY_URL=… DEPLOY_PASSWORD=… (${trust}) node own-certificate.mjs <name>`);
  process.exit(2);
}

const trusted = DEPLOY_FINGERPRINT
  ? { fingerprint256: DEPLOY_FINGERPRINT } // only this certificate, with any name and issuer
  : {
      ca: readFileSync(DEPLOY_CA), // this certificate and those it signed, instead of the public CAs
      servername: DEPLOY_CERT_NAME, // if the certificate names another host than the address
    };

const deploy = new DeployClient({
  baseUrl: DEPLOY_URL,
  auth: { username: "admin", password: DEPLOY_PASSWORD },
  fetch: nodeFetch(trusted),
});

const host = { name, hypervisor_type: "ESX", management_server: process.env.VCENTER };
try {
  const { job } = await deploy.post("/hosts", { hosts: [host] });
  console.log(job?.state);
} catch (error) {
  const { message } = error.cause?.cause ?? {};
  console.error(message ? `${error.message}: ${message}` : error.message);
  process.exitCode = 1;
} finally {
  deploy.close();
}
