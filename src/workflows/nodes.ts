// Describes the nodes of a cluster: hosts, sizes, addresses, networks, storage pools and disks.

import { inUnit } from "./capacity.js";
import { isMissing, WorkflowError } from "./errors.js";
import { type DeployRecord, type Difference, differences, isSet, listBelow, remove } from "./objects.js";
import type { Cluster, Disk, Network, Node, Pool } from "./plan.js";
import type { Run } from "./run.js";

const NODE = "/clusters/{cluster}/nodes/{node}";

/** A node of the plan, and its record on Deploy. */
export interface Match {
  readonly node: Node;
  readonly record: DeployRecord;
  readonly place: string;
}

/**
 * Matches the nodes of the plan with those on Deploy: by name, if an earlier run has set it, otherwise in order.
 */
export function match(
  nodes: readonly Node[],
  records: readonly DeployRecord[],
  cluster: Cluster,
): readonly Match[] {
  const named = (node: Node) => records.find(({ name }) => node.name !== undefined && name === node.name);
  const taken = new Set(nodes.map(named));
  const rest = records.filter((record) => !taken.has(record));
  return nodes.map((node, index) => {
    const record = named(node) ?? rest.shift();
    if (!record) throw new WorkflowError(`Cluster "${cluster.name}" has fewer nodes than the plan`);
    return { node, record, place: `nodes[${index}]` };
  });
}

/** A node's name in steps. */
export function titleOf(node: Node, index: number, cluster: Cluster): string {
  return node.name ?? `${cluster.name}-${String(index + 1).padStart(2, "0")}`;
}

/** The changes that make a node match the plan. */
export interface Work {
  readonly params: { readonly cluster: string; readonly node: string };
  readonly isDone: boolean;
  /** Whether nothing is described yet. */
  readonly isNew: boolean;
  /** The differences on Deploy. */
  readonly differs: readonly Difference[];
  /** Whether no call can remove an existing setting, so that the cluster must be described again. */
  readonly isStuck: boolean;
  readonly description: Readonly<Record<string, unknown>> | undefined;
  readonly networks: readonly { readonly id: string; readonly body: Readonly<Record<string, unknown>> }[];
  readonly removedPools: readonly string[];
  readonly addedPools: readonly Pool[];
  readonly removedDisks: readonly string[];
  readonly addedDisks: readonly Disk[];
}

/** @param hosts The ids of hosts by their names, without hosts that a dry run would add. */
export async function compare(
  run: Run,
  cluster: string,
  { node, record, place }: Match,
  hosts: ReadonlyMap<string, string>,
): Promise<Work> {
  const params = { cluster, node: record.id };
  const networks = await listBelow(run, `${NODE}/networks`, params);
  const pools = await listBelow(run, `${NODE}/storage/pools`, params);
  const disks = await listDisks(run, params);

  const described = differences(node.description, { passthrough_disks: false, ...record }, place);
  const host = compareHost(node, record, place, hosts);
  const licensed = compareLicense(node, record, place);
  const connected = node.networks.map((network) => compareNetwork(network, networks));
  // On another host, a pool of the same name is a different pool.
  const isMoved = host.some(({ there }) => isSet(there));
  const kept = isMoved
    ? []
    : pools.filter((pool) => node.pools.some((wanted) => isSamePool(wanted, pool, disks)));
  const removedPools = pools.filter((pool) => !kept.includes(pool));
  const addedPools = node.pools.filter((wanted) => !kept.some((pool) => isSamePool(wanted, pool, disks)));
  const keptDisks = isMoved ? [] : disks.filter(({ name }) => node.disks.some((disk) => disk.name === name));
  const removedDisks = disks.filter((disk) => !keptDisks.includes(disk));
  const addedDisks = node.disks.filter(({ name }) => !keptDisks.some((disk) => disk.name === name));
  const all = [
    ...described,
    ...host,
    ...licensed,
    ...connected.flatMap(({ differing }) => differing),
    ...lists(`${place}.storage.pools`, [...removedPools, ...addedPools], pools, node.pools),
    ...lists(`${place}.storage.disks`, [...removedDisks, ...addedDisks], disks, node.disks),
  ];
  const id = hosts.get(node.host);
  return {
    params,
    isDone: all.length === 0,
    isNew: !isSet(record.host) && pools.length === 0,
    differs: all,
    isStuck: licensed.length > 0 || connected.some(({ isStuck }) => isStuck),
    description:
      described.length + host.length > 0
        ? { ...node.description, ...(id !== undefined && { host: { id } }) }
        : undefined,
    networks: connected.flatMap(({ change }) => (change ? [change] : [])),
    removedPools: removedPools.map(({ id }) => id),
    addedPools,
    removedDisks: removedDisks.map(({ id }) => id),
    addedDisks,
  };
}

