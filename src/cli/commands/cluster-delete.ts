// cluster delete: deletes a cluster and all its data.

import { deleteCluster, type Step } from "../../workflows/index.js";
import type { Arguments } from "../arguments.js";
import { confirm, isAsking } from "../confirm.js";
import { json } from "../print.js";
import { inSession, readConnection } from "../session.js";
import { plain } from "../terminal.js";
import { readOne } from "../values.js";
import { linesOf, workflowOptions } from "../workflow.js";

export async function clusterDelete(asked: Arguments): Promise<number> {
  const { words, values } = asked;
  const name = readOne(
    words,
    "cluster delete: expected the name of a cluster",
    "cluster delete: expected one cluster",
  );
  const task = { what: `cluster delete ${name}`, changing: false, resumable: true };
  return inSession(readConnection(asked), task, async (session) => {
    const remove = (dryRun: boolean) => {
      task.changing = !dryRun;
      return deleteCluster(session.client, name, { ...workflowOptions(session, linesFor), dryRun });
    };
    if (values["dry-run"]) return json(await remove(true));
    if (isAsking(values)) {
      const found = await remove(true);
      const question =
        `This deletes the cluster ${plain(name)} and all its data. It cannot be undone.\n` +
        "Type the cluster's name to delete it: ";
      if (found.steps.every(({ done }) => done !== "planned")) return json(found);
      await confirm(session, question, (answer) => answer === name);
    }
    return json(await remove(false));
  });
}

/** A mistyped name must not look like a deletion. */
function linesFor(step: Step): string[] {
  const isAbsent = step.name === "delete" && step.done === "found";
  return isAbsent ? [`Deploy has no cluster "${plain(step.target)}"; nothing to delete`] : linesOf(step);
}
