// cluster resize: changes the size of a cluster's nodes.

import { resizeNodes } from "../../workflows/index.js";
import type { Arguments } from "../arguments.js";
import { listed } from "../arguments.js";
import { needPassword } from "../passwords.js";
import { json } from "../print.js";
import { inSession, readConnection } from "../session.js";
import { SIZES } from "../table.js";
import { UsageError } from "../usage.js";
import { workflowOptions } from "../workflow.js";

export async function clusterResize(asked: Arguments): Promise<number> {
  const { words, values } = asked;
  const [name, size, ...more] = words;
  if (!name || !size || more.length > 0)
    throw new UsageError("cluster resize: expected the name of a cluster and a size");
  if (!SIZES.some((one) => one === size))
    throw new UsageError(`cluster resize: unknown size ${size}; expected ${listed(SIZES)}`);
  const connection = readConnection(asked);
  const password = await needPassword(values, "CLUSTER_PASSWORD", "ONTAP admin password");
  const task = { what: `cluster resize ${name}`, changing: true, resumable: true };
  return inSession(connection, task, async (session) => {
    const options = {
      ...workflowOptions(session),
      dryRun: values["dry-run"] ?? false,
      ...(values.node && { nodes: values.node }),
    };
    return json(await resizeNodes(session.client, name, size, password, options));
  });
}
