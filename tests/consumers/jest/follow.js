// As follow.mjs, which Jest's CommonJS cannot require.

const host = (name) => ({ hosts: [{ name, hypervisor_type: "ESX" }] });

exports.follow = async ({ DeployClient, JobFailedError }, baseUrl) => {
  const deploy = new DeployClient({ baseUrl, auth: { username: "admin", password: "Netapp1!" } });
  // All consumers follow on one Deploy, which takes each host once.
  const number = Math.random();
  const { job } = await deploy.post("/hosts", host(`esx-${number}`));
  await expect(deploy.post("/hosts", host(`unreachable-${number}`))).rejects.toThrow(JobFailedError);
  deploy.close();
  return `${job.state}, then JobFailedError`;
};
