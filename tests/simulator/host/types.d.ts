/**
 * A simulated ONTAP Select Deploy for tests. Use it as a `fetch` without sockets, which works with fake timers and runs
 * wherever the package runs, or as an HTTP server in Node. It shares no code with the client.
 *
 * @module ontap-select-deploy/simulator
 */

/**
 * Creates a simulated Deploy in this process, without sockets. Its time starts at 0 and follows the runtime's clock and
 * timers, including fake ones, or {@link SimulatorOptions.clock}. It sets a timer only while a request is open, so a
 * running job does not keep the process alive.
 *
 * The default account is `admin` / `Netapp1!`.
 *
 * @throws Error that names the setting if `config` has an unknown name or an invalid value.
 *
 * @example
 * ```ts
 * const simulator = createSimulator({ stepMs: 5 });
 * const auth = { username: "admin", password: "Netapp1!" };
 * const deploy = new DeployClient({ baseUrl: "https://deploy.example.com/api", auth, fetch: simulator.fetch });
 * const credential = { username: "root", password: "secret" };
 * await deploy.post("/hosts", { hosts: [{ name: "esx-1", hypervisor_type: "ESX", credential }] });
 * simulator.close();
 * ```
 */
export declare function createSimulator(config?: Config, options?: SimulatorOptions): Simulator;

/**
 * Creates a clock that moves only when you call {@link VirtualClock.advance}. Use it in tests that call
 * {@link Simulator.fetch} directly. A client has its own timers, so use fake timers to test a client.
 *
 * @example
 * ```ts
 * const clock = createVirtualClock();
 * const simulator = createSimulator({ stepMs: 60_000 }, { clock });
 * const response = simulator.fetch("/api/jobs/7?fields=state");
 * await clock.advance(60_000);
 * ```
 */
export declare function createVirtualClock(): VirtualClock;

/**
 * Serves a simulator over HTTP/1.1 at `/api` and `/api/v3`, with TLS if {@link ListenOptions.tls} is set. Like Deploy, it
 * does not support CORS: serve a page from the same origin with {@link ListenOptions.app} or through a proxy.
 *
 * Works in Node, Deno and Bun; rejects elsewhere. Closing the server does not close the simulator.
 *
 * @throws Error if no requested port is free, or if `tls` is `true` and openssl is not installed.
 *
 * @example
 * ```ts
 * const server = await listen(simulator);
 * const deploy = new DeployClient({ baseUrl: `${server.url}/api`, auth });
 * await server.close();
 * ```
 */
export declare function listen(simulator: Simulator, options?: ListenOptions): Promise<Listening>;

/**
 * A simulated Deploy.
 *
 * @example
 * ```ts
 * simulator.addRule({ match: { path: "/jobs/*", poll: "long" }, count: 1, action: { kind: "status", status: 503 } });
 * ```
 */
export interface Simulator {
  /** A `fetch` without sockets. It is bound, so you can pass it as `fetch` to a client. It does not follow redirects. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** For your own server: the response and how to send it. Resolves when Deploy would respond. */
  handle(request: IncomingRequest, options?: HandleOptions): Promise<Answer>;
  /** Adds a fault. Throws an Error that names the invalid member of the rule. */
  addRule(rule: Rule): void;
  /** Removes all rules. */
  clearRules(): void;
  /** Replaces the account and the bearer token. The previous ones get 401. */
  setCredentials(credentials: Credentials): void;
  /** All requests so far, without credentials and bodies. */
  log(): Entry[];
  /** Totals so far. */
  counters(): Counters;
  /** Ends every open request with an error and clears the timer. The log stays readable. */
  close(): void;
}

/** The credentials for {@link Simulator.setCredentials}. */
export interface Credentials {
  /** The user name. */
  username: string;
  /** The password. */
  password: string;
  /** A bearer token that also grants access. */
  bearer?: string | undefined;
}

