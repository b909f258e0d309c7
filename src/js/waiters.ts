// The pending promises of one client, and the callbacks with which the runtime settles them. src/runtime/callbacks.rs
// lists the callbacks.

import type { Client as EngineClient, Job as EngineJob } from "../../target/embed/glue.js";
import { onAbort, reasonOf, signalForFetch } from "./abort.js";
import { AsyncContext } from "./async-context.js";
import { kindOf } from "./body.js";
import { now } from "./clock.js";
import type { FileRequest } from "./download.js";
import { type DeployError, type ErrorData, makeError } from "./errors.js";
import { type ClientSettings, checkFetch, toHeaders, type WaitSettings, wrongType } from "./options.js";
import { isOffline, watchConnections, watchPage } from "./page-events.js";
import { type Fetched, readResponse } from "./response.js";
import { redact, sanitizeCause, secretsOf, withoutSecrets } from "./sanitize.js";
import { canShare, type Joined, join } from "./tab-channel.js";
import type { CallResult, ClientEvent, JobSnapshot } from "./types.js";

/** A pending promise and its state. */
interface Waiter {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  onProgress: WaitSettings["onProgress"];
  readonly when: Condition["when"];
  /** The async context of the user's call. */
  readonly context: AsyncContext;
  /** Removes the listener from the user's signal. */
  unlisten?: () => void;
}

/** The target of a wait: a call of the client, or one of its jobs. */
export interface Waited {
  readonly client: EngineClient;
  readonly job?: EngineJob;
}

/** The additional options of a wait for a record or a file. */
export interface Condition {
  /** Whether the record meets the caller's condition. */
  readonly when?: ((record: never) => unknown) | undefined;
  /** The requested file. */
  readonly file?: FileRequest | undefined;
}

export type UserSettings = Pick<
  ClientSettings,
  | "auth"
  | "headers"
  | "headersFor"
  | "fetch"
  | "init"
  | "onEvent"
  | "onProgress"
  | "baseUrl"
  | "isBrowser"
  | "maxOpenPolls"
>;

/** How many secrets of polls are kept; each poll has a few. */
const REMEMBERED = 64;

/** The waiters and callbacks of one client. */
export class Waiters {
  readonly #waiters = new Map<number, Waiter>();
  /** All clients of the instance that have waiters. */
  readonly #pending: Set<Waiters>;
  readonly settings: UserSettings;
  /** The secrets of each call, by its context, until its response arrives. */
  readonly #sent = new WeakMap<AsyncContext, () => string[]>();
  /** The secrets of every request. The runtime has added the credential before the first use. */
  #common: string[] | undefined;
  /** The secrets of the latest polls, if functions of the user provide them. */
  #given: string[] = [];
  /** The requested files, by the call's context. */
  readonly #files = new WeakMap<AsyncContext, FileRequest>();
  /** The functions that end the open downloads. */
  readonly running = new Set<(error: unknown) => void>();
  /** The context for events without a call. */
  readonly #context = new AsyncContext();
  readonly #events: { event: ClientEvent; context: AsyncContext }[] = [];
  /** Set only while there are waiters. The engine holds this object, so a permanent reference would leak both. */
  #client: EngineClient | undefined;
  #unwatchPage: (() => void) | undefined;
  #unwatchConnections: (() => void) | undefined;
  #shareAs: string | undefined;
  #joined: Joined | undefined;

  constructor(pending: Set<Waiters>, user: UserSettings) {
    this.#pending = pending;
    this.settings = user;
  }

