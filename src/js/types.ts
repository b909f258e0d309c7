/**
 * A job's state in lower case, whatever the server's spelling. `failed`, `error`, `aborted`, `cancelled`,
 * `canceled` and `expired` end a job as `failure` does; `success` alone is a success. Any other state is passed
 * on and counts as not yet done, so a `timeout` is then the only end of a wait.
 * `accepted` is this package's own: the response that accepted the call named the job, but no state.
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
  /** The job's id, opaque. */
  readonly id: string;
  /** The job's state, in lower case. */
  readonly state: JobState;
  /**
   * The job's latest message, if it has one. It may name hosts: keep it out of default logs. Where it quotes the
   * client's credential, that is replaced by "…", also in `raw`.
   */
  readonly message?: string;
  /** The cursor of the last change: opaque, byte for byte as the server sent it. Do not compute with it as a date. */
  readonly lastModified?: string;
  /** The whole record, with all members that the server sent. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/**
 * The options of one wait. All are checked at once; the TypeError or RangeError for a bad one names it.
 *
 * @example
 * ```ts
 * const signal = AbortSignal.any([page.signal, button.signal]);
 * await handle.result({ signal, timeout: 3_600_000, onProgress: (job) => show(job.message) });
 * ```
 */
export interface WaitOptions {
  /**
   * Ends this wait only: other waits for the same job, and the job itself, go on.
   * The promise rejects with `signal.reason`.
   *
   * @example
   * ```ts
   * const leaving = new AbortController();
   * await handle.result({ signal: leaving.signal });
   * ```
   */
  signal?: AbortSignal | null;
  /**
   * The longest duration of this wait in milliseconds, requests and pauses included; `Infinity` for no limit.
   * Then the promise rejects with {@link WaitTimeoutError}: the outcome is unknown, the job has not failed.
   * Default: the client's.
   *
   * @example
   * ```ts
   * await handle.result({ timeout: 90 * 60_000 });
   * ```
   */
  timeout?: number;
  /**
   * Called with the latest known snapshot, then for each change of state, message or cursor, including the last
   * one. If it throws or rejects, `onEvent` gets an event, and nothing else happens.
   *
   * @example
   * ```ts
   * await handle.result({ onProgress: ({ state, message }) => console.log(state, message) });
   * ```
   */
  onProgress?: (job: JobSnapshot) => void;
}

/**
 * The options of one call: what is sent, and the options of the wait for its end.
 *
 * @example
 * ```ts
 * await deploy.request("GET", "/clusters", { query: { fields: "name" }, timeout: 60_000 });
 * ```
 */
export interface CallOptions extends WaitOptions {
  /**
   * Fills each `{name}` before the path's query, the value encoded as one segment. A TypeError before anything is
   * sent for a name without a value, a value that the path does not name, and one that is empty, no finite number,
   * or a dot segment in any encoding or with a backslash in it, as in a path. A `{name}` is never sent as it stands, not without `params` either:
   * a literal one is written `%7Bname%7D`. Default: none.
   *
   * @example
   * ```ts
   * await deploy.get("/clusters/{id}", { params: { id } });
   * ```
   */
  params?: Readonly<Record<string, string | number>>;
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
   * Headers of this call only, not of its polls. They replace all others of the same name.
   *
   * @example
   * ```ts
   * await deploy.post("/hosts", { hosts }, { headers: { "x-trace": id } });
   * ```
   */
  headers?: RequestHeaders;
  /**
   * A plain value is sent as JSON; `FormData`, `Blob`, `URLSearchParams`, a string and byte arrays are sent as
   * they are at the call: they are copied. What JSON cannot show is a TypeError, also within an object: a stream,
   * which could not be sent again after a 401, a promise, a `Map`, a `Set`, a `Response`.
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
 * The type of the headers options: all that `new Headers()` takes.
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
 * @typeParam T The expected type of `body`. It is not checked.
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
  /** The created object's address, if the server named one and the browser may read it. */
  readonly location?: string;
  /**
   * `location` as a path below the base, fit for every method of the client, whatever host, proxy prefix or
   * `/api/v3` the server wrote before it. Absent where it does not lead below the base.
   *
   * @example
   * ```ts
   * const { path = "" } = await deploy.post("/clusters", { name }, { query: { node_count: 2 } });
   * await deploy.patch(path, { ip, gateway, netmask });
   * ```
   */
  readonly path?: string;
  /** The created object's id: the last segment of `path`, decoded. */
  readonly id?: string;
  /** The server's `request-id` of the first response. */
  readonly requestId?: string;
}

