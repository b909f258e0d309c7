// Describes the nodes of a cluster, all of them on one host with what that host has, so that the cluster can be deployed.

import type { DeployClient } from "ontap-select-deploy";
import { type DeployObject, listObjects, pathOf } from "./objects.js";

export interface Placement {
  /** Id of the cluster. */
  readonly cluster: string;
  /** Id of the host. */
  readonly host: string;
  /** IPv4 address of the first node; the others count on from it. */
  readonly firstAddress: string;
}

/** Bytes. */
const usualCapacity = 2 * 2 ** 40;

/**
 * @throws what `client` throws; `Error` when the host has no network or no room.
 */
export async function describeNodes(client: DeployClient, placement: Placement): Promise<void> {
  const host = pathOf("hosts", placement.host);
  const networks = await listObjects(client, `${host}/networks`);
  const pools = await listObjects(client, `${host}/storage/pools`, { fields: "*" });
  const nodes = await listObjects(client, pathOf("clusters", placement.cluster, "nodes"), {
    order_by: "name asc",
  });
  const network = networks[0];
  if (!network)
    throw new Error("Deploy knows no network of this host. Is the host's job over, and did it succeed?");
  const pool = pools.reduce<DeployObject | undefined>(
    (most, one) => (most && room(most) >= room(one) ? most : one),
    undefined,
  );
  const capacity = Math.min(usualCapacity, Math.floor(pool ? room(pool) / nodes.length : 0));
  if (!pool || capacity === 0) throw new Error("No storage pool of this host has any room.");
  for (const [index, node] of nodes.entries()) {
    const path = pathOf("clusters", placement.cluster, "nodes", node.id);
    const ip = countOn(placement.firstAddress, index);
    await client.patch(path, { host: { id: placement.host }, instance_type: "small", ip });
    for (const { id } of await listObjects(client, `${path}/networks`))
      await client.patch(path + pathOf("networks", id), { name: network.name });
    // An earlier attempt may have left a pool of another host.
    for (const { id } of await listObjects(client, `${path}/storage/pools`))
      await client.delete(path + pathOf("storage", "pools", id));
    await client.post(`${path}/storage/pools`, { pool_array: [{ name: pool.name, capacity }] });
  }
}

/** Bytes. */
function room({ record }: DeployObject): number {
  return Number(record.available_capacity) || 0;
}

function countOn(address: string, by: number): string {
  return address.replace(/\d+$/, (last) => String(Number(last) + by));
}