  /** Waits for the work that `start` begins in the engine. `start` returns the waiter's number. */
  wait<T>({ client }: Waited, options: WaitSettings & Condition, start: () => number): Promise<T> {
    return new Promise((resolve, reject) => {
      const { signal, onProgress, when, file } = options;
      if (signal?.aborted) throw reasonOf(signal);
      const context = new AsyncContext();
      const id = start();
      const waiter: Waiter = { resolve: resolve as Waiter["resolve"], reject, onProgress, when, context };
      if (file) this.#files.set(context, file);
      this.#client = client;
      this.#waiters.set(id, waiter);
      // Before the first step, which may fail the instance.
      this.#pending.add(this);
      // Last, because it may settle at once.
      client.run();
      this.#syncListeners();
      if (signal && this.#waiters.has(id)) this.#watchSignal(signal, id, waiter, client);
    });
  }

  // A separate method: its closure lives as long as the wait and must not keep the call's body in memory.
  #watchSignal(signal: AbortSignal, id: number, waiter: Waiter, client: EngineClient): void {
    const leave = (reason: unknown) => {
      // Also drops a snapshot that is already queued.
      waiter.onProgress = undefined;
      // First, so that its last events still have its context.
      client.abort(id);
      this.#remove(id)?.reject(reason);
    };
    try {
      const unlisten = onAbort(signal, () => leave(reasonOf(signal)));
      // The signal may have called back already.
      if (this.#waiters.has(id)) waiter.unlisten = unlisten;
      else unlisten();
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

  // In a microtask, so that no callback runs before its call has returned.
  progress(id: number, job: JobSnapshot): void {
    const waiter = this.#waiters.get(id);
    if (!waiter?.onProgress) return;
    const { context } = waiter;
    const call = () => {
      // Not called as a method, so that the waiter is not its `this`.
      const { onProgress } = waiter;
      return onProgress?.(job);
    };
    context.run(call).catch(() => this.event({ type: "callback-error", jobId: job.id }, context));
  }

  checkRecord(id: number, { body }: CallResult): void {
    const when = this.#waiters.get(id)?.when;
    this.context(id)
      .run(() => when?.((body as { record: never }).record))
      .then((isMet) => {
        if (typeof isMet !== "boolean")
          throw wrongType("when", `a function that returns true or false, not ${kindOf(isMet)}`);
        this.#client?.recordChecked(id, isMet);
      })
      .catch((error) => {
        this.#client?.abort(id);
        this.reject(id, error);
      });
  }

  context(id: number | undefined): AsyncContext {
    return (id !== undefined && this.#waiters.get(id)?.context) || this.#context;
  }

  event(event: ClientEvent, context: AsyncContext): void {
    if (!this.settings.onEvent) return;
    this.#events.push({ event: Object.freeze(event), context });
    if (this.#events.length === 1) this.#deliverEvents();
  }

  // In order, although the contexts differ.
  #deliverEvents(): void {
    const first = this.#events[0];
    first?.context.run(() => {
      const { onEvent } = this.settings;
      for (let next = this.#events[0]; next?.context === first.context; next = this.#events[0]) {
        const { event } = next;
        new Promise((resolve) => resolve(onEvent?.(event))).catch(ignore);
        // After the call, so that this loop also delivers events that arrive during it.
        this.#events.shift();
      }
      this.#deliverEvents();
    });
  }

  now(): number {
    return now();
  }

  share(name: string | undefined): boolean {
    const shares = name !== undefined && canShare();
    if (shares) this.#shareAs = name;
    else this.event({ type: "not-shared" }, this.#context);
    return shares;
  }

  broadcast(message: string): void {
    this.#join();
    try {
      this.#joined?.post(message);
    } catch {
      this.#stopSharing();
    }
  }

  /** Rejects every waiter after the instance failed. */
  failAll(error: DeployError): void {
    for (const id of this.#waiters.keys()) this.reject(id, error);
  }

  error(
    data: ErrorData,
    job: JobSnapshot | undefined,
    cause: unknown,
    waiter: number | undefined,
  ): DeployError {
    // A server may quote the request.
    const secrets = this.#secrets(waiter);
    const shown: Partial<Record<string, unknown>> = { ...data };
    for (const name of ["message", "serverCode", "text", "location", "requestId"]) {
      const text = shown[name];
      if (typeof text === "string") {
        shown[name] = (name === "message" && "status" in data ? redact : withoutSecrets)(text, secrets);
      }
    }
    // Without a cause, the client's own timer ended the request.
    const isLate = data.code === "TRANSPORT" && cause === undefined;
    const why = isLate ? new DOMException("no response in time", "TimeoutError") : cause;
    return makeError(shown as unknown as ErrorData, job, why);
  }

  /** The secrets of the waiter's call and of every request. */
  #secrets(waiter: number | undefined): string[] {
    this.#common ??= secretsOf("", this.settings.headers);
    const ofCall = this.#sent.get(this.context(waiter));
    return [...this.#common, ...this.#given, ...(ofCall?.() ?? [])];
  }

  forget(waiter: number): void {
    this.#sent.delete(this.context(waiter));
  }

  snapshot(
    id: string,
    state: JobSnapshot["state"],
    message: string | undefined,
    lastModified: string | undefined,
    raw: string,
    waiter: number | undefined,
  ): JobSnapshot {
    const secrets = this.#secrets(waiter);
    const hide = (value: unknown) => (typeof value === "string" ? withoutSecrets(value, secrets) : value);
    return Object.freeze({
      id,
      state,
      ...(message !== undefined && { message: hide(message) as string }),
      ...(lastModified !== undefined && { lastModified }),
      raw: deepFreeze(JSON.parse(raw, hide(raw) === raw ? undefined : (_, value) => hide(value))),
    });
  }

  result(data: object, body: string, job: JobSnapshot | undefined): object {
    const parsed = body.trim() === "" ? undefined : JSON.parse(body);
    return Object.freeze({ ...data, body: parsed, ...(job && { job }) });
  }

  // The user's functions run in the context of their call. Their errors reject.

  askAuthorization(
    context: AsyncContext,
    method: string,
    path: string,
    status: number | undefined,
  ): Promise<unknown> {
    // Not called as a method, so that the settings are not its `this`.
    const { auth } = this.settings;
    return context.run(() => auth?.({ method, path, ...(status !== undefined && { status }) }));
  }

  askHeaders(context: AsyncContext): Promise<unknown> {
    const { headersFor } = this.settings;
    return context.run(() => headersFor?.());
  }

  /** @param headers Undefined if a poll has only the common headers. */
  async fetch(
    context: AsyncContext,
    url: string,
    headers: Headers | undefined,
    own: AbortSignal,
    limit: number,
    method: string | undefined,
    body: BodyInit | undefined,
  ): Promise<Fetched> {
    // Looks up the global fetch at each call, so that a test can replace it at any time.
    const { fetch = globalThis.fetch, init } = this.settings;
    try {
      checkFetch(fetch);
    } catch (error) {
      return ["no fetch", error];
    }
    const isCall = method !== undefined;
    // Only the call itself: polls of its job have the same context.
    const file = isCall ? this.#files.get(context) : undefined;
    const followed = file && headers ? file.follow(own, url, headers) : own;
    // The user's fetch may accept other signals.
    const signal = this.settings.fetch ? followed : signalForFetch(followed);
    if (headers) {
      const secrets = () => secretsOf(url, headers, body);
      if (isCall) this.#sent.set(context, secrets);
      else this.#given = [...new Set([...secrets(), ...this.#given])].slice(0, REMEMBERED);
    }
    const request = {
      ...init,
      // A copy, because the user's `fetch` may change it.
      headers: headers ?? new Headers(this.settings.headers),
      signal,
      ...(isCall && { method, body: body as BodyInit }),
    };
    const response = await context.run(() => fetch.call(globalThis, url, request));
    return readResponse(response, limit, own, isCall, file);
  }

  mergeHeaders(to: Headers, init: unknown): void {
    toHeaders(init).forEach((value, name) => {
      to.set(name, value);
    });
  }

  requestFailed(cause: unknown, target: string, headers: Headers, body: unknown): unknown {
    if (isOffline()) this.#client?.offline();
    return sanitizeCause(cause, target, headers, body);
  }

  #remove(id: number): Waiter | undefined {
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    waiter?.unlisten?.();
    // Later, because the engine may have more outputs before it is idle.
    if (this.#waiters.size === 0) Promise.resolve().then(() => this.#syncListeners());
    return waiter;
  }

  /** Listens to the page and the other tabs while there are waiters. */
  #syncListeners(): void {
    const client = this.#client;
    if (!client) return;
    if (this.#waiters.size > 0) {
      this.#unwatchPage ??= watchPage(client);
      const { baseUrl, isBrowser, maxOpenPolls } = this.settings;
      if (isBrowser && maxOpenPolls === undefined)
        this.#unwatchConnections ??= watchConnections(client, baseUrl);
      this.#join();
      return;
    }
    this.#pending.delete(this);
    this.#client = undefined;
    this.#unwatchPage?.();
    this.#unwatchPage = undefined;
    this.#unwatchConnections?.();
    this.#unwatchConnections = undefined;
    const joined = this.#joined;
    this.#joined = undefined;
    // End the polls for other tabs before one of them takes over.
    if (joined) client.leaderChanged(false);
    joined?.leave();
  }

  #join(): void {
    const client = this.#client;
    if (!client || this.#shareAs === undefined || this.#waiters.size === 0) return;
    try {
      this.#joined ??= join(
        this.#shareAs,
        (message) => client.peerMessage(message),
        () => client.leaderChanged(true),
        () => this.#stopSharing(),
      );
    } catch {
      this.#stopSharing();
    }
  }

  /** The browser denies the lock or the channel, so this client polls alone. */
  #stopSharing(): void {
    if (this.#shareAs === undefined) return;
    this.#shareAs = undefined;
    this.#joined?.leave();
    this.#joined = undefined;
    this.event({ type: "not-shared" }, this.#context);
    this.#client?.notShared();
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
