import type { Job as EngineJob } from "../../target/embed/glue.js";
import { reasonOf } from "./abort.js";
import { makeError } from "./errors.js";
import type { Binding } from "./instance.js";
import { readWaitOptions, type WaitSettings } from "./options.js";
import type { CallResult, JobSnapshot, WaitOptions } from "./types.js";
import { updates } from "./updates.js";

/**
 * A job inside an engine instance. It is looked up at each use, because a failed instance is replaced.
 * @internal
 */
export type JobRef = () => Binding & { readonly job: EngineJob };

/** The snapshot of a handle without a job: its call has finished. */
const FINISHED: JobSnapshot = Object.freeze({ id: "", state: "success", raw: Object.freeze({}) });

/** The parts of a handle. */
interface Parts {
  readonly id: string | undefined;
  readonly response: CallResult | undefined;
  /** Absent if the response was synchronous. */
  readonly job: JobRef | undefined;
  /** The binding of the client. */
  readonly binding: () => Binding;
}

// Without it, `new JobHandle({})` would behave like a synchronous response and report success.
const maker: unique symbol = Symbol();

/**
 * A handle for one job, from {@link DeployClient.submit}, {@link DeployClient.job} or {@link DeployClient.resume}.
 * Not thenable, so `await client.submit()` resolves with the handle. A handle that nothing waits on sends no request
 * and causes no unhandled rejection.
 *
 * @example
 * ```ts
 * const handle = await deploy.submit("POST", "/clusters/42/deploy", { body });
 * for await (const job of handle) console.log(job.state, job.message);
 * ```
 */
export class JobHandle implements AsyncIterable<JobSnapshot> {
  /**
   * Keeps the name in minified code, for debuggers. A static block would keep the class in every bundle.
   *
   * @internal
   */
  static readonly name = "JobHandle";

  /**
   * The job's id, an opaque string. Absent only after a synchronous response.
   *
   * @example
   * ```ts
   * if (handle.id !== undefined) link.href = `#/jobs/${encodeURIComponent(handle.id)}`;
   * ```
   */
  readonly id: string | undefined;
  /**
   * The response to {@link DeployClient.submit}, with the created object's address and the request's id. Absent on
   * other handles.
   *
   * @example
   * ```ts
   * console.log(handle.response?.location, handle.response?.requestId);
   * ```
   */
  readonly response: CallResult | undefined;
  readonly #job: JobRef | undefined;
  readonly #binding: () => Binding;
  /** Created at the first use. */
  #subscribe: JobHandle["subscribe"] | undefined;

  private constructor(key: typeof maker, parts: Parts) {
    if (key !== maker) throw new TypeError("JobHandle: create one with submit(), job() or resume()");
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
   * The latest known snapshot; `undefined` before the first response about the job. After a synchronous response it is
   * what {@link JobHandle.result} resolves with.
   *
   * @example
   * ```ts
   * status.textContent = handle.latest?.message ?? "no response yet";
   * ```
   */
  get latest(): JobSnapshot | undefined {
    return this.#job ? this.#job().job.latest : FINISHED;
  }

  /**
   * Waits until the job has finished. Any number of waiters share one poll. Once the job has finished, every call
   * settles the same way. After any other error, such as a lost network or {@link JobGoneError}, the next call polls
   * again.
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
    return this.#wait(this.#options(options));
  }

  /**
   * Sends one standard poll now, in addition to the shared poll. It has no retry and takes no slot of
   * {@link ClientOptions.maxOpenPolls}. It also polls a finished job, whose outcome stays the same.
   *
   * @throws The errors of {@link JobHandle.result}, except that a failed job resolves;
   * {@link NotTrackableError} after a synchronous response.
   *
   * @example
   * ```ts
   * const { state } = await handle.poll({ timeout: 5_000 });
   * ```
   */
  async poll(options?: Pick<WaitOptions, "signal" | "timeout">): Promise<JobSnapshot> {
    const binding = this.#tracked("poll");
    const wait = this.#options(options);
    return binding.waiters.wait(binding, wait, () => binding.job.pollOnce(wait.timeout));
  }

  /**
   * Iterates over the changes of the job, always including the last one. The loop ends after `success` and throws the
   * errors of {@link JobHandle.result}. The wait starts with the first `next()` and ends when you leave the loop.
   *
   * @throws TypeError or RangeError for bad options, before the loop starts.
   *
   * @example
   * ```ts
   * for await (const job of handle.updates({ signal, timeout: 3_600_000 })) show(job.message);
   * ```
   */
  updates(options?: Omit<WaitOptions, "onProgress">): AsyncIterableIterator<JobSnapshot> {
    const wait = this.#checked(this.#options(options));
    return updates((own) => this.#wait(own), wait);
  }

  /**
   * Makes the handle a store for React's `useSyncExternalStore` and for Svelte's `$handle`. Calls `listener` at once
   * with the latest snapshot (`undefined` before the first response), then with each change. The wait has the client's
   * `timeout` and ends when you call the returned function. `subscribe` is always the same function and needs no
   * `bind`.
   *
   * It never rejects. A failed job arrives as its last snapshot. If the wait ends for another reason, such as a timeout
   * or a lost network, `listener` is no longer called; {@link JobHandle.result} rejects with the reason.
   *
   * @example
   * ```ts
   * const job = useSyncExternalStore(handle.subscribe, () => handle.latest);
   * ```
   */
  get subscribe(): (listener: (job: JobSnapshot | undefined) => void) => () => void {
    this.#subscribe ??= (listener) => {
      const leaves = new AbortController();
      let seen = this.latest;
      listener(seen);
      const see = (job: JobSnapshot) => {
        if (job === seen || leaves.signal.aborted) return;
        seen = job;
        listener(job);
      };
      this.result({ signal: leaves.signal, onProgress: see }).catch(() => {});
      return () => leaves.abort();
    };
    return this.#subscribe;
  }

  /**
   * Iterates as {@link JobHandle.updates} does, without options.
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
   * Returns a versioned token for {@link DeployClient.resume}, with the job's id, cursor and server. It holds no secret
   * and no address, so you can keep it in `sessionStorage`.
   *
   * @throws {@link NotTrackableError} after a synchronous response.
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
      if (wait.signal?.aborted) throw reasonOf(wait.signal);
      return FINISHED;
    }
    const binding = this.#job();
    return binding.waiters.wait(binding, wait, () =>
      binding.job.wait(wait.timeout, wait.onProgress !== undefined),
    );
  }

  #options(given: unknown): WaitSettings {
    return readWaitOptions(given, this.#binding().waiters.settings);
  }

  #checked(wait: WaitSettings): WaitSettings {
    this.#binding().client.checkTimeout(wait.timeout);
    return wait;
  }

  #tracked(what: string): ReturnType<JobRef> {
    if (this.#job) return this.#job();
    const message = `${what}: the response was synchronous, so there is no job`;
    throw makeError({ code: "NOT_TRACKABLE", message, status: this.response?.status ?? 0 });
  }
}
