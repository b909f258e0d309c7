// The public types of the API: a body without what it needs, or a path without its parameters, does not compile.

import { DeployClient } from "ontap-select-deploy";
import type { ClusterPlan, DeployApi } from "ontap-select-deploy/api";

const deploy = new DeployClient<DeployApi>({ baseUrl: "/api" });

/** Where a cluster's nodes run. */
export async function hostsOf(id: string) {
  const { body } = await deploy.get("/clusters/{id}", { params: { id }, query: { fields: "nodes" } });
  return body.record.nodes?.map(({ name, host }) => ({ name, host: host?.id }));
}

/** Deploys a cluster that a plan describes, once its nodes are described. */
export async function deployCluster(id: string, { cluster }: ClusterPlan) {
  const login = { ontap_credential: { password: cluster.ontap_admin_password } };
  await deploy.post("/clusters/{id}/deploy", login, { params: { id }, timeout: 7_200_000 });
}
