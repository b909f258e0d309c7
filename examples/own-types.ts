// A client with the types that openapi-typescript makes of the VM's own reference, which is deploy.d.ts here.

import { DeployClient } from "ontap-select-deploy";
import type { FromOpenApi } from "ontap-select-deploy/api";
import type { paths } from "./deploy.js";

const deploy = new DeployClient<FromOpenApi<paths>>({ baseUrl: "/api" });

/** The names of all clusters. */
export async function clusterNames() {
  const { body } = await deploy.get("/clusters", { query: { fields: "name" } });
  return body.records?.map(({ name }) => name);
}

/** Adds a host that a vCenter manages. */
export async function addHost(name: string, management_server: string) {
  await deploy.post("/hosts", { hosts: [{ name, hypervisor_type: "ESX", management_server }] });
}
