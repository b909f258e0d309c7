/** The names of all hosts. */
export async function hostNames(deploy) {
  const hosts = await deploy.list("/hosts", { query: { fields: "name" } });
  return hosts.map(({ name }) => name);
}

/** The state of a cluster by its name; undefined if there is none. */
export async function stateOf(deploy, name) {
  const cluster = await deploy.find("/clusters", { name, fields: "state" });
  return cluster?.state;
}

/** Describes a cluster, and reads what Deploy made of it. */
export async function describeCluster(deploy, description) {
  const { path } = await deploy.post("/clusters", description, { query: { node_count: 1 } });
  return deploy.read(path, { query: { fields: "*" } });
}
