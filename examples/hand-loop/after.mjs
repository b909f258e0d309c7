/** Adds a host. */
export async function addHost(deploy, name) {
  await deploy.post("/hosts", { name });
}