/**
 * The environment of {@link createSimulator}.
 *
 * @example
 * ```ts
 * createSimulator({}, { origin: location.origin });
 * ```
 */
export interface SimulatorOptions {
  /** Default: the runtime's `performance`, `Date` and timers, read at each use so that fake timers work. */
  clock?: Clock | undefined;
  /** The base for relative addresses. Default `https://deploy.example.com`. */
  origin?: string | undefined;
}

/** A source of time. */
export interface Clock {
  /** Milliseconds since a fixed moment. */
  now(): number;
  /** Calls `callback` after `ms` milliseconds. */
  setTimeout(callback: () => void, ms: number): unknown;
  /** Cancels a timer from `setTimeout`. Ignores `undefined` and expired timers. */
  clearTimeout(timer: unknown): void;
}

/** The clock that {@link createVirtualClock} returns. */
export interface VirtualClock extends Clock {
  /** Advances by `ms` milliseconds: fires the due timers in order and lets promises settle after each. */
  advance(ms: number): Promise<void>;
  /** The number of set timers. */
  pending(): number;
}

/**
 * Options of {@link listen}.
 *
 * @example
 * ```ts
 * await listen(simulator, { port: 8080, attempts: 10, app: { folders: { "/": "dist" } } });
 * ```
 */
export interface ListenOptions {
  /** Default `127.0.0.1`. */
  host?: string | undefined;
  /** Default 0: any free port. */
  port?: number | undefined;
  /** The number of ports to try, from `port` upwards. Default 1. */
  attempts?: number | undefined;
  /**
   * Serves https, like a real Deploy. `true`: openssl creates a self-signed certificate. An object: your own key and
   * certificate as PEM. Default: http.
   */
  tls?: boolean | TlsIdentity | undefined;
  /** Files to serve next to the API, such as a console's page for browser tests. `/api` stays the API. */
  app?: ServedFiles | undefined;
}

/** A server's TLS key and certificate. */
export interface TlsIdentity {
  /** The private key, as PEM. */
  key: string;
  /** The certificate, followed by its issuers' certificates, as PEM. */
  cert: string;
}

/** Static files for {@link listen}. */
export interface ServedFiles {
  /** Maps a path such as `/` or `/dist` to a folder. The longest matching path wins. */
  folders: Record<string, string>;
  /** Headers for each file, such as a Content-Security-Policy. */
  headers?: Record<string, string> | undefined;
}

/** A server that {@link listen} started. */
export interface Listening {
  /** The origin, such as `http://127.0.0.1:8080`, or `https://…` with {@link ListenOptions.tls}. The API is at `/api` and `/api/v3`. */
  readonly url: string;
  /** The port. */
  readonly port: number;
  /** The certificate as PEM, for clients that should trust it. Only with {@link ListenOptions.tls}. */
  readonly cert?: string | undefined;
  /** Closes all connections and stops the server. */
  close(): Promise<void>;
}

/**
 * The simulator's settings. By default it behaves as NetApp documents Deploy.
 *
 * The names of hosts and clusters select built-in jobs. A job fails if the name begins with `unreachable`, `unlicensed`,
 * `silent` (no reason) or `mute` (no message). It passes through an extra state if the name begins with `paused`.
 *
 * @example
 * ```ts
 * const failsAt80 = { path: "/clusters/*\/deploy", steps: [
 *   { state: "running", message: "80 %" },
 *   { state: "failure", message: "The datastore is full.", afterMs: 1_000 },
 * ] };
 * createSimulator({ stepMs: 20, scripts: [failsAt80] });
 * ```
 */
