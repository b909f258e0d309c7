// The objects that a simulated Deploy needs before a host's or a cluster's job can start.

/**
 * The body that registers a host.
 *
 * @param {string} name
 */
export const host = (name) => ({ hosts: [{ name, hypervisor_type: "ESX" }] });

/**
 * Creates a cluster with one node on its own host and describes it, so that it can be deployed.
 *
 * @param {import("ontap-select-deploy").DeployClient} client
 * @param {string} name
 * @returns The result of `POST /clusters`, and the path of the cluster.
 */
export async function describedCluster(client, name) {
  const hostName = `host-of-${name}`;
  const credential = { username: "root", password: "x" };
  await client.post("/hosts", { hosts: [{ name: hostName, hypervisor_type: "ESX", credential }] });
  const hostId = await firstId(client, `/hosts?name=${encodeURIComponent(hostName)}`);
  const addresses = { ip: "192.0.2.10", netmask: "255.255.255.0", gateway: "192.0.2.1" };
  const created = await client.post("/clusters", { name, ...addresses });
  const path = `/clusters/${created.location?.split("/").at(-1)}`;
  const node = `${path}/nodes/${await firstId(client, `${path}/nodes`)}`;
  await client.patch(node, { host: { id: hostId }, instance_type: "small", ip: "192.0.2.11" });
  for (const purpose of ["mgmt", "data"]) {
    const network = await firstId(client, `${node}/networks?purpose=${purpose}`);
    await client.patch(`${node}/networks/${network}`, { name: "VM Network" });
  }
  await client.post(`${node}/storage/pools`, { pool_array: [{ name: "datastore1", capacity: 2 ** 40 }] });
  return { created, path };
}

/**
 * @param {import("ontap-select-deploy").DeployClient} client
 * @param {string} path A collection.
 * @returns {Promise<string>}
 */
async function firstId(client, path) {
  const { body } = await client.get(path);
  const [record] = /** @type {{ records: { id: string }[] }} */ (body).records;
  if (!record) throw new Error(`${path} holds nothing`);
  return record.id;
}
