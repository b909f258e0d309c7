// cluster create: creates and deploys the cluster that a plan describes.

import { hasChangedBefore } from "../../workflows/changed.js";
import { createCluster, PlanError } from "../../workflows/index.js";
import type { Arguments } from "../arguments.js";
import { confirm, isAsking } from "../confirm.js";
import { mistaken, readPlan } from "../plan-file.js";
import { json } from "../print.js";
import { inSession, readConnection } from "../session.js";
import { readOne } from "../values.js";
import { workflowOptions } from "../workflow.js";

export async function clusterCreate({ name, words, values }: Arguments): Promise<number> {
  const file = readOne(
    words,
    "cluster create: expected a plan, such as plan.json",
    "cluster create: expected one plan",
  );
  const connection = readConnection({ name, words, values });
  const plan = readPlan(file);
  const task = { what: `cluster create ${plan.cluster.name}`, changing: false, resumable: true };
  return inSession(connection, task, async (session) => {
    const create = async (dryRun: boolean) => {
      task.changing = !dryRun;
      const inhibitRollback = values["inhibit-rollback"] ?? false;
      try {
        return await createCluster(session.client, plan, {
          ...workflowOptions(session),
          dryRun,
          inhibitRollback,
        });
      } catch (error) {
        if (!(error instanceof PlanError)) throw error;
        const without = dryRun && !values["dry-run"] ? ["To skip this check, pass --yes."] : [];
        const advice = [error.workflow?.advice ?? "", ...without].join(" ").trim();
        throw mistaken(file, error.mistakes, advice, hasChangedBefore(error));
      }
    };
    if (values["dry-run"]) return json(await create(true));
    if (isAsking(values)) {
      const { steps } = await create(true);
      const question = `Create the cluster ${plan.cluster.name}? [y/N] `;
      if (steps.some(({ done }) => done === "planned"))
        await confirm(session, question, (answer) => /^y(es)?$/i.test(answer));
    }
    return json(await create(false));
  });
}
