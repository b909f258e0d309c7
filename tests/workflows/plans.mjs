// Plans for every kind of cluster, with and without mistakes that only Deploy can detect, and corrections.

const TIB = 2 ** 40;

/** Part of every password in these plans. It must not appear anywhere. */
export const SECRETS = ["pw-vcenter-secret", "pw-host-secret", "pw-ontap-secret"];

/** The obstacles of a plan, by their names in a history. */
export const TROUBLES = [
  "room",
  "pool",
  "network",
  "disk",
  "unreachable",
  "license",
  "image",
  "noLicense",
  "silent",
  "mute",
];

/**
 * @param {{ count: number, site: "vcenter" | "esx" | "kvm", isLicensed?: boolean, isRaid?: boolean, isOneHost?: boolean,
 *   name?: string, trouble?: string }} wanted
 */
export function planOf({ count, site, isLicensed, isRaid, isOneHost, name = "prod", trouble }) {
  const isKvm = site === "kvm";
  const hosts = Array.from({ length: isOneHost ? 1 : count }, (_, index) => ({
    name: `${isKvm ? "kvm" : "esx"}-${index + 1}`,
    type: isKvm ? "KVM" : "ESX",
    ...(site === "vcenter"
      ? { mgmt_server: "vcenter.example.com" }
      : { username: "root", password: "pw-host-secret" }),
  }));
  const [net, pool, disk] = isKvm
    ? ["ontap-br", "host-pool-1", "/dev/disk/by-id/scsi-3500a0751"]
    : ["VM Network", "datastore1", "naa.500a0751"];
  const nodes = Array.from({ length: count }, (_, index) => {
    const raid = { disks: [1, 2].map((number) => ({ name: `${disk}0000000${number}` })) };
    return {
      ip: `10.0.0.${11 + index}`,
      host_name: hosts[index % hosts.length].name,
      instance_type: "small",
      ...(isLicensed && { license: "320000002" }),
      networks: ["mgmt", "data", "internal"].map((purpose) => ({ purpose, name: net, vlan: null })),
      storage: isRaid ? { pools: [{ name: pool }], ...raid } : { pools: [{ name: pool, capacity: TIB }] },
    };
  });
  const plan = {
    ...(site === "vcenter" && {
      vcenter: { hostname: "vcenter.example.com", username: "deploy", password: "pw-vcenter-secret" },
    }),
    hosts,
    cluster: {
      name,
      ip: "10.0.0.10",
      gateway: "10.0.0.1",
      netmask: "255.255.255.0",
      ontap_image_version: "9.14.1",
      dns_info: { domains: ["example.com"], dns_ips: ["10.0.0.2"] },
      ntp_servers: ["10.0.0.3"],
      ontap_admin_password: "pw-ontap-secret",
    },
    nodes,
  };
  if (trouble) spoil[trouble](plan);
  return plan;
}

/** Adds a mistake that only Deploy can detect. */
const spoil = {
  room: ({ nodes }) => {
    const node = nodes.at(-1);
    node.storage = { pools: [{ name: node.storage.pools[0].name, capacity: 9 * TIB }] };
  },
  pool: ({ nodes }) => {
    nodes.at(-1).storage.pools[0].name = "datastore9";
  },
  network: ({ nodes }) => {
    nodes.at(-1).networks[1].name = "no-network";
  },
  disk: ({ nodes }) => {
    const { storage } = nodes.at(-1);
    storage.disks = [{ name: "no-disk" }];
  },
  unreachable: ({ hosts, nodes }) => {
    const host = hosts.at(-1);
    for (const node of nodes) if (node.host_name === host.name) node.host_name = "unreachable-1";
    host.name = "unreachable-1";
  },
  license: ({ nodes }) => {
    const node = nodes.at(-1);
    node.license = "320000001";
    node.storage.pools[0].capacity = 3 * TIB;
  },
  image: ({ cluster }) => {
    cluster.ontap_image_version = "9.99.9";
  },
  noLicense: ({ nodes }) => {
    nodes.at(-1).license = "999999999";
  },
  silent: ({ cluster }) => {
    cluster.name = `silent-${cluster.name}`;
  },
  mute: ({ cluster }) => {
    cluster.name = `mute-${cluster.name}`;
  },
};

/** Corrections of a plan between two runs. The plan stays valid. */
export const CORRECTIONS = {
  capacity: ({ nodes }) => {
    for (const { storage } of nodes) if (storage.pools[0].capacity) storage.pools[0].capacity = "1.5 TiB";
  },
  pool: ({ hosts, nodes }) => {
    const name = hosts[0].type === "KVM" ? "host-pool-2" : "datastore2";
    const { storage } = nodes[0];
    storage.pools = [{ ...storage.pools[0], name, ...(storage.pools[0].capacity && { capacity: TIB / 4 }) }];
  },
  morePools: ({ hosts, nodes }) => {
    const names = hosts[0].type === "KVM" ? ["host-pool-1", "host-pool-2"] : ["datastore1", "datastore2"];
    nodes[0].storage.pools = names.map((name) => ({ name, capacity: TIB / 4 }));
  },
  nodeAddress: ({ nodes }) => {
    nodes[0].ip = "10.0.0.77";
  },
  addresses: ({ cluster, nodes }) => {
    cluster.ip = "10.0.1.10";
    cluster.gateway = "10.0.1.1";
    for (const [index, node] of nodes.entries()) node.ip = `10.0.1.${11 + index}`;
  },
  mask: ({ cluster }) => {
    cluster.netmask = "255.255.252.0";
  },
  names: ({ cluster }) => {
    cluster.dns_info = { domains: ["lab.example.com"], dns_ips: ["10.0.0.4", "10.0.0.5"] };
    cluster.ntp_servers = ["ntp.example.com"];
  },
  image: ({ cluster }) => {
    cluster.ontap_image_version = "9.15.1";
  },
  network: ({ hosts, nodes }) => {
    if (hosts[0].type === "ESX") nodes[0].networks[0].name = "ontap-external";
  },
  vlan: ({ nodes }) => {
    nodes[0].networks[1].vlan = 42;
  },
  noVlan: ({ nodes }) => {
    for (const { networks } of nodes) for (const network of networks) network.vlan = null;
  },
  size: ({ nodes }) => {
    for (const node of nodes) node.instance_type = "medium";
  },
  license: ({ nodes }) => {
    for (const node of nodes) node.license = "320000002";
  },
  noLicense: ({ nodes }) => {
    for (const node of nodes) delete node.license;
  },
  raid: ({ hosts, nodes }) => {
    const name = hosts[0].type === "KVM" ? "/dev/disk/by-id/scsi-3500a07510000000" : "naa.500a07510000000";
    nodes[0].storage.disk = [{ name: `${name}3` }];
    delete nodes[0].storage.disks;
  },
  noRaid: ({ nodes }) => {
    for (const { storage } of nodes) {
      delete storage.disk;
      delete storage.disks;
      for (const pool of storage.pools) pool.capacity ??= TIB;
    }
  },
  nodeName: ({ nodes }) => {
    nodes[0].name = "first-node";
  },
  swappedNames: ({ cluster, nodes }) => {
    for (const [index, node] of nodes.entries()) node.name = `${cluster.name}-0${nodes.length - index}`;
  },
  efficiency: ({ nodes }) => {
    nodes[0].is_storage_efficiency_enabled = true;
  },
  mtu: ({ cluster, nodes }) => {
    if (nodes.length > 1) cluster.mtu = 9000;
  },
  oneHost: ({ hosts, nodes }) => {
    hosts.splice(1);
    for (const node of nodes) node.host_name = hosts[0].name;
  },
};
