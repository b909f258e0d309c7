// The public types of the API. What a described path needs must be there: its parameters, and in its body each
// required member with the right type. A misspelt path or optional member compiles: the API has undocumented ones.

import { DeployClient } from "ontap-select-deploy";
import type { ClusterPlan, DeployApi } from "ontap-select-deploy/api";
import { createCluster } from "ontap-select-deploy/workflows";

const deploy = new DeployClient<DeployApi>({ baseUrl: "/api" });

/** Where a cluster's nodes run. */
export async function hostsOf(id: string) {
  const { nodes } = await deploy.read("/clusters/{id}", { params: { id }, query: { fields: "nodes" } });
  return nodes?.map(({ name, host }) => ({ name, host: host?.id }));
}

/** Deploys a cluster that a plan describes, once its nodes are described. */
export async function deployCluster(id: string, { cluster }: ClusterPlan) {
  const login = { ontap_credential: { password: cluster.ontap_admin_password } };
  await deploy.post("/clusters/{id}/deploy", login, { params: { id }, timeout: 7_200_000 });
}

/** The whole job in one call: a workflow takes any client. */
export async function create(plan: ClusterPlan) {
  const { id, steps } = await createCluster(deploy, plan, { timeout: 14_400_000 });
  return { id, isNew: steps.some(({ name, done }) => name === "deploy" && done === "made") };
}