/**
 * What `DeployClient.ensure` gives. Frozen.
 *
 * @typeParam T The expected type of the record. It is not checked.
 *
 * @example
 * ```ts
 * const hosts = [{ name, hypervisor_type: "KVM", credential: { username: "root", password } }];
 * const { record, created } = await deploy.ensure("/hosts", { name }, { hosts });
 * ```
 */
export interface Ensured<T = unknown> {
  /** The record, as `DeployClient.find` gives it. */
  readonly record: T;
  /** Whether this call created it. */
  readonly created: boolean;
  /** The result of the POST, if this call created it. */
  readonly result?: CallResult;
}

/**
 * A file that `DeployClient.download` is getting.
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
   * The bytes as they come; none are kept. Read it to its end or cancel it, as leaving a `for await` does: until then
   * it holds a connection. A connection that breaks is a {@link TransportError}.
   */
  readonly body: ReadableStream<Uint8Array>;
  /** The file's name, from `content-disposition`, without any folder. */
  readonly name?: string;
  /** The `content-type`. */
  readonly type?: string;
  /** How many bytes there are in all, if the server says so and does not compress them. */
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
  /** The path below the base, without its query. */
  readonly path: string;
  /** 401 if the server refused the last credential. */
  readonly status?: number;
}

/**
 * How failed polls and GETs are retried. Delays are in milliseconds.
 *
 * @example
 * ```ts
 * new DeployClient({ baseUrl, retry: { maxAttempts: 20, maxDelay: 60_000 } });
 * ```
 */
export interface RetryOptions {
  /** How many failures in a row end the wait with the last one: a whole number of at least 1. Default 8. */
  maxAttempts?: number;
  /** Upper bound of the first backoff, which is drawn from half of it to it; the bound doubles with each failure. In milliseconds. Default 500. */
  initialDelay?: number;
  /** Upper bound of any backoff, in milliseconds. Default 15 000. */
  maxDelay?: number;
  /** A longer `Retry-After` is cut to this; a shorter one never undercuts the backoff. In milliseconds. Default 60 000. */
  maxRetryAfter?: number;
}

