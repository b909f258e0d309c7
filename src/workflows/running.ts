// Follows a running job of an earlier run or of another client.

import type { JobSnapshot } from "../js/index.js";
import { isClientError, isJobFailure, isMissing } from "./errors.js";
import { type DeployRecord, isSettled, looksFailed } from "./objects.js";
import type { Run } from "./run.js";
import type { ClientError } from "./types.js";

/** The final states of a job, as in the client. */
const ENDED = new Set([
  "success",
  "failure",
  "cancelled",
  "canceled",
  "expired",
  "error",
  "failed",
  "aborted",
]);

/** How the running job ended. The job is known if Deploy lists its jobs. */
export interface Ended {
  readonly job?: JobSnapshot;
  readonly failure?: ClientError;
}

/** Follows the running jobs during one run of a workflow. */
export class Following {
  readonly #run: Run;
  readonly #followed = new Set<string>();

  constructor(run: Run) {
    this.#run = run;
  }

  /**
   * Waits for the job that works on a cluster, after Deploy rejected a change. Uses the unfinished jobs if Deploy lists
   * them, otherwise the cluster's record, because the names of the states are not public.
   *
   * @param seen The cluster before the rejection.
   * @param isBusy Whether a job certainly works on it.
   * @throws The rejection, if no job works on the cluster.
   */
  async end(seen: DeployRecord, refusal: ClientError, isBusy: boolean): Promise<Ended> {
    if (looksFailed(seen)) throw refusal;
    const running = await this.#running();
    const job = running && this.#choose(running, [String(seen.name)]);
    if (job !== undefined) return this.#follow(job);
    // A 400 is about the request, unless a job is known to run.
    if (!running && !isBusy && refusal.status !== 409 && refusal.status !== 423) throw refusal;
    const isOver = running ? running.length === 0 : isSettled(seen);
    if (isOver && !(await this.#hasChanged(seen))) throw refusal;
    if (!isOver) await this.#untilChanged(seen, running !== undefined);
    return {};
  }

  /**
   * Waits while another client adds an object that is not visible yet: for the job that names it, or for any running
   * job until the object exists. False if Deploy lists no further job.
   */
  async next(names: readonly string[], isThere: () => Promise<boolean>): Promise<boolean> {
    const running = (await this.#running()) ?? [];
    const job = this.#choose(running, names);
    if (job !== undefined) {
      await this.#follow(job);
      return true;
    }
    const [other] = this.#left(running);
    if (!other) return false;
    const id = String(other.id);
    this.#followed.add(id);
    const when = async (record: DeployRecord) => isEnded(record) || (await isThere());
    try {
      await this.#run.deploy.until<DeployRecord>("/jobs/{id}", when, { ...this.#run.limits, params: { id } });
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return true;
  }

  /** Follows a job that names the cluster, whatever its outcome. False if there is none. */
  async nextOf({ name }: DeployRecord): Promise<boolean> {
    const running = (await this.#running()) ?? [];
    const ours = this.#left(running).find((job) => names(job, String(name)));
    if (ours) await this.#follow(String(ours.id));
    return ours !== undefined;
  }

  /** Whether the message of a running job names the cluster. Any other job may work on another object. */
  async isNamed(name: string): Promise<boolean> {
    const running = (await this.#running()) ?? [];
    return running.some((job) => names(job, name));
  }

  /** Whether a job is running; undefined if Deploy does not list its jobs. */
  async isAnyRunning(): Promise<boolean | undefined> {
    const running = await this.#running();
    return running && running.length > 0;
  }

  /**
   * The list of jobs is not documented, but all collections have the same grammar. An unknown state counts as running,
   * and a server may write states in upper case.
   */
  async #running(): Promise<readonly DeployRecord[] | undefined> {
    const query = { state: "!success", fields: "state,message" };
    try {
      const jobs = await this.#run.deploy.list<DeployRecord>("/jobs", { ...this.#run.limits, query });
      return jobs.filter((job) => typeof job.state === "string" && !isEnded(job));
    } catch (error) {
      if (isClientError(error) && (error.code === "HTTP" || error.code === "PROTOCOL")) return undefined;
      throw error;
    }
  }

  /** The job whose message has one of these names, or the only job. */
  #choose(running: readonly DeployRecord[], wanted: readonly string[]): string | undefined {
    const left = this.#left(running);
    const ours = left.filter((job) => wanted.some((name) => names(job, name)));
    const [only, another] = ours.length > 0 ? ours : left;
    // Some servers use numbers as ids.
    return only && another === undefined ? String(only.id) : undefined;
  }

  #left(running: readonly DeployRecord[]): readonly DeployRecord[] {
    return running.filter(({ id }) => !this.#followed.has(String(id)));
  }

  async #follow(job: string): Promise<Ended> {
    this.#followed.add(job);
    try {
      return { job: await this.#run.deploy.job(job).result(this.#run.limits) };
    } catch (error) {
      if (isJobFailure(error)) return { failure: error };
      const isGone = isMissing(error) || (isClientError(error) && error.code === "JOB_GONE");
      if (isGone) return {};
      throw error;
    }
  }

  async #hasChanged(seen: DeployRecord): Promise<boolean> {
    try {
      const path = "/clusters/{id}";
      const options = { ...this.#run.limits, params: { id: seen.id }, query: { fields: "*" } };
      return differs(await this.#run.deploy.read<DeployRecord>(path, options), seen);
    } catch (error) {
      if (isMissing(error)) return true;
      throw error;
    }
  }

  async #untilChanged(seen: DeployRecord, areJobsListed: boolean): Promise<void> {
    const when = async (record: DeployRecord) =>
      differs(record, seen) || (areJobsListed && (await this.isAnyRunning()) === false);
    const options = { ...this.#run.limits, params: { id: seen.id }, query: { fields: "*" } };
    try {
      await this.#run.deploy.until<DeployRecord>("/clusters/{id}", when, options);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

function isEnded({ state }: DeployRecord): boolean {
  return ENDED.has(String(state).toLowerCase());
}

/** Whether the message contains the whole name: `prod-2` does not name `prod`. */
function names({ message }: DeployRecord, name: string): boolean {
  const escaped = name.replace(/[^\w]/g, "\\$&");
  return new RegExp(`(?<![\\w.-])${escaped}(?![\\w-]|\\.\\w)`).test(String(message));
}

/** Whether a job has changed the cluster since. */
export function differs(record: DeployRecord, seen: DeployRecord): boolean {
  return record.state !== seen.state || record.is_deployed !== seen.is_deployed;
}
