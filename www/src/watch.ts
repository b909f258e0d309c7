// One job as this console has seen it: its changes with their times, the gaps, and its end. No drawing.

import {
  AuthError,
  type DeployClient,
  DeployError,
  JobFailedError,
  type JobHandle,
  type JobSnapshot,
} from "ontap-select-deploy";
import { dropOldest } from "./bounded.js";
import { Life } from "./life.js";
import { now } from "./time.js";

/** An action that the user started. */
export interface Action {
  readonly title: string;
  /** Its kind, for the guide. */
  readonly kind?: "host" | "deploy" | "off" | "delete";
  begin(client: DeployClient): JobHandle | Promise<JobHandle>;
  /**
   * A workflow started it, not the user: it does not take the focus, and does not change which job is chosen.
   */
  readonly chained?: boolean;
  /** The id of a running job, so that the console does not follow it twice. */
  readonly job?: string;
  /** Called when it has succeeded. */
  readonly onSuccess?: () => void;
}

/**
 * - `sending`: the request is open.
 * - `watched`: the console follows the job.
 * - `stopped`: the user stopped following it; the job continues.
 * - `locked`: Deploy no longer accepts the password, so the console does not follow it; the job continues.
 * - `succeeded`, `failed`: Deploy's result.
 * - `refused`: Deploy did not start a job.
 * - `unknown`: the wait ended without the job's outcome.
 */
export type Phase =
  | "sending"
  | "watched"
  | "stopped"
  | "locked"
  | "succeeded"
  | "failed"
  | "refused"
  | "unknown";

/** A change, with the time when this page saw it. */
export interface Change {
  readonly at: number;
  readonly state: string;
  readonly message: string;
}

/** The abort reason when Deploy no longer accepts the password. */
const locked = new Error("Deploy no longer accepts the password");

/** The maximum number of changes in the list. */
const mostChanges = 200;

export class Watch {
  readonly title: string;
  /** The latest changes, oldest first. */
  readonly changes: Change[] = [];
  /** The number of all changes. */
  changeCount = 0;
  readonly life = new Life(now());
  /** Increases with each visible change. */
  version = 0;
  /** The job's last known state; after a reload, the one from before. */
  latest: Pick<JobSnapshot, "state" | "message" | "lastModified"> | undefined;
  phase: Phase = "sending";
  /** The job's id, once Deploy has named one. */
  id: string | undefined;
  /** The status of a response without a job. */
  answered: number | undefined;
  error: unknown;
  #handle: JobHandle | undefined;
  readonly #client: DeployClient;
  readonly #limit: number;
  readonly #onChange: () => void;
  #waiting: AbortController | undefined;

  /** `limit`: timeout of each wait in milliseconds. */
  constructor(client: DeployClient, title: string, limit: number, onChange: () => void) {
    this.title = title;
    this.#client = client;
    this.#limit = limit;
    this.#onChange = onChange;
  }

  /** The token to follow the job after a reload, while it has not finished. */
  get token(): string | undefined {
    return this.open ? this.#handle?.serialize() : undefined;
  }

  get limit(): number {
    return this.#limit;
  }

  get startedAt(): number {
    return this.life.startedAt;
  }

  get endedAt(): number | undefined {
    return this.life.endedAt;
  }

  /** Whether it has not finished, as far as the console knows. */
  get open(): boolean {
    return ["sending", "watched", "stopped", "locked"].includes(this.phase);
  }

  /** Whether the console can follow the job again. */
  get canFollowAgain(): boolean {
    return this.id !== undefined && ["stopped", "locked", "unknown"].includes(this.phase);
  }

  /** Sets the last known state from before a reload. */
  recall(state: string): void {
    this.latest = { state };
    this.life.recall(state);
  }

  /** Sends the request and follows its job. */
  async start(begin: Action["begin"]): Promise<void> {
    let handle: JobHandle;
    try {
      handle = await begin(this.#client);
    } catch (error) {
      this.#end(isRefusal(error) ? "refused" : "unknown", error);
      return;
    }
    this.id = handle.id;
    if (handle.latest) this.#see(handle.latest);
    if (handle.id === undefined) {
      this.answered = handle.response?.status;
      this.#end("succeeded");
    } else {
      await this.#wait(handle);
    }
  }

  /** Stops following. The job continues. */
  stop(): void {
    this.#waiting?.abort();
  }

  /** Stops following until the next login, because repeated polls with a rejected password can lock the account. */
  lock(): void {
    this.#waiting?.abort(locked);
  }

  /** Follows the job again. */
  async followAgain(): Promise<void> {
    if (this.id === undefined || !this.canFollowAgain) return;
    this.life.endGap(now());
    this.error = undefined;
    await this.#wait(this.#client.job(this.id));
  }

  async #wait(handle: JobHandle): Promise<void> {
    this.#handle = handle;
    const waiting = new AbortController();
    const { signal } = waiting;
    this.#waiting = waiting;
    this.phase = "watched";
    this.#changed();
    try {
      const last = await handle.result({
        signal,
        timeout: this.#limit,
        onProgress: (job) => {
          if (!signal.aborted) this.#see(job);
        },
      });
      this.#see(last);
      this.#end("succeeded");
    } catch (error) {
      // The job may have finished just before the abort; then its own error counts.
      if (signal.aborted && error === signal.reason) {
        this.#leave(error === locked ? "locked" : "stopped");
        return;
      }
      if (error instanceof AuthError && error.status === 401) {
        this.#leave("locked");
        return;
      }
      if (error instanceof DeployError && error.job) this.#see(error.job);
      this.#end(error instanceof JobFailedError ? "failed" : "unknown", error);
    }
  }

  #see(job: JobSnapshot): void {
    const last = this.latest;
    const known =
      last?.state === job.state && last.message === job.message && last.lastModified === job.lastModified;
    if (known) return;
    this.latest = job;
    const at = now();
    this.changeCount += 1;
    this.changes.push({ at, state: job.state, message: job.message ?? "" });
    dropOldest(this.changes, mostChanges);
    this.life.changed(at, job.state);
    this.#changed();
  }

  #leave(phase: "stopped" | "locked"): void {
    this.phase = phase;
    this.life.startGap(now());
    this.#changed();
  }

  #end(phase: Phase, error?: unknown): void {
    this.phase = phase;
    this.error = error;
    this.life.endedAt = now();
    this.#handle = undefined;
    this.#changed();
  }

  #changed(): void {
    this.version += 1;
    this.#onChange();
  }
}

/** Whether Deploy certainly did not accept the request. No response, or one from a proxy, does not prove that. */
function isRefusal(error: unknown): boolean {
  return error instanceof DeployError ? error.outcome === "refused" : true;
}
