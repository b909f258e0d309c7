import type { JobState } from "./types.js";

/**
 * The members that all messages share. A call uses one object from its start to its end, and a subscriber may add
 * members to it.
 *
 * @example
 * ```ts
 * const told = ({ server, jobId, state, error }: Trace) => console.log(server, jobId, error ?? state);
 * ```
 */
export interface Trace {
  /** The origin of `baseUrl`. */
  readonly server: string;
  /** The job's id. For a call, set from `asyncStart` on if the call started a job. */
  jobId?: string;
  /** The HTTP status of the call's response, or of the response that failed the wait. Set from `asyncStart` on. */
  status?: number;
  /** The last known state of the job. Set from `asyncStart` on. */
  state?: JobState;
  /** The reason why the promise rejects. Set from `error` on. */
  error?: unknown;
}

/**
 * The message of the tracing channel `ontap-select-deploy:call` in Node, for each call. The trace of `request()` and
 * its shorthands ends with the job, that of `submit()` when the server accepts the call, that of `until()` when it
 * settles, and that of `download()` at the first bytes.
 *
 * @example
 * ```ts
 * import { tracingChannel } from "node:diagnostics_channel";
 *
 * tracingChannel<unknown, CallTrace>("ontap-select-deploy:call").subscribe({
 *   asyncEnd: ({ method, path, status }) => console.log(method, path, status),
 * });
 * ```
 */
export interface CallTrace extends Trace {
  /** The method, in upper case. */
  readonly method: string;
  /**
   * The path below `baseUrl`, without its query. With `params` it keeps the names: `/clusters/{id}`. For a file outside
   * of `baseUrl`, the path below the origin. Empty if the client rejects the path.
   */
  readonly path: string;
}

/**
 * The message of the tracing channel `ontap-select-deploy:wait` in Node, for each wait through a job handle:
 * `result()`, `poll()`, `subscribe()` and each loop.
 *
 * @example
 * ```ts
 * import { tracingChannel } from "node:diagnostics_channel";
 *
 * tracingChannel<unknown, WaitTrace>("ontap-select-deploy:wait").subscribe({
 *   asyncEnd: ({ jobId, state, error }) => console.log(jobId, error ?? state),
 * });
 * ```
 */
export interface WaitTrace extends Trace {
  readonly jobId: string;
}
