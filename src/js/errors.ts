import type { JobSnapshot } from "./types.js";

/**
 * The stable error codes: one for each class, and `INTERNAL` and `UNSUPPORTED` for {@link DeployError} itself.
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
  | "UNSUPPORTED"
  | "INTERNAL";

/**
 * What an error says about the change that the call requested: the job failed, the server did nothing, or the outcome
 * is unknown.
 *
 * @example
 * ```ts
 * const outcome: ChangeOutcome = error instanceof DeployError ? error.outcome : "unknown";
 * ```
 */
export type ChangeOutcome = "failed" | "refused" | "unknown";

interface Common {
  readonly message: string;
  // Default: "unknown".
  readonly outcome?: ChangeOutcome;
  readonly serverCode?: string;
  readonly sent?: false;
  readonly token?: string;
  readonly requestId?: string;
}

interface Refusal extends Common {
  readonly status: number;
  readonly text?: string;
}

interface Untrackable extends Common {
  readonly status: number;
  readonly location?: string;
  readonly text?: string;
}

/**
 * The members of an error, except the job and the cause.
 * @internal
 */
export type ErrorData =
  | ({ readonly code: "HTTP" | "AUTH" } & Refusal)
  | ({ readonly code: "NOT_TRACKABLE" } & Untrackable)
  | ({ readonly code: "JOB_GONE" } & Partial<Refusal> & Common)
  | ({ readonly code: "PROTOCOL" } & Partial<Refusal> & Common)
  | ({
      readonly code:
        | "JOB_FAILED"
        | "WAIT_TIMEOUT"
        | "TRANSPORT"
        | "CLOSED"
        | "BAD_TOKEN"
        | "UNSUPPORTED"
        | "INTERNAL";
    } & Common);

/** The members of all errors together. */
type ErrorMembers = { readonly code: ErrorCode } & Common & Partial<Untrackable>;

/**
 * The base class of all errors of this package. An error holds no header, credential or query value. If the server
 * quotes a secret of the request, "…" replaces it.
 *
 * `DeployError` itself has one of two codes. `INTERNAL` is a bug in this package: the outcome is unknown, and the next
 * call uses a new engine instance. `UNSUPPORTED` comes from the client's constructor: this runtime cannot run
 * WebAssembly, and nothing was sent.
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
  /**
   * Explicit, because a minifier renames the class.
   * @internal
   */
  static readonly name: string = "DeployError";

  /** The kind of error. Stable across versions. */
  declare readonly code: ErrorCode;
  /**
   * Whether the change happened. `"failed"`: the job failed (only {@link JobFailedError}). `"refused"`: nothing was
   * changed, because the server refused the call, nothing was sent, or the call is a GET or HEAD that started no job.
   * `"unknown"`: the change may have happened or may still happen. Every other error that ends the wait for a job is
   * `"unknown"`.
   *
   * @example
   * ```ts
   * if (error instanceof DeployError && error.outcome === "unknown") await lookAtTheCluster();
   * ```
   */
  declare readonly outcome: ChangeOutcome;
  /**
   * Continues the wait, with {@link DeployClient.resume}. Present on every error that ends the wait for a job. Holds no
   * secret. Not enumerable.
   *
   * @example
   * ```ts
   * if (error instanceof DeployError && error.token) sessionStorage.setItem("job", error.token);
   * ```
   */
  declare readonly token?: string | undefined;
  /** The latest snapshot of the job, if the call started one. */
  declare readonly job?: JobSnapshot;
  /** The server's `request-id`, for its logs. */
  declare readonly requestId?: string;
  /** The server's error code, as a string. For a failed job, the code in its record. */
  declare readonly serverCode?: string;

  /** @internal */
  constructor(data: ErrorData, job?: JobSnapshot, cause?: unknown) {
    super(data.message, cause === undefined ? undefined : { cause });
    // Not enumerable, so that no log shows them: `text` and `location` may quote the request, and a token is meant to
    // be stored.
    const { message: _, text, token, location, ...shown }: ErrorMembers = data;
    Object.assign(this, { ...shown, outcome: data.outcome ?? "unknown", ...(job && { job }) });
    for (const [name, value] of Object.entries({ text, token, location })) {
      if (value !== undefined) Object.defineProperty(this, name, { value });
    }
  }

  /**
   * The class's name. A getter, so that the stack begins with it.
   * @internal
   */
  override get name(): string {
    return (this.constructor as typeof DeployError).name;
  }

  /**
   * Some libraries set the name of an error.
   * @internal
   */
  override set name(value: string) {
    Object.defineProperty(this, "name", { value, configurable: true, writable: true });
  }

  /**
   * Returns the members for a structured log, without the stack, the cause and the job's `raw` record.
   * `JSON.stringify` calls it.
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
 * The job reached `failure` or an equivalent state; see {@link JobState}. `message` is the job's message, or says that
 * the job has none. Code `JOB_FAILED`.
 *
 * @example
 * ```ts
 * if (error instanceof JobFailedError) show(`Failed: ${error.message}`, error.job?.raw);
 * ```
 */
export class JobFailedError extends DeployError {
  /** @internal */
  static override readonly name: string = "JobFailedError";
}