export interface Config {
  /** The account's user name. Default `admin`. */
  username?: string | undefined;
  /** The account's password. Default `Netapp1!`. */
  password?: string | undefined;
  /** A bearer token that also grants access. Default none. */
  bearer?: string | undefined;
  /** The seed for job ids, request ids and the probability of rules. Default 1. */
  seed?: number | undefined;
  /** The VM's clock when the simulator starts, in milliseconds since 1970. Default 2019-04-04T15:41:29.140Z. */
  epochMs?: number | undefined;
  /** Jumps of the VM's clock, backwards or forwards. Default none. */
  clockSteps?: ClockStep[] | undefined;
  /** The format of `last_modified`. With `seconds` and `constant`, long polls miss changes. Default `micros`. */
  stamp?: "micros" | "offset" | "seconds" | "constant" | undefined;
  /** Duration of one step of a built-in job, in milliseconds. Default 1000. */
  stepMs?: number | undefined;
  /** `>=` means "at or after", so a poll for an unchanged job returns at once. Default false: "after". */
  inclusive?: boolean | undefined;
  /** The response to a long poll when its time is over. Default `record`: the unchanged job. */
  timedOut?: "record" | "noRecord" | "nullRecord" | "emptyBody" | "noContent" | "notModified" | undefined;
  /** The largest accepted `poll_timeout`, in seconds. Default 120. */
  maxPollTimeout?: number | undefined;
  /** The response to a call that starts a job. */
  accept?: Accept | undefined;
  /** The format of job ids: like a UUID, with characters that need percent-encoding, or a JSON number. Default `opaque`. */
  jobId?: "opaque" | "awkward" | "numeric" | undefined;
  /** Sends states in upper case. Default false. */
  upperCase?: boolean | undefined;
  /** An extra state, such as `paused`, that every job passes through. Default none. */
  extraState?: string | undefined;
  /** Removes a finished job after this many milliseconds. Default never. */
  purgeMs?: number | undefined;
  /** Polls for a new job get 404 for this many milliseconds after its 202. Default 0. */
  visibleAfterMs?: number | undefined;
  /** Ignores unknown names in `fields`, `order_by` and filters. Default false: 400. */
  ignoreUnknownFields?: boolean | undefined;
  /**
   * Sends a job's `last_modified` only if `fields` names it, and responds at once to a long poll with the cursor `None`.
   * Default false: always sends it, like `id`, and rejects `None`.
   */
  lastModifiedOnlyWhenNamed?: boolean | undefined;
  /**
   * Rejects unknown members of a body, and unknown query parameters of a changing call, with 400. Default false: ignores
   * them.
   */
  refuseUnknownMembers?: boolean | undefined;
  /** The response body of a synchronous call without output. Default `object`: `{}`. */
  noOutput?: "object" | "null" | undefined;
  /** The status for a host that already exists. Default 400. */
  duplicateHostStatus?: number | undefined;
  /** When a new host, credential or backup becomes readable. Default `accepted`: with the 202. */
  objectsAppear?: "accepted" | "succeeded" | undefined;
  /**
   * A new host needs a credential: in its own record, or a stored one of type `vcenter` for its management server or of
   * type `host` for itself. Default false.
   */
  needCredentials?: boolean | undefined;
  /** Stored logins. Default none. */
  credentials?: StoredCredential[] | undefined;
  /** Networks, pools and disks of hosts. The first profile that matches a host's name applies. Default: built-in values. */
  hosts?: HostProfile[] | undefined;
  /** Accepts any network, pool or disk name on hosts without a profile in {@link Config.hosts}. Default true. */
  openHosts?: boolean | undefined;
  /** Versions of the available ONTAP images. Default: a range from 9.4 to 9.19.1. */
  images?: string[] | undefined;
  /** Capacity of an uploaded license, in terabytes (2⁴⁰ bytes). Default 50. */
  uploadedLicenseTb?: number | undefined;
  /** Maximum capacity of a node without a license, in terabytes (2⁴⁰ bytes). Default no limit. */
  evaluationTb?: number | undefined;
  /** Stored licenses. Default `320000001` (2 TB) and `320000002` (50 TB). */
  licenses?: License[] | undefined;
  /** Scripts that replace the built-in jobs. The first match applies. */
  scripts?: Script[] | undefined;
  /** Faults for some requests. The first rule that fires applies. {@link Simulator.addRule} adds more. */
  rules?: Rule[] | undefined;
  /** The number of latest requests that the log keeps. Default 10 000. */
  logLimit?: number | undefined;
}

