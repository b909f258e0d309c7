// get, post, put, patch and delete: send one call and wait for its job.

import type { Arguments } from "../arguments.js";
import { fileBytes, readBody, readParams } from "../call-options.js";
import { json } from "../print.js";
import { inSession, readConnection } from "../session.js";
import { readPath } from "../values.js";
import { download } from "./download.js";
import { followed } from "./wait.js";

export async function call(asked: Arguments): Promise<number> {
  const { output } = asked.values;
  if (output !== undefined) return download(asked, output);
  const path = readPath(asked.name, asked.words);
  const params = readParams(asked);
  const connection = readConnection(asked);
  const options = await readBody(asked, connection);
  const method = asked.name.toUpperCase();
  const task = {
    what: `${method} ${path.split("?")[0]}`,
    changing: method !== "GET",
    upload: fileBytes(options.body),
  };
  return inSession(connection, task, async (session) => {
    const { client, progress, limit } = session;
    // Only a form can be large enough to show its progress.
    if (asked.values.form) connection.onUpload = progress.moved;
    const handle = await client.submit(method, path, { ...limit(), ...params, ...options });
    if (handle.id === undefined) return json({ ...handle.response });
    progress.accepted(handle.id);
    return followed(session, handle);
  });
}
