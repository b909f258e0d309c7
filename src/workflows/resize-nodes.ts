// Resizes the nodes of a cluster, in whole HA pairs.

import type { DeployClient, JobSnapshot } from "../js/index.js";
import { isRefusal, WorkflowError } from "./errors.js";
import { type DeployRecord, findCluster, nodesOf } from "./objects.js";
import { INSTANCE_TYPES } from "./plan.js";
import { carryOut, type Run, readText, wrongType } from "./run.js";
import { Following } from "./running.js";
import type { Step, WorkflowOptions } from "./types.js";

/**
 * Changes the size of a cluster's nodes and waits for the job. It waits for a running job of the cluster first. You can
 * run it again: it skips nodes that already have the size.
 *
 * @param cluster The exact name of the cluster.
 * @param instanceType `small`, `medium`, `large` or `xlarge`.
 * @param adminPassword The password of ONTAP's user admin.
 * @param options `nodes`: the names of the nodes to resize, in whole HA pairs. Default: all.
 *
 * @throws The errors of {@link createCluster}, except PlanError; TypeError for half an HA pair or an unknown node.
 *
 * @example
 * ```ts
 * await resizeNodes(deploy, "branch-office", "medium", process.env.CLUSTER_PASSWORD ?? "");
 * ```
 */
export function resizeNodes(
  deploy: DeployClient,
  cluster: string,
  instanceType: string,
  adminPassword: string,
  options?: WorkflowOptions & {
    /** The names of the nodes to resize, in whole HA pairs. Default: all nodes. */
    nodes?: readonly string[];
  },
): Promise<{
  /** The job that resized them; absent if there was nothing to do. */
  job?: JobSnapshot;
  /** All steps. */
  steps: readonly Step[];
}> {
  return carryOut("resize", deploy, options, async (run) => {
    readText("cluster", cluster, "a cluster's name, as a string");
    if (!INSTANCE_TYPES.includes(instanceType))
      throw wrongType("instanceType", `one of ${INSTANCE_TYPES.join(", ")}`);
    readText("adminPassword", adminPassword, "the password of ONTAP's user admin, as a string");
    const names = readNames(options?.nodes);
    const following = new Following(run);
    for (;;) {
      const there = await findCluster(run, cluster);
      if (!there) throw new WorkflowError(`Deploy has no cluster "${cluster}"`);
      if (there.is_deployed === false) throw new WorkflowError(`Cluster "${cluster}" is not deployed`);
      try {
        const job = await run.surely(() => resize(run, there, instanceType, adminPassword, names));
        return { ...(job && { job }), steps: run.steps };
      } catch (error) {
        if (!isRefusal(error)) throw error;
        run.refused(cluster, error);
        await following.end(there, error, false);
      }
    }
  });
}

function readNames(nodes: unknown): readonly string[] | undefined {
  if (nodes === undefined) return undefined;
  const isList = Array.isArray(nodes) && nodes.length > 0 && nodes.every((name) => typeof name === "string");
  if (!isList) throw wrongType("nodes", "a list of node names");
  return nodes;
}

async function resize(
  run: Run,
  { id, name }: DeployRecord,
  instance_type: string,
  admin_password: string,
  names: readonly string[] | undefined,
): Promise<JobSnapshot | undefined> {
  const nodes = chosen(await nodesOf(run, id), names, String(name));
  // Resize both nodes of a pair, even if one already has the size.
  const isDone = (pair: readonly DeployRecord[]) =>
    pair.every((node) => node.instance_type === instance_type);
  const left = pairs(nodes)
    .filter((pair) => !isDone(pair))
    .flat();
  const tell = (done: Step["done"], job?: JobSnapshot) => {
    for (const node of nodes) {
      const isLeft = left.includes(node);
      run.tell({
        name: "resize",
        target: String(node.name),
        done: isLeft ? done : "found",
        ...(isLeft && job && { job }),
      });
    }
  };
  if (left.length === 0 || run.dryRun) {
    tell("planned");
    return undefined;
  }
  const body = { admin_password, nodes: left.map((node) => ({ id: node.id, instance_type })) };
  const { job } = await run.send("PATCH", "/clusters/{id}", { params: { id }, body });
  tell("changed", job);
  return job;
}

/** @throws TypeError for an unknown node or half a pair. */
function chosen(
  nodes: readonly DeployRecord[],
  names: readonly string[] | undefined,
  cluster: string,
): readonly DeployRecord[] {
  if (!names) return nodes;
  for (const name of names) {
    if (!nodes.some((node) => node.name === name))
      throw new TypeError(`nodes: cluster "${cluster}" has no node "${name}"`);
  }
  for (const pair of pairs(nodes)) {
    const missing = pair.filter((node) => !names.includes(String(node.name)));
    if (missing.length === 0 || missing.length === pair.length) continue;
    const both = pair.map(({ name }) => `"${name}"`).join(" and ");
    throw new TypeError(`nodes: ${both} are an HA pair, and "${missing[0]?.name}" is missing`);
  }
  return nodes.filter((node) => names.includes(String(node.name)));
}

/** Pairs the nodes in order. */
function pairs(nodes: readonly DeployRecord[]): readonly (readonly DeployRecord[])[] {
  return nodes.flatMap((_, index) => (index % 2 === 0 ? [nodes.slice(index, index + 2)] : []));
}
