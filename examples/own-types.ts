// Calls with the types that openapi-typescript makes of the VM's own reference, which is deploy.d.ts here.

import type { DeployClient } from "ontap-select-deploy";
import type { paths } from "./deploy.js";

type Json<Content> = { content: { "application/json": Content } };

/** What a GET of this path answers. */
type Answer<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: Json<infer Content> } };
}
  ? Content
  : never;

/** What a POST to this path takes. */
type Body<Path extends keyof paths> = paths[Path] extends { post: { requestBody?: Json<infer Content> } }
  ? Content
  : never;

/** The names of all clusters. */
export async function clusterNames(deploy: DeployClient) {
  const { body } = await deploy.get<Answer<"/clusters">>("/clusters", { query: { fields: "name" } });
  return body.records?.map(({ name }) => name);
}

/** Adds a host that a vCenter manages. */
export async function addHost(deploy: DeployClient, name: string, management_server: string) {
  const body: Body<"/hosts"> = { hosts: [{ name, hypervisor_type: "ESX", management_server }] };
  await deploy.post("/hosts", body);
}
