// As follow.mjs, which Jest's CommonJS cannot require.

exports.follow = async ({ DeployClient, JobFailedError }, baseUrl) => {
  const deploy = new DeployClient({ baseUrl, auth: { username: "admin", password: "Netapp1!" } });
  const { job } = await deploy.post("/hosts", { name: "esx-1" });
  await expect(deploy.post("/hosts", { name: "unreachable-1" })).rejects.toThrow(JobFailedError);
  deploy.close();
  return `${job.state}, then JobFailedError`;
};
