// From a plan to a cluster that is deployed, in the order of NetApp's sample: hosts, description, nodes, deploy.

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
  looksFailed,
  nodesOf,
  remove,
  tellDefinite,
  tellDifferences,
} from "./objects.js";
import { type Plan, readPlan } from "./plan.js";
import { carryOut, type Run, readFlag, sideBySide } from "./run.js";
import { differs, type Ended, Following } from "./running.js";
import type { ClientError, CreatedCluster, Step, WorkflowOptions } from "./types.js";

/** Where Deploy says more of what it did. */
const EVENTS = "GET /events";
/** How often it is begun again because something is gone that was there a moment ago. */
const MOST_LOSSES = 3;

/**
 * Creates and deploys the cluster that a plan describes: logins, hosts, the cluster's description, its nodes side by
 * side, the deploy and its job. The plan is checked whole before anything is sent. What is there already is found and
 * not made again, so that it can be run again after any break: it goes on where the last run stopped, and a deploy that
 * is running is followed to its end. {@link Step.differs} says what differs from the plan; it is
 * changed unless the cluster is deployed.
 *
 * @param plan The JSON input of NetApp's sample `cluster.py`. Capacities are bytes, or texts such as `4.8 TB` (10¹²
 * bytes a TB) and `4 TiB` (2⁴⁰).
 * @param options `inhibitRollback`: whether Deploy leaves what a failed deploy has made, to be looked at. Default:
 * false, and Deploy takes it back.
 *
 * @throws {@link PlanError} with every mistake in the plan, and after a dry run with all that Deploy would stumble over;
 * what the calls of the client throw, JobFailedError for a deploy that failed, with {@link WorkflowProgress} in their
 * member `workflow`; {@link WorkflowError}; TypeError or RangeError that names an option; `signal.reason`.
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
    /** Whether Deploy leaves what a failed deploy has made. Default: false. */
    inhibitRollback?: boolean;
  },
): Promise<CreatedCluster> {
  return carryOut(deploy, options, async (run) => {
    const inhibitRollback = readFlag("inhibitRollback", options?.inhibitRollback);
    return new Creation(run, readPlan(plan), inhibitRollback).untilItStands();
  });
}

class Creation {
  readonly #run: Run;
  readonly #plan: Plan;
  readonly #inhibitRollback: boolean;
  readonly #following: Following;
  #hasMade = false;
  #wasDescribedAnew = false;
  #refusedDeploy: unknown;
  /** The cluster just before the last deploy was sent. */
  #beforeDeploy: DeployRecord | undefined;
  /** Why the job of a deploy that Deploy has accepted cannot be followed. */
  #lostDeploy: unknown;
  /** The job that somebody else has started, or an earlier run. */
  #followed: JobSnapshot | undefined;

  constructor(run: Run, plan: Plan, inhibitRollback: boolean) {
    this.#run = run;
    this.#plan = plan;
    this.#inhibitRollback = inhibitRollback;
    this.#following = new Following(run);
  }

  /** Looks and acts, and follows what works on the cluster before it looks again. */
  async untilItStands(): Promise<CreatedCluster> {
    const { name } = this.#plan.cluster;
    for (let losses = 0; ; ) {
      const seen = await findCluster(this.#run, name);
      try {
        const result =
          seen && isDeployed(seen) ? await this.#whereDeployed(seen) : await this.#whereNotDeployed(seen);
        if (result) return result;
      } catch (error) {
        if (!isMissing(error) || losses === MOST_LOSSES) throw error;
        losses += 1;
      }
    }
  }

  /** Undefined where something else worked on the cluster, and it has to be looked at again. */
  async #whereNotDeployed(seen: DeployRecord | undefined): Promise<CreatedCluster | undefined> {
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

  /** Nothing is changed on a cluster that is deployed. Undefined where a job worked on it, and it has to be looked at again. */
  async #whereDeployed(cluster: DeployRecord): Promise<CreatedCluster | undefined> {
    const run = this.#run;
    const { name, description } = this.#plan.cluster;
    const { nodes } = this.#plan;
    // Such as its removal.
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

  /** Tells what it finds and what a run would do. */
  async #rehearse(cluster: DeployRecord | undefined): Promise<CreatedCluster> {
    const run = this.#run;
    const { name, description } = this.#plan.cluster;
    const { nodes } = this.#plan;
    const isRunning =
      cluster !== undefined && !isSettled(cluster) && (await this.#following.isAnyRunning()) === true;
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
    if (records.length !== nodes.length) return this.#makeAnew(there, [...differs, this.#count(records)]);
    if (changes.length > 0) {
      await run.send("PATCH", "/clusters/{id}", { params: { id: there.id }, body: description });
    }
    run.tell({ name: "cluster", target: name, done: changes.length > 0 ? "changed" : "found", differs });
    return there;
  }

  #count(records: readonly DeployRecord[]): string {
    return `nodes: ${records.length} on Deploy, ${this.#plan.nodes.length} in the plan`;
  }

