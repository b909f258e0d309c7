// backup: the configuration of the Deploy VM, into a file.

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
    throw new UsageError("backup: expected --output FILE, and no other word; - is standard output");
  const connection = readConnection(asked);
  const password = await needPassword(values, "BACKUP_PASSWORD", "the password that protects the backup");
  const output = await openOutput(file);
  try {
    return await inSession(connection, { what: "backup", changing: true }, async (session) => {
      const { progress } = session;
      const { body, name, type, size, removed } = await backUp(
        session.client,
        password,
        workflowOptions(session),
      );
      session.limitByTimer();
      // The two would write over each other.
      if (output.isStandard && process.stdout.isTTY) progress.end();
      const bytes = await output.take(body, (bytes) => progress.moved(bytes, size));
      // The file is whole in any case.
      await removed.catch((error) => printError(`Deploy keeps its copy of the backup: ${error.message}`));
      return output.isStandard ? "" : json({ name, type, file, bytes });
    });
  } finally {
    await output.discard();
  }
}
