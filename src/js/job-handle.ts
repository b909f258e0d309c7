import type { Job as EngineJob } from "../../target/embed/glue.js";
import { reasonOf } from "./abort.js";
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
 * A handle on a job, from {@link DeployClient.submit}, {@link DeployClient.job} or {@link DeployClient.resume}.
 * Not thenable: `await client.submit()` gives the handle. A handle without waiters makes no request and no
 * unhandled rejection.
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
   * The job's id, opaque. Absent only where the response was synchronous.
   *
   * @example
   * ```ts
   * if (handle.id !== undefined) link.href = `#/jobs/${encodeURIComponent(handle.id)}`;
   * ```
   */
  readonly id: string | undefined;
  /**
   * The response that accepted the request, on a handle from {@link DeployClient.submit}: the created object's
   * address and the request's id.
   *
   * @example
   * ```ts
   * console.log(handle.response?.location, handle.response?.requestId);
   * ```
   */
  readonly response: CallResult | undefined;
  readonly #job: JobRef | undefined;
  readonly #binding: () => Binding;
  /** Made at the first use. */
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
   * The latest snapshot that this client has; `undefined` before the first response.
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
   * Waits for the job's end. All waiters share one poll. Once the job has ended, every call settles the same
   * way. A failed request (the network, a refusal) is no outcome of the job: a later call tries again, and after
   * {@link JobGoneError} it asks the server once more.
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
   * One standard poll, now: in addition to the shared poll, not retried, and without a slot of
   * {@link ClientOptions.maxOpenPolls}. For a job that has ended it gives what the server says now; the outcome
   * stays the same.
   *
   * @throws As {@link JobHandle.result}, except that a failed job resolves;
   * {@link NotTrackableError} where the response was synchronous.
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
   * Every change that is seen, always including the last one. The loop ends after `success`, and throws what
   * {@link JobHandle.result} rejects with. The first step begins the wait; leaving the loop ends it, also during
   * a `next()`.
   *
   * @throws TypeError or RangeError at once for bad options; everything else from the loop, as
   * {@link JobHandle.result}.
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
   * The job as a store, for React's `useSyncExternalStore` and for Svelte, which reads `$handle`. It calls `listener`
   * at once with the latest snapshot (`undefined` if there is none yet), and then with each change, including the last
   * one. It waits as {@link JobHandle.result} does, with the client's `timeout`, until the function that it returns
   * is called. Needs no `bind`: it is the same function each time.
   *
   * It rejects nothing. A job that fails arrives as its last snapshot. If the wait ends for another
   * reason (a time-out, a lost network), the listener gets no more: {@link JobHandle.result} rejects with that reason.
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
      // The end is the last change too, unless the answer was synchronous.
      this.result({ signal: leaves.signal, onProgress: see })
        .then(see)
        .catch(() => {});
      return () => leaves.abort();
    };
    return this.#subscribe;
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
   * A versioned token for {@link DeployClient.resume}, with the job's id, its cursor and its server. It holds no
   * secret and no address to follow, so it can be kept in `sessionStorage`.
   *
   * @throws {@link NotTrackableError} where the response was synchronous.
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
      return Object.freeze({ id: "", state: "success", raw: Object.freeze({}) });
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