  /** @param differs of one that was there, and is in the way */
  async #make(differs: readonly string[]): Promise<DeployRecord> {
    const { cluster, nodes } = this.#plan;
    const { name, description } = cluster;
    const query = { node_count: nodes.length };
    await this.#run.send("POST", "/clusters", { query, body: { name, ...description } });
    this.#hasMade = true;
    const done = this.#wasDescribedAnew ? "changed" : "made";
    this.#run.tell({ name: "cluster", target: name, done, differs });
    const made = await findCluster(this.#run, name);
    if (!made) throw new WorkflowError(`Deploy accepted cluster "${name}" but does not list it`, "unknown");
    return made;
  }

  /** What no call takes back goes with the description. It is not deployed: there is no data. */
  async #makeAnew(cluster: DeployRecord, differs: readonly string[]): Promise<DeployRecord> {
    const { id, name } = cluster;
    const { ip } = this.#plan.cluster.description;
    if (!isNotDeployed(cluster)) {
      throw new WorkflowError(
        `Cluster "${name}" differs from the plan in a setting that no call can change, and it may be deployed. Delete it first`,
      );
    }
    // Deploy refuses it where the cluster is deployed by now, and where the rest of a failed deploy was left to be looked at.
    await this.#run.send("PATCH", "/clusters/{id}", { params: { id }, body: { ip } });
    await remove(this.#run, "/clusters/{id}", { id });
    this.#wasDescribedAnew = true;
    return this.#make(differs);
  }

  async #describeNodes(cluster: DeployRecord, hosts: ReadonlyMap<string, string>): Promise<DeployRecord> {
    const run = this.#run;
    const look = async ({ id }: DeployRecord) => this.#compare(id, await nodesOf(run, id), hosts);
    const before = await look(cluster);
    let described = cluster;
    let works = before;
    if (before.some(({ isStuck }) => isStuck) && !this.#wasDescribedAnew) {
      described = await run.surely(async () => {
        const there = await findCluster(run, this.#plan.cluster.name);
        return there ? this.#makeAnew(there, []) : this.#make([]);
      });
      works = await look(described);
    }
    await sideBySide(works, async (first, index) => {
      const { isNew = false, differs: differing = [] } = before[index] ?? {};
      const differs = tellDifferences(differing);
      if (first.isDone) return this.#tellNode(index, "found", differs);
      let next: Work | undefined = first;
      await run.surely(async () => {
        // After a call without a clear end it is looked at again.
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
    // It may have failed by now. Another one would fail as well, and so on.
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
   * After a refusal: waits for what works on the cluster, and tells its failure.
   *
   * @param seen the cluster before it, where it was there
   */
  async #follow(seen: DeployRecord | undefined, refusal: ClientError): Promise<void> {
    const { name } = this.#plan.cluster;
    const there = await findCluster(this.#run, name);
    // Somebody has made or deployed it in between: it is looked at again.
    if (there && ((!seen && !this.#hasMade) || isDeployed(there))) return;
    if (!there) throw refusal;
    const isFree = await this.#isFree(there);
    // Anything else may be refused for what it is.
    if (isFree && !(refusal === this.#refusedDeploy && saysThatItRuns(refusal))) throw refusal;
    this.#run.advise(
      `Deploy refuses to change cluster "${name}": ${refusal.message}. ${EVENTS} lists what is running.`,
    );
    // What ran when the deploy was sent may have ended since.
    const before = this.#beforeDeploy;
    const hasEnded = isFree && before !== undefined && differs(there, before);
    const ended: Ended = hasEnded ? {} : await this.#following.end(there, refusal, true);
    const now = await findCluster(this.#run, name);
    this.#followed = ended.job;
    if (now && isDeployed(now)) return;
    // A server that takes changes in the middle of a deploy tells by the next refusal whether that is over.
    if (now && isFree && !ended.failure && !hasEnded) return;
    // Where it has only gone from one state to the next, Deploy still refuses changes.
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

  /** Whether Deploy takes changes of the cluster: its address, which is refused for nothing else. */
  async #isFree({ id }: DeployRecord): Promise<boolean> {
    const { ip } = this.#plan.cluster.description;
    try {
      await this.#run.send("PATCH", "/clusters/{id}", { params: { id }, body: { ip } });
      return true;
    } catch (error) {
      if (isRefusal(error)) return false;
      throw error;
    }
  }

  /** @param own of a deploy that this run has started */
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

/** A second deploy conflicts with the first one. Where a server has another status for it, its words tell. */
function saysThatItRuns({ status, message }: ClientError): boolean {
  // Without the address of the call, which says deploy, too.
  const words = message.slice(message.indexOf(": ") + 1);
  return status === 409 || /deploy.*(already|progress|running)|already.*deploy/i.test(words);
}
