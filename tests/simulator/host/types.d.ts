/** What a simulator can be told. All optional; `Config` in the crate's documentation says what each means. */
export interface Config {
  username?: string;
  password?: string;
  bearer?: string;
  seed?: number;
  epochMs?: number;
  clockSteps?: { atMs: number; byMs: number }[];
  stamp?: "micros" | "offset" | "seconds" | "constant";
  stepMs?: number;
  inclusive?: boolean;
  timedOut?: "record" | "noRecord" | "nullRecord" | "emptyBody" | "noContent" | "notModified";
  maxPollTimeout?: number;
  accept?: Accept;
  jobId?: "opaque" | "awkward" | "numeric";
  upperCase?: boolean;
  extraState?: string;
  purgeMs?: number;
  visibleAfterMs?: number;
  ignoreUnknownFields?: boolean;
  lastModifiedOnlyWhenNamed?: boolean;
  licenses?: { id: string; capacityTb: number }[];
  scripts?: Script[];
  rules?: Rule[];
  logLimit?: number;
}

/** What a call that became a job answers. */
export interface Accept {
  status?: number;
  job?: "full" | "noId" | "nullJob" | "noJob" | "null" | "empty" | "text";
  state?: boolean;
  lastModified?: boolean;
  done?: boolean;
}

/** Another course for the jobs of some calls. */
export interface Script {
  method?: string;
  path?: string;
  name?: string;
  steps?: Step[];
  accept?: Accept;
}

/** One step of a job; `message` may be missing, null or anything else. */
export interface Step {
  state: string;
  message?: unknown;
  afterMs?: number;
  keepStamp?: boolean;
}

/** Trouble for some requests. */
export interface Rule {
  name?: string;
  match?: { method?: string; path?: string; query?: string; job?: string; poll?: PollKind };
  skip?: number;
  count?: number;
  probability?: number;
  processed?: boolean;
  action: Action;
}

export type Action =
  | { kind: "status"; status: number; headers?: Record<string, string>; body?: unknown }
  | { kind: "html" }
  | { kind: "redirect"; status?: number; location: string }
  | { kind: "cut"; afterMs: number; status?: number }
  | { kind: "delay"; ms: number }
  | { kind: "edit"; set?: Record<string, unknown>; remove?: string[] }
  | { kind: "huge"; bytes: number }
  | { kind: "reset" }
  | { kind: "restart"; downMs: number }
  | { kind: "hang" }
  | { kind: "truncate"; after: number }
  | { kind: "stall"; after: number }
  | { kind: "drip"; bytes: number; everyMs: number };

export type PollKind = "standard" | "long";

/** What happens to an answer's bytes on their way. */
export type Transport =
  | { kind: "normal" }
  | { kind: "reset" }
  | { kind: "truncate"; after: number }
  | { kind: "stall"; after: number }
  | { kind: "drip"; bytes: number; everyMs: number };

/** An answer, for a host to carry out. */
export interface Answer {
  status: number;
  headers: [string, string][];
  body: Uint8Array<ArrayBuffer>;
  transport: Transport;
}

/** One request, as the log has it. Times are milliseconds since the simulator began. */
export interface Entry {
  number: number;
  at: number;
  method: string;
  target: string;
  base: string;
  path: string;
  query: [string, string][];
  headers: [string, string][];
  bodyBytes: number;
  authorized: boolean;
  job: string | null;
  poll: PollKind | null;
  rule: string | null;
  status: number | null;
  outcome: "open" | "answered" | "reset" | "gone";
  endedAt: number | null;
}

export interface JobCounters {
  standardPolls: number;
  longPolls: number;
  openPolls: number;
  maxOpenPolls: number;
}

export interface Counters extends JobCounters {
  requests: number;
  jobs: Record<string, JobCounters>;
  /** How often each changing call was received: `{"POST /hosts": 1}`. */
  received: Record<string, number>;
  statuses: Record<string, number>;
}

/** Where the time comes from. */
export interface Clock {
  now(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export interface SimulatorOptions {
  /** Default: the runtime's monotonic clock and timers. */
  clock?: Clock;
  /** The machine's wasm. Needed outside Node, and read once for all simulators. */
  wasm?: BufferSource | WebAssembly.Module;
  /** What relative addresses are resolved against. Default `https://deploy.example.com`. */
  origin?: string;
}

/** What is needed of a `Request`. */
export interface IncomingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Iterable<[string, string]>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

export interface HandleOptions {
  /** Aborted when the client goes away. */
  signal?: AbortSignal;
  /** Path and raw query as they came over the wire; `url` has been normalised. */
  target?: string;
}

export interface Simulator {
  /** A `fetch` without sockets. Bound: it can be passed around. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** For a host of its own: the answer with the way it is to travel. */
  handle(request: IncomingRequest, options?: HandleOptions): Promise<Answer>;
  addRule(rule: Rule): void;
  clearRules(): void;
  setCredentials(credentials: { username: string; password: string; bearer?: string }): void;
  log(): Entry[];
  counters(): Counters;
  /** Ends every open request with an error and clears the timer. The log stays readable. */
  close(): void;
}