/** A jump of the VM's clock by {@link ClockStep.byMs}, at the simulator's time {@link ClockStep.atMs}. */
export interface ClockStep {
  /** Milliseconds since the simulator started. */
  atMs: number;
  /** Milliseconds; a negative value sets the clock back. */
  byMs: number;
}

/**
 * The networks, pools and disks of some hosts.
 *
 * @example
 * ```ts
 * const small: HostProfile = { name: "esx-*", networks: ["VM Network"], pools: [{ name: "ds1", availableCapacity: 2 ** 40 }] };
 * ```
 */
export interface HostProfile {
  /** The host's name; `*` matches any characters. Default any. */
  name?: string | undefined;
  /** The host is unreachable, so its job fails. Default false. */
  unreachable?: boolean | undefined;
  /** Names of its networks. Default: the built-in ones. */
  networks?: string[] | undefined;
  /** Its storage pools. Default: the built-in ones. */
  pools?: HostPool[] | undefined;
  /** Its disks. Default: the built-in ones. */
  disks?: HostDisk[] | undefined;
}

/** A storage pool of a host. */
export interface HostPool {
  /** Its name. */
  name: string;
  /** Free bytes before any cluster is deployed. */
  availableCapacity: number;
}

/** A disk of a host. */
export interface HostDisk {
  /** Its name. */
  name: string;
  /** Such as `SSD` or `NVME`. Default `SSD`. */
  deviceType?: string | undefined;
}

/** A stored login. Its password is always correct. */
export interface StoredCredential {
  /** The name of the vCenter or host. */
  hostname: string;
  /** The user name. */
  username: string;
  /** The login is for a vCenter, or for a host without a vCenter. */
  type: "vcenter" | "host";
}

/** A capacity license. */
export interface License {
  /** The serial number. */
  id: string;
  /** The capacity in terabytes (2⁴⁰ bytes). */
  capacityTb: number;
}

/** The response to a call that starts a job. */
export interface Accept {
  /** The status. Default 202; a real Deploy may send 200 or 201, too. */
  status?: number | undefined;
  /** The body. Default `full`; a client cannot follow the job with any other. */
  job?: "full" | "noId" | "nullJob" | "noJob" | "null" | "empty" | "text" | undefined;
  /** Whether the job has a `state`. Default true. */
  state?: boolean | undefined;
  /** Whether the job has a `last_modified`. Default true. */
  lastModified?: boolean | undefined;
  /** The job has already finished when the response is sent. Default false. */
  done?: boolean | undefined;
}

/**
 * A script replaces the built-in job of some calls. The call takes effect if the last step is `success`.
 *
 * @example
 * ```ts
 * const script: Script = { method: "POST", path: "/hosts", steps: [{ state: "queued" }, { state: "success", afterMs: 50 }] };
 * ```
 */
export interface Script {
  /** The call's method. Default any. */
  method?: string | undefined;
  /** The path below the base; `*` matches any characters: `/hosts/*`. Default any. */
  path?: string | undefined;
  /** The object's name; `*` matches any characters. Default any. */
  name?: string | undefined;
  /** The job's steps. The first is its initial state. Default: the built-in steps. */
  steps?: Step[] | undefined;
  /** The response to the call. Default {@link Config.accept}. */
  accept?: Accept | undefined;
}

/** One step of a job. */
export interface Step {
  /** The state as sent; `success` and `failure` end a job. */
  state: string;
  /** The message: a string or any JSON value. Leave it out to omit the message from the record. */
  message?: unknown;
  /** Milliseconds after the previous step. Default 0. */
  afterMs?: number | undefined;
  /** Keeps `last_modified` unchanged although the job has changed. Default false. */
  keepStamp?: boolean | undefined;
}

