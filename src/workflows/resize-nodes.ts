// Another size for a cluster's nodes, whole HA pairs at once.

import type { DeployClient, JobSnapshot } from "../js/index.js";
import { isRefusal, WorkflowError } from "./errors.js";
import { type DeployRecord, findCluster, nodesOf } from "./objects.js";
import { INSTANCE_TYPES } from "./plan.js";
import { carryOut, type Run, readText, wrongType } from "./run.js";
import { Following } from "./running.js";
import type { Step, WorkflowOptions } from "./types.js";

/**
 * Gives the nodes of a cluster another size, and follows the job. Nodes that have it already are left alone, so that it
 * can be run again; a job that works on the cluster is followed to its end first.
 *
 * @param cluster Its name, exactly.
 * @param instanceType `small`, `medium`, `large` or `xlarge`.
 * @param adminPassword The password of ONTAP's user admin.
 * @param options `nodes`: the names of those to resize. The two of an HA pair have one size: half a pair is refused.
 * Default: all.
 *
 * @throws As {@link createCluster}, without PlanError; TypeError for half an HA pair, and for a name of no node.
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
    /** The names of the nodes to resize, whole HA pairs. Default: all nodes. */
    nodes?: readonly string[];
  },
): Promise<{
  /** The job that resized them; absent where nothing was to be done. */
  job?: JobSnapshot;
  /** All steps. */
  steps: readonly Step[];
}> {
  return carryOut(deploy, options, async (run) => {
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
        run.advise(`Deploy refuses to change cluster "${cluster}": ${error.message}.`);
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
  // Both of a pair go together, also where one has the size already.
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

/** @throws TypeError for a name of no node, and for half a pair */
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

/** The pairs are those of the nodes' order. */
function pairs(nodes: readonly DeployRecord[]): readonly (readonly DeployRecord[])[] {
  return nodes.flatMap((_, index) => (index % 2 === 0 ? [nodes.slice(index, index + 2)] : []));
}
