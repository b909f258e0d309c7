/**
 * A job's state in lower case, however the server spells it. `cancelled`, `canceled`, `expired` and
 * `error` end a job as `failure` does; any other state that is not known here is passed on and counts
 * as not yet done.
 *
 * @example
 * ```ts
 * const done = (["success", "failure"] as JobState[]).includes(job.state);
 * ```
 */
export type JobState = "queued" | "running" | "success" | "failure" | (string & {});

/**
 * What the server last said of a job. Frozen through and through; one object for each change.
 *
 * @example
 * ```ts
 * const { id, state, message = "" } = await deploy.job("9d1f0c2e").poll();
 * ```
 */
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

/**
 * The options of one wait. Each is checked when it is given: a bad one is a TypeError or RangeError that
 * names it.
 *
 * @example
 * ```ts
 * const signal = AbortSignal.any([page.signal, button.signal]);
 * await handle.result({ signal, timeout: 3_600_000, onProgress: (job) => show(job.message) });
 * ```
 */
export interface WaitOptions {
  /**
   * Ends this waiting only: other waiters on the same job, and the job itself, go on.
   * The promise rejects with `signal.reason`.
   *
   * @example
   * ```ts
   * const leaving = new AbortController();
   * await handle.result({ signal: leaving.signal });
   * ```
   */
  signal?: AbortSignal;
  /**
   * The longest this waiter waits, in milliseconds, request time and pauses included; `Infinity` for
   * no limit. Then the promise rejects with {@link WaitTimeoutError}: the outcome is unknown, not failed.
   * Default: that of the client.
   *
   * @example
   * ```ts
   * await handle.result({ timeout: 90 * 60_000 });
   * ```
   */
  timeout?: number;
  /**
   * Called with the latest snapshot known, then for each change of state, message or stamp that is
   * seen, the last one included. What it throws, or rejects with, is reported as an event and harms nothing.
   *
   * @example
   * ```ts
   * await handle.result({ onProgress: ({ state, message }) => console.log(state, message) });
   * ```
   */
  onProgress?: (job: JobSnapshot) => void;
}

/**
 * The options of one call: those of the wait for its end, and what is sent.
 *
 * @example
 * ```ts
 * await deploy.request("GET", "/clusters", { query: { fields: "name" }, timeout: 60_000 });
 * ```
 */
export interface CallOptions extends WaitOptions {
  /**
   * Added to the path's own query; members that are `undefined` are left out.
   *
   * @example
   * ```ts
   * await deploy.get("/clusters", { query: { fields: "name,state", max_records: 50 } });
   * ```
   */
  query?: Record<string, string | number | boolean | undefined>;
  /**
   * Headers of this call alone: not of the polls that follow it. They win over all others.
   *
   * @example
   * ```ts
   * await deploy.post("/hosts", host, { headers: { "x-trace": id } });
   * ```
   */
  headers?: RequestHeaders;
  /**
   * A plain value goes as JSON; `FormData`, `Blob`, `URLSearchParams`, a string and byte arrays go as they
   * are. A stream is refused with TypeError: it could not be sent again after a 401.
   *
   * @example
   * ```ts
   * await deploy.submit("POST", "/hosts", { body: { name: "esx-1.example.com" } });
   * ```
   */
  body?: unknown;
}

/**
 * What the headers options take: all that `new Headers()` does.
 *
 * @example
 * ```ts
 * const headers: RequestHeaders = { "x-trace": "42" };
 * ```
 */
// Not `HeadersInit`, which a project with the types of Node alone does not have.
export type RequestHeaders = NonNullable<ConstructorParameters<typeof Headers>[0]>;

/**
 * How a call ended. Frozen.
 *
 * @typeParam T What `body` is expected to be. It is not checked.
 *
 * @example
 * ```ts
 * const { status, body, job } = await deploy.post<{ id: string }>("/hosts", { name: "esx-1.example.com" });
 * ```
 */
export interface CallResult<T = unknown> {
  /** The HTTP status of the first answer. */
  readonly status: number;
  /** The first answer's own JSON; `undefined` if it had no body. */
  readonly body: T;
  /** The job as it was last seen; there when the server made the call a job. */
  readonly job?: JobSnapshot;
  /** The created object's address, where the server named one and the browser may read it. */
  readonly location?: string;
  /** The server's `request-id` of the first answer. */
  readonly requestId?: string;
}

/**
 * What an `auth` function is told of the request that needs a credential.
 *
 * @example
 * ```ts
 * const auth = async ({ status }: AuthContext) => `Bearer ${await token({ fresh: status === 401 })}`;
 * ```
 */
export interface AuthContext {
  /** The method, in upper case. */
  readonly method: string;
  /** The path below the base, without its query. */
  readonly path: string;
  /** 401 when the last credential was refused. */
  readonly status?: number;
}

/**
 * How failed polls and GETs are tried again. Delays are in milliseconds.
 *
 * @example
 * ```ts
 * new DeployClient({ baseUrl, retry: { maxAttempts: 20, maxDelay: 60_000 } });
 * ```
 */
export interface RetryOptions {
  /** Failures in a row after which the last one rejects: a whole number of at least 1. Default 8. */
  maxAttempts?: number;
  /** Upper bound of the first backoff, which is drawn from 0 to it; the bound doubles with each failure. In milliseconds. Default 500. */
  initialDelay?: number;
  /** Upper bound of any backoff, in milliseconds. Default 15 000. */
  maxDelay?: number;
  /** A longer `Retry-After` is cut to this; a shorter one never undercuts the backoff. In milliseconds. Default 60 000. */
  maxRetryAfter?: number;
}

