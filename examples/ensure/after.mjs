/** Adds a host unless it exists. */
export async function ensureHost(deploy, host) {
  const { record } = await deploy.ensure("/hosts", { name: host.name }, { hosts: [host] });
  return record;
}

/** Creates a cluster record unless it exists. */
export async function ensureCluster(deploy, description, node_count) {
  const { name } = description;
  const options = { postQuery: { node_count }, query: { fields: "state,is_deployed" } };
  return deploy.ensure("/clusters", { name }, description, options);
}
