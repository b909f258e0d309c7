/**
 * A job's state, in lower case. `success` is the only success. `failed`, `error`, `aborted`, `cancelled`, `canceled`
 * and `expired` end a job as `failure` does. Any other state counts as not finished, so set a `timeout` if you expect
 * unknown states. `accepted` is this package's own state: the response named the job but no state.
 *
 * @example
 * ```ts
 * const done = (["success", "failure"] as JobState[]).includes(job.state);
 * ```
 */
export type JobState = "accepted" | "queued" | "running" | "success" | "failure" | (string & {});

/**
 * The latest state reported by the server. Deeply frozen; a new object for every change.
 *
 * @example
 * ```ts
 * const { id, state, message = "" } = await deploy.job("9d1f0c2e").poll();
 * ```
 */
export interface JobSnapshot {
  /** The job's id, an opaque string. */
  readonly id: string;
  /** The job's state, in lower case. */
  readonly state: JobState;
  /**
   * The job's latest message, if it has one. It may name hosts, so keep it out of default logs. If it quotes the
   * client's credential, "…" replaces that, also in `raw`.
   */
  readonly message?: string;
  /** The cursor of the last change, exactly as the server sent it. Opaque: do not parse it as a date. */
  readonly lastModified?: string;
  /** The whole record from the server, including unknown members. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/**
 * The options of one wait. The client checks all of them first. The TypeError or RangeError names the bad option.
 *
 * @example
 * ```ts
 * const signal = AbortSignal.any([page.signal, button.signal]);
 * await handle.result({ signal, timeout: 3_600_000, onProgress: (job) => show(job.message) });
 * ```
 */
export interface WaitOptions {
  /**
   * Ends this wait only; the promise rejects with `signal.reason`. The job and its other waiters continue.
   *
   * @example
   * ```ts
   * const leaving = new AbortController();
   * await handle.result({ signal: leaving.signal });
   * ```
   */
  signal?: AbortSignal | null;
  /**
   * The longest duration of this wait in milliseconds, including requests and pauses; `Infinity` means no limit. The
   * promise then rejects with {@link WaitTimeoutError}. The job may still succeed. Default:
   * {@link ClientOptions.timeout}.
   */
  timeout?: number;
  /**
   * Called with the latest known snapshot, then for each change of state, message or cursor, including the last
   * one. If it throws or rejects, the wait continues and `onEvent` gets a `callback-error` event.
   *
   * @example
   * ```ts
   * await handle.result({ onProgress: ({ state, message }) => console.log(state, message) });
   * ```
   */
  onProgress?: (job: JobSnapshot) => void;
}

/**
 * The options of one call: the request, and the wait for its job.
 *
 * @example
 * ```ts
 * await deploy.request("GET", "/clusters", { query: { fields: "name" }, timeout: 60_000 });
 * ```
 */
export interface CallOptions extends WaitOptions {
  /**
   * Fills each `{name}` in the path. Each value is encoded as one segment. Throws TypeError, before anything is sent,
   * if a name has no value, the path does not contain the name, or the value is empty, not a finite number or a dot
   * segment. To send a literal `{name}`, write `%7Bname%7D`. Default: none.
   *
   * @example
   * ```ts
   * await deploy.get("/clusters/{id}", { params: { id } });
   * ```
   */
  params?: Readonly<Record<string, string | number>>;
  /**
   * Added to the query in the path. Members that are `undefined` are omitted.
   *
   * @example
   * ```ts
   * await deploy.get("/clusters", { query: { fields: "name,state", max_records: 50 } });
   * ```
   */
  query?: Record<string, string | number | boolean | undefined>;
  /**
   * Headers of this call, but not of its polls. They replace other headers with the same name.
   *
   * @example
   * ```ts
   * await deploy.post("/hosts", { hosts }, { headers: { "x-trace": id } });
   * ```
   */
  headers?: RequestHeaders;
  /**
   * A plain value is sent as JSON. `FormData`, `Blob`, `URLSearchParams`, strings and byte arrays are copied and sent
   * unchanged. Values that JSON cannot represent throw TypeError, also inside an object: a promise, a `Map`, a `Set`, a
   * `Response`, or a stream, which the client could not send again after a 401.
   *
   * @example
   * ```ts
   * const hosts = [{ name: "esx-1.example.com", hypervisor_type: "ESX", credential: { username, password } }];
   * await deploy.submit("POST", "/hosts", { body: { hosts } });
   * ```
   */
  body?: unknown;
}

/**
 * The type of the headers options: any value that `new Headers()` accepts.
 *
 * @example
 * ```ts
 * const headers: RequestHeaders = { "x-trace": "42" };
 * ```
 */
// Not `HeadersInit`: a project that has only Node's types lacks it.
export type RequestHeaders = NonNullable<ConstructorParameters<typeof Headers>[0]>;

/**
 * The result of a call. Frozen.
 *
 * @typeParam T The expected type of `body`. The client does not check it.
 *
 * @example
 * ```ts
 * const { status, body, job } = await deploy.post<{ job: { id: string } }>("/hosts", { hosts });
 * ```
 */
export interface CallResult<T = unknown> {
  /** The HTTP status of the first response. */
  readonly status: number;
  /** The first response's JSON; `undefined` if it had no body. */
  readonly body: T;
  /** The job's latest snapshot, if the call started a job. */
  readonly job?: JobSnapshot;
  /** The address of the created object, if the server sent one and the browser may read it. */
  readonly location?: string;
  /**
   * `location` as a path relative to `baseUrl`, for every method of the client. The host, proxy prefix and `/api/v3` in
   * `location` do not matter. Absent if `location` is not below `baseUrl`.
   *
   * @example
   * ```ts
   * const { path = "" } = await deploy.post("/clusters", { name }, { query: { node_count: 2 } });
   * await deploy.patch(path, { ip, gateway, netmask });
   * ```
   */
  readonly path?: string;
  /** The id of the created object: the last segment of `path`, decoded. */
  readonly id?: string;
  /** The server's `request-id` of the first response. */
  readonly requestId?: string;
}

/**
 * The result of `DeployClient.ensure`. Frozen.
 *
 * @typeParam T The expected type of the record. The client does not check it.
 *
 * @example
 * ```ts
 * const hosts = [{ name, hypervisor_type: "KVM", credential: { username: "root", password } }];
 * const { record, created } = await deploy.ensure("/hosts", { name }, { hosts });
 * ```
 */
export interface Ensured<T = unknown> {
  /** The record, as from `DeployClient.find`. */
  readonly record: T;
  /** Whether this call created it. */
  readonly created: boolean;
  /** The result of the POST, if this call created it. */
  readonly result?: CallResult;
}

/**
 * A file from `DeployClient.download`.
 *
 * @example
 * ```ts
 * const { body, name = "backup.tar.gz" } = await deploy.download(url);
 * await pipeline(body, createWriteStream(name));
 * ```
 */
export interface Download {
  /** The HTTP status. */
  readonly status: number;
  /**
   * The bytes as they arrive. Read the stream to its end or cancel it, because it holds a connection until then.
   * Leaving a `for await` loop cancels it. If the connection breaks, the stream fails with {@link TransportError}.
   */
  readonly body: ReadableStream<Uint8Array>;
  /** The file's name, from `content-disposition`, without any folder. */
  readonly name?: string;
  /** The `content-type`. */
  readonly type?: string;
  /** The size in bytes, if the server sends it and does not compress the file. */
  readonly size?: number;
}

/**
 * The argument of an `auth` function: the request that needs a credential.
 *
 * @example
 * ```ts
 * const auth = async ({ status }: AuthContext) => `Bearer ${await token({ fresh: status === 401 })}`;
 * ```
 */
export interface AuthContext {
  /** The method, in upper case. */
  readonly method: string;
  /** The path below `baseUrl`, without its query. */
  readonly path: string;
  /** 401 if the server refused the last credential. */
  readonly status?: number;
}

/**
 * Retries of failed polls and GETs. Delays are in milliseconds.
 *
 * @example
 * ```ts
 * new DeployClient({ baseUrl, retry: { maxAttempts: 20, maxDelay: 60_000 } });
 * ```
 */
export interface RetryOptions {
  /** How many consecutive failures end the retries. A whole number of at least 1. Default 8. */
  maxAttempts?: number;
  /**
   * Upper bound of the first backoff. It doubles with each failure. The delay is random, from half the bound to the bound.
   * Default 500.
   */
  initialDelay?: number;
  /** Upper bound of every backoff. Default 15 000. */
  maxDelay?: number;
  /** Upper bound of a `Retry-After`, which can lengthen the backoff but not shorten it. Default 60 000. */
  maxRetryAfter?: number;
}

/**
 * The options of a client. The constructor checks all of them. The TypeError or RangeError names the bad option.
 * Durations are in milliseconds, above 0; `Infinity` means no limit.
 *
 * @example
 * ```ts
 * const deploy = new DeployClient({ baseUrl: "/api", auth: { username, password }, onEvent: console.debug });
 * ```
 */
export interface ClientOptions {
  /**
   * The address of the API. The client contacts no other origin.
   *
   * @example
   * ```ts
   * baseUrl: "https://deploy.example.com/api/v3"
   * baseUrl: "/api" // on the origin of the page
   * ```
   */
  baseUrl: string | URL;
  /**
   * The credential: HTTP Basic, a bearer token, or a function that returns the whole `Authorization` value or
   * `undefined` for none. The client calls the function, which may be async, before each request. After a 401 it calls
   * the function once for all waiting requests and sends each refused request once more, including a mutating one: a
   * 401 means that the server did not process it. A second 401 rejects with {@link AuthError}.
   *
   * @example
   * ```ts
   * auth: { username: "admin", password }
   * auth: async ({ status }) => `Bearer ${await session.token({ fresh: status === 401 })}`
   * ```
   */
  auth?:
    | {
        /** The user name for HTTP Basic. */
        username: string;
        /** The password of this user. */
        password: string;
      }
    | {
        /** The token, without the word `Bearer`. */
        bearer: string;
      }
    | ((context: AuthContext) => string | undefined | Promise<string | undefined>);
  /**
   * Headers of every request, including polls. The client calls a function before each request.
   *
   * @example
   * ```ts
   * headers: () => ({ "x-csrf-token": session.csrf })
   * ```
   */
  headers?: RequestHeaders | (() => RequestHeaders | Promise<RequestHeaders>);
  /**
   * The `fetch` to use, for example for a private CA, a proxy or a test. Default: the global `fetch`, looked up at each
   * request. The constructor throws TypeError if there is no global one.
   *
   * @example
   * ```ts
   * fetch: (input, init) => undici.fetch(input, { ...init, dispatcher })
   * ```
   */
  fetch?: typeof globalThis.fetch;
  /**
   * Whether the browser sends cookies and its client certificate. Default "same-origin", or "omit" with `auth`. If a
   * proxy needs them in addition to `auth`, set "same-origin" and remove `WWW-Authenticate` from the proxy's responses.
   * Otherwise a 401 opens the browser's login prompt, and the call waits for it.
   *
   * @example
   * ```ts
   * credentials: "same-origin" // with `auth`, behind a proxy that identifies users by a cookie or a certificate
   * credentials: "include" // the same proxy on another origin
   * ```
   */
  credentials?: "omit" | "same-origin" | "include";
  /**
   * Allows plain http to another machine. Without it, that is a TypeError. Default false.
   */
  allowInsecure?: boolean;
  /**
   * The longest duration of a request that is not a long poll, in milliseconds. Default 30 000. A standard poll has at
   * least 10 000. A mutating call then rejects with {@link TransportError}, and the server may have accepted it. The
   * client sends a GET once more, with twice the time, before it rejects. The running time of an `auth` or `headers`
   * function before the request does not count. After a 401, `auth` must return within this time.
   */
  requestTimeout?: number;
  /**
   * The default {@link WaitOptions.timeout} of every wait, in milliseconds. Default: none.
   */
  timeout?: number;
  /**
   * The default {@link WaitOptions.onProgress} of every wait.
   */
  onProgress?: (job: JobSnapshot) => void;
  /**
   * How long the server may hold a long poll, in milliseconds from 1 000 to 120 000, rounded down to whole seconds.
   * Default 30 000, because many proxies cut a request after 60 s. The client shortens it if a proxy cuts earlier.
   */
  pollTimeout?: number;
  /**
   * How many polls may be open at once, a whole number of at least 1. Default: 100 outside browsers; 4 in browsers,
   * because they open six connections per origin over HTTP/1.1; 32 in browsers after a response over HTTP/2 or later.
   * For another origin, the browser reports the protocol only if the server sends `Timing-Allow-Origin`.
   *
   * While each job has a slot, each has a long poll. With more jobs than slots, polls are short and rotate, so that
   * each job is polled about every 5 s. The rate starts at ten polls per second, doubles each second while the server
   * responds quickly, and halves when it responds with 429 or 503, times out or slows down.
   */
  maxOpenPolls?: number;
  /**
   * Retries of failed polls and GETs; with `false` the first failure rejects. The last failure rejects with
   * {@link HttpError} if there was a response and with {@link TransportError} if there was none. The client never
   * resends a mutating call, except after a 401.
   */
  retry?: false | RetryOptions;
  /**
   * "origin": tabs and workers of this origin with the same `baseUrl`, `auth`, `headers` and `credentials` share one
   * poller, over Web Locks and a BroadcastChannel. If the polling tab closes, crashes or freezes, another tab takes
   * over. No credential crosses the channel. Sharing is impossible if the browser has no locks or channels, or if
   * `auth` or `headers` is a function; the client then polls alone, and `onEvent` gets `not-shared`. Default "client".
   */
  share?: "client" | "origin";
  /**
   * The largest response body in bytes. A larger one rejects with {@link ProtocolError}. Default 1 048 576.
   */
  maxResponseBytes?: number;
  /**
   * Called for every request, response, pause, retry and end of a wait, in the async context of its call. Events hold
   * no secrets: no query, header, body or job message. The client ignores errors that the function throws.
   *
   * @example
   * ```ts
   * onEvent: ({ type, jobId, status, delay }) => console.debug(type, jobId, status, delay)
   * ```
   */
  onEvent?: (event: ClientEvent) => void;
}

/**
 * One event of a client, for {@link ClientOptions.onEvent}. Frozen.
 *
 * | `type` | what happened | members |
 * |---|---|---|
 * | `request` | the client sent a request | `method`, `path`, and `jobId` for a poll |
 * | `response` | the response arrived | as `request`, and `status` |
 * | `no-response` | the request failed without a response | as `request` |
 * | `cancelled` | the client aborted the request: no waiter needs it, or another poll replaces it | as `request` |
 * | `retry` | the request failed; the client sends it again after `delay` | `attempt`, `delay`; `jobId`, or `method` and `path` |
 * | `pause` | the client waits for `delay`: the server does not hold polls, the job changes all the time, or `until` reads again | `delay`; `jobId`, or `method` and `path` |
 * | `hot-loop` | the server responds at once without a change; the client polls again after `delay` | `jobId`, `delay` |
 * | `state` | the state, message or cursor changed | `jobId`, `state` |
 * | `settled` | a wait ended | `state`, `status` or `code`; `jobId`, or `method` and `path` |
 * | `callback-error` | an `onProgress` threw or rejected | `jobId` |
 * | `not-shared` | `share: "origin"` is impossible here | |
 *
 * @example
 * ```ts
 * const onEvent = (event: ClientEvent) => {
 *   if (event.type === "retry") console.warn(`failure ${event.attempt}; again in ${event.delay} ms`);
 * };
 * ```
 */
export interface ClientEvent {
  /** The kind of event. */
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
  /** The job's id. */
  readonly jobId?: string;
  /** The request's method. */
  readonly method?: string;
  /** The request's path below `baseUrl`, without its query. */
  readonly path?: string;
  /** The HTTP status of the response. */
  readonly status?: number;
  /** The number of consecutive failures, including this one. */
  readonly attempt?: number;
  /** The length of the pause, in milliseconds. */
  readonly delay?: number;
  /** The job's state. */
  readonly state?: string;
  /** The {@link DeployError.code} that ended the wait, or `ABORTED` if the waiter left. */
  readonly code?: string;
}

/**
 * Counters over the lifetime of a client.
 *
 * @example
 * ```ts
 * const { openPolls, waits } = deploy.stats;
 * ```
 */
export interface ClientStats {
  /** Polls sent. */
  readonly polls: number;
  /** Polls without a change. */
  readonly emptyPolls: number;
  /** Requests sent again after a failure. */
  readonly retries: number;
  /** Polls open now. */
  readonly openPolls: number;
  /** Waits that are running now. */
  readonly waits: number;
}
