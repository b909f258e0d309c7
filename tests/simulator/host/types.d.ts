/**
 * A simulated ONTAP Select Deploy for tests: as a `fetch` without sockets, which runs wherever the package
 * does and follows fake timers, and as a server in Node. It shares no code with the client.
 *
 * @module ontap-select-deploy/simulator
 */

/**
 * A Deploy in this process, without sockets. Its time begins at 0 and passes by the runtime's own clock and
 * timers, fake ones included, or by {@link SimulatorOptions.clock}. A timer runs only while a request waits
 * for its answer, so a job under way keeps no process alive.
 *
 * The account is `admin` / `Netapp1!` unless `config` says otherwise.
 *
 * @throws Error that names the setting, when `config` holds an unknown name or a value out of range.
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
 * A clock that stands still until it is told to go on. For tests that call {@link Simulator.fetch}
 * themselves; a client has timers of its own, so for a client's tests take fake timers.
 *
 * @example
 * ```ts
 * const clock = createVirtualClock();
 * const simulator = createSimulator({ stepMs: 60_000 }, { clock });
 * const answer = simulator.fetch("/api/jobs/7?fields=state");
 * await clock.advance(60_000);
 * ```
 */
export declare function createVirtualClock(): VirtualClock;

/**
 * Puts a simulator behind HTTP/1.1, below `/api` and `/api/v3`, over TLS with {@link ListenOptions.tls}. Without
 * CORS, as Deploy is: a page is served from the same origin, by {@link ListenOptions.app} or through a proxy. In Node, Deno and Bun only;
 * elsewhere it rejects.
 *
 * The simulator stays open when the server closes.
 *
 * @throws Error when no port of those asked for is free, or when openssl, which `tls: true` needs, is not there.
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
  /** A `fetch` without sockets. Bound: it can be passed around. It follows no redirect. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** For a host of your own: the answer, with the way it is to travel. Waits as long as Deploy would. */
  handle(request: IncomingRequest, options?: HandleOptions): Promise<Answer>;
  /** Adds trouble; throws an Error that names what is wrong with the rule. */
  addRule(rule: Rule): void;
  /** Takes all rules away. */
  clearRules(): void;
  /** Replaces the account and the bearer token: what was accepted before gets 401. */
  setCredentials(credentials: Credentials): void;
  /** The requests so far, without credentials and bodies. */
  log(): Entry[];
  /** Totals so far. */
  counters(): Counters;
  /** Ends every open request with an error and clears the timer. The log stays readable. */
  close(): void;
}

/** Whom {@link Simulator.setCredentials} lets in. */
export interface Credentials {
  /** User name of the one account. */
  username: string;
  /** Its password. */
  password: string;
  /** A bearer token that is accepted beside the account. */
  bearer?: string | undefined;
}

/**
 * How {@link createSimulator} is made to run.
 *
 * @example
 * ```ts
 * createSimulator({}, { origin: location.origin });
 * ```
 */
export interface SimulatorOptions {
  /** Default: the runtime's `performance`, `Date` and timers, looked up at each use, so that fake ones count. */
  clock?: Clock | undefined;
  /** What relative addresses are resolved against. Default `https://deploy.example.com`. */
  origin?: string | undefined;
}

/** Where the time comes from. */
export interface Clock {
  /** Milliseconds since any fixed moment. */
  now(): number;
  /** Calls back after so many milliseconds. */
  setTimeout(callback: () => void, ms: number): unknown;
  /** Takes what `setTimeout` gave; of what is over, or `undefined`, nothing comes. */
  clearTimeout(timer: unknown): void;
}

/** What {@link createVirtualClock} gives. */
export interface VirtualClock extends Clock {
  /** Lets so many milliseconds pass: fires what is due, in order, and lets promises settle after each. */
  advance(ms: number): Promise<void>;
  /** How many timers are set. */
  pending(): number;
}

/**
 * Where {@link listen} listens.
 *
 * @example
 * ```ts
 * await listen(simulator, { port: 8080, attempts: 10, app: { folders: { "/": "dist" } } });
 * ```
 */
