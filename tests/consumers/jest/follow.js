// The same as follow.mjs, which Jest cannot require.

const host = (name) => ({ hosts: [{ name, hypervisor_type: "ESX" }] });

exports.follow = async ({ DeployClient, JobFailedError }, baseUrl) => {
  const deploy = new DeployClient({ baseUrl, auth: { username: "admin", password: "Netapp1!" } });
  // All consumers share one Deploy, which accepts each host once.
  const number = Math.random();
  const { job } = await deploy.post("/hosts", host(`esx-${number}`));
  await expect(deploy.post("/hosts", host(`unreachable-${number}`))).rejects.toThrow(JobFailedError);
  deploy.close();
  return `${job.state}, then JobFailedError`;
};
