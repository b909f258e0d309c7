// A job that works on a cluster already: of an earlier run, or of somebody else.

import type { JobSnapshot } from "../js/index.js";
import { isClientError, isJobFailure, isMissing } from "./errors.js";
import { type DeployRecord, isSettled, looksFailed } from "./objects.js";
import type { Run } from "./run.js";
import type { ClientError } from "./types.js";

/** How what ran ended. Its job is known where Deploy lists its jobs. */
export interface Ended {
  readonly job?: JobSnapshot;
  readonly failure?: ClientError;
}

/** Follows what works on clusters, one run's worth of it. */
export class Following {
  readonly #run: Run;
  readonly #followed = new Set<string>();

  constructor(run: Run) {
    this.#run = run;
  }

  /**
   * Waits for what works on a cluster, once Deploy has refused to change it. Not by the name of a state, which is not
   * public: by the jobs that are not over, where Deploy lists them, and else by the cluster's record.
   *
   * @param seen the cluster before the refusal
   * @throws the refusal, where nothing works on the cluster that would end
   */
  async end(seen: DeployRecord, refusal: unknown): Promise<Ended> {
    if (looksFailed(seen)) throw refusal;
    const running = await this.#running();
    const job = running && this.#choose(running, seen);
    if (job !== undefined) {
      this.#followed.add(job);
      return this.#follow(job);
    }
    const isOver = running ? running.length === 0 : isSettled(seen);
    if (isOver && !(await this.#hasChanged(seen))) throw refusal;
    if (!isOver) await this.#untilChanged(seen, running !== undefined);
    return {};
  }

  /** Whether some job is not over; undefined where Deploy does not list its jobs. */
  async isAnyRunning(): Promise<boolean | undefined> {
    const running = await this.#running();
    return running && running.length > 0;
  }

  /** No public page lists jobs; all collections have one grammar, so that it may be tried. */
  async #running(): Promise<readonly DeployRecord[] | undefined> {
    const query = { state: "queued|running", fields: "state,message" };
    try {
      return await this.#run.deploy.list<DeployRecord>("/jobs", { ...this.#run.limits, query });
    } catch (error) {
      if (isClientError(error) && (error.code === "HTTP" || error.code === "PROTOCOL")) return undefined;
      throw error;
    }
  }

  /** The one that names the cluster; or the only one. */
  #choose(running: readonly DeployRecord[], { id, name }: DeployRecord): string | undefined {
    const left = running.filter((job) => !this.#followed.has(job.id));
    const ours = left.filter((job) => [id, name].some((text) => JSON.stringify(job).includes(String(text))));
    const [only, another] = ours.length > 0 ? ours : left;
    return another === undefined ? only?.id : undefined;
  }

  async #follow(job: string): Promise<Ended> {
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

/** Whether something has worked on a cluster since. */
export function differs(record: DeployRecord, seen: DeployRecord): boolean {
  return record.state !== seen.state || record.is_deployed !== seen.is_deployed;
}