export interface ListenOptions {
  /** Default `127.0.0.1`. */
  host?: string | undefined;
  /** Default 0: any free one. */
  port?: number | undefined;
  /** How many ports to try, from `port` upwards. Default 1. */
  attempts?: number | undefined;
  /**
   * Serves https, as a real Deploy does. `true`: with a self-signed certificate that openssl makes for this
   * server; else a key and a certificate as PEM. Default: http.
   */
  tls?: boolean | TlsIdentity | undefined;
  /** Files beside the API, which keeps `/api`: a console's own page, for tests in a browser. */
  app?: ServedFiles | undefined;
}

/** What a server shows of itself over TLS. */
export interface TlsIdentity {
  /** The private key, as PEM. */
  key: string;
  /** Its certificate, with those that signed it behind it, as PEM. */
  cert: string;
}

/** Files that {@link listen} serves. */
export interface ServedFiles {
  /** From a path such as `/` or `/dist` to the folder that is served there; the longest path counts. */
  folders: Record<string, string>;
  /** Sent with each file, such as a Content-Security-Policy. */
  headers?: Record<string, string> | undefined;
}

/** A server that {@link listen} started. */
export interface Listening {
  /** Its origin, such as `http://127.0.0.1:8080`, or `https://…` with {@link ListenOptions.tls}; the API is below `/api` and `/api/v3`. */
  readonly url: string;
  /** Its port. */
  readonly port: number;
  /** Its certificate as PEM, for clients that are to trust it; with {@link ListenOptions.tls} only. */
  readonly cert?: string | undefined;
  /** Breaks open connections and ends the server. */
  close(): Promise<void>;
}

/**
 * What a simulator can be told. All optional: the default is a Deploy that behaves as NetApp documents it.
 *
 * Without any setting, names decide: a host or cluster whose name begins with `unreachable`, `unlicensed`,
 * `silent` (no reason given) or `mute` (no message at all) fails, one with `paused` takes a detour.
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
  /** User name of the one account. Default `admin`. */
  username?: string | undefined;
  /** Its password. Default `Netapp1!`. */
  password?: string | undefined;
  /** A bearer token that is accepted beside the account. Default none. */
  bearer?: string | undefined;
  /** Seeds job ids, request ids and the probability of rules. Default 1. */
  seed?: number | undefined;
  /** The VM's clock at the simulator's time 0, in milliseconds since 1970. Default 2019-04-04T15:41:29.140Z. */
  epochMs?: number | undefined;
  /** Jumps of the VM's clock, back or forth. Default none. */
  clockSteps?: ClockStep[] | undefined;
  /** How stamps are written; with `seconds` and `constant`, long polls miss changes. Default `micros`. */
  stamp?: "micros" | "offset" | "seconds" | "constant" | undefined;
  /** Milliseconds that one step of a built-in job takes. Default 1000. */
  stepMs?: number | undefined;
  /** `>=` means "at or after": an unchanged job answers at once. Default false. */
  inclusive?: boolean | undefined;
  /** What a long poll answers when its time is over. Default `record`: the job as it is. */
  timedOut?: "record" | "noRecord" | "nullRecord" | "emptyBody" | "noContent" | "notModified" | undefined;
  /** Largest `poll_timeout` that is accepted, in seconds. Default 120. */
  maxPollTimeout?: number | undefined;
  /** What a call that became a job answers. */
  accept?: Accept | undefined;
  /** The form of job ids: like a UUID, in need of percent-encoding, or a JSON number. Default `opaque`. */
  jobId?: "opaque" | "awkward" | "numeric" | undefined;
  /** States go out in upper case. Default false. */
  upperCase?: boolean | undefined;
  /** A further state, such as `paused`, that every job passes through on its way. Default none. */
  extraState?: string | undefined;
  /** A finished job is forgotten after this many milliseconds. Default never. */
  purgeMs?: number | undefined;
  /** A job answers 404 for this many milliseconds after its 202. Default 0. */
  visibleAfterMs?: number | undefined;
  /** A name in `fields`, in `order_by` or in a filter that no object of the kind has is ignored. Default false: 400. */
  ignoreUnknownFields?: boolean | undefined;
  /**
   * A job's `last_modified` comes only where `fields` names it, and a long poll since `None` is answered at
   * once. Default false: it comes unasked, as `id` does, and `None` is refused.
   */
  lastModifiedOnlyWhenNamed?: boolean | undefined;
  /**
   * A member of a body, or a query parameter of a call that changes something, is refused with 400 if the call
   * does not know it. Default false: it is ignored.
   */
  refuseUnknownMembers?: boolean | undefined;
  /** The body of a call that is done at once and has no output. Default `object`: `{}`. */
  noOutput?: "object" | "null" | undefined;
  /** Status for a host that is registered already. Default 400. */
  duplicateHostStatus?: number | undefined;
  /** From when on a host, a credential or a backup can be read. Default `accepted`: from the 202 on. */
  objectsAppear?: "accepted" | "succeeded" | undefined;
  /**
   * A host needs a credential: its own, or one that is stored, of type `vcenter` for its management server and else of
   * type `host` for itself. Default false.
   */
  needCredentials?: boolean | undefined;
  /** Logins that the VM holds. Default none. */
  credentials?: StoredCredential[] | undefined;
  /** What hosts have; the first description that fits a host's name counts. Default none: all have the usual. */
  hosts?: HostProfile[] | undefined;
  /** A host that {@link Config.hosts} does not describe takes any name of a network, pool or disk. Default true. */
  openHosts?: boolean | undefined;
  /** ONTAP images that the VM holds, by version. Default a range from 9.4 to 9.19.1. */
  images?: string[] | undefined;
  /** Terabytes (2⁴⁰ bytes) that an uploaded licence covers. Default 50. */
  uploadedLicenseTb?: number | undefined;
  /** Terabytes that a node without a licence may have. Default no limit. */
  evaluationTb?: number | undefined;
  /** Licences that the VM holds. Default `320000001` (2 TB) and `320000002` (50 TB). */
  licenses?: License[] | undefined;
  /** Jobs that take another course than the built-in one; the first that matches counts. */
  scripts?: Script[] | undefined;
  /** Trouble on the way; the first that fires counts. {@link Simulator.addRule} adds more. */
  rules?: Rule[] | undefined;
  /** Requests that the log keeps, the latest ones. Default 10 000. */
  logLimit?: number | undefined;
}

