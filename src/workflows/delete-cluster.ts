// Powers a cluster off and deletes it with all its data.

import type { DeployClient } from "../js/index.js";
import { isMissing, isRefusal } from "./errors.js";
import { type DeployRecord, findCluster, isDeployed } from "./objects.js";
import { carryOut, type Run, readText } from "./run.js";
import { Following } from "./running.js";
import type { Step, WorkflowOptions } from "./types.js";

/**
 * Deletes a cluster and all its data. It waits for a running job of the cluster first and powers the cluster off. You
 * can run it again: a cluster that does not exist counts as deleted.
 *
 * @param name The exact name, not a pattern.
 *
 * @throws The errors of {@link createCluster}, except PlanError.
 *
 * @example
 * ```ts
 * await deleteCluster(deploy, "branch-office");
 * ```
 */
export function deleteCluster(
  deploy: DeployClient,
  name: string,
  options?: WorkflowOptions,
): Promise<{
  /** All steps, in the order in which they were done. */
  steps: readonly Step[];
}> {
  return carryOut("delete", deploy, options, async (run) => {
    readText("name", name, "a cluster's name, as a string");
    const following = new Following(run);
    for (;;) {
      const cluster = await findCluster(run, name);
      if (!cluster) {
        run.tell({ name: "delete", target: name, done: "found" });
        return { steps: run.steps };
      }
      try {
        const isOn =
          cluster.state === "powered_on" || (isDeployed(cluster) && cluster.state !== "powered_off");
        if (isOn) await powerOff(run, cluster);
        await remove(run, cluster);
        return { steps: run.steps };
      } catch (error) {
        if (!isRefusal(error)) throw error;
        run.refused(name, error);
        // Its deletion may be running, if the response named no job.
        const now = await findCluster(run, name);
        if (now) await following.end(now, error, false);
      }
    }
  });
}

async function powerOff(run: Run, { id, name }: DeployRecord): Promise<void> {
  const target = String(name);
  if (run.dryRun) return run.tell({ name: "power off", target, done: "planned" });
  const body = { availability: "powered_off" };
  await run.surely(async () => {
    const { job } = await run.send("PATCH", "/clusters/{id}", {
      params: { id },
      query: { force: "state" },
      body,
    });
    run.tell({ name: "power off", target, done: "changed", ...(job && { job }) });
  });
}

async function remove(run: Run, { id, name }: DeployRecord): Promise<void> {
  const target = String(name);
  if (run.dryRun) return run.tell({ name: "delete", target, done: "planned" });
  await run.surely(async () => {
    try {
      const { job } = await run.send("DELETE", "/clusters/{id}", { params: { id } });
      run.tell({ name: "delete", target, done: "changed", ...(job && { job }) });
    } catch (error) {
      if (!isMissing(error)) throw error;
      run.tell({ name: "delete", target, done: "found" });
    }
  });
}
