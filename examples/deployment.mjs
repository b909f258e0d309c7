// The way to a cluster, in the order of NetApp's sample cluster.py. It runs in Node and in a page.

/**
 * Creates the cluster that a plan describes, and deploys it. Hosts, credentials and a cluster that are there
 * already are found by their names and not made again.
 *
 * `vm` carries out the calls: `list(path, query)` resolves with records, `send(method, path, body)` with the
 * result of a call that changes something, once its job is over.
 */
export async function createCluster(vm, plan) {
  await storeCredentials(vm, plan);
  await addHosts(vm, plan);
  const { path, isDeployed } = await describeCluster(vm, plan);
  if (isDeployed) return path;

  const listed = await vm.list(`${path}/nodes`, { fields: "id,name" });
  if (listed.length !== plan.nodes.length) {
    throw new Error(`The cluster has ${listed.length} nodes, and the plan ${plan.nodes.length}`);
  }
  for (const [index, node] of plan.nodes.entries()) {
    await describeNode(vm, `${path}/nodes/${encodeURIComponent(listed[index].id)}`, node);
  }

  // After a failed deploy everything stays as it is, to be looked at; delete the cluster before the next try.
  const login = { ontap_credential: { password: plan.cluster.ontap_admin_password } };
  await vm.send("POST", `${path}/deploy?inhibit_rollback=true`, login);
  return path;
}

/** Deploy logs in to the vCenter, and to each host that no vCenter manages. */
async function storeCredentials(vm, { vcenter, hosts }) {
  const alone = hosts.filter((host) => !host.mgmt_server);
  const logins = alone.map(({ name, username, password }) => ({
    hostname: name,
    type: "host",
    username,
    password,
  }));
  if (vcenter) logins.unshift({ type: "vcenter", ...vcenter });
  for (const login of logins) {
    const [known] = await vm.list("/security/credentials", { hostname: login.hostname });
    if (!known) await vm.send("POST", "/security/credentials", login);
  }
}

async function addHosts(vm, plan) {
  const hosts = [];
  for (const { name, type, mgmt_server } of plan.hosts) {
    const [known] = await vm.list("/hosts", { name });
    if (!known) hosts.push({ name, hypervisor_type: type, management_server: mgmt_server });
  }
  if (hosts.length > 0) await vm.send("POST", "/hosts", { hosts });
}

async function describeCluster(vm, plan) {
  const { ontap_admin_password, ...description } = plan.cluster;
  const { name, ...rest } = description;
  const [known] = await vm.list("/clusters", { name, fields: "is_deployed" });
  if (!known) {
    const created = await vm.send("POST", `/clusters?node_count=${plan.nodes.length}`, description);
    return { path: `/clusters/${created.location.split("/").at(-1)}`, isDeployed: false };
  }
  const path = `/clusters/${encodeURIComponent(known.id)}`;
  if (!known.is_deployed) await vm.send("PATCH", path, rest);
  return { path, isDeployed: known.is_deployed };
}

/** A node's host and size, its networks, its storage. */
async function describeNode(vm, path, node) {
  const { networks, storage } = node;
  const [host] = await vm.list("/hosts", { name: node.host_name });
  await vm.send("PATCH", path, {
    name: node.name,
    host: { id: host.id },
    instance_type: node.instance_type,
    ip: node.ip,
    passthrough_disks: Boolean(storage.disks?.length), // software RAID
    license: node.license && { id: node.license }, // a serial number; without one the node is an evaluation
    serial_number: node.serial_number,
    is_storage_efficiency_enabled: node.is_storage_efficiency_enabled,
  });

  for (const { purpose, name, vlan } of networks) {
    const [network] = await vm.list(`${path}/networks`, { purpose });
    if (!network) continue; // a single node has no internal network
    const chosen = { name, vlan_id: vlan ?? undefined };
    await vm.send("PATCH", `${path}/networks/${encodeURIComponent(network.id)}`, chosen);
  }

  for (const { id } of await vm.list(`${path}/storage/pools`)) {
    await vm.send("DELETE", `${path}/storage/pools/${encodeURIComponent(id)}`); // of an earlier try
  }
  await vm.send("POST", `${path}/storage/pools`, { pool_array: storage.pools });

  const attached = storage.disks ? await vm.list(`${path}/storage/disks`) : [];
  const disks = storage.disks?.filter((disk) => !attached.some(({ name }) => name === disk.name));
  if (disks?.length) await vm.send("POST", `${path}/storage/disks`, { disks });
}

const NODE_COUNTS = [1, 2, 4, 6, 8, 10, 12];

/** What is wrong with a plan, as far as it can be seen without the VM. */
export function faultsOf(plan) {
  const { vcenter, hosts = [], cluster = {}, nodes = [] } = plan;
  const faults = [];
  const need = (place, object, ...members) => {
    for (const member of members) if (!object?.[member]) faults.push(`${place}.${member} is missing`);
  };

  if (vcenter) need("vcenter", vcenter, "hostname", "username", "password");
  for (const [index, host] of hosts.entries()) {
    const place = `hosts[${index}]`;
    need(place, host, "name", "type");
    if (!host.mgmt_server) need(place, host, "username", "password");
  }
  need("cluster", cluster, "name", "ip", "netmask", "gateway", "ontap_admin_password");
  if (!NODE_COUNTS.includes(nodes.length))
    faults.push(`nodes: ${nodes.length}, not ${NODE_COUNTS.join(", ")}`);

  const purposes = nodes.length > 1 ? ["mgmt", "data", "internal"] : ["mgmt", "data"];
  for (const [index, node] of nodes.entries()) {
    const place = `nodes[${index}]`;
    need(place, node, "host_name", "ip", "instance_type");
    if (!hosts.some(({ name }) => name === node.host_name)) {
      faults.push(`${place}.host_name is none of the hosts`);
    }
    for (const purpose of purposes) {
      const found = node.networks?.some((network) => network.purpose === purpose);
      if (!found) faults.push(`${place}.networks has none for ${purpose}`);
    }
    if (!node.storage?.pools?.length) faults.push(`${place}.storage.pools is empty`);
  }
  return faults;
}