/** From the simulator's time {@link ClockStep.atMs} on, the VM's clock is off by a further {@link ClockStep.byMs}. */
export interface ClockStep {
  /** When, in milliseconds since the simulator began. */
  atMs: number;
  /** How far, in milliseconds; negative sets the clock back. */
  byMs: number;
}

/**
 * What some hosts have. A host that is described has nothing else.
 *
 * @example
 * ```ts
 * const small: HostProfile = { name: "esx-*", networks: ["VM Network"], pools: [{ name: "ds1", availableCapacity: 2 ** 40 }] };
 * ```
 */
export interface HostProfile {
  /** Name of the host, `*` for any run of characters. Default any. */
  name?: string | undefined;
  /** It cannot be reached: its job fails. Default false. */
  unreachable?: boolean | undefined;
  /** Names of its networks. Default the usual ones. */
  networks?: string[] | undefined;
  /** Its storage pools. Default the usual ones. */
  pools?: HostPool[] | undefined;
  /** Its disks. Default the usual ones. */
  disks?: HostDisk[] | undefined;
}

/** A storage pool of a host. */
export interface HostPool {
  /** Its name. */
  name: string;
  /** Bytes that are free before any cluster is deployed. */
  availableCapacity: number;
}

/** A disk of a host. */
export interface HostDisk {
  /** Its name. */
  name: string;
  /** `SSD`, `NVME` and so on. Default `SSD`. */
  deviceType?: string | undefined;
}

/** A login that the VM holds. Its password is right. */
export interface StoredCredential {
  /** The vCenter or the host that it is for. */
  hostname: string;
  /** The user's name. */
  username: string;
  /** Whose it is: of a vCenter, or of a host that no vCenter manages. */
  type: "vcenter" | "host";
}

/** A capacity licence. */
export interface License {
  /** Serial number, which is its id. */
  id: string;
  /** Terabytes (2⁴⁰ bytes) that it covers. */
  capacityTb: number;
}

/** What a call that became a job answers. */
export interface Accept {
  /** Default 202; 200 and 201 occur for the same calls. */
  status?: number | undefined;
  /** What stands in the body. Default `full`; no other can be followed. */
  job?: "full" | "noId" | "nullJob" | "noJob" | "null" | "empty" | "text" | undefined;
  /** Whether the job has its `state`. Default true. */
  state?: boolean | undefined;
  /** Whether the job has its `last_modified`. Default true. */
  lastModified?: boolean | undefined;
  /** The job is already at its end when the answer goes out. Default false. */
  done?: boolean | undefined;
}

