// Deploy's objects: clusters, hosts, images.

import type { CallOptions, DeployClient } from "ontap-select-deploy";
import type { DeployRecord } from "../../src/workflows/objects.js";

export interface DeployObject {
  readonly id: string;
  readonly name: string;
  /** The whole record from Deploy. */
  readonly record: DeployRecord;
}

/**
 * @param path of a collection
 * @throws what `client.list` throws.
 */
export async function listObjects(
  client: DeployClient,
  path: string,
  query?: CallOptions["query"],
): Promise<DeployObject[]> {
  const records = await client.list<Record<string, unknown> | null>(path, query && { query });
  return records.flatMap((record) => {
    if (typeof record?.id !== "string") return [];
    const { id, name } = record;
    return [{ id, name: typeof name === "string" ? name : id, record: { ...record, id } }];
  });
}

/** A path from segments, each percent-encoded. */
export function pathOf(...segments: string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join("");
}