/** Only nodes with software RAID have disks; a server may have no list for other nodes. */
async function listDisks(run: Run, params: Work["params"]): Promise<readonly DeployRecord[]> {
  try {
    return await listBelow(run, `${NODE}/storage/disks`, params);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function compareHost(
  node: Node,
  record: DeployRecord,
  place: string,
  hosts: ReadonlyMap<string, string>,
): readonly Difference[] {
  const there = Object(record.host) as { id?: unknown; name?: unknown };
  const id = hosts.get(node.host);
  const isSame = isSet(there.name) ? there.name === node.host : isSet(there.id) && (!id || there.id === id);
  return isSame ? [] : [{ place: `${place}.host_name`, there: there.name ?? there.id, wanted: node.host }];
}

/** In the plan, a node without a license is an evaluation. */
function compareLicense(node: Node, record: DeployRecord, place: string): readonly Difference[] {
  const { id } = Object(record.license) as { id?: unknown };
  return node.license === undefined && isSet(id)
    ? [{ place: `${place}.license`, there: id, wanted: undefined }]
    : [];
}

function compareNetwork(network: Network, records: readonly DeployRecord[]) {
  const record = records.find(({ purpose }) => purpose === network.purpose);
  if (!record) throw new WorkflowError(`Deploy has no ${network.purpose} network for ${network.place}`);
  const { name, vlan, place } = network;
  const body = { ...(name !== undefined && { name }), ...(vlan !== undefined && { vlan_id: vlan }) };
  const differing = differences(body, record, place).map((one) => ({
    ...one,
    place: one.place.replace("vlan_id", "vlan"),
  }));
  // It is unknown whether Deploy shows "none" as null, 0 or -1.
  const isStuck = vlan === undefined && Number(record.vlan_id ?? 0) > 0;
  return {
    differing: isStuck
      ? [...differing, { place: `${place}.vlan`, there: record.vlan_id, wanted: undefined }]
      : differing,
    isStuck,
    change: differing.length > 0 ? { id: record.id, body } : undefined,
  };
}

/** With software RAID, a pool has no capacity. Disks are attached last, so a node with disks has software RAID. */
function isSamePool(wanted: Pool, { name, capacity }: DeployRecord, disks: readonly DeployRecord[]): boolean {
  const isRaid = disks.length > 0 || !isSet(capacity);
  return (
    wanted.name === name && (wanted.capacity === undefined ? isRaid : wanted.capacity === Number(capacity))
  );
}

function lists(
  place: string,
  changed: readonly object[],
  there: readonly DeployRecord[],
  wanted: readonly (Pool | Disk)[],
): readonly Difference[] {
  const units = (wanted as readonly Partial<Pool>[]).map(({ unit }) => unit);
  const brief = (part: object) => {
    const { name, capacity } = part as { name?: unknown; capacity?: unknown };
    const unit = units[wanted.findIndex((one) => one.name === name)] ?? units[0];
    return isSet(capacity) ? `${name} (${inUnit(Number(capacity), unit)})` : name;
  };
  return changed.length === 0 ? [] : [{ place, there: there.map(brief), wanted: wanted.map(brief) }];
}

/** Makes the changes. The host comes first, because networks and pools belong to it. */
export async function describe(run: Run, work: Work): Promise<void> {
  const { params } = work;
  if (work.description) await run.send("PATCH", NODE, { params, body: work.description });
  for (const { id: network, body } of work.networks) {
    await run.send("PATCH", `${NODE}/networks/{network}`, { params: { ...params, network }, body });
  }
  for (const pool of work.removedPools)
    await remove(run, `${NODE}/storage/pools/{pool}`, { ...params, pool });
  if (work.addedPools.length > 0) {
    const pool_array = work.addedPools.map(({ name, capacity }) => ({
      name,
      ...(capacity !== undefined && { capacity }),
    }));
    await run.send("POST", `${NODE}/storage/pools`, { params, body: { pool_array } });
  }
  for (const disk of work.removedDisks)
    await remove(run, `${NODE}/storage/disks/{disk}`, { ...params, disk });
  if (work.addedDisks.length > 0) {
    const disks = work.addedDisks.map(({ name }) => ({ name }));
    await run.send("POST", `${NODE}/storage/disks`, { params, body: { disks } });
  }
}
