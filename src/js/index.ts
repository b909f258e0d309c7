/**
 * A client for the ONTAP Select Deploy REST API that waits for its asynchronous jobs. One call, one promise.
 *
 * @module ontap-select-deploy
 */

export { DeployClient } from "./client.js";
export {
  AuthError,
  BadTokenError,
  type ChangeOutcome,
  ClosedError,
  DeployError,
  type ErrorCode,
  HttpError,
  JobFailedError,
  JobGoneError,
  NotTrackableError,
  ProtocolError,
  TransportError,
  WaitTimeoutError,
} from "./errors.js";
export { JobHandle } from "./job-handle.js";
export type { CallTrace, Trace, WaitTrace } from "./traces.js";
export type { AnyApi } from "./typed-calls.js";
export type {
  AuthContext,
  CallOptions,
  CallResult,
  ClientEvent,
  ClientOptions,
  ClientStats,
  Download,
  Ensured,
  JobSnapshot,
  JobState,
  RequestHeaders,
  RetryOptions,
  WaitOptions,
} from "./types.js";
