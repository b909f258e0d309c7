import type { Engine, EngineJob } from "./engine.js";
import { makeError } from "./errors.js";
import type { CallResult, JobSnapshot, WaitOptions } from "./types.js";
import { updates } from "./updates.js";

/**
 * A job inside an engine instance; asked for at each use, since an instance may have to be replaced.
 * @internal
 */
export type Hold = () => { engine: Engine; job: EngineJob };

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
  /** The job's id. Absent only where the answer was synchronous. */
  readonly id: string | undefined;
  /** The answer that accepted the call, on a handle from `submit()`. */
  readonly response: CallResult | undefined;
  readonly #hold: Hold | undefined;

  private constructor(id: string | undefined, response: CallResult | undefined, hold: Hold | undefined) {
    this.id = id;
    this.response = response;
    this.#hold = hold;
  }

  /** @internal */
  static of(id: string | undefined, response: CallResult | undefined, hold: Hold | undefined): JobHandle {
    return new JobHandle(id, response, hold);
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
    if (!this.#hold) return Object.freeze({ id: "", state: "success", raw: Object.freeze({}) });
    const { engine, job } = this.#hold();
    return engine.owe(job.result(options));
  }

  /**
   * One standard poll, now: beside the shared poll if there is one, and not retried. A job whose end is
   * known already is not asked again.
   *
   * @throws As {@link JobHandle.result}, except that a failed job is shown and does not reject.
   */
  async poll(options?: Pick<WaitOptions, "signal" | "timeout">): Promise<JobSnapshot> {
    const { engine, job } = this.#tracked("poll");
    return engine.owe(job.poll(options));
  }

  /**
   * Every change seen, the last one always. Ends after `success`, throws as {@link JobHandle.result}
   * rejects. Leaving the loop stops waiting.
   */
  updates(options?: Omit<WaitOptions, "onProgress">): AsyncIterableIterator<JobSnapshot> {
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
