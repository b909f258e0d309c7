import type { JobState } from "./types.js";

/**
 * What all messages have in common. One object goes from a call's start to its end; a subscriber may add members of
 * its own.
 *
 * @example
 * ```ts
 * const told = ({ server, jobId, state, error }: Trace) => console.log(server, jobId, error ?? state);
 * ```
 */
export interface Trace {
  /** The origin of `baseUrl`. */
  readonly server: string;
  /** The job. Of a call it is there from `asyncStart` on, where one was accepted. */
  jobId?: string;
  /** The HTTP status of the call's response, or of the one that ended the wait with an error. From `asyncStart` on. */
  status?: number;
  /** The last known state of the job. From `asyncStart` on. */
  state?: JobState;
  /** What the promise rejects with. From `error` on. */
  error?: unknown;
}

/**
 * The message of the tracing channel `ontap-select-deploy:call`, on which Node hears of each call: `request()` and its
 * shorthands to the end of the job, `submit()` to its acceptance, `until()` to its end, `download()` to the file's
 * first bytes.
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
   * The path below the base, without its query; where `params` were given, with their names: `/clusters/{id}`. Of a file
   * beside the base, the path below its origin. Empty where the path is refused.
   */
  readonly path: string;
}

/**
 * The message of the tracing channel `ontap-select-deploy:wait`, on which Node hears of each wait for a job by its
 * handle: `result()`, `poll()`, `subscribe()`, and each loop.
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
