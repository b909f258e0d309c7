// backup: saves the configuration of the Deploy VM to a file.

import { backup as backUp } from "../../workflows/index.js";
import type { Arguments } from "../arguments.js";
import { openOutput } from "../output.js";
import { needPassword } from "../passwords.js";
import { json, printError } from "../print.js";
import { inSession, readConnection } from "../session.js";
import { UsageError } from "../usage.js";
import { workflowOptions } from "../workflow.js";

export async function backup(asked: Arguments): Promise<number> {
  const { words, values } = asked;
  const file = values.output;
  if (words.length > 0 || file === undefined)
    throw new UsageError("backup: expected --output FILE and no other argument; - is standard output");
  const connection = readConnection(asked);
  const password = await needPassword(values, "BACKUP_PASSWORD", "backup password");
  const output = await openOutput(file);
  try {
    const task = { what: "backup", changing: true };
    return await inSession(connection, task, async (session) => {
      const { progress } = session;
      const { body, name, type, size, removed } = await backUp(
        session.client,
        password,
        workflowOptions(session),
      );
      // From here on the command only reads.
      task.changing = false;
      session.limitByTimer();
      // The body and the live line would overwrite each other.
      if (output.isStandard && process.stdout.isTTY) progress.end();
      try {
        const bytes = await output.take(body, (bytes) => progress.moved(bytes, size));
        return output.isStandard ? "" : json({ name, type, file, bytes });
      } finally {
        // Deploy's copy is deleted even if the download fails.
        await removed.catch((error) => {
          progress.end();
          printError(`Deploy's copy of the backup was not deleted: ${error.message}`);
        });
      }
    });
  } finally {
    await output.discard();
  }
}
