/**
 * A job's state in lower case, however the server spells it. `cancelled`, `canceled`, `expired` and
 * `error` end a job as `failure` does; any other state that is not known here is passed on and counts
 * as not yet done.
 */
export type JobState = "queued" | "running" | "success" | "failure" | (string & {});

/** What the server last said of a job. Frozen through and through; one object for each change. */
export interface JobSnapshot {
  /** The job's id, opaque. */
  readonly id: string;
  /** The job's state, in lower case. */
  readonly state: JobState;
  /** The job's latest message, if it gave one. It may name hosts: keep it out of default logs. */
  readonly message?: string;
  /** The stamp of the last change: opaque, byte for byte as the server sent it. Not a date to count with. */
  readonly lastModified?: string;
  /** The whole record, members that are not known here included. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** The options of one wait. */
export interface WaitOptions {
  /**
   * Ends this waiting only: other waiters on the same job, and the job itself, go on.
   * The promise rejects with `signal.reason`.
   */
  signal?: AbortSignal;
  /**
   * The longest this waiter waits, in milliseconds, request time and pauses included; `Infinity` for
   * no limit. Then the promise rejects with {@link WaitTimeoutError}: the outcome is unknown, not failed.
   */
  timeout?: number;
  /**
   * Called with the latest snapshot known, then for each change of state, message or stamp that is
   * seen, the last one included. What it throws, or rejects with, is reported as an event and harms nothing.
   */
  onProgress?: (job: JobSnapshot) => void;
}

/** The options of one call. */
export interface CallOptions extends WaitOptions {
  /** Added to the path's own query; members that are `undefined` are left out. */
  query?: Record<string, string | number | boolean | undefined>;
  /** Headers of this call alone: not of the polls that follow it. They win over all others. */
  headers?: HeadersInit;
  /** A plain value goes as JSON; `FormData`, `Blob`, `URLSearchParams`, a string and byte arrays go as they are. */
  body?: unknown;
}

/** How a call ended. `job` is there when the server made it a job. */
export interface CallResult<T = unknown> {
  /** The status of the first answer. */
  readonly status: number;
  /** The first answer's own JSON; `undefined` if it had no body. */
  readonly body: T;
  /** The job as it was last seen. */
  readonly job?: JobSnapshot;
  /** The created object's address, where the server named one and the browser may read it. */
  readonly location?: string;
  /** The server's `request-id` of the first answer. */
  readonly requestId?: string;
}

/** What an `auth` function is told of the request that needs a credential. */
export interface AuthContext {
  /** The method, in upper case. */
  readonly method: string;
  /** The path below the base, without its query. */
  readonly path: string;
  /** 401 when the last credential was refused. */
  readonly status?: number;
}

/** How failed polls and GETs are tried again. Delays are in milliseconds. */
export interface RetryOptions {
  /** Failures in a row after which the last one rejects. Default 8. */
  maxAttempts?: number;
  /** Upper bound of the first backoff, which is drawn from 0 to it; the bound doubles with each failure. Default 500. */
  initialDelay?: number;
  /** Upper bound of any backoff. Default 15 000. */
  maxDelay?: number;
  /** A longer `Retry-After` is cut to this; a shorter one never undercuts the backoff. Default 60 000. */
  maxRetryAfter?: number;
}

/** Options of a client. Each is checked when it is given; a bad one throws and is named. */
export interface ClientOptions {
  /** The only origin ever contacted, with its path prefix: `https://deploy.example.com/api/v3`, or `/api` on a page's own origin. */
  baseUrl: string | URL;
  /**
   * HTTP Basic, a bearer token, or a function that gives the whole `Authorization` value, or
   * `undefined` for none. The function is asked before each request and may be async; when a 401
   * comes it is asked once more, for all requests together, and what was refused is sent again once,
   * a changing call included: a 401 refuses a request unprocessed.
   */
  auth?:
    | { username: string; password: string }
    | { bearer: string }
    | ((context: AuthContext) => string | undefined | Promise<string | undefined>);
  /** Headers of every request, polls included; a function is asked before each one. */
  headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>);
  /** For a CA, an agent, a proxy, a test. Default: the runtime's own, looked up at each request. */
  fetch?: typeof globalThis.fetch;
  /** Default "same-origin"; "omit" when `auth` is given. */
  credentials?: RequestCredentials;
  /** Plain http to another machine is refused without it. */
  allowInsecure?: boolean;
  /**
   * The longest a request that is not a poll may take, in milliseconds. Default 30 000. Past it:
   * {@link TransportError}, which for a changing call says that it may have been accepted.
   */
  requestTimeout?: number;
  /** The default `timeout` of every wait, in milliseconds. Default: none. */
  timeout?: number;
  /**
   * What the server is asked to hold a long poll, in milliseconds from 1 000 to 120 000, cut down to
   * whole seconds. Default 30 000: proxies commonly cut at 60. Shrinks by itself where one cuts earlier.
   */
  pollTimeout?: number;
  /**
   * How many polls may be open at once, a whole number of at least 1. Default 4 in browsers, which open
   * six connections to an origin, 32 elsewhere. While jobs fit, each holds a long poll; when they
   * outnumber the slots, polls shrink and rotate: each job is seen about every 5 s, or less often where
   * that would make more than ten polls a second.
   */
  maxOpenPolls?: number;
  /** How failed polls and GETs are tried again; with `false` the first failure rejects, whatever it is. Calls that change something are never sent twice. */
  retry?: false | RetryOptions;
  /**
   * "origin": tabs and workers of this origin that use the same base and principal share one poller, over
   * Web Locks and a BroadcastChannel. Which of them polls is not seen from outside; another takes over
   * when it is closed, crashes or freezes. No credential crosses the channel. Where there are no locks or
   * no channel, and where `auth` is a function, which does not tell whose jobs they are, it is "client",
   * and an event of type `not-shared` says so. Default "client".
   */
  share?: "client" | "origin";
  /** The largest body that is read, in bytes. Default 1 048 576. Past it: {@link ProtocolError}. */
  maxResponseBytes?: number;
  /**
   * Called with each step, enough to draw a trace of each poll, pause, retry and settlement. Free of
   * secrets: no query, header, body or message of a job. What it throws harms nothing.
   */
  onEvent?: (event: ClientEvent) => void;
}