/**
 * Another course for the jobs of some calls. What the call is for takes effect when the last step is `success`.
 *
 * @example
 * ```ts
 * const script: Script = { method: "POST", path: "/hosts", steps: [{ state: "queued" }, { state: "success", afterMs: 50 }] };
 * ```
 */
export interface Script {
  /** Method of the call. Default any. */
  method?: string | undefined;
  /** Path below the base, `*` for any run of characters: `/hosts/*`. Default any. */
  path?: string | undefined;
  /** Name of the object, `*` as above. Default any. */
  name?: string | undefined;
  /** The job's course, the first step being its state at the start. Default: the built-in course. */
  steps?: Step[] | undefined;
  /** What the call answers. Default {@link Config.accept}. */
  accept?: Accept | undefined;
}

/** One step of a job. */
export interface Step {
  /** The state, as it is written on the wire; `success` and `failure` end a job. */
  state: string;
  /** The message: a text, any other JSON value, or left out when it is to be missing from the record. */
  message?: unknown;
  /** Milliseconds after the step before. Default 0. */
  afterMs?: number | undefined;
  /** The stamp does not move, although something changed. Default false. */
  keepStamp?: boolean | undefined;
}

/**
 * Trouble for some requests. Rules are tried in order on each request; the first that fires is the only one
 * for it. They see a request before the VM does, credential or not.
 *
 * @example
 * ```ts
 * simulator.addRule({ match: { method: "POST", path: "/hosts" }, count: 1, action: { kind: "reset" } });
 * ```
 */
export interface Rule {
  /** Shown in the log beside the requests that met the rule. */
  name?: string | undefined;
  /** Which requests. Default all. */
  match?: Matcher | undefined;
  /** How many matching requests pass untouched first. Default 0. */
  skip?: number | undefined;
  /** How often the rule fires at most. Default no limit. */
  count?: number | undefined;
  /** How likely it fires, 0 to 1, drawn from {@link Config.seed}. Default 1. */
  probability?: number | undefined;
  /**
   * Whether the VM acts on the request although its answer is lost or replaced. Default false for `status`,
   * `html`, `redirect` and `restart`, true for the others.
   */
  processed?: boolean | undefined;
  /** What happens. */
  action: Action;
}

/** What a request must be to meet a rule; what is absent fits all. `*` in `path` and `query` is any run of characters. */
export interface Matcher {
  /** `GET`, `POST` and so on. */
  method?: string | undefined;
  /** Decoded path below the base: `/jobs/*`. */
  path?: string | undefined;
  /** The raw query, nothing decoded: `*fields=*last_modified*`. */
  query?: string | undefined;
  /** The job asked for. */
  job?: string | undefined;
  /** How the job is asked for. */
  poll?: PollKind | undefined;
}

/**
 * What happens to a request that meets a rule; {@link Trouble} says what the client sees of each kind.
 *
 * @example
 * ```ts
 * const reboot: Action = { kind: "restart", downMs: 90_000 };
 * ```
 */