/**
 * A fault for some requests. The simulator tries the rules in order, and only the first that fires applies to the
 * request. Rules apply before the credentials are checked.
 *
 * @example
 * ```ts
 * simulator.addRule({ match: { method: "POST", path: "/hosts" }, count: 1, action: { kind: "reset" } });
 * ```
 */
export interface Rule {
  /** A name for the log. */
  name?: string | undefined;
  /** The requests that the rule applies to. Default all. */
  match?: Matcher | undefined;
  /** The number of matching requests to let pass first. Default 0. */
  skip?: number | undefined;
  /** The maximum number of times that the rule fires. Default no limit. */
  count?: number | undefined;
  /** The probability that it fires, 0 to 1, seeded by {@link Config.seed}. Default 1. */
  probability?: number | undefined;
  /**
   * Whether Deploy processes the request although its response is lost or replaced. Default false for `status`, `html`,
   * `redirect` and `restart`, true for the others.
   */
  processed?: boolean | undefined;
  /** The fault. */
  action: Action;
}

/** Selects requests. A missing member matches any request; `*` in `path` and `query` matches any characters. */
export interface Matcher {
  /** The method, such as `GET`. */
  method?: string | undefined;
  /** The decoded path below the base: `/jobs/*`. */
  path?: string | undefined;
  /** The raw, encoded query: `*fields=*last_modified*`. */
  query?: string | undefined;
  /** The polled job's id. */
  job?: string | undefined;
  /** The kind of poll. */
  poll?: PollKind | undefined;
}

/**
 * The fault of a rule. {@link Trouble} describes what the client sees for each kind.
 *
 * @example
 * ```ts
 * const reboot: Action = { kind: "restart", downMs: 90_000 };
 * ```
 */
export type Action = {
  [Kind in keyof Trouble]: {
    /** The kind of fault. */
    kind: Kind;
  } & Trouble[Kind];
}[keyof Trouble];

/**
 * The kinds of {@link Action} and their members.
 *
 * @example
 * ```ts
 * const oneOf: (keyof Trouble)[] = ["reset", "hang", "html"];
 * ```
 */
export interface Trouble {
  /** Responds with this status at once, even to a long poll. */
  status: {
    /** The HTTP status, 200 to 599. */
    status: number;
    /** Additional headers. */
    headers?: Record<string, string> | undefined;
    /** A string is sent as it is, any other value as JSON. Default none. */
    body?: unknown;
  };
  /** Responds with an HTML login page and status 200. */
  html: unknown;
  /** Responds with a redirect. */
  redirect: {
    /** Default 302. */
    status?: number | undefined;
    /** The target. */
    location: string;
  };
  /** Ends a long poll early, like a proxy with a timeout. */
  cut: {
    /** The timeout in milliseconds. */
    afterMs: number;
    /** The status of the response, such as 504. Default: the connection breaks without a response. */
    status?: number | undefined;
  };
  /** Delays the response. Its content is not updated during the delay. */
  delay: {
    /** Milliseconds. */
    ms: number;
  };
  /** Changes members of the response. */
  edit: {
    /** Maps a JSON pointer to a new value. */
    set?: Record<string, unknown> | undefined;
    /** JSON pointers to remove, such as `/record/state`. */
    remove?: string[] | undefined;
  };
  /** Appends spaces to the body. */
  huge: {
    /** The number of spaces. */
    bytes: number;
  };
  /** Breaks the connection before the response. */
  reset: unknown;
  /** Breaks every open connection, and each new one for `downMs`. Jobs continue. */
  restart: {
    /** The duration in milliseconds. */
    downMs: number;
  };
  /** Never responds. */
  hang: unknown;
  /** Breaks the connection in the middle of the body. */
  truncate: Cut;
  /** Stops sending in the middle of the body, but keeps the connection open. */
  stall: Cut;
  /** Sends the body in small chunks. */
  drip: Drip;
}

