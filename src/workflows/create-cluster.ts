// Deploys the cluster of a plan, in the order of NetApp's sample: hosts, description, nodes, deploy.

import type { ClusterPlan } from "../js/api.js";
import type { CallResult, DeployClient, JobSnapshot } from "../js/index.js";
import { isClientError, isJobFailure, isMissing, isRefusal, PlanError, WorkflowError } from "./errors.js";
import { findingsOf } from "./findings.js";
import { addHosts } from "./hosts.js";
import { compare, describe, match, titleOf, type Work } from "./nodes.js";
import {
  type DeployRecord,
  differences,
  findCluster,
  isDeployed,
  isNotDeployed,
  isSettled,
  looksBusy,
  looksFailed,
  nodesOf,
  remove,
  tellDefinite,
  tellDifferences,
} from "./objects.js";
import { type Plan, readPlan } from "./plan.js";
import { carryOut, EVENTS, type Run, readFlag, sideBySide } from "./run.js";
import { differs, type Ended, Following } from "./running.js";
import type { ClientError, CreatedCluster, Step, WorkflowOptions } from "./types.js";

/** How often a run restarts because an object disappeared. */
const MOST_LOSSES = 3;

/**
 * Creates and deploys the cluster of a plan: logins, hosts, the cluster's description, its nodes, the deploy and its
 * job. It checks the whole plan before it sends anything.
 *
 * You can run it again after any interruption. It keeps existing objects, continues where the last run stopped, and
 * waits for a running deploy. {@link Step.differs} lists differences from the plan. It corrects them unless the cluster
 * is deployed.
 *
 * @param plan The JSON input of NetApp's sample `cluster.py`. Capacities are bytes or strings such as `4.8 TB` (1 TB =
 * 10¹² bytes) and `4 TiB` (1 TiB = 2⁴⁰ bytes).
 * @param options `inhibitRollback`: keeps the rest of a failed deploy, so that you can inspect it. Default: false;
 * Deploy rolls a failed deploy back.
 *
 * @throws {@link PlanError} with every mistake in the plan; after a dry run, with everything that Deploy would reject.
 * The client's errors, such as JobFailedError for a failed deploy, and {@link WorkflowError}; both have the
 * {@link WorkflowProgress} in their member `workflow`. TypeError or RangeError that names an option. `signal.reason`.
 *
 * @example
 * ```ts
 * const plan = JSON.parse(await readFile("cluster.json", "utf8"));
 * const { id } = await createCluster(deploy, plan, { onStep: ({ name, target, done }) => console.log(done, name, target) });
 * ```
 */
export function createCluster(
  deploy: DeployClient,
  plan: ClusterPlan,
  options?: WorkflowOptions & {
    /** Whether Deploy keeps the rest of a failed deploy. Default: false. */
    inhibitRollback?: boolean;
  },
): Promise<CreatedCluster> {
  return carryOut("create", deploy, options, async (run) => {
    const inhibitRollback = readFlag("inhibitRollback", options?.inhibitRollback);
    return new Creation(run, readPlan(plan), inhibitRollback).untilDeployed();
  });
}

class Creation {
  readonly #run: Run;
  readonly #plan: Plan;
  readonly #inhibitRollback: boolean;
  readonly #following: Following;
  #hasMade = false;
  #wasRecreated = false;
  #refusedDeploy: unknown;
  /** The cluster just before the last deploy was sent. */
  #beforeDeploy: DeployRecord | undefined;
  /** Why the client cannot follow the job of an accepted deploy. */
  #lostDeploy: unknown;
  /** A job of another client or of an earlier run. */
  #followed: JobSnapshot | undefined;

  constructor(run: Run, plan: Plan, inhibitRollback: boolean) {
    this.#run = run;
    this.#plan = plan;
    this.#inhibitRollback = inhibitRollback;
    this.#following = new Following(run);
  }

