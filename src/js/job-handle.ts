import type { Job as EngineJob } from "../../target/embed/glue.js";
import { makeError } from "./errors.js";
import type { Binding } from "./instance.js";
import { readWaitOptions, type WaitSettings } from "./options.js";
import type { CallResult, JobSnapshot, WaitOptions } from "./types.js";
import { updates } from "./updates.js";

/**
 * A job inside an engine instance; looked up at each use, since an instance may have to be replaced.
 * @internal
 */
export type JobRef = () => Binding & { readonly job: EngineJob };

/** What a handle is made of. */
interface Parts {
  readonly id: string | undefined;
  readonly response: CallResult | undefined;
  /** Absent where the answer was synchronous. */
  readonly job: JobRef | undefined;
  /** The client's own. */
  readonly binding: () => Binding;
}

// Without it, `new JobHandle({})` would pass for a call with a synchronous answer, and report a success.
const maker: unique symbol = Symbol();

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
  readonly #job: JobRef | undefined;
  readonly #binding: () => Binding;

  private constructor(key: typeof maker, parts: Parts) {
    if (key !== maker) throw new TypeError("JobHandle: made by submit(), job() and resume() only");
    this.id = parts.id;
    this.response = parts.response;
    this.#job = parts.job;
    this.#binding = parts.binding;
  }

  /** @internal */
  static of(parts: Parts): JobHandle {
    return new JobHandle(maker, parts);
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
    return this.#job?.().job.latest;
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
    return this.#wait(readWaitOptions(options));
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
    const { client, waiters, job } = this.#tracked("poll");
    const wait = readWaitOptions(options);
    return waiters.wait(client, wait, () => job.pollOnce(wait.timeout));
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
    const wait = this.#checked(readWaitOptions(options));
    return updates((own) => this.#wait(own), wait);
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

  async #wait(wait: WaitSettings): Promise<JobSnapshot> {
    if (!this.#job) {
      this.#checked(wait);
      if (wait.signal?.aborted) throw wait.signal.reason;
      return Object.freeze({ id: "", state: "success", raw: Object.freeze({}) });
    }
    const { client, waiters, job } = this.#job();
    return waiters.wait(client, wait, () => job.wait(wait.timeout, wait.onProgress !== undefined));
  }

  #checked(wait: WaitSettings): WaitSettings {
    this.#binding().client.checkTimeout(wait.timeout);
    return wait;
  }

  #tracked(what: string): ReturnType<JobRef> {
    if (this.#job) return this.#job();
    const message = `${what}: the call was answered at once, so there is no job to ask for`;
    throw makeError({ code: "NOT_TRACKABLE", message, status: this.response?.status ?? 0 });
  }
}
