import type { JobSnapshot } from "./types.js";

/**
 * The stable names of the kinds of error: one for each class, and `INTERNAL` for {@link DeployError} itself.
 *
 * @example
 * ```ts
 * const code: ErrorCode | undefined = error instanceof DeployError ? error.code : undefined;
 * ```
 */
export type ErrorCode =
  | "JOB_FAILED"
  | "WAIT_TIMEOUT"
  | "JOB_GONE"
  | "NOT_TRACKABLE"
  | "HTTP"
  | "AUTH"
  | "PROTOCOL"
  | "TRANSPORT"
  | "CLOSED"
  | "BAD_TOKEN"
  | "INTERNAL";

/**
 * What an error is made of.
 * @internal
 */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly status?: number;
  readonly serverCode?: string;
  readonly text?: string;
  readonly location?: string;
  readonly requestId?: string;
  readonly token?: string;
}

/**
 * The base of all errors of this package. Holds no header, no credential and no query value.
 *
 * Itself it is thrown with code `INTERNAL` only: this package has a bug, the outcome is unknown, and
 * the next use starts afresh. Errors are made by this package only.
 *
 * @example
 * ```ts
 * try {
 *   await deploy.post("/clusters/42/deploy", body);
 * } catch (error) {
 *   if (error instanceof DeployError) console.error(error.code, error.message, error.job?.state);
 *   else throw error;
 * }
 * ```
 */
export class DeployError extends Error {
  /** The kind, stable over versions. */
  readonly code: ErrorCode;
  /** What was last known of the job, if there was one. */
  declare readonly job?: JobSnapshot;
  /** The server's `request-id`, for its logs. */
  declare readonly requestId?: string;

  /** @internal */
  constructor(data: ErrorData, job?: JobSnapshot, cause?: unknown) {
    const { message, code, token, text, location, ...rest } = data;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    Object.assign(this, rest, job && { job });
    // Not enumerable: for those who ask for them, not for a log. What the server wrote may quote the
    // request, and a token is to be stored.
    for (const [name, value] of Object.entries({ token, text, location }))
      if (value !== undefined) Object.defineProperty(this, name, { value });
  }

  /**
   * The error's own members, without stack and cause: fit for a structured log. The job's `raw` record is
   * left out. Called by `JSON.stringify`.
   *
   * @example
   * ```ts
   * log.error(error.toJSON());
   * ```
   */
  toJSON(): Record<string, unknown> {
    const { name, message, job } = this;
    const shown = job && { job: { id: job.id, state: job.state, message: job.message } };
    return { name, message, ...(this as object), ...shown };
  }
}

/**
 * The server said `failure`, or one of the states that mean it; nothing else rejects with this. `message`
 * is the job's own, or says that it gave none. Code `JOB_FAILED`.
 *
 * @example
 * ```ts
 * if (error instanceof JobFailedError) show(`Failed: ${error.message}`, error.job?.raw);
 * ```
 */
export class JobFailedError extends DeployError {}

/**
 * The waiter's own `timeout` passed. The outcome is unknown: the job may well succeed. A final state that
 * is known already wins over the time-out. Code `WAIT_TIMEOUT`.
 *
 * @example
 * ```ts
 * if (error instanceof WaitTimeoutError && error.token) await deploy.resume(error.token).result();
 * ```
 */
export class WaitTimeoutError extends DeployError {
  /**
   * Resumes the wait: {@link DeployClient.resume} takes it. Absent where the call itself had no answer
   * yet: then not even its acceptance is known. Not enumerable.
   */
  declare readonly token: string | undefined;
}

/**
 * The job was known and is no longer (404, 410): its outcome will not be learned. Code `JOB_GONE`.
 *
 * @example
 * ```ts
 * if (error instanceof JobGoneError) await lookAtTheCluster();
 * ```
 */
export class JobGoneError extends DeployError {}

/**
 * Accepted (202), but the answer names no job to follow; also what a handle without a job gives when one is
 * asked of it. Code `NOT_TRACKABLE`.
 *
 * @example
 * ```ts
 * if (error instanceof NotTrackableError) console.warn(error.status, error.location);
 * ```
 */
export class NotTrackableError extends DeployError {
  /** The HTTP status of the accepting answer. */
  declare readonly status: number;
  /** The created object's address, if the server named one. Not enumerable. */
  declare readonly location?: string;
  /** The beginning of the body. Not enumerable: it may quote the request. */
  declare readonly text?: string;
}

/**
 * The server answered, and the answer is a refusal. Code `HTTP`.
 *
 * @example
 * ```ts
 * if (error instanceof HttpError && error.status === 409) show(error.serverCode, error.message);
 * ```
 */
export class HttpError extends DeployError {
  /** The HTTP status. */
  declare readonly status: number;
  /** The server's own error code, as a string. */
  declare readonly serverCode?: string;
  /** The beginning of the body. Not enumerable: it may quote the request. */
  declare readonly text?: string;
}

/**
 * 401 or 403 that a fresh credential did not mend. Code `AUTH`.
 *
 * @example
 * ```ts
 * if (error instanceof AuthError) askForThePassword();
 * ```
 */
export class AuthError extends HttpError {}

/**
 * Not what the protocol says: a login page with status 200 or a record without a state (once the retries
 * are used up), a body over {@link ClientOptions.maxResponseBytes} or a redirect, which is never followed
 * (at once). Code `PROTOCOL`.
 *
 * @example
 * ```ts
 * if (error instanceof ProtocolError) show("Is this the address of a Deploy VM?", error.message);
 * ```
 */
export class ProtocolError extends DeployError {}

/**
 * No answer, and the retries are used up or there were none to make; `cause` is the last error. It
 * may be the network, CORS or TLS: `fetch` does not tell them apart. Code `TRANSPORT`.
 *
 * @example
 * ```ts
 * if (error instanceof TransportError) show(error.message, error.cause);
 * ```
 */
export class TransportError extends DeployError {}

/**
 * The client was closed. Code `CLOSED`.
 *
 * @example
 * ```ts
 * if (error instanceof ClosedError) return; // the page is being left
 * ```
 */
export class ClosedError extends DeployError {}

/**
 * A token that is damaged, of a version that is not known here, or of another server. Code `BAD_TOKEN`.
 *
 * @example
 * ```ts
 * if (error instanceof BadTokenError) sessionStorage.removeItem("job");
 * ```
 */
export class BadTokenError extends DeployError {}

const classes: Record<ErrorCode, typeof DeployError> = {
  JOB_FAILED: JobFailedError,
  WAIT_TIMEOUT: WaitTimeoutError,
  JOB_GONE: JobGoneError,
  NOT_TRACKABLE: NotTrackableError,
  HTTP: HttpError,
  AUTH: AuthError,
  PROTOCOL: ProtocolError,
  TRANSPORT: TransportError,
  CLOSED: ClosedError,
  BAD_TOKEN: BadTokenError,
  INTERNAL: DeployError,
};

// From the code, since a minifier renames the classes.
for (const [code, kind] of Object.entries(classes)) {
  const words = code === "INTERNAL" ? ["DEPLOY"] : code.split("_");
  const value = `${words.map((word) => word.charAt(0) + word.slice(1).toLowerCase()).join("")}Error`;
  Object.defineProperty(kind, "name", { value });
  Object.defineProperty(kind.prototype, "name", { value, configurable: true, writable: true });
}

/**
 * The error of the class that belongs to the code.
 * @internal
 */
export function makeError(data: ErrorData, job?: JobSnapshot, cause?: unknown): DeployError {
  return new classes[data.code](data, job, cause);
}
