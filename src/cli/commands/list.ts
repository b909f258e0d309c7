// list: prints the records of a collection.

import type { Arguments } from "../arguments.js";
import { readParams } from "../call-options.js";
import { json, jsonLine } from "../print.js";
import { A_COLLECTION, inSession, readConnection, reading } from "../session.js";
import { readSelection } from "../values.js";

export async function list(asked: Arguments): Promise<number> {
  const { path, query } = readSelection(asked);
  const params = readParams(asked);
  return inSession(
    readConnection(asked),
    { ...reading(path), expects: A_COLLECTION },
    async ({ client, limit }) => {
      const records = await client.list(path, { ...limit(), ...params, query });
      return asked.values.lines ? records.map(jsonLine).join("") : json(records);
    },
  );
}
