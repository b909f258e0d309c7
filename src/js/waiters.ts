// The pending promises of one client, and the callbacks by which the runtime settles them: what only
// JavaScript can do. src/runtime/callbacks.rs lists the callbacks.

import type { Client as EngineClient } from "../../target/embed/glue.js";
import { onAbort } from "./abort.js";
import { readBody } from "./body.js";
import { type DeployError, type ErrorData, makeError } from "./errors.js";
import { type ClientSettings, toHeaders, type WaitSettings } from "./options.js";
import { isOffline, watchPage } from "./page-events.js";
import { redact, sanitizeCause } from "./sanitize.js";
import { canShare, type Joined, join } from "./tab-channel.js";
import type { ClientEvent, JobSnapshot } from "./types.js";

/** A pending promise, and what belongs to it until it settles. */
interface Waiter {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  onProgress: WaitSettings["onProgress"];
  /** Removes the listener from the user's signal. */
  unlisten?: () => void;
}

type UserFunctions = Pick<ClientSettings, "auth" | "headersFor" | "fetch" | "onEvent">;

/** The waiters of one client, and its callbacks. */
export class Waiters {
  readonly #waiters = new Map<number, Waiter>();
  /** All of the same instance that have waiters. */
  readonly #pending: Set<Waiters>;
  readonly #user: UserFunctions;
  /** Set only while somebody waits: the engine holds this object, so it would be a cycle for ever. */
  #client: EngineClient | undefined;
  #unwatchPage: (() => void) | undefined;
  #shareAs: string | undefined;
  #joined: Joined | undefined;

  constructor(pending: Set<Waiters>, user: UserFunctions) {
    this.#pending = pending;
    this.#user = user;
  }

  /** Waits for what `start` begins in the engine; `start` gives the waiter's number. */
  wait<T>(client: EngineClient, options: WaitSettings, start: () => number): Promise<T> {
    return new Promise((resolve, reject) => {
      const { signal, onProgress } = options;
      if (signal?.aborted) throw signal.reason;
      const id = start();
      const waiter: Waiter = { resolve: resolve as Waiter["resolve"], reject, onProgress };
      this.#client = client;
      this.#waiters.set(id, waiter);
      // Only now: it may settle at once.
      client.run();
      this.#syncListeners();
      if (signal && this.#waiters.has(id)) this.#watchSignal(signal, id, waiter, client);
    });
  }

  // A method of its own: its closure lives as long as the wait, and must not keep the call's body alive.
  #watchSignal(signal: AbortSignal, id: number, waiter: Waiter, client: EngineClient): void {
    const leave = (reason: unknown) => {
      // Not even a snapshot that is on its way is delivered any more.
      waiter.onProgress = undefined;
      this.#remove(id)?.reject(reason);
      client.abort(id);
    };
    try {
      waiter.unlisten = onAbort(signal, () => leave(signal.reason));
    } catch (error) {
      leave(error);
    }
  }

  resolve(id: number, value: unknown): void {
    this.#remove(id)?.resolve(value);
  }

  reject(id: number, error: unknown): void {
    this.#remove(id)?.reject(error);
  }

  // In a microtask, so that no callback runs before the call that it belongs to has returned.
  progress(id: number, job: JobSnapshot): void {
    const waiter = this.#waiters.get(id);
    if (waiter?.onProgress) {
      Promise.resolve(job)
        .then(() => {
          // Not as a method: the waiter must not become its `this`.
          const { onProgress } = waiter;
          return onProgress?.(job);
        })
        .catch(() => this.event({ type: "callback-error", jobId: job.id }));
    }
  }

  event(event: ClientEvent): void {
    Promise.resolve(Object.freeze(event)).then(this.#user.onEvent).catch(ignore);
  }

  share(name: string | undefined): boolean {
    const shares = name !== undefined && canShare();
    if (shares) this.#shareAs = name;
    else this.event({ type: "not-shared" });
    return shares;
  }

  broadcast(message: string): void {
    this.#join();
    this.#joined?.post(message);
  }

  /** The instance has died. */
  failAll(error: DeployError): void {
    for (const id of this.#waiters.keys()) this.reject(id, error);
  }

  error(data: ErrorData, job: JobSnapshot | undefined, cause: unknown): DeployError {
    // A server may quote the credential that it refuses.
    const message = "status" in data ? redact(data.message) : data.message;
    return makeError({ ...data, message }, job, cause);
  }

  snapshot(
    id: string,
    state: JobSnapshot["state"],
    message: string | undefined,
    lastModified: string | undefined,
    raw: string,
  ): JobSnapshot {
    return Object.freeze({
      id,
      state,
      ...(message !== undefined && { message }),
      ...(lastModified !== undefined && { lastModified }),
      raw: deepFreeze(JSON.parse(raw)),
    });
  }

  result(data: object, body: string, job: JobSnapshot | undefined): object {
    const parsed = body.trim() === "" ? undefined : JSON.parse(body);
    return Object.freeze({ ...data, body: parsed, ...(job && { job }) });
  }

  // The functions of the user are called in async functions, so that what they throw rejects.

  async askAuthorization(method: string, path: string, status: number | undefined): Promise<unknown> {
    // Not as a method: the settings must not become its `this`.
    const { auth } = this.#user;
    return auth?.({ method, path, ...(status !== undefined && { status }) });
  }

  async askHeaders(): Promise<unknown> {
    const { headersFor } = this.#user;
    return headersFor?.();
  }

  async fetch(url: string, init: RequestInit): Promise<unknown> {
    // The global one is looked up at each call, so that a test can replace it at any time.
    const { fetch = globalThis.fetch } = this.#user;
    return fetch.call(globalThis, url, init);
  }

  mergeHeaders(to: Headers, init: unknown): void {
    toHeaders(init).forEach((value, name) => {
      to.set(name, value);
    });
  }

  readBody(response: Response, limit: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    return readBody(response, limit, signal);
  }

  requestFailed(cause: unknown, target: string, headers: Headers): unknown {
    if (isOffline()) this.#client?.offline();
    return sanitizeCause(cause, target, headers);
  }

  #remove(id: number): Waiter | undefined {
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    waiter?.unlisten?.();
    // The engine may have more outputs before it is idle.
    if (this.#waiters.size === 0) queueMicrotask(() => this.#syncListeners());
    return waiter;
  }

  /** Listens to the page and the other tabs while somebody waits, and only then. */
  #syncListeners(): void {
    const client = this.#client;
    if (!client) return;
    if (this.#waiters.size > 0) {
      this.#pending.add(this);
      this.#unwatchPage ??= watchPage(client);
      this.#join();
      return;
    }
    this.#pending.delete(this);
    this.#client = undefined;
    this.#unwatchPage?.();
    this.#unwatchPage = undefined;
    const joined = this.#joined;
    this.#joined = undefined;
    // Polls for other tabs end before one of these takes over.
    if (joined) client.leaderChanged(false);
    joined?.leave();
  }

  #join(): void {
    const client = this.#client;
    if (client && this.#shareAs !== undefined && this.#waiters.size > 0) {
      this.#joined ??= join(
        this.#shareAs,
        (message) => client.peerMessage(message),
        () => client.leaderChanged(true),
      );
    }
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

function ignore(): void {}
