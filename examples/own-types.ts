// A client with types from the VM's own API reference. openapi-typescript generated deploy.d.ts.

import { DeployClient } from "ontap-select-deploy";
import type { FromOpenApi } from "ontap-select-deploy/api";
import type { paths } from "./deploy.js";

const deploy = new DeployClient<FromOpenApi<paths>>({ baseUrl: "/api" });

/** Returns the names of all clusters. */
export async function clusterNames() {
  const { body } = await deploy.get("/clusters", { query: { fields: "name" } });
  return body.records?.map(({ name }) => name);
}

/** Adds a host that a vCenter manages. */
export async function addHost(name: string, management_server: string) {
  await deploy.post("/hosts", { hosts: [{ name, hypervisor_type: "ESX", management_server }] });
}