/**
 * Options of a client. Each is checked when it is given: a bad one throws a TypeError or RangeError that
 * names it. Durations are in milliseconds, above 0; `Infinity` means none.
 *
 * @example
 * ```ts
 * const deploy = new DeployClient({ baseUrl: "/api", auth: { username, password }, onEvent: console.debug });
 * ```
 */
export interface ClientOptions {
  /**
   * The only origin ever contacted, with its path prefix.
   *
   * @example
   * ```ts
   * baseUrl: "https://deploy.example.com/api/v3"
   * baseUrl: "/api" // on a page's own origin
   * ```
   */
  baseUrl: string | URL;
  /**
   * HTTP Basic, a bearer token, or a function that gives the whole `Authorization` value, or
   * `undefined` for none. The function is asked before each request and may be async; when a 401
   * comes it is asked once more, for all requests together, and what was refused is sent again once,
   * a changing call included: a 401 refuses a request unprocessed. Where that does not help:
   * {@link AuthError}.
   *
   * @example
   * ```ts
   * auth: { username: "admin", password }
   * auth: async ({ status }) => `Bearer ${await session.token({ fresh: status === 401 })}`
   * ```
   */
  auth?:
    | {
        /** The user's name, for HTTP Basic. */
        username: string;
        /** The password that belongs to it. */
        password: string;
      }
    | {
        /** The token, without the word `Bearer`. */
        bearer: string;
      }
    | ((context: AuthContext) => string | undefined | Promise<string | undefined>);
  /**
   * Headers of every request, polls included; a function is asked before each one.
   *
   * @example
   * ```ts
   * headers: () => ({ "x-csrf-token": session.csrf })
   * ```
   */
  headers?: RequestHeaders | (() => RequestHeaders | Promise<RequestHeaders>);
  /**
   * For a CA, an agent, a proxy, a test. Default: the runtime's own, looked up at each request.
   *
   * @example
   * ```ts
   * fetch: (input, init) => undici.fetch(input, { ...init, dispatcher })
   * ```
   */
  fetch?: typeof globalThis.fetch;
  /**
   * Whether the browser sends its cookies along. Default "same-origin"; "omit" when `auth` is given.
   *
   * @example
   * ```ts
   * credentials: "include" // a proxy on another origin that knows its users by a cookie
   * ```
   */
  credentials?: "omit" | "same-origin" | "include";
  /**
   * Plain http to another machine is refused without it: a TypeError. Default false.
   *
   * @example
   * ```ts
   * new DeployClient({ baseUrl: "http://deploy.test/api", allowInsecure: true });
   * ```
   */
  allowInsecure?: boolean;
  /**
   * The longest a request that is not a poll may take, in milliseconds. Default 30 000. Past it:
   * {@link TransportError}, which for a changing call says that it may have been accepted.
   *
   * @example
   * ```ts
   * requestTimeout: 120_000
   * ```
   */
  requestTimeout?: number;
  /**
   * The default {@link WaitOptions.timeout} of every wait, in milliseconds. Default: none.
   *
   * @example
   * ```ts
   * timeout: 3_600_000
   * ```
   */
  timeout?: number;
  /**
   * What the server is asked to hold a long poll, in milliseconds from 1 000 to 120 000, cut down to
   * whole seconds. Default 30 000: proxies commonly cut at 60. Shrinks by itself where one cuts earlier.
   *
   * @example
   * ```ts
   * pollTimeout: 120_000 // no proxy in between
   * ```
   */
  pollTimeout?: number;
  /**
   * How many polls may be open at once, a whole number of at least 1. Default 4 in browsers, which open
   * six connections to an origin, 32 elsewhere. While jobs fit, each holds a long poll; when they
   * outnumber the slots, polls shrink and rotate: each job is seen about every 5 s, or less often where
   * that would make more than ten polls a second.
   *
   * @example
   * ```ts
   * maxOpenPolls: 2
   * ```
   */
  maxOpenPolls?: number;
  /**
   * How failed polls and GETs are tried again; with `false` the first failure rejects, whatever it is. Used
   * up: {@link HttpError} where the last failure was an answer, {@link TransportError} where there was none.
   * Calls that change something are never sent twice, a 401 aside.
   *
   * @example
   * ```ts
   * retry: { maxAttempts: 20 }
   * ```
   */
  retry?: false | RetryOptions;
  /**
   * "origin": tabs and workers of this origin that use the same base and principal share one poller, over
   * Web Locks and a BroadcastChannel. Which of them polls is not seen from outside; another takes over
   * when it is closed, crashes or freezes. No credential crosses the channel. Where there are no locks or
   * no channel, and where `auth` is a function, which does not tell whose jobs they are, it is "client",
   * and an event of type `not-shared` says so. Default "client".
   *
   * @example
   * ```ts
   * share: "origin"
   * ```
   */
  share?: "client" | "origin";
  /**
   * The largest body that is read, in bytes. Default 1 048 576. Past it: {@link ProtocolError}.
   *
   * @example
   * ```ts
   * maxResponseBytes: 16 * 1024 * 1024
   * ```
   */
  maxResponseBytes?: number;
  /**
   * Called with each step, enough to draw a trace of each poll, pause, retry and settlement. Free of
   * secrets: no query, header, body or message of a job. What it throws harms nothing.
   *
   * @example
   * ```ts
   * onEvent: ({ type, jobId, status, delay }) => console.debug(type, jobId, status, delay)
   * ```
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
 *
 * @example
 * ```ts
 * const onEvent = (event: ClientEvent) => {
 *   if (event.type === "retry") console.warn(`failure ${event.attempt}; again in ${event.delay} ms`);
 * };
 * ```
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

/**
 * Counts over a client's life.
 *
 * @example
 * ```ts
 * const { openPolls, waits } = deploy.stats;
 * ```
 */
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
