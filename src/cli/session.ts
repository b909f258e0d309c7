// Runs one command with a client: its credential, time limits, signals, progress and exit code.

import {
  BadTokenError,
  type ClientEvent,
  DeployClient,
  DeployError,
  JobFailedError,
  type JobHandle,
  type JobSnapshot,
} from "../js/index.js";
import { type NodeFetchOptions, nodeFetch } from "../node/index.js";
import { hasChangedBefore } from "../workflows/changed.js";
import type { WorkflowProgress } from "../workflows/index.js";
import type { Arguments } from "./arguments.js";
import { readCredentials, readText } from "./files.js";
import { INCOMPLETE, Interrupted, judge, REFUSED, type Stage, SUCCESS, UNKNOWN } from "./outcome.js";
import { json, print, printError } from "./print.js";
import { type Progress, progressOn } from "./progress.js";
import { NAME, type Values } from "./table.js";
import { plain } from "./terminal.js";
import { UsageError } from "./usage.js";
import { type Base, readBase, readBytes, readHeader, readSpan, readTrust, type Trust } from "./values.js";

const REQUEST_TIMEOUT_MS = 30_000;
/** In bytes per millisecond: a megabyte per second. */
const SLOWEST_UPLOAD = 1_000;
// The longest timer in Node, about 24 days.
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The settings from which a client is made. */
export interface Connection {
  readonly base: Base;
  readonly headers: [string, string][];
  readonly timeout: number | undefined;
  /** The options that a later command needs to reach the same server, for a shell. */
  readonly flags: string;
  readonly quiet: boolean;
  /** `upload` is the number of bytes of files to send. It extends the time limit of a request. */
  open(progress: Progress, upload?: number): DeployClient;
  close(): Promise<void>;
  /** Whether a changing request was passed to the transport. */
  hasSent: boolean;
  /** Whether all responses so far had the status 404. */
  hasOnly404: boolean;
  /** Receives each event of the client before it is shown. */
  onEvent?: (event: ClientEvent) => void;
  /** Receives the number of bytes sent and the total while a body is sent. */
  onUpload?: (sent: number, total: number | undefined) => void;
}

export interface Session {
  readonly client: DeployClient;
  readonly progress: Progress;
  /** The signal of Ctrl-C, and the rest of --timeout, which is one deadline for the whole command. */
  limit(): { signal: AbortSignal; timeout: number };
  /** From now on an expired --timeout aborts like a signal, for work that the client does not limit. */
  limitByTimer(): void;
  /** Shows the job and stores it as the one that the command waits for. */
  onProgress(job: JobSnapshot): void;
  /** Stops drawing while the user answers a question. That time does not count towards --timeout. */
  aside<T>(work: () => Promise<T>): Promise<T>;
  /** The job that the command waits for. Its token is used if an error has none. */
  handle?: JobHandle | undefined;
}

/** Reads and checks the settings. Sends nothing. */
export function readConnection({ values }: Arguments): Connection {
  const base = readBase(values.base, process.env);
  const given = (values.header ?? []).map(readHeader);
  const timeout = readSpan("--timeout", values.timeout);
  const requestTimeout = readSpan("--request-timeout", values["request-timeout"]);
  const maxResponseBytes = readBytes("--max-response-bytes", values["max-response-bytes"]);
  const { auth, headers: secret } = readCredentials(values.credentials, process.env);
  const headers = [...given, ...secret];
  const trust = readTrust(values, process.env);
  const { ca, fingerprints, caFrom, fingerprintFrom } = trust;
  for (const [from, value] of [
    [caFrom, ca],
    [fingerprintFrom, fingerprints],
  ] as const) {
    if (value !== undefined && !/^https:/i.test(base.url))
      throw new UsageError(`${from}: needs https; ${base.from} does not start with https://`);
  }
  const forFetch: NodeFetchOptions = {
    ...(ca !== undefined && { ca: readText(caFrom, ca) }),
    ...(fingerprints !== undefined && { fingerprint256: fingerprints }),
    onUpload: ({ sent, total }) => connection.onUpload?.(sent, total),
  };
  const fetch = transport(forFetch, trust);
  const noting: typeof globalThis.fetch = (input, init) => {
    connection.hasSent ||= !/^(GET|HEAD)$/.test(init?.method ?? "GET");
    return fetch(input, init);
  };
  const options = {
    baseUrl: base.url,
    auth,
    headers,
    ...(maxResponseBytes !== undefined && { maxResponseBytes }),
    fetch: noting,
  };
  const connection: Connection = {
    base,
    headers,
    timeout,
    flags: flagsOf(values),
    quiet: values.quiet ?? false,
    hasSent: false,
    hasOnly404: true,
    open: ({ onEvent }, upload = 0) =>
      new DeployClient({
        ...options,
        onEvent: (event) => {
          if (event.type === "response") connection.hasOnly404 &&= event.status === 404;
          connection.onEvent?.(event);
          onEvent(event);
        },
        requestTimeout: requestTimeout ?? REQUEST_TIMEOUT_MS + upload / SLOWEST_UPLOAD,
      }),
    close: () => fetch.close(),
  };
  return connection;
}