  /** Reads the cluster, acts, and waits for a running job before it reads again. */
  async untilDeployed(): Promise<CreatedCluster> {
    const { name } = this.#plan.cluster;
    for (let losses = 0; ; ) {
      const seen = await findCluster(this.#run, name);
      try {
        const result =
          seen && isDeployed(seen) ? await this.#onDeployed(seen) : await this.#onNotDeployed(seen);
        if (result) return result;
      } catch (error) {
        if (!isMissing(error) || losses === MOST_LOSSES) throw error;
        losses += 1;
      }
    }
  }

  /** Undefined if another job worked on the cluster, which must then be read again. */
  async #onNotDeployed(seen: DeployRecord | undefined): Promise<CreatedCluster | undefined> {
    if (this.#run.dryRun) return this.#rehearse(seen);
    const hosts = await addHosts(this.#run, this.#plan, this.#following);
    try {
      return await this.#deploy(hosts);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await this.#follow(seen, error);
      return undefined;
    }
  }

  /** Changes nothing. Undefined if a job worked on the cluster, which must then be read again. */
  async #onDeployed(cluster: DeployRecord): Promise<CreatedCluster | undefined> {
    const run = this.#run;
    const { name, description } = this.#plan.cluster;
    const { nodes } = this.#plan;
    // For example, its deletion.
    if (!run.dryRun && !isSettled(cluster) && (await this.#following.nextOf(cluster))) return undefined;
    const records = await nodesOf(run, cluster.id);
    if (records.length !== nodes.length) {
      const problem = `has ${nodes.length} entries, but the deployed cluster has ${records.length} nodes`;
      throw new PlanError([{ place: "nodes", problem }]);
    }
    const isOff = cluster.state === "powered_off" ? ["the cluster is powered off"] : [];
    const differs = [...tellDefinite(differences(description, cluster, "cluster")), ...isOff];
    run.tell({ name: "cluster", target: name, done: "found", differs });
    const works = await this.#compare(cluster.id, records, new Map());
    for (const [index, { differs }] of works.entries()) this.#tellNode(index, "found", tellDefinite(differs));
    const job = this.#followed;
    run.tell({ name: "deploy", target: name, done: "found", ...(job && { job }) });
    return { id: cluster.id, ...(job && { job }), steps: run.steps };
  }

  /** Reports what exists and what a run would do. */
  async #rehearse(cluster: DeployRecord | undefined): Promise<CreatedCluster> {
    const run = this.#run;
    const { name, description } = this.#plan.cluster;
    const { nodes } = this.#plan;
    const isRunning =
      cluster !== undefined &&
      !isSettled(cluster) &&
      (looksBusy(cluster) || (await this.#following.isNamed(name)));
    const findings = await findingsOf(run, this.#plan, cluster, isRunning);
    const hosts = await addHosts(run, this.#plan, this.#following).catch((error) => {
      if (!(error instanceof PlanError)) throw error;
      findings.push(...error.mistakes);
      return new Map<string, string>();
    });
    const records = cluster ? await nodesOf(run, cluster.id) : [];
    const changes = cluster ? differences(description, cluster, "cluster") : [];
    const isKept = cluster !== undefined && records.length === nodes.length;
    const works = isKept ? await this.#compare(cluster.id, records, hosts) : [];
    const isStuck = works.some((work) => work.isStuck);
    const differs = [
      ...tellDifferences(changes),
      ...(cluster && !isKept ? [this.#count(records)] : []),
      ...(isStuck
        ? ["cluster: a run deletes and describes it again, because no call removes a node's VLAN or license"]
        : []),
    ];
    const isFound = isKept && changes.length === 0 && !isStuck;
    run.tell({ name: "cluster", target: name, done: isFound ? "found" : "planned", differs });
    for (const index of nodes.keys()) {
      const { isDone = false, differs = [] } = works[index] ?? {};
      this.#tellNode(index, isDone ? "found" : "planned", tellDifferences(differs));
    }
    run.tell({ name: "deploy", target: name, done: "planned" });
    if (findings.length > 0) throw new PlanError(findings);
    return { id: cluster?.id ?? "", steps: run.steps };
  }

  async #deploy(hosts: ReadonlyMap<string, string>): Promise<CreatedCluster> {
    const run = this.#run;
    const described = await run.surely(() => this.#describeCluster());
    const { id } = await this.#describeNodes(described, hosts);
    const job = await run.surely(() => this.#startDeploy(id));
    return { id, ...(job && { job }), steps: run.steps };
  }

  async #describeCluster(): Promise<DeployRecord> {
    const run = this.#run;
    const { cluster, nodes } = this.#plan;
    const { name, description } = cluster;
    const there = await findCluster(run, name);
    if (!there) return this.#make([]);
    if (isDeployed(there)) return there;
    const records = await nodesOf(run, there.id);
    const changes = differences(description, there, "cluster");
    const differs = tellDifferences(changes);
    if (records.length !== nodes.length) return this.#recreate(there, [...differs, this.#count(records)]);
    if (changes.length > 0) {
      await run.send("PATCH", "/clusters/{id}", { params: { id: there.id }, body: description });
    }
    run.tell({ name: "cluster", target: name, done: changes.length > 0 ? "changed" : "found", differs });
    return there;
  }

  #count(records: readonly DeployRecord[]): string {
    return `nodes: ${records.length} on Deploy, ${this.#plan.nodes.length} in the plan`;
  }

  /** @param differs The differences of a cluster that this one replaces. */
  async #make(differs: readonly string[]): Promise<DeployRecord> {
    const { cluster, nodes } = this.#plan;
    const { name, description } = cluster;
    const query = { node_count: nodes.length };
    await this.#run.send("POST", "/clusters", { query, body: { name, ...description } });
    this.#hasMade = true;
    const done = this.#wasRecreated ? "changed" : "made";
    this.#run.tell({ name: "cluster", target: name, done, differs });
    const made = await findCluster(this.#run, name);
    if (!made) throw new WorkflowError(`Deploy accepted cluster "${name}" but does not list it`, "unknown");
    return made;
  }

  /** Deletes the description to remove settings that no call can remove. It is not deployed, so there is no data. */
  async #recreate(cluster: DeployRecord, differs: readonly string[]): Promise<DeployRecord> {
    const { id, name } = cluster;
    const { ip } = this.#plan.cluster.description;
    if (!isNotDeployed(cluster)) {
      throw new WorkflowError(
        `Cluster "${name}" differs from the plan in a setting that no call can change, and it may be deployed. Delete it first`,
      );
    }
    // Deploy rejects this if the cluster is deployed by now, or holds the rest of a failed deploy.
    await this.#run.send("PATCH", "/clusters/{id}", { params: { id }, body: { ip } });
    await remove(this.#run, "/clusters/{id}", { id });
    this.#wasRecreated = true;
    return this.#make(differs);
  }

  async #describeNodes(cluster: DeployRecord, hosts: ReadonlyMap<string, string>): Promise<DeployRecord> {
    const run = this.#run;
    const look = async ({ id }: DeployRecord) => this.#compare(id, await nodesOf(run, id), hosts);
    const before = await look(cluster);
    let described = cluster;
    let works = before;
    if (before.some(({ isStuck }) => isStuck) && !this.#wasRecreated) {
      described = await run.surely(async () => {
        const there = await findCluster(run, this.#plan.cluster.name);
        return there ? this.#recreate(there, []) : this.#make([]);
      });
      works = await look(described);
    }
    await sideBySide(works, async (first, index) => {
      const { isNew = false, differs: differing = [] } = before[index] ?? {};
      const differs = tellDifferences(differing);
      if (first.isDone) return this.#tellNode(index, "found", differs);
      let next: Work | undefined = first;
      await run.surely(async () => {
        // After a call with an unknown outcome, read the node again.
        const work = next ?? (await look(described))[index];
        next = undefined;
        if (work) await describe(run, work);
      });
      this.#tellNode(index, isNew ? "made" : "changed", differs);
    });
    return described;
  }

  async #compare(
    cluster: string,
    records: readonly DeployRecord[],
    hosts: ReadonlyMap<string, string>,
  ): Promise<readonly Work[]> {
    const works: Work[] = [];
    const matches = match(this.#plan.nodes, records, this.#plan.cluster);
    await sideBySide(matches, async (one, index) => {
      works[index] = await compare(this.#run, cluster, one, hosts);
    });
    return works;
  }

  #tellNode(index: number, done: Step["done"], differs: readonly string[]): void {
    const node = this.#plan.nodes[index];
    if (node)
      this.#run.tell({ name: "node", target: titleOf(node, index, this.#plan.cluster), done, differs });
  }

  async #startDeploy(id: string): Promise<JobSnapshot | undefined> {
    const run = this.#run;
    const { name, password } = this.#plan.cluster;
    const there = await findCluster(run, name);
    if (there && isDeployed(there)) {
      run.tell({ name: "deploy", target: name, done: "found" });
      return undefined;
    }
    // It may have failed by now. Another deploy would also fail.
    if (this.#lostDeploy && there && (await this.#isFree(there))) {
      run.advise(`Deploy accepted the deploy of cluster "${name}". ${EVENTS} lists its events.`);
      throw this.#lostDeploy;
    }
    this.#beforeDeploy = there;
    const body = { ontap_credential: { password } };
    const query = { inhibit_rollback: this.#inhibitRollback };
    let result: CallResult;
    try {
      result = await run.send("POST", "/clusters/{id}/deploy", { params: { id }, query, body });
    } catch (error) {
      if (isJobFailure(error)) {
        const left = await findCluster(run, name).catch(() => there);
        this.#adviseAfterFailure(left, error);
      }
      this.#refusedDeploy = error;
      if (isClientError(error) && (error.code === "NOT_TRACKABLE" || error.code === "JOB_GONE"))
        this.#lostDeploy = error;
      throw error;
    }
    const { job } = result;
    run.tell({ name: "deploy", target: name, done: "made", ...(job && { job }) });
    return job;
  }

  /**
   * After Deploy rejected a change: waits for the running job and reports its failure.
   *
   * @param seen The cluster before the change, if it existed.
   */
  async #follow(seen: DeployRecord | undefined, refusal: ClientError): Promise<void> {
    const { name } = this.#plan.cluster;
    const there = await findCluster(this.#run, name);
    // Another client created or deployed it in between, so read it again.
    if (there && ((!seen && !this.#hasMade) || isDeployed(there))) return;
    if (!there) throw refusal;
    const isFree = await this.#isFree(there);
    // Any other rejection is about the request itself.
    if (isFree && !(refusal === this.#refusedDeploy && saysThatItRuns(refusal))) throw refusal;
    this.#run.refused(name, refusal);
    // A job that was running when the deploy was sent may have ended.
    const before = this.#beforeDeploy;
    const hasEnded = isFree && before !== undefined && differs(there, before);
    const ended: Ended = hasEnded ? {} : await this.#following.end(there, refusal, true);
    const now = await findCluster(this.#run, name);
    this.#followed = ended.job;
    if (now && isDeployed(now)) return;
    // On a server that accepts changes during a deploy, the next rejection tells whether it has ended.
    if (now && isFree && !ended.failure && !hasEnded) return;
    // If only its state changed, Deploy still rejects changes.
    const isOver = !now || looksFailed(now) || (await this.#isFree(now));
    if (ended.failure && isOver) {
      this.#adviseAfterFailure(now);
      throw ended.failure;
    }
    if (ended.job || !isOver) return;
    this.#adviseAfterFailure(now);
    throw new WorkflowError(
      `The running deploy of cluster "${name}" ended, but the cluster is not deployed`,
      "failed",
    );
  }

  /** Whether Deploy accepts changes to the cluster. Tests it with the unchanged address. */
  async #isFree({ id }: DeployRecord): Promise<boolean> {
    const { ip } = this.#plan.cluster.description;
    try {
      await this.#run.finish("PATCH", "/clusters/{id}", {
        ...this.#run.limits,
        params: { id },
        body: { ip },
      });
      return true;
    } catch (error) {
      if (isRefusal(error)) return false;
      throw error;
    }
  }

  /** @param own The error of a deploy that this run started. */
  #adviseAfterFailure(there: DeployRecord | undefined, own?: ClientError): void {
    const { name } = this.#plan.cluster;
    const which = own?.requestId === undefined ? "" : ` of request ${own.requestId}`;
    const events = `${EVENTS} lists the events${which}.`;
    const state = there ? `Its state is ${there.state}` : "Its description is gone";
    const isLeft = there && (looksFailed(there) || (own && this.#inhibitRollback));
    const isTakenBack = own && !this.#inhibitRollback;
    const left = `Deploy did not roll back the failed deploy of cluster "${name}", so that you can inspect it. ${state}. Delete the cluster before the next run.`;
    const takenBack = `Deploy rolls back the failed deploy of cluster "${name}". ${state}. Correct the plan and run it again.`;
    const unknown = `It is unknown whether Deploy rolled back the failed deploy of cluster "${name}". ${state}. Correct the plan and run it again. If Deploy refuses, delete the cluster first.`;
    this.#run.advise(`${isLeft ? left : isTakenBack ? takenBack : unknown} ${events}`);
  }
}

/** Whether Deploy rejected a second deploy. If the status is not 409, the message tells. */
function saysThatItRuns({ status, message }: ClientError): boolean {
  // Without the call's path, which also contains "deploy".
  const words = message.slice(message.indexOf(": ") + 1);
  return status === 409 || /deploy.*(already|progress|running)|already.*deploy/i.test(words);
}