/** Where a body stops. */
export interface Cut {
  /** The number of bytes that are sent. */
  after: number;
}

/** The chunks of a slow body. */
export interface Drip {
  /** Bytes per chunk. */
  bytes: number;
  /** Milliseconds between chunks. */
  everyMs: number;
}

/** A standard poll returns at once. A long poll waits for a change. */
export type PollKind = "standard" | "long";

/** The members of a `Request` that the simulator needs. */
export interface IncomingRequest {
  /** The method, such as `GET`. */
  readonly method: string;
  /** The absolute address. */
  readonly url: string;
  /** Names and values. */
  readonly headers: Iterable<[string, string]>;
  /** The body's bytes. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Options of {@link Simulator.handle}. */
export interface HandleOptions {
  /** Abort it when the client disconnects. */
  signal?: AbortSignal | undefined;
  /** The raw path and query. Needed because `url` is normalized. */
  target?: string | undefined;
}

/** A response for your server to send. */
export interface Answer {
  /** The HTTP status. */
  status: number;
  /** Names and values. */
  headers: [string, string][];
  /** The body's bytes. */
  body: Uint8Array<ArrayBuffer>;
  /** How to send the body. */
  transport: Transport;
}

/** How to send a response. {@link Trouble} describes the kinds. */
export type Transport = {
  [Kind in keyof Journeys]: {
    /** The kind. */
    kind: Kind;
  } & Journeys[Kind];
}[keyof Journeys];

/** The kinds of {@link Transport} and their members. */
export interface Journeys extends Pick<Trouble, "reset" | "truncate" | "stall" | "drip"> {
  /** Send the whole response. */
  normal: unknown;
}

/**
 * One request in {@link Simulator.log}. Times are milliseconds since the simulator started.
 *
 * @example
 * ```ts
 * const polls = simulator.log().filter(({ poll }) => poll === "long");
 * ```
 */
export interface Entry {
  /** 1 for the first request. */
  number: number;
  /** When it arrived. */
  at: number;
  /** The method, such as `GET`. */
  method: string;
  /** The raw path and query. */
  target: string;
  /** `/api` or `/api/v3`; empty for any other path. */
  base: string;
  /** The decoded path below the base. */
  path: string;
  /** The decoded query. */
  query: [string, string][];
  /** Names in lower case. The values of `authorization` and `cookie` are hidden. */
  headers: [string, string][];
  /** Length of the body in bytes. */
  bodyBytes: number;
  /** Whether the credentials were accepted. */
  authorized: boolean;
  /** The id of the polled or started job. */
  job: string | null;
  /** The kind of poll. */
  poll: PollKind | null;
  /** The name of the rule that fired; `unnamed` if it has none. */
  rule: string | null;
  /** The response's status. */
  status: number | null;
  /** `open`: no response yet. `answered`: a response was sent. `reset`: a rule broke it. `gone`: the client left. */
  outcome: "open" | "answered" | "reset" | "gone";
  /** When it ended. */
  endedAt: number | null;
}

/** Polls for one job, or for all jobs. */
export interface JobCounters {
  /** Standard polls, which return at once. */
  standardPolls: number;
  /** Long polls, which wait for a change. */
  longPolls: number;
  /** Open polls. */
  openPolls: number;
  /** The most polls that were open at the same time. */
  maxOpenPolls: number;
}

/**
 * Totals since the simulator started.
 *
 * @example
 * ```ts
 * assert.equal(simulator.counters().received["POST /hosts"], 1, "sent once");
 * ```
 */
export interface Counters extends JobCounters {
  /** All requests. */
  requests: number;
  /** Polls by job id. */
  jobs: Record<string, JobCounters>;
  /** The number of each changing call: `{ "POST /hosts": 1 }`. */
  received: Record<string, number>;
  /** The number of responses by status. */
  statuses: Record<string, number>;
}
