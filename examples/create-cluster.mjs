// Creates a cluster and deploys it, with the progress on stderr. Exits with 0 when the cluster is up,
// with 1 when it is not.
//
//   DEPLOY_URL=https://deploy.example.com/api DEPLOY_USERNAME=admin DEPLOY_PASSWORD=… \
//   CLUSTER_PASSWORD=… node create-cluster.mjs my-cluster

import { DeployClient, DeployError } from "ontap-select-deploy";

const { DEPLOY_URL, DEPLOY_USERNAME = "admin", DEPLOY_PASSWORD, CLUSTER_PASSWORD } = process.env;
const name = process.argv[2];
if (!DEPLOY_URL || !DEPLOY_PASSWORD || !CLUSTER_PASSWORD || !name) {
  console.error("usage: DEPLOY_URL=… DEPLOY_PASSWORD=… CLUSTER_PASSWORD=… node create-cluster.mjs <name>");
  process.exit(1);
}

const deploy = new DeployClient({
  baseUrl: DEPLOY_URL,
  auth: { username: DEPLOY_USERNAME, password: DEPLOY_PASSWORD },
});

try {
  const created = await deploy.post("/clusters", { name });
  const id = created.location?.split("/").at(-1);
  console.error(`cluster ${name} has id ${id}`);

  const { job } = await deploy.post(
    `/clusters/${encodeURIComponent(id)}/deploy`,
    { ontap_credential: { password: CLUSTER_PASSWORD } },
    {
      timeout: 4 * 3_600_000,
      onProgress: ({ state, message }) => console.error(`${state}: ${message ?? ""}`),
    },
  );
  console.log(JSON.stringify({ cluster: id, job: job?.id, state: job?.state ?? "success" }));
} catch (error) {
  console.error(error instanceof DeployError ? `${error.code}: ${error.message}` : error);
  process.exitCode = 1;
} finally {
  deploy.close();
}
