// What every consumer does: it follows one job to success and one to failure. The package comes from
// the consumer, since how it is imported is what is tested.

const host = (name) => ({ hosts: [{ name, hypervisor_type: "ESX" }] });

/** The outcome, as `OUTCOME` in app.mjs expects it. */
export async function follow({ DeployClient, JobFailedError }, baseUrl, options) {
  const auth = { username: "admin", password: "Netapp1!" };
  const deploy = new DeployClient({ baseUrl, auth, ...options });
  // All consumers follow on one Deploy, which takes each host once.
  const number = Math.random();
  const { job } = await deploy.post("/hosts", host(`esx-${number}`));
  const error = await deploy.post("/hosts", host(`unreachable-${number}`)).catch((error) => error);
  deploy.close();
  return `${job.state}, then ${error instanceof JobFailedError ? "JobFailedError" : error}`;
}

/** The same against the simulator of `ontap-select-deploy/simulator`, whose requests reach no server. */
export async function simulate({ createSimulator }, face) {
  const simulator = createSimulator({ stepMs: 5 });
  const said = await follow(face, "https://deploy.example.com/api", { fetch: simulator.fetch });
  simulator.close();
  if (said !== "success, then JobFailedError") throw new Error(`simulated: ${said}`);
}

/** A whole job in one call. A cluster that is not there is deleted already. */
export async function deleteNothing({ deleteCluster }, { DeployClient }, baseUrl) {
  const deploy = new DeployClient({ baseUrl, auth: { username: "admin", password: "Netapp1!" } });
  const { steps } = await deleteCluster(deploy, "nowhere");
  deploy.close();
  const told = JSON.stringify(steps);
  if (told !== '[{"name":"delete","target":"nowhere","done":"found"}]') throw new Error(`deleted: ${told}`);
}
