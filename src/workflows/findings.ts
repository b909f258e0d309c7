// Compares a valid plan with the VM and its hosts, for a dry run.

import { inWords } from "./capacity.js";
import type { Mistake } from "./errors.js";
import { isMissing } from "./errors.js";
import { type DeployRecord, findBy, listBelow, looksFailed } from "./objects.js";
import { bitsOf, isIpv4, type Node, type Plan } from "./plan.js";
import { isObject, type Run, sideBySide } from "./run.js";

/** The networks, pools and disks that a host reports. */
export interface Equipment {
  readonly networks: readonly DeployRecord[];
  readonly pools: readonly DeployRecord[];
  readonly disks: readonly DeployRecord[];
}

/**
 * @param cluster The cluster on Deploy, if it exists. It is not deployed.
 * @param isRunning Whether its deploy is running and has already taken its space.
 */
export async function findingsOf(
  run: Run,
  plan: Plan,
  cluster: DeployRecord | undefined,
  isRunning: boolean,
): Promise<Mistake[]> {
  const others = await otherClusters(run, cluster);
  return [
    ...(await findImage(run, plan)),
    ...(await findLicenses(run, plan, others)),
    ...subnets(plan),
    ...takenAddresses(plan, others),
    ...(cluster && looksFailed(cluster)
      ? [
          {
            place: "cluster.name",
            problem: "is the name of a cluster whose deploy failed; delete that cluster first",
          },
        ]
      : []),
    ...(await equipment(run, plan, isRunning)),
  ];
}

async function findImage(run: Run, { cluster }: Plan): Promise<Mistake[]> {
  const version = cluster.description.ontap_image_version;
  if (typeof version !== "string" || (await findBy(run, "/images", "id", version))) return [];
  return [{ place: "cluster.ontap_image_version", problem: "is not an image on Deploy" }];
}

/** Another cluster, with the nodes that Deploy reports. */
interface Other {
  readonly name: unknown;
  readonly ip: unknown;
  readonly nodes: readonly Readonly<Record<string, unknown>>[];
}

/** The other clusters, deployed or only described. */
async function otherClusters(run: Run, own: DeployRecord | undefined): Promise<readonly Other[]> {
  const all = await run.deploy.list<DeployRecord>("/clusters", { ...run.limits, query: { fields: "**" } });
  const others = all.filter(({ id }) => id !== own?.id);
  return others.map(({ name, ip, nodes }) => ({
    name,
    ip,
    nodes: Array.isArray(nodes) ? nodes.filter(isObject) : [],
  }));
}

/** A license with a capacity may cover several nodes, up to that capacity. Any other license covers one node. */
async function findLicenses(run: Run, { nodes }: Plan, others: readonly Other[]): Promise<Mistake[]> {
  const mistakes: Mistake[] = [];
  const left = new Map<string, number>();
  const users = new Map<string, string>();
  for (const { name, nodes } of others) {
    for (const node of nodes) {
      const serial = isObject(node.license) ? node.license.id : node.serial_number;
      if (typeof serial === "string") users.set(serial, `node "${node.name}" of cluster "${name}"`);
    }
  }
  for (const [index, { license, pools }] of nodes.entries()) {
    if (license === undefined) continue;
    const place = `nodes[${index}].license`;
    const record = await findBy(run, "/licensing/licenses", "id", license);
    if (!record) {
      mistakes.push({ place, problem: "is not a license on Deploy" });
      continue;
    }
    if (typeof record.capacity !== "number") {
      const user = users.get(license);
      if (user) mistakes.push({ place, problem: `is already used by ${user}` });
      users.set(license, `nodes[${index}]`);
      continue;
    }
    const free = left.get(license) ?? record.capacity;
    const asked = pools.reduce((sum, { capacity = 0 }) => sum + capacity, 0);
    left.set(license, free - asked);
    if (asked > free)
      mistakes.push({ place, problem: `covers ${inWords(free)}, but the node needs ${inWords(asked)}` });
  }
  return mistakes;
}

/** IPv4 addresses outside the network of the cluster. */
function subnets({ cluster, nodes }: Plan): Mistake[] {
  const { ip, gateway, netmask } = cluster.description as { ip: string; gateway: string; netmask: string };
  if (![ip, gateway, netmask].every(isIpv4)) return [];
  const length = bitsOf(netmask).lastIndexOf("1") + 1;
  const network = (address: string) => bitsOf(address).slice(0, length);
  const places: [string, string][] = [
    ["cluster.gateway", gateway],
    ...nodes.map(({ ip }, index): [string, string] => [`nodes[${index}].ip`, ip]),
  ];
  const outside = places.filter(([, address]) => isIpv4(address) && network(address) !== network(ip));
  return outside.map(([place]) => ({
    place,
    problem: "is outside the network of cluster.ip and cluster.netmask",
  }));
}

