// What the engine asks of JavaScript: things that only JavaScript can do. No rule of the protocol.

import { onAbort } from "./abort.js";
import { clean, redact } from "./clean.js";
import { type ErrorData, makeError } from "./errors.js";
import { canShare, join } from "./tabs.js";
import type { ClientEvent, JobSnapshot } from "./types.js";

type Listener = (event: ClientEvent) => unknown;

export const host = {
  // A server that refuses may quote the credential that it did not like.
  error: ({ message, ...data }: ErrorData, job?: JobSnapshot, cause?: unknown) =>
    makeError({ ...data, message: data.status === undefined ? message : redact(message) }, job, cause),

  snapshot: (data: Omit<JobSnapshot, "raw">, raw: string): JobSnapshot =>
    Object.freeze({ ...data, raw: deepFreeze(JSON.parse(raw)) }),

  result: (data: object, body: string, job?: JobSnapshot) =>
    Object.freeze({ ...data, body: body.trim() === "" ? undefined : JSON.parse(body), ...(job && { job }) }),

  // In a microtask, so that no callback runs before the call that it belongs to has returned.
  notify(callback: (job: JobSnapshot) => unknown, job: JobSnapshot, listener?: Listener): void {
    Promise.resolve(job)
      .then(callback)
      .catch(() => listener?.(Object.freeze({ type: "callback-error", jobId: job.id })))
      .catch(ignore);
  },

  report(listener: Listener, event: ClientEvent): void {
    Promise.resolve(Object.freeze(event)).then(listener).catch(ignore);
  },

  clean,

  onAbort,

  canShare,

  join,

  headers: (init: HeadersInit) => new Headers(init),

  merge(to: Headers, from: Headers): void {
    from.forEach((value, name) => {
      to.set(name, value);
    });
  },

  body,
};

/** A body for `fetch`, and whether it is JSON text made from a plain value. */
function body(value: unknown): { content: unknown; json: boolean } {
  if (value === undefined || goesAsItIs(value)) return { content: value, json: false };
  if (typeof ReadableStream === "function" && value instanceof ReadableStream) {
    throw new TypeError("body: expected a value that can be sent again, not a stream");
  }
  let content: string | undefined;
  try {
    content = JSON.stringify(value);
  } catch (cause) {
    throw new TypeError("body: expected a value that JSON can express", { cause });
  }
  if (content === undefined)
    throw new TypeError(`body: expected a value that JSON can express, not a ${typeof value}`);
  return { content, json: true };
}

function goesAsItIs(value: unknown): boolean {
  return (
    typeof value === "string" ||
    ArrayBuffer.isView(value) ||
    // Known by their tags, since a test environment may bring its own classes.
    /^\[object (FormData|Blob|File|URLSearchParams|ArrayBuffer)\]$/.test(
      Object.prototype.toString.call(value),
    )
  );
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

function ignore(): void {}
