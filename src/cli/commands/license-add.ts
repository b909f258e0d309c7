// license add: uploads a license file, or replaces an existing one.

import { basename } from "node:path";
import { addLicense } from "../../workflows/index.js";
import type { Arguments } from "../arguments.js";
import { openFile } from "../files.js";
import { readPassword } from "../passwords.js";
import { json } from "../print.js";
import { inSession, readConnection } from "../session.js";
import { readOne } from "../values.js";
import { workflowOptions } from "../workflow.js";

export async function licenseAdd(asked: Arguments): Promise<number> {
  const { words, values } = asked;
  const path = readOne(
    words,
    "license add: expected a license file",
    "license add: expected one license file",
  );
  const file = new File([await openFile("license add", path)], basename(path));
  const connection = readConnection(asked);
  const password = await readPassword(values, "CLUSTER_PASSWORD");
  const username = process.env.CLUSTER_USERNAME || "admin";
  const task = { what: `license add ${basename(path)}`, changing: true, resumable: true, upload: file.size };
  return inSession(connection, task, async (session) => {
    const login = password === undefined ? {} : { ontap: { username, password } };
    return json(
      await addLicense(session.client, file, {
        ...workflowOptions(session),
        dryRun: values["dry-run"] ?? false,
        ...login,
      }),
    );
  });
}
