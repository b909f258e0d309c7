// The pending promises of one client, and the callbacks by which the runtime settles them: what only
// JavaScript can do. src/runtime/callbacks.rs lists the callbacks.

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

/** A pending promise, and what belongs to it until it settles. */
interface Waiter {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  onProgress: WaitSettings["onProgress"];
  readonly when: Condition["when"];
  /** That of the user's call. */
  readonly context: AsyncContext;
  /** Removes the listener from the user's signal. */
  unlisten?: () => void;
}

/** What a wait is for: a client's call, or a job of its. */
export interface Waited {
  readonly client: EngineClient;
  readonly job?: EngineJob;
}

/** What a wait for a record or a file has beside its options. */
export interface Condition {
  /** Whether the record is what the caller waits for. */
  readonly when?: ((record: never) => unknown) | undefined;
  /** The file that the call asks for. */
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

/** How many secrets of polls are remembered; each has a few. */
const REMEMBERED = 64;

/** The waiters of one client, and its callbacks. */
export class Waiters {
  readonly #waiters = new Map<number, Waiter>();
  /** All of the same instance that have waiters. */
  readonly #pending: Set<Waiters>;
  readonly settings: UserSettings;
  /** What is secret in what a call sent, by the call's context, until it has its response. */
  readonly #sent = new WeakMap<AsyncContext, () => string[]>();
  /** What is secret in what goes out with every request; the runtime has added the credential before it is asked for. */
  #common: string[] | undefined;
  /** What is secret in the latest polls, where functions of the user give what goes with them. */
  #given: string[] = [];
  /** The files that calls ask for, by the call's context. */
  readonly #files = new WeakMap<AsyncContext, FileRequest>();
  /** Ends each file that is on its way. */
  readonly running = new Set<(error: unknown) => void>();
  /** For what belongs to no call of this client's. */
  readonly #context = new AsyncContext();
  readonly #events: { event: ClientEvent; context: AsyncContext }[] = [];
  /** Set only while somebody waits: the engine holds this object, so it would be a cycle for ever. */
  #client: EngineClient | undefined;
  #unwatchPage: (() => void) | undefined;
  #unwatchConnections: (() => void) | undefined;
  #shareAs: string | undefined;
  #joined: Joined | undefined;

  constructor(pending: Set<Waiters>, user: UserSettings) {
    this.#pending = pending;
    this.settings = user;
  }

  /** Waits for what `start` begins in the engine; `start` gives the waiter's number. */
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
      // Before the first step, which may end the instance.
      this.#pending.add(this);
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
      // First, so that its last events are still told in its context.
      client.abort(id);
      this.#remove(id)?.reject(reason);
    };
    try {
      const unlisten = onAbort(signal, () => leave(reasonOf(signal)));
      // It may have been called back already.
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

  // In a microtask, so that no callback runs before the call that it belongs to has returned.
  progress(id: number, job: JobSnapshot): void {
    const waiter = this.#waiters.get(id);
    if (!waiter?.onProgress) return;
    const { context } = waiter;
    const tell = () => {
      // Not as a method: the waiter must not become its `this`.
      const { onProgress } = waiter;
      return onProgress?.(job);
    };
    context.run(tell).catch(() => this.event({ type: "callback-error", jobId: job.id }, context));
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
    if (this.#events.length === 1) this.#tellEvents();
  }

  // In their order, whatever the context of each.
  #tellEvents(): void {
    const first = this.#events[0];
    first?.context.run(() => {
      const { onEvent } = this.settings;
      for (let next = this.#events[0]; next?.context === first.context; next = this.#events[0]) {
        const { event } = next;
        new Promise((resolve) => resolve(onEvent?.(event))).catch(ignore);
        // Only now: what comes while it is told has its turn in this loop.
        this.#events.shift();
      }
      this.#tellEvents();
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

  /** The instance has died. */
  failAll(error: DeployError): void {
    for (const id of this.#waiters.keys()) this.reject(id, error);
  }

  error(
    data: ErrorData,
    job: JobSnapshot | undefined,
    cause: unknown,
    waiter: number | undefined,
  ): DeployError {
    // A server may quote what it refuses.
    const secrets = this.#secrets(waiter);
    const shown: Partial<Record<string, unknown>> = { ...data };
    for (const name of ["message", "serverCode", "text", "location", "requestId"]) {
      const text = shown[name];
      if (typeof text === "string") {
        shown[name] = (name === "message" && "status" in data ? redact : withoutSecrets)(text, secrets);
      }
    }
    // Without a cause our own timer alone ended the request.
    const isLate = data.code === "TRANSPORT" && cause === undefined;
    const why = isLate ? new DOMException("no response in time", "TimeoutError") : cause;
    return makeError(shown as unknown as ErrorData, job, why);
  }

  /** What is secret in what the waiter's call sent, and in what goes out with every request. */
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

  // The functions of the user are called in the context of their own call, and what they throw rejects.

  askAuthorization(
    context: AsyncContext,
    method: string,
    path: string,
    status: number | undefined,
  ): Promise<unknown> {
    // Not as a method: the settings must not become its `this`.
    const { auth } = this.settings;
    return context.run(() => auth?.({ method, path, ...(status !== undefined && { status }) }));
  }

  askHeaders(context: AsyncContext): Promise<unknown> {
    const { headersFor } = this.settings;
    return context.run(() => headersFor?.());
  }

  /** @param headers undefined where a poll adds none to those that all requests have in common */
  async fetch(
    context: AsyncContext,
    url: string,
    headers: Headers | undefined,
    own: AbortSignal,
    limit: number,
    method: string | undefined,
    body: BodyInit | undefined,
  ): Promise<Fetched> {
    // The global one is looked up at each call, so that a test can replace it at any time.
    const { fetch = globalThis.fetch, init } = this.settings;
    try {
      checkFetch(fetch);
    } catch (error) {
      return ["no fetch", error];
    }
    const isCall = method !== undefined;
    // A poll of a job that the call started is in the same context.
    const file = isCall ? this.#files.get(context) : undefined;
    const followed = file && headers ? file.follow(own, url, headers) : own;
    // A fetch of the user's own may be of any kind.
    const signal = this.settings.fetch ? followed : signalForFetch(followed);
    if (headers) {
      const secrets = () => secretsOf(url, headers, body);
      if (isCall) this.#sent.set(context, secrets);
      else this.#given = [...new Set([...secrets(), ...this.#given])].slice(0, REMEMBERED);
    }
    const request = {
      ...init,
      // A copy, since a `fetch` of the user's own may change it.
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
    // The engine may have more outputs before it is idle.
    if (this.#waiters.size === 0) Promise.resolve().then(() => this.#syncListeners());
    return waiter;
  }

  /** Listens to the page and the other tabs while somebody waits, and only then. */
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
    // Polls for other tabs end before one of these takes over.
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

  /** The surroundings refuse the lock or the channel: from now on this client is alone. */
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
