// What is wrong with a plan, as far as it can be seen without the VM.

const NODE_COUNTS = [1, 2, 4, 6, 8, 10, 12];
const INSTANCE_TYPES = ["small", "medium", "large", "xlarge"];
const LARGEST_VLAN = 4094;

/**
 * Each fault has its `place` in the plan, such as `nodes[0].ip`, and the `problem`. `registered` are the names
 * of hosts that Deploy has already: it needs no login for them.
 */
export function faultsOf(plan, registered = []) {
  const faults = [];
  const fault = (place, problem) => faults.push({ place, problem });
  if (!isObject(plan)) {
    fault("plan", "must be a JSON object");
    return faults;
  }

  const objects = (place, value) => {
    const list = Array.isArray(value) ? value : [];
    if (!Array.isArray(value)) fault(place, value === undefined ? "is missing" : "must be a list");
    return list.map((entry, index) => {
      if (!isObject(entry)) fault(`${place}[${index}]`, "must be an object");
      return isObject(entry) ? entry : {};
    });
  };
  const object = (place, value) => {
    if (!isObject(value)) fault(place, value === undefined ? "is missing" : "must be an object");
    return isObject(value) ? value : {};
  };
  const need = (place, owner, ...members) => {
    for (const member of members) text(`${place}.${member}`, owner[member] ?? "");
  };
  const text = (place, value) => {
    if (value === "") fault(place, "is missing");
    else if (typeof value !== "string") fault(place, "must be a text");
  };
  const address = (place, value) => {
    text(place, value ?? "");
    if (typeof value === "string" && value !== "" && !isAddress(value)) fault(place, "is no IP address");
  };
  const texts = (place, value, check) => {
    if (value === undefined) return;
    if (!Array.isArray(value)) fault(place, "must be a list");
    else for (const [index, entry] of value.entries()) check(`${place}[${index}]`, entry);
  };

  if (plan.vcenter) need("vcenter", object("vcenter", plan.vcenter), "hostname", "username", "password");

  const hosts = objects("hosts", plan.hosts);
  for (const [index, host] of hosts.entries()) {
    const place = `hosts[${index}]`;
    need(place, host, "name");
    if (host.type !== "ESX" && host.type !== "KVM") fault(`${place}.type`, "must be ESX or KVM");
    if (!host.mgmt_server && !registered.includes(host.name)) need(place, host, "username", "password");
    if (host.name && hosts.findIndex(({ name }) => name === host.name) < index) {
      fault(`${place}.name`, "is the name of another host, too");
    }
  }

  const nodes = objects("nodes", plan.nodes);
  if (Array.isArray(plan.nodes) && !NODE_COUNTS.includes(nodes.length)) {
    const last = NODE_COUNTS.at(-1);
    fault("nodes", `must be ${NODE_COUNTS.slice(0, -1).join(", ")} or ${last}, not ${nodes.length}`);
  }

  const cluster = object("cluster", plan.cluster);
  need("cluster", cluster, "name", "ontap_admin_password");
  if (cluster.name && !/^[\w.-]{1,44}$/.test(cluster.name)) {
    fault("cluster.name", "must have letters, digits, hyphens, underscores and periods, at most 44 in all");
  }
  for (const member of ["ip", "gateway"]) address(`cluster.${member}`, cluster[member]);
  text("cluster.netmask", cluster.netmask ?? "");
  if (cluster.netmask && !isNetmask(cluster.netmask)) {
    fault("cluster.netmask", "must be a mask such as 255.255.255.0");
  }
  texts("cluster.dns_info.domains", cluster.dns_info?.domains, text);
  texts("cluster.dns_info.dns_ips", cluster.dns_info?.dns_ips, address);
  texts("cluster.ntp_servers", cluster.ntp_servers, text);
  if (cluster.mtu !== undefined) {
    if (!isWhole(cluster.mtu, 7500, 9000)) fault("cluster.mtu", "must be a whole number, 7500 to 9000");
    else if (nodes.length === 1) fault("cluster.mtu", "is for clusters of more than one node");
  }

  const taken = new Map([
    [cluster.ip, "the cluster"],
    [cluster.gateway, "the gateway"],
  ]);
  const purposes = nodes.length > 1 ? ["mgmt", "data", "internal"] : ["mgmt", "data"];
  for (const [index, node] of nodes.entries()) {
    const place = `nodes[${index}]`;
    need(place, node, "host_name");
    if (node.host_name && !hosts.some(({ name }) => name === node.host_name)) {
      fault(`${place}.host_name`, "is none of the hosts");
    }
    if (!INSTANCE_TYPES.includes(node.instance_type)) {
      fault(`${place}.instance_type`, `must be one of ${INSTANCE_TYPES.join(", ")}`);
    }
    address(`${place}.ip`, node.ip);
    if (node.ip && taken.has(node.ip)) fault(`${place}.ip`, `is the address of ${taken.get(node.ip)}, too`);
    else taken.set(node.ip, `node ${index + 1}`);

    const networks = objects(`${place}.networks`, node.networks);
    for (const purpose of purposes) {
      const at = networks.findIndex((network) => network.purpose === purpose);
      if (at < 0) {
        fault(`${place}.networks`, `has none for ${purpose}`);
        continue;
      }
      const { vlan } = networks[at];
      need(`${place}.networks[${at}]`, networks[at], "name");
      if (vlan !== undefined && vlan !== null && !isWhole(Number(vlan), 0, LARGEST_VLAN)) {
        fault(`${place}.networks[${at}].vlan`, `must be a whole number, 0 to ${LARGEST_VLAN}`);
      }
    }

    const storage = object(`${place}.storage`, node.storage);
    const disks = storage.disks ?? storage.disk ?? [];
    for (const [at, disk] of objects(`${place}.storage.disks`, disks).entries()) {
      need(`${place}.storage.disks[${at}]`, disk, "name");
    }
    const pools = objects(`${place}.storage.pools`, storage.pools);
    if (Array.isArray(storage.pools) && pools.length === 0) fault(`${place}.storage.pools`, "is empty");
    for (const [at, pool] of pools.entries()) {
      need(`${place}.storage.pools[${at}]`, pool, "name");
      const { capacity } = pool;
      const size = `${place}.storage.pools[${at}].capacity`;
      // With software RAID the disks say how much there is.
      if (capacity === undefined && disks.length === 0) fault(size, "is missing");
      else if (capacity !== undefined && !Number.isSafeInteger(capacity)) fault(size, "must be whole bytes");
      else if (capacity <= 0) fault(size, "must be more than 0");
    }
  }
  return faults;
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const isWhole = (value, least, most) => Number.isInteger(value) && value >= least && value <= most;

const octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ipv4 = new RegExp(`^${octet}(\\.${octet}){3}$`);

function isAddress(text) {
  return ipv4.test(text) || (text.includes(":") && URL.canParse(`http://[${text}]/`));
}

function isNetmask(text) {
  if (!ipv4.test(text)) return false;
  const bits = text
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join("");
  return /^1*0*$/.test(bits);
}
