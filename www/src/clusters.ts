// The clusters that Deploy knows, as far as a list to choose from needs them.

import type { DeployClient } from "ontap-select-deploy";

export interface Cluster {
  readonly id: string;
  readonly name: string;
}

/** @throws what `client.get` throws. */
export async function listClusters(client: DeployClient): Promise<Cluster[]> {
  const { body } = await client.get("/clusters");
  const records = isObject(body) && Array.isArray(body.records) ? body.records : [];
  return records.flatMap((record: unknown) => {
    if (!isObject(record) || typeof record.id !== "string") return [];
    return [{ id: record.id, name: typeof record.name === "string" ? record.name : record.id }];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
