/** Returns the names of all hosts. */
export async function hostNames(deploy) {
  const hosts = await deploy.list("/hosts", { query: { fields: "name" } });
  return hosts.map(({ name }) => name);
}

/** Returns the state of the cluster with this name, or undefined. */
export async function stateOf(deploy, name) {
  const cluster = await deploy.find("/clusters", { name, fields: "state" });
  return cluster?.state;
}

/** Creates a cluster record and reads it back. */
export async function describeCluster(deploy, description) {
  const { path } = await deploy.post("/clusters", description, { query: { node_count: 1 } });
  return deploy.read(path, { query: { fields: "*" } });
}
