import type { Engine, EngineJob } from "./engine.js";
import { makeError } from "./errors.js";
import type { CallResult, JobSnapshot, WaitOptions } from "./types.js";
import { updates } from "./updates.js";

/**
 * A job inside an engine instance; asked for at each use, since an instance may have to be replaced.
 * @internal
 */
export type Hold = () => { engine: Engine; job: EngineJob };

/** What a handle is made of; the last one throws for options of a wait that are none. */
type Parts = [
  id: string | undefined,
  response: CallResult | undefined,
  hold: Hold | undefined,
  check: (options: unknown) => void,
];

/**
 * A job, to be waited for. Not thenable: `await client.submit()` gives the handle. A handle that
 * nobody waits on makes no request and no unhandled rejection.
 *
 * @example
 * ```ts
 * const handle = await deploy.submit("POST", "/clusters/42/deploy", { body });
 * for await (const job of handle) console.log(job.state, job.message);
 * ```
 */
export class JobHandle implements AsyncIterable<JobSnapshot> {
  static {
    // A minifier renames it, and a debugger shows it.
    Object.defineProperty(JobHandle, "name", { value: "JobHandle" });
  }

  /** The job's id. Absent only where the answer was synchronous. */
  readonly id: string | undefined;
  /** The answer that accepted the call, on a handle from `submit()`. */
  readonly response: CallResult | undefined;
  readonly #hold: Hold | undefined;
  readonly #check: (options: unknown) => void;

  private constructor(...[id, response, hold, check]: Parts) {
    this.id = id;
    this.response = response;
    this.#hold = hold;
    this.#check = check;
  }

  /** @internal */
  static of(...parts: Parts): JobHandle {
    return new JobHandle(...parts);
  }

  /** What the server last said of the job, as far as this client knows. */
  get latest(): JobSnapshot | undefined {
    return this.#hold?.().job.latest;
  }

  /**
   * Waits for the job's end. Any number of waiters share one poll. An outcome of the job settles again,
   * the same way, however often it is asked; trouble on the way there (the network, a refusal) is no
   * outcome, and a later call tries again.
   *
   * @throws {@link JobFailedError}, {@link WaitTimeoutError}, {@link JobGoneError}, {@link HttpError},
   * {@link AuthError}, {@link ProtocolError}, {@link TransportError}, {@link ClosedError}, `signal.reason`.
   */
  async result(options?: WaitOptions): Promise<JobSnapshot> {
    if (!this.#hold) {
      this.#check(options);
      if (options?.signal?.aborted) throw options.signal.reason;
      return Object.freeze({ id: "", state: "success", raw: Object.freeze({}) });
    }
    const { engine, job } = this.#hold();
    return engine.owe(job.result(options));
  }

  /**
   * One standard poll, now: beside the shared poll if there is one, not retried, and no slot is taken. Of
   * a job whose end is known it tells what the server says of it now; its outcome stays.
   *
   * @throws As {@link JobHandle.result}, except that a failed job is shown and does not reject.
   */
  async poll(options?: Pick<WaitOptions, "signal" | "timeout">): Promise<JobSnapshot> {
    const { engine, job } = this.#tracked("poll");
    return engine.owe(job.poll(options));
  }

  /**
   * Every change seen, the last one always. Ends after `success`, throws as {@link JobHandle.result}
   * rejects. Leaving the loop stops waiting, also while a `next()` is under way.
   *
   * @throws TypeError or RangeError at once for bad options.
   */
  updates(options?: Omit<WaitOptions, "onProgress">): AsyncIterableIterator<JobSnapshot> {
    this.#check(options);
    return updates((waitOptions) => this.result(waitOptions), options);
  }

  /** The same as {@link JobHandle.updates} without options. */
  [Symbol.asyncIterator](): AsyncIterableIterator<JobSnapshot> {
    return this.updates();
  }

  /**
   * A versioned token with the job's id, its cursor and its server: no address to follow, no secret. Fit
   * for `sessionStorage`; {@link DeployClient.resume} takes it.
   *
   * @throws {@link NotTrackableError} where the answer was synchronous.
   */
  serialize(): string {
    return this.#tracked("serialize").job.serialize();
  }

  #tracked(what: string): { engine: Engine; job: EngineJob } {
    if (this.#hold) return this.#hold();
    const message = `${what}: the call was answered at once, so there is no job to ask for`;
    throw makeError({ code: "NOT_TRACKABLE", message, status: this.response?.status ?? 0 });
  }
}
