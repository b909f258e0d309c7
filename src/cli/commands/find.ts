// find: prints the first record of a collection that matches.

import type { Arguments } from "../arguments.js";
import { readParams } from "../call-options.js";
import { json } from "../print.js";
import { A_COLLECTION, inSession, readConnection, reading } from "../session.js";
import { readFilter } from "../values.js";

export async function find(asked: Arguments): Promise<number> {
  const { path, query } = readFilter(asked);
  const params = readParams(asked);
  return inSession(
    readConnection(asked),
    { ...reading(path), expects: A_COLLECTION },
    async ({ client, progress, limit }) => {
      const record = await client.find(path, query, { ...limit(), ...params });
      if (record === undefined) progress.note("nothing matches");
      return json(record ?? null);
    },
  );
}