/**
 * The `timeout` of the wait passed. The outcome is `"unknown"`, because the job may still succeed, or `"refused"` if
 * nothing was sent yet. If the job's end is already known, the wait settles with that instead. Code `WAIT_TIMEOUT`.
 *
 * @example
 * ```ts
 * if (error instanceof WaitTimeoutError && error.token) await deploy.resume(error.token).result();
 * ```
 */
export class WaitTimeoutError extends DeployError {
  /** @internal */
  static override readonly name: string = "WaitTimeoutError";

  /**
   * Continues the wait, with {@link DeployClient.resume}. Absent if the call had no response yet;
   * {@link DeployError.outcome} then says whether the server may have accepted it. Not enumerable.
   */
  declare readonly token: string | undefined;
  /** `false` if nothing of the call was sent, because an `auth` or `headers` function was still running. */
  declare readonly sent?: boolean;
}

/**
 * The server no longer knows the job that it accepted (404, 410). Its outcome is unknown. Code `JOB_GONE`.
 *
 * @example
 * ```ts
 * if (error instanceof JobGoneError) await lookAtTheCluster();
 * ```
 */
export class JobGoneError extends DeployError {
  /** @internal */
  static override readonly name: string = "JobGoneError";
  /**
   * For logs.
   * @internal
   */
  declare readonly status?: number;
}

/**
 * The server accepted the request (202), but the response names no job. A handle without a job also throws it, from a
 * method that needs one. Code `NOT_TRACKABLE`.
 *
 * @example
 * ```ts
 * if (error instanceof NotTrackableError) console.warn(error.status, error.location);
 * ```
 */
export class NotTrackableError extends DeployError {
  /** @internal */
  static override readonly name: string = "NotTrackableError";

  /** The HTTP status of the response. */
  declare readonly status: number;
  /** The address of the created object, if the server sent one. Not enumerable. */
  declare readonly location?: string;
  /** The beginning of the body. Not enumerable: it may quote the request. */
  declare readonly text?: string;
}

/**
 * The server refused the request. Code `HTTP`.
 *
 * @example
 * ```ts
 * if (error instanceof HttpError && error.status === 409) show(error.serverCode, error.message);
 * ```
 */
export class HttpError extends DeployError {
  /** @internal */
  static override readonly name: string = "HttpError";

  /** The HTTP status. */
  declare readonly status: number;
  /** The beginning of the body. Not enumerable: it may quote the request. */
  declare readonly text?: string;
}

/**
 * The server responded with 401 or 403, also to a fresh credential. Code `AUTH`.
 *
 * @example
 * ```ts
 * if (error instanceof AuthError) askForThePassword();
 * ```
 */
export class AuthError extends HttpError {
  /** @internal */
  static override readonly name: string = "AuthError";
}

/**
 * The response is not what the API sends. After all retries: a login page with status 200, or a record without a
 * state. Without a retry: a body over {@link ClientOptions.maxResponseBytes}, or a redirect, which the client never
 * follows. Code `PROTOCOL`.
 *
 * @example
 * ```ts
 * if (error instanceof ProtocolError) show("Is this the address of a Deploy VM?", error.message);
 * ```
 */
export class ProtocolError extends DeployError {
  /** @internal */
  static override readonly name: string = "ProtocolError";
  /**
   * For logs.
   * @internal
   */
  declare readonly status?: number;
}

/**
 * No response arrived, after all retries. `cause` is the last error. The reason may be the network, CORS or TLS:
 * `fetch` does not distinguish them. Code `TRANSPORT`.
 *
 * @example
 * ```ts
 * if (error instanceof TransportError) show(error.message, error.cause);
 * ```
 */
export class TransportError extends DeployError {
  /** @internal */
  static override readonly name: string = "TransportError";

  /**
   * `false` if nothing of the call was sent: no connection, a rejected certificate, or a failed `auth` or `headers`
   * function. Otherwise absent.
   */
  declare readonly sent?: boolean;
}

/**
 * The client was closed. The outcome is unknown if a job was accepted or a mutating call was sent. Code `CLOSED`.
 *
 * @example
 * ```ts
 * if (error instanceof ClosedError) return; // the user leaves the page
 * ```
 */
export class ClosedError extends DeployError {
  /** @internal */
  static override readonly name: string = "ClosedError";

  /** `false` if nothing of the call was sent. */
  declare readonly sent?: boolean;
}

/**
 * The token is corrupted, has an unknown version, or belongs to another server. Code `BAD_TOKEN`.
 *
 * @example
 * ```ts
 * if (error instanceof BadTokenError) sessionStorage.removeItem("job");
 * ```
 */
export class BadTokenError extends DeployError {
  /** @internal */
  static override readonly name: string = "BadTokenError";
}

/**
 * Makes the error of the class for the code.
 * @internal
 */
export function makeError(data: ErrorData, job?: JobSnapshot, cause?: unknown): DeployError {
  const classes: Record<ErrorCode, typeof DeployError> = {
    HTTP: HttpError,
    AUTH: AuthError,
    NOT_TRACKABLE: NotTrackableError,
    WAIT_TIMEOUT: WaitTimeoutError,
    JOB_FAILED: JobFailedError,
    JOB_GONE: JobGoneError,
    PROTOCOL: ProtocolError,
    TRANSPORT: TransportError,
    CLOSED: ClosedError,
    BAD_TOKEN: BadTokenError,
    UNSUPPORTED: DeployError,
    INTERNAL: DeployError,
  };
  return new classes[data.code](data, job, cause);
}
