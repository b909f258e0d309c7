// What the engine asks of JavaScript: things that only JavaScript can do. No rule of the protocol.

import type { Client as EngineClient } from "../../target/embed/glue.js";
import { onAbort } from "./abort.js";
import { fetchBody, readBody } from "./body.js";
import { type DeployError, type ErrorData, makeError } from "./errors.js";
import { isOffline, listenAround } from "./page-events.js";
import { clean, redact } from "./sanitize.js";
import { canShare, type Joined, join } from "./tab-channel.js";
import type { ClientEvent, JobSnapshot, WaitOptions } from "./types.js";

/** One who waits: a promise, with what goes with it until it is settled. */
interface Wait {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  onProgress: WaitOptions["onProgress"];
  /** Takes the listener off the user's signal. */
  unlisten?: () => void;
}

/** The engine's host for one client, and the desk of those who wait on it. */
export class Host {
  readonly #waits = new Map<number, Wait>();
  /** Those with somebody who waits, in an instance that owes them an end. */
  readonly #owing: Set<Host>;
  readonly #onEvent: ((event: ClientEvent) => unknown) | undefined;
  #last = 0;
  /** Held while somebody waits, and only then: the engine holds the host, so this would be a circle. */
  #client: EngineClient | undefined;
  #stopListening: (() => void) | undefined;
  #shareAs: string | undefined;
  #joined: Joined | undefined;

  constructor(owing: Set<Host>, onEvent: ((event: ClientEvent) => unknown) | undefined) {
    this.#owing = owing;
    this.#onEvent = onEvent;
  }

  /** Waits for what `begin` asks of the engine under the number that it is given. */
  wait<T>(
    client: EngineClient,
    options: WaitOptions | undefined,
    begin: (waiter: number) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiter = ++this.#last;
      const { signal, onProgress } = options ?? {};
      const wait: Wait = { resolve: resolve as Wait["resolve"], reject, onProgress };
      this.#client = client;
      this.#waits.set(waiter, wait);
      try {
        begin(waiter);
      } catch (error) {
        this.#waits.delete(waiter);
        throw error;
      } finally {
        this.#attend();
      }
      if (signal && this.#waits.has(waiter)) this.#hear(signal, waiter, wait, client);
    });
  }

  // By itself, for a listener stays as long as the job, and with it all that stands around it: a body, there.
  #hear(signal: AbortSignal, waiter: number, wait: Wait, client: EngineClient): void {
    const leave = (reason: unknown) => {
      // Whoever has left hears no more, not even what is on its way.
      wait.onProgress = undefined;
      this.#end(waiter)?.reject(reason);
      client.abort(waiter);
    };
    try {
      wait.unlisten = onAbort(signal, () => leave(signal.reason));
    } catch (error) {
      leave(error);
    }
  }

  settle(waiter: number, value: unknown, failed: boolean): void {
    const wait = this.#end(waiter);
    if (failed) wait?.reject(value);
    else wait?.resolve(value);
  }

  // In a microtask, so that no callback runs before the call that it belongs to has returned.
  progress(waiter: number, job: JobSnapshot): void {
    const wait = this.#waits.get(waiter);
    if (wait?.onProgress) {
      Promise.resolve(job)
        .then(() => {
          // Not as a method: what belongs to the wait is nobody else's.
          const { onProgress } = wait;
          return onProgress?.(job);
        })
        .catch(() => this.report({ type: "callback-error", jobId: job.id }));
    }
  }

  report(event: ClientEvent): void {
    Promise.resolve(Object.freeze(event)).then(this.#onEvent).catch(ignore);
  }

  share(name: string): boolean {
    if (canShare()) this.#shareAs = name;
    return canShare();
  }

  tell(message: string): void {
    this.#join();
    this.#joined?.post(message);
  }

  /** The instance has died. */
  die(error: DeployError): void {
    for (const waiter of this.#waits.keys()) this.#end(waiter)?.reject(error);
  }

  // A server that refuses may quote the credential that it did not like.
  error({ message, ...data }: ErrorData, job?: JobSnapshot, cause?: unknown): DeployError {
    return makeError({ ...data, message: data.status === undefined ? message : redact(message) }, job, cause);
  }

  snapshot(data: Omit<JobSnapshot, "raw">, raw: string): JobSnapshot {
    return Object.freeze({ ...data, raw: deepFreeze(JSON.parse(raw)) });
  }

  result(data: object, body: string, job?: JobSnapshot): object {
    const parsed = body.trim() === "" ? undefined : JSON.parse(body);
    return Object.freeze({ ...data, body: parsed, ...(job && { job }) });
  }

  failed(cause: unknown, target: string, headers: Headers): unknown {
    if (isOffline()) this.#client?.offline();
    return clean(cause, target, headers);
  }

  merge(to: Headers, init: HeadersInit | undefined): void {
    new Headers(init).forEach((value, name) => {
      to.set(name, value);
    });
  }

  body(value: unknown): unknown {
    return fetchBody(value);
  }

  read(response: Response, limit: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    return readBody(response, limit, signal);
  }

  #end(waiter: number): Wait | undefined {
    const wait = this.#waits.get(waiter);
    this.#waits.delete(waiter);
    wait?.unlisten?.();
    // The engine may have more to say before it rests.
    if (this.#waits.size === 0) queueMicrotask(() => this.#attend());
    return wait;
  }

  /** Listens to the page and the other tabs while somebody waits. */
  #attend(): void {
    const client = this.#client;
    if (!client) return;
    if (this.#waits.size > 0) {
      this.#owing.add(this);
      this.#stopListening ??= listenAround(client);
      this.#join();
      return;
    }
    this.#owing.delete(this);
    this.#client = undefined;
    this.#stopListening?.();
    this.#stopListening = undefined;
    const joined = this.#joined;
    this.#joined = undefined;
    // What is open for others ends before one of them goes on with it.
    if (joined) client.lead(false);
    joined?.leave();
  }

  #join(): void {
    const client = this.#client;
    if (client && this.#shareAs !== undefined && this.#waits.size > 0) {
      this.#joined ??= join(
        this.#shareAs,
        (message) => client.heard(message),
        () => client.lead(true),
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