export type Action = {
  [Kind in keyof Trouble]: {
    /** Which kind. */
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
  /** This answer, at once even for a long poll. */
  status: {
    /** The HTTP status, 200 to 599. */
    status: number;
    /** Added to the answer. */
    headers?: Record<string, string> | undefined;
    /** A string goes out as it is, any other value as JSON. Default none. */
    body?: unknown;
  };
  /** A login page with status 200. */
  html: unknown;
  /** A redirect. */
  redirect: {
    /** Default 302. */
    status?: number | undefined;
    /** Where to. */
    location: string;
  };
  /** What a proxy does whose patience ends: a long poll that takes longer is broken off. */
  cut: {
    /** Milliseconds that it waits. */
    afterMs: number;
    /** What it answers then, such as 504. Default: nothing, the connection breaks. */
    status?: number | undefined;
  };
  /** The answer comes later, and tells what was true when it was made. */
  delay: {
    /** Milliseconds. */
    ms: number;
  };
  /** The answer with members changed. */
  edit: {
    /** From JSON pointer to new value. */
    set?: Record<string, unknown> | undefined;
    /** JSON pointers, such as `/record/state`. */
    remove?: string[] | undefined;
  };
  /** Blanks after the body. */
  huge: {
    /** How many. */
    bytes: number;
  };
  /** The connection breaks before the answer. */
  reset: unknown;
  /** Every open connection breaks, and each new one for a while; jobs go on. */
  restart: {
    /** Milliseconds. */
    downMs: number;
  };
  /** Nothing, ever. */
  hang: unknown;
  /** The connection breaks in the middle of the body. */
  truncate: Cut;
  /** Nothing more comes from the middle of the body on. */
  stall: Cut;
  /** The body in small pieces. */
  drip: Drip;
}

/** Where a body ends early. */
export interface Cut {
  /** Bytes of the body that come. */
  after: number;
}

/** How a body comes in pieces. */
export interface Drip {
  /** Bytes of a piece. */
  bytes: number;
  /** Milliseconds between pieces. */
  everyMs: number;
}

/** How a client asks for a job: at once, or to be told of a change. */
export type PollKind = "standard" | "long";

/** What is needed of a `Request`. */
export interface IncomingRequest {
  /** `GET`, `POST` and so on. */
  readonly method: string;
  /** The absolute address. */
  readonly url: string;
  /** Pairs of name and value. */
  readonly headers: Iterable<[string, string]>;
  /** The body's bytes. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** How {@link Simulator.handle} takes a request. */
export interface HandleOptions {
  /** Aborted when the client goes away. */
  signal?: AbortSignal | undefined;
  /** Path and raw query as they came over the wire; `url` has been normalised. */
  target?: string | undefined;
}

/** An answer, for a host to carry out. */
export interface Answer {
  /** The HTTP status. */
  status: number;
  /** Pairs of name and value. */
  headers: [string, string][];
  /** The body's bytes. */
  body: Uint8Array<ArrayBuffer>;
  /** What happens to them on their way. */
  transport: Transport;
}

/** What happens to an answer's bytes on their way, as {@link Trouble} says it. */
export type Transport = {
  [Kind in keyof Journeys]: {
    /** Which kind. */
    kind: Kind;
  } & Journeys[Kind];
}[keyof Journeys];

/** The kinds of {@link Transport} and their members. */
export interface Journeys extends Pick<Trouble, "reset" | "truncate" | "stall" | "drip"> {
  /** They arrive. */
  normal: unknown;
}

/**
 * One request, as {@link Simulator.log} has it. Times are milliseconds since the simulator began.
 *
 * @example
 * ```ts
 * const polls = simulator.log().filter(({ poll }) => poll === "long");
 * ```
 */
export interface Entry {
  /** 1 for the first request. */
  number: number;
  /** When it came. */
  at: number;
  /** `GET`, `POST` and so on. */
  method: string;
  /** Path and query as they came. */
  target: string;
  /** `/api` or `/api/v3`; empty when the path is below neither. */
  base: string;
  /** Path below the base, decoded. */
  path: string;
  /** The query, decoded. */
  query: [string, string][];
  /** Names in lower case; the values of `authorization` and `cookie` are hidden. */
  headers: [string, string][];
  /** Length of the body. */
  bodyBytes: number;
  /** Whether the credential was right. */
  authorized: boolean;
  /** The job asked for, or the one that was started. */
  job: string | null;
  /** How a job was asked for. */
  poll: PollKind | null;
  /** Name of the rule that the request met; `unnamed` for one without. */
  rule: string | null;
  /** Status of the answer. */
  status: number | null;
  /** How it ended: still held, answered, broken by a rule, or left by the client. */
  outcome: "open" | "answered" | "reset" | "gone";
  /** When it ended. */
  endedAt: number | null;
}

/** Polls, of one job or of all. */
export interface JobCounters {
  /** Polls answered at once. */
  standardPolls: number;
  /** Polls that waited for a change. */
  longPolls: number;
  /** Polls without an answer so far. */
  openPolls: number;
  /** The most that were open at once. */
  maxOpenPolls: number;
}

/**
 * Totals since the simulator began.
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
  /** How often each changing call was received: `{ "POST /hosts": 1 }`. */
  received: Record<string, number>;
  /** How many answers had each status. */
  statuses: Record<string, number>;
}