/** Each with a leading space. */
function flagsOf({ base, credentials, ca, fingerprint = [] }: Values): string {
  const flags: [string, string | undefined][] = [
    ["--base", base],
    ["--credentials", credentials],
    ["--ca", ca],
    ...fingerprint.map((value): [string, string] => ["--fingerprint", value]),
  ];
  return flags.map(([name, value]) => (value === undefined ? "" : ` ${name} ${quoted(value)}`)).join("");
}

/** Quotes a value for a shell if it needs quotes. */
function quoted(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

/** The `fetch` of the command. It throws a UsageError for a bad CA file, fingerprint or proxy address. */
function transport(
  options: NodeFetchOptions,
  { ca, caFrom, fingerprintFrom }: Trust,
): ReturnType<typeof nodeFetch> {
  try {
    return nodeFetch(options);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(
      error.message.replace(/^fingerprint256:/, `${fingerprintFrom}:`).replace(/^ca:/, `${caFrom}: ${ca}:`),
    );
  }
}

/** What is known about a command before it runs. */
export interface Task {
  /** What the progress line shows before the first change. */
  readonly what: string;
  /** Whether it may change something on the server. */
  readonly changing: boolean;
  /** Whether repeating the command is safe. */
  readonly repeatable?: boolean;
  /** The kind of path that the command expects, for the error message. */
  readonly expects?: string;
  /** The number of bytes of files that it sends. */
  readonly upload?: number;
  /** Whether it has several steps and continues where the last run stopped. */
  readonly resumable?: boolean;
}

export const A_COLLECTION = "the path of a collection, such as /clusters";
export const AN_OBJECT = "the path of one object, such as /clusters/ID";

/** A read. The query is not shown, because it may contain secrets. */
export const reading = (path: string): Task => ({ what: `GET ${path.split("?")[0]}`, changing: false });

/** Runs a command and returns its exit code. `work` returns what is printed on success. */
export async function inSession(
  connection: Connection,
  task: Task,
  work: (session: Session) => Promise<string>,
): Promise<number> {
  const progress = progressOn(process.stderr, plain(task.what), connection.quiet);
  const leaving = interruption();
  const { limit, aside } = waitLimit(connection.timeout, leaving.signal);
  let session: Session | undefined;
  try {
    const client = connection.open(progress, task.upload);
    session = {
      client,
      progress,
      limit,
      limitByTimer: () => leaving.after(limit().timeout, "--timeout expired"),
      onProgress: (job) => {
        if (session && session.handle?.id !== job.id) session.handle = client.job(job.id);
        progress.onProgress(job);
      },
      aside: (work) => aside(() => progress.aside(work)),
    };
    const text = await work(session);
    progress.end();
    print(text);
    return SUCCESS;
  } catch (error) {
    progress.end();
    if (error instanceof UsageError) throw error;
    const handle = session?.handle;
    if (handle === undefined) refuseUsage(error, connection.base);
    const { hasSent, hasOnly404, flags, base } = connection;
    const wrongBase = hasOnly404 && !hasUsualPath(base) ? base.from : undefined;
    return failed(error, { ...task, hasSent, flags, wrongBase }, handle);
  } finally {
    progress.end();
    leaving.end();
    session?.client.close();
    connection.close().catch(() => {});
  }
}

/** Whether the address ends with one of Deploy's paths. */
function hasUsualPath({ url }: Base): boolean {
  return /^\/api(\/v3)?\/*$/.test(new URL(url).pathname);
}

/** Rewrites the client's own argument errors so that they name the options of the command line. */
function refuseUsage(error: unknown, { from }: Base): void {
  if (!(error instanceof TypeError || error instanceof RangeError || error instanceof BadTokenError)) return;
  throw new UsageError(
    error.message
      .replace(/^baseUrl/, from)
      .replace(
        /^params\.([^:]*): expected a string.*/,
        "the path contains {$1}, which has no value; pass --param $1=VALUE",
      )
      .replace(/^params\.([^:]*):/, "--param: $1:")
      .replace(/, or set allowInsecure.*/, "")
      .replace("expected a value from serialize()", "copy all of it from the output of the earlier command")
      .replace(/^nodes:/, "--node:")
      .replace(/^file:/, "license add:")
      .replace(
        /^ontap: expected (.*)/,
        "license add: expected $1; set CLUSTER_PASSWORD or pass --password-file FILE",
      ),
  );
}

/** One deadline for the call and the job together. */
function waitLimit(
  timeout = Number.POSITIVE_INFINITY,
  signal: AbortSignal,
): Pick<Session, "limit" | "aside"> {
  let deadline = performance.now() + timeout;
  return {
    limit: () => ({ signal, timeout: Math.max(1, deadline - performance.now()) }),
    aside: async (work) => {
      const began = performance.now();
      try {
        return await work();
      } finally {
        deadline += performance.now() - began;
      }
    },
  };
}

const CONTINUE =
  "To continue, run the same command again: it skips finished steps and waits for a job that is still running.";

/** The finished steps and the advice in a workflow's error. */
function workflowOf(error: unknown): Partial<WorkflowProgress> {
  return (error as { workflow?: WorkflowProgress } | undefined)?.workflow ?? {};
}

interface Interruption {
  readonly signal: AbortSignal;
  after(ms: number, why: string): void;
  end(): void;
}

/** The first signal ends the wait. The second one ends the process. */
function interruption(): Interruption {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const leave = (name: NodeJS.Signals) => {
    end();
    controller.abort(new Interrupted(`stopped by ${name}`));
  };
  const end = () => {
    clearTimeout(timer);
    for (const name of SIGNALS) process.off(name, leave);
  };
  for (const name of SIGNALS) process.on(name, leave);
  const after = (ms: number, why: string) => {
    if (ms <= LONGEST_TIMER_MS) timer = setTimeout(() => controller.abort(new Interrupted(why)), ms);
  };
  return { signal: controller.signal, after, end };
}

function failed(
  error: unknown,
  task: Task & Pick<Stage, "hasSent" | "wrongBase"> & Pick<Connection, "flags">,
  handle: JobHandle | undefined,
): number {
  const hasJob = handle?.id !== undefined;
  const { said, isOver, ...judged } = judge(error, {
    ...task,
    hasJob,
    hasShown: handle?.latest !== undefined,
  });
  const code = judged.code === REFUSED && hasChangedBefore(error) ? INCOMPLETE : judged.code;
  const { steps, advice } = workflowOf(error);
  if (error instanceof JobFailedError)
    print(json({ ...handle?.response, job: error.job, ...(steps && { steps }) }));
  printError(plain(said));
  if (advice !== undefined) process.stderr.write(`${plain(advice)}\n`);
  else if (task.resumable && code === UNKNOWN) process.stderr.write(`${CONTINUE}\n`);
  const token = (error instanceof DeployError && error.token) || (hasJob && handle.serialize());
  if (code === UNKNOWN && token && !isOver)
    process.stderr.write(`To keep waiting: npx ${NAME} ${plain(`wait ${token}${task.flags}`)}\n`);
  return code;
}
