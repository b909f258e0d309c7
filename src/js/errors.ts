import type { JobSnapshot } from "./types.js";

/**
 * The stable names of the kinds of error: one for each class, and `INTERNAL` and `UNSUPPORTED` for
 * {@link DeployError} itself.
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
 * What an error says of the change that its call was to make: the server said that the job failed; nothing was
 * done; or it is not known.
 *
 * @example
 * ```ts
 * const outcome: ChangeOutcome = error instanceof DeployError ? error.outcome : "unknown";
 * ```
 */
export type ChangeOutcome = "failed" | "refused" | "unknown";

interface Common {
  readonly message: string;
  // "unknown" where it is left out.
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
 * What an error is made of, besides the job and the cause.
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

/** What any of them may have. */
type ErrorMembers = { readonly code: ErrorCode } & Common & Partial<Untrackable>;

/**
 * The base of all errors of this package. Holds no header, no credential and no query value; what a server quotes of
 * what is secret in the request is replaced by "…".
 *
 * `DeployError` itself is thrown with two codes only. `INTERNAL`: a bug in this package. The outcome is unknown; the
 * next call uses a new engine instance. `UNSUPPORTED`, from the constructor of the client: this runtime cannot run
 * WebAssembly, and nothing was sent. Only this package makes errors of these classes.
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
   * Written out, since a minifier renames the class.
   * @internal
   */
  static readonly name: string = "DeployError";

  /** The kind, stable over versions. */
  declare readonly code: ErrorCode;
  /**
   * What is known of the change that the call was to make. `"failed"`: the server said that the job failed
   * ({@link JobFailedError} alone). `"refused"`: nothing was done, since the server refused the call itself, or
   * nothing was sent, or the call is a GET or HEAD that started no job. `"unknown"`: it may have been made, or may
   * still be made; every other error that ends the wait for a job is `"unknown"`.
   *
   * @example
   * ```ts
   * if (error instanceof DeployError && error.outcome === "unknown") await lookAtTheCluster();
   * ```
   */
  declare readonly outcome: ChangeOutcome;
  /**
   * For {@link DeployClient.resume}, to continue the wait: on every error that ends the wait for a job. It holds no
   * secret. Not enumerable.
   *
   * @example
   * ```ts
   * if (error instanceof DeployError && error.token) sessionStorage.setItem("job", error.token);
   * ```
   */
  declare readonly token?: string | undefined;
  /** The job's latest snapshot, if there was a job. */
  declare readonly job?: JobSnapshot;
  /** The server's `request-id`, for its logs. */
  declare readonly requestId?: string;
  /** The server's own error code, as a string; of a failed job, the one of its record. */
  declare readonly serverCode?: string;

  /** @internal */
  constructor(data: ErrorData, job?: JobSnapshot, cause?: unknown) {
    super(data.message, cause === undefined ? undefined : { cause });
    // No log shows these three, but code may ask for them: what the server wrote may quote the request, and a
    // token is to be stored.
    const { message: _, text, token, location, ...shown }: ErrorMembers = data;
    Object.assign(this, { ...shown, outcome: data.outcome ?? "unknown", ...(job && { job }) });
    for (const [name, value] of Object.entries({ text, token, location })) {
      if (value !== undefined) Object.defineProperty(this, name, { value });
    }
  }

  /**
   * The class's own. A getter, so that the stack begins with it, too.
   * @internal
   */
  override get name(): string {
    return (this.constructor as typeof DeployError).name;
  }

  /**
   * Settable, as with every other error: some libraries do it.
   * @internal
   */
  override set name(value: string) {
    Object.defineProperty(this, "name", { value, configurable: true, writable: true });
  }

  /**
   * The error's members for a structured log, without stack and cause, and without the job's `raw` record.
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
 * The job reached `failure`, or a state that means the same; nothing else rejects with this. `message` is the
 * job's own, or says that it gave none. Code `JOB_FAILED`.
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
 * The wait's own `timeout` passed. The outcome is unknown, since the job may still succeed; it is `"refused"` where
 * nothing was sent yet. If the job's end is known already, the wait settles with that instead. Code `WAIT_TIMEOUT`.
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
   * For {@link DeployClient.resume}, to continue the wait. Absent if the call itself had no response yet:
   * {@link DeployError.outcome} then says whether the server may have accepted it. Not enumerable.
   */
  declare readonly token: string | undefined;
  /** `false` where nothing of the call was sent, since an `auth` or `headers` function had not answered. */
  declare readonly sent?: boolean;
}

/**
 * The server no longer knows the job (404, 410): its outcome is unknown. Code `JOB_GONE`.
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
 * The server accepted the request (202), but its response names no job to follow. A handle without a job also
 * throws it when a method needs the job. Code `NOT_TRACKABLE`.
 *
 * @example
 * ```ts
 * if (error instanceof NotTrackableError) console.warn(error.status, error.location);
 * ```
 */
export class NotTrackableError extends DeployError {
  /** @internal */
  static override readonly name: string = "NotTrackableError";

  /** The HTTP status of the accepting response. */
  declare readonly status: number;
  /** The created object's address, if the server named one. Not enumerable. */
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
 * 401 or 403, also with a fresh credential. Code `AUTH`.
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
 * The response does not follow the protocol: a login page with status 200 or a record without a state (after
 * all retries), a body over {@link ClientOptions.maxResponseBytes} or a redirect, which is never followed (both
 * without a retry). Code `PROTOCOL`.
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
 * There was no response, also after all retries; `cause` is the last error. It may be the network, CORS or
 * TLS: `fetch` does not tell them apart. Where the runtime says that nothing of a call was sent,
 * {@link TransportError.sent} is `false`. Code `TRANSPORT`.
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
   * `false` where it is known that nothing of the call was sent: no connection, a certificate that was refused, an
   * `auth` or `headers` function that failed. Otherwise absent.
   */
  declare readonly sent?: boolean;
}

/**
 * The client was closed. The outcome is unknown where a job was accepted or the call was on its way. Code `CLOSED`.
 *
 * @example
 * ```ts
 * if (error instanceof ClosedError) return; // the page is being left
 * ```
 */
export class ClosedError extends DeployError {
  /** @internal */
  static override readonly name: string = "ClosedError";

  /** `false` where nothing of the call was sent. */
  declare readonly sent?: boolean;
}

/**
 * The token is damaged, of an unknown version, or of another server. Code `BAD_TOKEN`.
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
 * The error of the class that belongs to the code.
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
