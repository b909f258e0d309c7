/** Adds a host. */
export async function addHost(deploy, host) {
  await deploy.post("/hosts", { hosts: [host] });
}
