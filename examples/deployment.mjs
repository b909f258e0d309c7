// The way to a cluster, in the order of NetApp's sample cluster.py. It runs in Node and in a page.

/** What carries out the calls: `list` resolves with records, `send` with the result of a call, once its job is over. */
export const vmOf = (deploy) => ({
  list: (path, query) => deploy.list(path, { query }),
  send: (method, path, body) => deploy.request(method, path, { body }),
});

/**
 * Creates the cluster that a plan describes, and deploys it. Hosts, credentials and a cluster that are there
 * already are found by their names and not made again. With `inhibitRollback` a deploy that fails leaves
 * everything as it is, to be looked at: delete the cluster before the next try.
 */
export async function createCluster(vm, plan, { inhibitRollback = true } = {}) {
  await addHosts(vm, plan);
  const { path, isDeployed } = await describeCluster(vm, plan);
  if (isDeployed) return path;

  const listed = await vm.list(`${path}/nodes`, { fields: "id,name", order_by: "name asc" });
  if (listed.length !== plan.nodes.length) {
    throw new Error(`The cluster has ${listed.length} nodes, and the plan ${plan.nodes.length}`);
  }
  // An earlier try may have given some of them their names, which changes their order.
  const isNamed = ({ name }, node) => Boolean(name) && name === node.name;
  const unnamed = listed.filter((record) => !plan.nodes.some((node) => isNamed(record, node)));
  for (const node of plan.nodes) {
    const { id } = listed.find((record) => isNamed(record, node)) ?? unnamed.shift();
    await describeNode(vm, `${path}/nodes/${encodeURIComponent(id)}`, node);
  }

  const login = { ontap_credential: { password: plan.cluster.ontap_admin_password } };
  await vm.send("POST", `${path}/deploy?inhibit_rollback=${inhibitRollback}`, login);
  return path;
}

/** Adds those hosts of a plan that Deploy does not have yet, and stores the credentials that they need. */
export async function addHosts(vm, { vcenter, hosts }) {
  const added = [];
  for (const host of hosts) {
    const [known] = await vm.list("/hosts", { name: host.name });
    if (!known) added.push(host);
  }

  // Deploy logs in to the vCenter, and to each host that no vCenter manages.
  const alone = added.filter((host) => !host.mgmt_server);
  const loginOf = (type, machine) => ({ type, ...only(machine, ["hostname", "username", "password"]) });
  const logins = alone.map((host) => loginOf("host", { ...host, hostname: host.name }));
  if (vcenter) logins.unshift(loginOf("vcenter", vcenter));
  for (const login of logins) {
    const [known] = await vm.list("/security/credentials", { hostname: login.hostname });
    if (!known) await vm.send("POST", "/security/credentials", login);
  }

  const described = added.map(({ name, type: hypervisor_type, mgmt_server: management_server }) => {
    return { name, hypervisor_type, management_server };
  });
  if (described.length > 0) await vm.send("POST", "/hosts", { hosts: described });
}

/** What Deploy takes of a plan's cluster. Whatever else stands there is for people. */
const DESCRIPTION = "name ip gateway netmask ontap_image_version dns_info ntp_servers mtu".split(" ");

const only = (object, names) =>
  Object.fromEntries(Object.entries(object).filter(([name]) => names.includes(name)));

async function describeCluster(vm, plan) {
  const description = only(plan.cluster, DESCRIPTION);
  const { name, ...rest } = description;
  const [known] = await vm.list("/clusters", { name, fields: "is_deployed,state" });
  if (!known) {
    const { path } = await vm.send("POST", `/clusters?node_count=${plan.nodes.length}`, description);
    return { path, isDeployed: false };
  }
  const path = `/clusters/${encodeURIComponent(known.id)}`;
  if (known.state === "powered_off") throw new Error(`Cluster "${name}" is deployed, and is powered off`);
  if (!known.is_deployed) await vm.send("PATCH", path, rest);
  return { path, isDeployed: known.is_deployed };
}

/** A node's host and size, its networks, its storage. */
async function describeNode(vm, path, node) {
  const { networks, storage } = node;
  const disks = storage.disks ?? storage.disk ?? []; // the sample's plans have both spellings
  const [host] = await vm.list("/hosts", { name: node.host_name });
  if (!host) throw new Error(`Deploy has no host "${node.host_name}"`);
  await vm.send("PATCH", path, {
    name: node.name,
    host: { id: host.id },
    instance_type: node.instance_type,
    ip: node.ip,
    passthrough_disks: disks.length > 0, // software RAID
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

  const attached = disks.length > 0 ? await vm.list(`${path}/storage/disks`) : [];
  const added = disks.filter((disk) => !attached.some(({ name }) => name === disk.name));
  if (added.length > 0) await vm.send("POST", `${path}/storage/disks`, { disks: added });
}

/**
 * Checks that the hosts of a plan of more than one node reach each other over the internal networks. `vswitch`
 * is the kind of their virtual switch: `StandardvSwitch`, `DistributedvSwitch` or `OpenvSwitch`.
 */
export async function checkNetwork(vm, { cluster, nodes }, vswitch) {
  const host_networks = nodes.map(({ host_name, networks }) => ({
    host_name,
    network_name: networks.find(({ purpose }) => purpose === "internal").name,
  }));
  const check = {
    mode: "quick",
    mtu: cluster.mtu ?? 9000,
    vswitch_type: vswitch,
    debug: false,
    host_networks,
  };
  await vm.send("POST", "/network/connectivitychecks", check);
}

/** Powers a deployed cluster on or off: `powered_on` or `powered_off`. */
export async function powerCluster(vm, { id }, availability) {
  await vm.send("PATCH", `/clusters/${encodeURIComponent(id)}?force=state`, { availability });
}

/** Deletes a cluster with all that is on it, by its record with `id` and `state`. One that is on is powered off first. */
export async function deleteCluster(vm, cluster) {
  if (cluster.state === "powered_on") await powerCluster(vm, cluster, "powered_off");
  await vm.send("DELETE", `/clusters/${encodeURIComponent(cluster.id)}`);
}
