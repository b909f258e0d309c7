// ensure: creates an object unless it exists.

import type { Arguments } from "../arguments.js";
import { fileBytes, readBody, readParams } from "../call-options.js";
import { json } from "../print.js";
import { A_COLLECTION, inSession, readConnection } from "../session.js";
import { UsageError } from "../usage.js";
import { readFilter, readPairs } from "../values.js";

export async function ensure(asked: Arguments): Promise<number> {
  const { path, query } = readFilter(asked);
  const params = readParams(asked);
  const postQuery = Object.fromEntries(readPairs("--post-query", asked.values["post-query"]));
  const connection = readConnection(asked);
  const { body, ...options } = await readBody(asked, connection);
  if (body === undefined) throw new UsageError("ensure: expected --data or --form with the object to create");
  const task = {
    what: `ensure ${path.split("?")[0]}`,
    changing: true,
    expects: A_COLLECTION,
    repeatable: true,
    upload: fileBytes(body),
  };
  return inSession(connection, task, async (session) => {
    const { client, progress, limit, onProgress } = session;
    if (asked.values.form) connection.onUpload = progress.moved;
    const { record, created } = await client.ensure(path, query, body, {
      ...limit(),
      ...params,
      ...options,
      postQuery,
      onProgress,
    });
    progress.note(created ? "created" : "found");
    return json(record);
  });
}