/**
 * One step of the package's work. Frozen.
 *
 * | `type` | what happened | members |
 * |---|---|---|
 * | `request` | a request went out | `method`, `path`, `jobId` of a poll |
 * | `response` | it was answered | the same and `status` |
 * | `no-response` | it ended without an answer | as `request` |
 * | `cancelled` | it was given up, since nobody waits for it any more | as `request` |
 * | `retry` | it failed, and goes out again after `delay` | `attempt`, `delay`; `jobId`, or `method` and `path` |
 * | `pause` | the server holds no poll for the job, which is asked again after `delay` | `jobId`, `delay` |
 * | `hot-loop` | the server answers at once though nothing changes; the job is asked again after `delay` | `jobId`, `delay` |
 * | `state` | a change of state, message or stamp was seen | `jobId`, `state` |
 * | `settled` | a wait is over | `state`, `status` or `code`; `jobId`, or `method` and `path` |
 * | `callback-error` | an `onProgress` threw or rejected | `jobId` |
 * | `not-shared` | `share: "origin"` was asked for, and cannot be had here | |
 */
export interface ClientEvent {
  /** What happened. */
  readonly type:
    | "request"
    | "response"
    | "no-response"
    | "cancelled"
    | "retry"
    | "pause"
    | "hot-loop"
    | "state"
    | "settled"
    | "callback-error"
    | "not-shared";
  /** The job. */
  readonly jobId?: string;
  /** The request's method. */
  readonly method?: string;
  /** The request's path below the base, without its query. */
  readonly path?: string;
  /** The HTTP status of the answer. */
  readonly status?: number;
  /** Failures in a row so far, this one included. */
  readonly attempt?: number;
  /** The pause that begins, in milliseconds. */
  readonly delay?: number;
  /** The job's state. */
  readonly state?: string;
  /** The {@link DeployError.code} that a wait ended with; `ABORTED` where the waiter left by itself. */
  readonly code?: string;
}

/** Counts over a client's life. */
export interface ClientStats {
  /** Polls sent. */
  readonly polls: number;
  /** Polls that brought no change. */
  readonly emptyPolls: number;
  /** Requests sent again after a failure. */
  readonly retries: number;
  /** Polls open now. */
  readonly openPolls: number;
  /** Waits under way now. */
  readonly waits: number;
}