/** Addresses that another cluster or its nodes use. */
function takenAddresses(plan: Plan, others: readonly Other[]): Mistake[] {
  const taken = new Map<string, string>();
  for (const { name, ip, nodes } of others) {
    for (const node of nodes) {
      if (typeof node.ip === "string") taken.set(node.ip, `node "${node.name}" of cluster "${name}"`);
    }
    if (typeof ip === "string") taken.set(ip, `cluster "${name}"`);
  }
  const places: [string, unknown][] = [
    ["cluster.ip", plan.cluster.description.ip],
    ...plan.nodes.map(({ ip }, index): [string, string] => [`nodes[${index}].ip`, ip]),
  ];
  return places.flatMap(([place, address]) => {
    const owner = taken.get(String(address));
    return owner ? [{ place, problem: `is already used by ${owner}` }] : [];
  });
}

/** Compares the nodes with the hosts on Deploy. A host that Deploy does not have yet is not checked. */
async function equipment(run: Run, plan: Plan, isRunning: boolean): Promise<Mistake[]> {
  const names = [...new Set(plan.nodes.map(({ host }) => host))];
  const found = new Map<string, Equipment>();
  await sideBySide(names, async (name) => {
    // Reads from the hypervisor again, because a network may be new.
    const host = await findBy(run, "/hosts", "name", name, { invalidate_cache: true });
    if (!host || looksFailed(host)) return;
    const has = await read(run, host.id);
    found.set(name, isRunning ? { ...has, pools: has.pools.map(withoutRoom) } : has);
  });
  const asked = new Map<string, number>();
  return plan.nodes.flatMap((node, index) => {
    const has = found.get(node.host);
    return has ? lackingFor(node, `nodes[${index}]`, has, asked) : [];
  });
}

function withoutRoom({ available_capacity: _, ...pool }: DeployRecord): DeployRecord {
  return pool;
}

async function read(run: Run, host: string): Promise<Equipment> {
  const below = (path: string) =>
    listBelow(run, `/hosts/{host}/${path}`, { host }).catch((error): readonly DeployRecord[] => {
      if (isMissing(error)) return [];
      throw error;
    });
  return {
    networks: await below("networks"),
    pools: await below("storage/pools"),
    disks: await below("storage/disks"),
  };
}

/**
 * The networks, pools, disks and capacity that a node needs and its host lacks.
 *
 * @param asked Bytes that earlier nodes take, by host and pool.
 */
export function lackingFor(
  node: Pick<Node, "host" | "networks" | "pools" | "disks">,
  place: string,
  has: Equipment,
  asked: Map<string, number>,
): Mistake[] {
  const mistakes: Mistake[] = [];
  const lacks = (at: string, what: string, name: string | undefined, there: readonly DeployRecord[]) => {
    // A host that reports none has not been read yet.
    const isLacking = name !== undefined && there.length > 0 && !there.some((one) => one.name === name);
    if (isLacking) mistakes.push({ place: at, problem: `is not a ${what} of host ${node.host}` });
  };
  for (const network of node.networks) lacks(`${network.place}.name`, "network", network.name, has.networks);
  for (const [at, { name }] of node.disks.entries())
    lacks(`${place}.storage.disks[${at}].name`, "disk", name, has.disks);
  for (const [at, { name, capacity = 0 }] of node.pools.entries()) {
    lacks(`${place}.storage.pools[${at}].name`, "storage pool", name, has.pools);
    const free = has.pools.find((pool) => pool.name === name)?.available_capacity;
    if (free === 0) {
      mistakes.push({ place: `${place}.storage.pools[${at}].name`, problem: "has no free space" });
      continue;
    }
    const key = JSON.stringify([node.host, name]);
    const before = asked.get(key) ?? 0;
    asked.set(key, before + capacity);
    if (typeof free !== "number" || before + capacity <= free) continue;
    const others = before > 0 ? `, of which other nodes take ${inWords(before)}` : "";
    const problem = `exceeds the ${inWords(free)} that are free${others}`;
    mistakes.push({ place: `${place}.storage.pools[${at}].capacity`, problem });
  }
  return mistakes;
}
