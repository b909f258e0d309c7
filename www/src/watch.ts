// One job as this console has seen it: its changes with the time they were seen, when nobody looked, and
// how it ended. No drawing.

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

/** What somebody wants done. */
export interface Action {
  readonly title: string;
  /** What kind of work it is, where something else takes an interest in it. */
  readonly kind?: "host" | "deploy" | "off" | "delete";
  begin(client: DeployClient): JobHandle | Promise<JobHandle>;
  /**
   * Another action's success led to this one, and nobody pressed a button for it: it takes neither the focus nor the
   * choice of a job that somebody looks at.
   */
  readonly chained?: boolean;
  /** The id of a job that was at work before: one that is followed already is not followed a second time. */
  readonly job?: string;
  /** Called when it has succeeded. */
  readonly onSuccess?: () => void;
}

/**
 * - `sending`: the call is on its way.
 * - `watched`: its job is waited for.
 * - `stopped`: nobody waits; the job goes on.
 * - `locked`: nobody waits, since Deploy no longer accepts the password; the job goes on.
 * - `succeeded`, `failed`: what Deploy said.
 * - `refused`: the call came to nothing.
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

/** A change, and when this page saw it. */
export interface Change {
  readonly at: number;
  readonly state: string;
  readonly message: string;
}

/** The reason why a wait ends when the password is lost. */
const locked = new Error("The password is lost");

/** So many changes are remembered of a job. */
const mostChanges = 200;

export class Watch {
  readonly title: string;
  /** The latest changes, oldest first. */
  readonly changes: Change[] = [];
  /** How many changes were seen in all. */
  changeCount = 0;
  readonly life = new Life(now());
  /** Goes up with each change of what is shown of it. */
  version = 0;
  /** What is known of the job now; after a reload, what was known before it. */
  latest: Pick<JobSnapshot, "state" | "message" | "lastModified"> | undefined;
  phase: Phase = "sending";
  /** The job's id, once Deploy has named one. */
  id: string | undefined;
  /** The status of an answer that needed no job. */
  answered: number | undefined;
  error: unknown;
  #handle: JobHandle | undefined;
  readonly #client: DeployClient;
  readonly #limit: number;
  readonly #onChange: () => void;
  #waiting: AbortController | undefined;

  /** `limit`: longest wait in milliseconds, from each time that the job is taken up. */
  constructor(client: DeployClient, title: string, limit: number, onChange: () => void) {
    this.title = title;
    this.#client = client;
    this.#limit = limit;
    this.#onChange = onChange;
  }

  /** With which the wait goes on after a reload, while there is something to wait for. */
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

  /** Whether time still passes for it. */
  get open(): boolean {
    return ["sending", "watched", "stopped", "locked"].includes(this.phase);
  }

  /** Whether there is a job whose outcome can still be learned. */
  get canTakeUp(): boolean {
    return this.id !== undefined && ["stopped", "locked", "unknown"].includes(this.phase);
  }

  /** Takes a state over that was seen before the page was reloaded. */
  recall(state: string): void {
    this.latest = { state };
    this.life.recall(state);
  }

  /** Sends the call and waits for its job. */
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

  /** Ends the waiting, here only. The job does not learn of it. */
  stop(): void {
    this.#waiting?.abort();
  }

  /** Ends the waiting until the next log-in: Deploy refuses each poll, and repeated refusals lock accounts. */
  lock(): void {
    this.#waiting?.abort(locked);
  }

  /** Waits again for a job that was let go. */
  async takeUp(): Promise<void> {
    if (this.id === undefined || !this.canTakeUp) return;
    this.life.takenUp(now());
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
      // An outcome that came just before the button was pressed is an outcome, too.
      if (signal.aborted && error === signal.reason) {
        this.#letGo(error === locked ? "locked" : "stopped");
        return;
      }
      if (error instanceof AuthError && error.status === 401) {
        this.#letGo("locked");
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

  #letGo(phase: "stopped" | "locked"): void {
    this.phase = phase;
    this.life.letGo(now());
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

/** Whether the call certainly came to nothing. No answer, or a proxy's, leaves that open. */
function isRefusal(error: unknown): boolean {
  return error instanceof DeployError ? error.outcome === "refused" : true;
}
