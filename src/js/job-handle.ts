import { makeError } from "./errors.js";
import type { EngineJob, Seat } from "./instance.js";
import type { CallResult, JobSnapshot, WaitOptions } from "./types.js";
import { updates } from "./updates.js";

/**
 * A job inside an engine instance; asked for at each use, since an instance may have to be replaced.
 * @internal
 */
export type Hold = () => Seat & { job: EngineJob };

/** What a handle is made of; the last one throws for options of a wait that are none. */
type Parts = [
  id: string | undefined,
  response: CallResult | undefined,
  hold: Hold | undefined,
  check: (options: unknown) => void,
];

// Without it `new JobHandle(id)` would pass for a call that was answered at once, and report a success.
const maker: object = {};

/**
 * A job, to be waited for: what {@link DeployClient.submit}, {@link DeployClient.job} and
 * {@link DeployClient.resume} give. Not thenable: `await client.submit()` gives the handle. A handle that
 * nobody waits on makes no request and no unhandled rejection.
 *
 * @example
 * ```ts
 * const handle = await deploy.submit("POST", "/clusters/42/deploy", { body });
 * for await (const job of handle) console.log(job.state, job.message);
 * ```
 */
export class JobHandle implements AsyncIterable<JobSnapshot> {
  /**
   * A minifier renames the class, and a debugger shows it. Not in a static block, which would keep the class in
   * every bundle.
   *
   * @internal
   */
  static readonly name = "JobHandle";

  /**
   * The job's id, opaque. Absent only where the answer was synchronous.
   *
   * @example
   * ```ts
   * if (handle.id !== undefined) link.href = `#/jobs/${encodeURIComponent(handle.id)}`;
   * ```
   */
  readonly id: string | undefined;
  /**
   * The answer that accepted the call, on a handle from {@link DeployClient.submit}: where the created
   * object is, and the request's id.
   *
   * @example
   * ```ts
   * console.log(handle.response?.location, handle.response?.requestId);
   * ```
   */
  readonly response: CallResult | undefined;
  readonly #hold: Hold | undefined;
  readonly #check: (options: unknown) => void;

  private constructor(key: object, ...[id, response, hold, check]: Parts) {
    if (key !== maker) throw new TypeError("JobHandle: made by submit(), job() and resume() only");
    this.id = id;
    this.response = response;
    this.#hold = hold;
    this.#check = check;
  }

  /** @internal */
  static of(...parts: Parts): JobHandle {
    return new JobHandle(maker, ...parts);
  }

  /**
   * What the server last said of the job, as far as this client knows; `undefined` before the first answer.
   *
   * @example
   * ```ts
   * status.textContent = handle.latest?.message ?? "not heard of yet";
   * ```
   */
  get latest(): JobSnapshot | undefined {
    return this.#hold?.().job.latest;
  }

  /**
   * Waits for the job's end. Any number of waiters share one poll. An outcome of the job settles again,
   * the same way, however often it is asked; trouble on the way there (the network, a refusal) is no
   * outcome, and a later call tries again.
   *
   * @throws {@link JobFailedError}, {@link WaitTimeoutError}, {@link JobGoneError}, {@link HttpError},
   * {@link AuthError}, {@link ProtocolError}, {@link TransportError}, {@link ClosedError}; `signal.reason`;
   * TypeError or RangeError for bad options.
   *
   * @example
   * ```ts
   * const job = await handle.result({ timeout: 3_600_000, onProgress: (job) => show(job.message) });
   * ```
   */
  async result(options?: WaitOptions): Promise<JobSnapshot> {
    if (!this.#hold) {
      this.#check(options);
      if (options?.signal?.aborted) throw options.signal.reason;
      return Object.freeze({ id: "", state: "success", raw: Object.freeze({}) });
    }
    const { client, host, job } = this.#hold();
    return host.wait(client, options, (waiter) => job.wait(waiter, options, false));
  }

  /**
   * One standard poll, now: beside the shared poll if there is one, not retried, and no slot of
   * {@link ClientOptions.maxOpenPolls} taken. Of a job whose end is known it tells what the server says of
   * it now; its outcome stays.
   *
   * @throws As {@link JobHandle.result}, except that a failed job is shown and does not reject;
   * {@link NotTrackableError} where the answer was synchronous.
   *
   * @example
   * ```ts
   * const { state } = await handle.poll({ timeout: 5_000 });
   * ```
   */
  async poll(options?: Pick<WaitOptions, "signal" | "timeout">): Promise<JobSnapshot> {
    const { client, host, job } = this.#tracked("poll");
    return host.wait(client, options, (waiter) => job.wait(waiter, options, true));
  }

  /**
   * Every change seen, the last one always. Ends after `success`, throws as {@link JobHandle.result}
   * rejects. Waiting begins with the first step; leaving the loop ends it, also while a `next()` is under way.
   *
   * @throws TypeError or RangeError at once for bad options; the rest as {@link JobHandle.result}, from the
   * loop.
   *
   * @example
   * ```ts
   * for await (const job of handle.updates({ signal, timeout: 3_600_000 })) show(job.message);
   * ```
   */
  updates(options?: Omit<WaitOptions, "onProgress">): AsyncIterableIterator<JobSnapshot> {
    this.#check(options);
    return updates((waitOptions) => this.result(waitOptions), options);
  }

  /**
   * The same as {@link JobHandle.updates} without options.
   *
   * @example
   * ```ts
   * for await (const job of deploy.job(id)) show(job.message);
   * ```
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<JobSnapshot> {
    return this.updates();
  }

  /**
   * A versioned token with the job's id, its cursor and its server: no address to follow, no secret. Fit
   * for `sessionStorage`; {@link DeployClient.resume} takes it.
   *
   * @throws {@link NotTrackableError} where the answer was synchronous.
   *
   * @example
   * ```ts
   * sessionStorage.setItem("job", handle.serialize());
   * ```
   */
  serialize(): string {
    return this.#tracked("serialize").job.serialize();
  }

  #tracked(what: string): ReturnType<Hold> {
    if (this.#hold) return this.#hold();
    const message = `${what}: the call was answered at once, so there is no job to ask for`;
    throw makeError({ code: "NOT_TRACKABLE", message, status: this.response?.status ?? 0 });
  }
}
