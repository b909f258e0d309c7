// What every consumer does: it follows one job to success and one to failure. The package comes from
// the consumer, since how it is imported is what is tested.

/** The outcome, as `OUTCOME` in app.mjs expects it. */
export async function follow({ DeployClient, JobFailedError }, baseUrl) {
  const deploy = new DeployClient({ baseUrl, auth: { username: "admin", password: "Netapp1!" } });
  const { job } = await deploy.post("/hosts", { name: "esx-1" });
  const error = await deploy.post("/hosts", { name: "unreachable-1" }).catch((error) => error);
  deploy.close();
  return `${job.state}, then ${error instanceof JobFailedError ? "JobFailedError" : error}`;
}