/**
 * Options of a client. The constructor checks all of them; the TypeError or RangeError for a bad one names it.
 * Durations are in milliseconds, above 0; `Infinity` means no limit.
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
   * HTTP Basic, a bearer token, or a function that returns the whole `Authorization` value, or `undefined` for
   * none. The function may be async and is called before each request. After a 401 it is called once more, for
   * all requests together, and the refused requests are sent again once, also those that change something: a 401
   * means that the server did not process the request. If that fails too: {@link AuthError}.
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
   * Headers of every request, polls included; a function is called before each one.
   *
   * @example
   * ```ts
   * headers: () => ({ "x-csrf-token": session.csrf })
   * ```
   */
  headers?: RequestHeaders | (() => RequestHeaders | Promise<RequestHeaders>);
  /**
   * For a CA, an agent, a proxy or a test. Default: the global `fetch`, looked up at each request; the constructor
   * throws TypeError where there is none. One that gives no Response rejects at once.
   *
   * @example
   * ```ts
   * fetch: (input, init) => undici.fetch(input, { ...init, dispatcher })
   * ```
   */
  fetch?: typeof globalThis.fetch;
  /**
   * Whether the browser sends its cookies and client certificate along. Default "same-origin"; "omit" when `auth` is
   * given. A proxy that wants one of them beside `auth` needs "same-origin", and should take `WWW-Authenticate` out of
   * the responses: at a 401 with that header the browser would open its login prompt, and the call waits for it.
   *
   * @example
   * ```ts
   * credentials: "same-origin" // beside `auth`, behind a proxy that knows its users by a cookie or a certificate
   * credentials: "include" // such a proxy on another origin
   * ```
   */
  credentials?: "omit" | "same-origin" | "include";
  /**
   * Allows plain http to another machine, which is a TypeError otherwise. Default false.
   *
   * @example
   * ```ts
   * new DeployClient({ baseUrl: "http://deploy.test/api", allowInsecure: true });
   * ```
   */
  allowInsecure?: boolean;
  /**
   * The longest duration of a request that is not a long poll, in milliseconds; a standard poll has at least
   * 10 000. Default 30 000. Then {@link TransportError}; for a call that changes something its message says that
   * the server may have accepted the call. A GET is sent once more, with twice the time: give one that is slow on
   * purpose the time that it needs. What the functions of {@link ClientOptions.auth} and {@link ClientOptions.headers} take before the
   * request goes out does not count; after a 401 `auth` has this long to answer.
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
   * The default {@link WaitOptions.onProgress} of every wait.
   *
   * @example
   * ```ts
   * onProgress: ({ id, state, message }) => console.log(id, state, message)
   * ```
   */
  onProgress?: (job: JobSnapshot) => void;
  /**
   * How long a long poll asks the server to wait, in milliseconds from 1 000 to 120 000, rounded down to whole
   * seconds. Default 30 000, since proxies commonly cut at 60 s. If one cuts earlier, the client asks for less.
   *
   * @example
   * ```ts
   * pollTimeout: 120_000 // no proxy in between
   * ```
   */
  pollTimeout?: number;
  /**
   * How many polls may be open at once, a whole number of at least 1. Default 4 in browsers, which open six
   * connections to an origin over HTTP/1.1, and 32 there once the browser says that the server speaks HTTP/2 or
   * later; 100 elsewhere, one for each cluster that a Deploy VM administers at most. A browser tells this of a
   * server of another origin only if that sends `Timing-Allow-Origin`. What is given here is kept as it is.
   *
   * As long as each job has a slot, each has a long poll. With more jobs than slots, polls are shorter and rotate:
   * each job is polled about every 5 s, as soon as the server is seen to bear that. The rate starts at ten polls a
   * second, doubles each second while the server answers quickly, and falls by half when it refuses (429, 503),
   * times out or slows down.
   *
   * @example
   * ```ts
   * maxOpenPolls: 2
   * ```
   */
  maxOpenPolls?: number;
  /**
   * How failed polls and GETs are retried; with `false` the first failure rejects. After the last attempt:
   * {@link HttpError} if there was a response, {@link TransportError} if there was none. Calls that change
   * something are not sent again, except after a 401.
   *
   * @example
   * ```ts
   * retry: { maxAttempts: 20 }
   * ```
   */
  retry?: false | RetryOptions;
  /**
   * "origin": tabs and workers of this origin that use the same base, `auth`, `headers` and `credentials` share one
   * poller, over Web Locks and a BroadcastChannel. When the tab that polls is closed, crashes or freezes, another one takes
   * over. No credential crosses the channel. Without locks or a channel, also where the browser refuses them,
   * and if `auth` or `headers` is a function, which does not say whose jobs they are, the client behaves as with "client", and `onEvent` gets a `not-shared` event.
   * Default "client".
   *
   * @example
   * ```ts
   * share: "origin"
   * ```
   */
  share?: "client" | "origin";
  /**
   * The largest body that is read, in bytes. Default 1 048 576. A larger one: {@link ProtocolError}.
   *
   * @example
   * ```ts
   * maxResponseBytes: 16 * 1024 * 1024
   * ```
   */
  maxResponseBytes?: number;
  /**
   * Called with each step, in the async context of the call that it belongs to: every request, response, pause, retry
   * and end of a wait. Events hold no secrets: no
   * query, header, body or message of a job. Errors that it throws are ignored.
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
 * | `cancelled` | it was aborted: nobody waits for it any more, or another poll takes its place | as `request` |
 * | `retry` | it failed, and is sent again after `delay` | `attempt`, `delay`; `jobId`, or `method` and `path` |
 * | `pause` | the server holds no poll for the job, the job changes all the time, or `until` looks again; the next request is sent after `delay` | `delay`; `jobId`, or `method` and `path` |
 * | `hot-loop` | the server responds at once though nothing changed; the next poll is sent after `delay` | `jobId`, `delay` |
 * | `state` | the state, message or cursor changed | `jobId`, `state` |
 * | `settled` | a wait is over | `state`, `status` or `code`; `jobId`, or `method` and `path` |
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
  /** The HTTP status of the response. */
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
