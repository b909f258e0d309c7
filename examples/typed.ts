// A client with the public types of the API. The compiler requires a known path's parameters and its body's
// required members. A misspelled path or optional member compiles, because the API has undocumented ones.

import { DeployClient } from "ontap-select-deploy";
import type { ClusterPlan, DeployApi } from "ontap-select-deploy/api";
import { createCluster } from "ontap-select-deploy/workflows";

const deploy = new DeployClient<DeployApi>({ baseUrl: "/api" });

/** Returns the host of each node of a cluster. */
export async function hostsOf(id: string) {
  const { nodes } = await deploy.read("/clusters/{id}", { params: { id }, query: { fields: "nodes" } });
  return nodes?.map(({ name, host }) => ({ name, host: host?.id }));
}

/** Deploys a cluster whose nodes are described. */
export async function deployCluster(id: string, { cluster }: ClusterPlan) {
  const login = { ontap_credential: { password: cluster.ontap_admin_password } };
  await deploy.post("/clusters/{id}/deploy", login, { params: { id }, timeout: 7_200_000 });
}

/** Creates a cluster in one call. A workflow takes any client. */
export async function create(plan: ClusterPlan) {
  const { id, steps } = await createCluster(deploy, plan, { timeout: 14_400_000 });
  return { id, isNew: steps.some(({ name, done }) => name === "deploy" && done === "made") };
}
