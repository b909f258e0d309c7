// A job that works on a cluster already: of an earlier run, or of somebody else.

import type { JobSnapshot } from "../js/index.js";
import { isClientError, isJobFailure, isMissing } from "./errors.js";
import { type DeployRecord, isSettled, looksFailed } from "./objects.js";
import type { Run } from "./run.js";
import type { ClientError } from "./types.js";

/** The states in which a job is over, as the client has them. */
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
   * @param isBusy whether it is certain that something works on it
   * @throws the refusal, where nothing works on the cluster that would end
   */
  async end(seen: DeployRecord, refusal: ClientError, isBusy: boolean): Promise<Ended> {
    if (looksFailed(seen)) throw refusal;
    const running = await this.#running();
    const job = running && this.#choose(running, [String(seen.name)]);
    if (job !== undefined) return this.#follow(job);
    // A 400 is about what was asked, unless something else tells.
    if (!running && !isBusy && refusal.status !== 409 && refusal.status !== 423) throw refusal;
    const isOver = running ? running.length === 0 : isSettled(seen);
    if (isOver && !(await this.#hasChanged(seen))) throw refusal;
    if (!isOver) await this.#untilChanged(seen, running !== undefined);
    return {};
  }

  /**
   * Waits while something is added that shows at its end alone: for the job that is about one of these names, or for one
   * of those that run until it is there. False where Deploy lists none that was not waited for before.
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

  /** Follows a job that names a cluster, whatever becomes of it. False where none does. */
  async nextOf({ name }: DeployRecord): Promise<boolean> {
    const running = (await this.#running()) ?? [];
    const ours = this.#left(running).find((job) => names(job, String(name)));
    if (ours) await this.#follow(String(ours.id));
    return ours !== undefined;
  }

  /** Whether some job is not over; undefined where Deploy does not list its jobs. */
  async isAnyRunning(): Promise<boolean | undefined> {
    const running = await this.#running();
    return running && running.length > 0;
  }

  /**
   * No public page lists jobs; all collections have one grammar, so that it may be tried. A state that nobody knows is
   * no end, and a server may spell states in capitals.
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

  /** The one that has one of these names in what it says; or the only one. */
  #choose(running: readonly DeployRecord[], wanted: readonly string[]): string | undefined {
    const left = this.#left(running);
    const ours = left.filter((job) => wanted.some((name) => names(job, name)));
    const [only, another] = ours.length > 0 ? ours : left;
    // Some servers number their jobs.
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

/** `prod` is not named by what says `prod-2`. */
function names({ message }: DeployRecord, name: string): boolean {
  const escaped = name.replace(/[^\w]/g, "\\$&");
  return new RegExp(`(?<![\\w.-])${escaped}(?![\\w-]|\\.\\w)`).test(String(message));
}

/** Whether something has worked on a cluster since. */
export function differs(record: DeployRecord, seen: DeployRecord): boolean {
  return record.state !== seen.state || record.is_deployed !== seen.is_deployed;
}
