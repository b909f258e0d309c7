// Every consumer follows one job to success and one to failure. The consumer imports the package itself, because the
// import is under test.

const host = (name) => ({ hosts: [{ name, hypervisor_type: "ESX" }] });

/** Returns the outcome that `OUTCOME` in app.mjs expects. */
export async function follow({ DeployClient, JobFailedError }, baseUrl, options) {
  const auth = { username: "admin", password: "Netapp1!" };
  const deploy = new DeployClient({ baseUrl, auth, ...options });
  // All consumers share one Deploy, which accepts each host once.
  const number = Math.random();
  const { job } = await deploy.post("/hosts", host(`esx-${number}`));
  const error = await deploy.post("/hosts", host(`unreachable-${number}`)).catch((error) => error);
  deploy.close();
  return `${job.state}, then ${error instanceof JobFailedError ? "JobFailedError" : error}`;
}

/** The same against `ontap-select-deploy/simulator`, without a server. */
export async function simulate({ createSimulator }, entry) {
  const simulator = createSimulator({ stepMs: 5 });
  const said = await follow(entry, "https://deploy.example.com/api", { fetch: simulator.fetch });
  simulator.close();
  if (said !== "success, then JobFailedError") throw new Error(`simulated: ${said}`);
}

/** Calls a workflow. It succeeds, because the cluster does not exist. */
export async function deleteNothing({ deleteCluster }, { DeployClient }, baseUrl) {
  const deploy = new DeployClient({ baseUrl, auth: { username: "admin", password: "Netapp1!" } });
  const { steps } = await deleteCluster(deploy, "nowhere");
  deploy.close();
  const json = JSON.stringify(steps);
  if (json !== '[{"name":"delete","target":"nowhere","done":"found"}]') throw new Error(`deleted: ${json}`);
}
