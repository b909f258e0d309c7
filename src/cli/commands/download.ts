// get --output: saves a response body to a file.

import type { Arguments } from "../arguments.js";
import { readParams } from "../call-options.js";
import { openOutput } from "../output.js";
import { json } from "../print.js";
import { inSession, readConnection, reading } from "../session.js";
import { readPath } from "../values.js";

export async function download(asked: Arguments, file: string): Promise<number> {
  const path = readPath(asked.name, asked.words);
  const params = readParams(asked);
  const connection = readConnection(asked);
  const output = await openOutput(file);
  try {
    return await inSession(connection, reading(path), async (session) => {
      const { client, progress, limit } = session;
      const { status, body, name, type, size } = await client.download(path, { ...limit(), ...params });
      session.limitByTimer();
      // The body and the live line would overwrite each other.
      if (output.isStandard && process.stdout.isTTY) progress.end();
      const bytes = await output.take(body, (bytes) => progress.moved(bytes, size));
      return output.isStandard ? "" : json({ status, name, type, file, bytes });
    });
  } finally {
    await output.discard();
  }
}
