// One use of the client by a command: with its credential, limits, signals and progress, and with the exit code at its end.

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
import type { WorkflowProgress } from "../workflows/index.js";
import type { Arguments } from "./arguments.js";
import { readCredentials, readText } from "./files.js";
import { Interrupted, judge, type Stage, SUCCESS, UNKNOWN } from "./outcome.js";
import { json, print, printError } from "./print.js";
import { type Progress, progressOn } from "./progress.js";
import { NAME } from "./table.js";
import { plain } from "./terminal.js";
import { UsageError } from "./usage.js";
import { type Base, readBase, readBytes, readHeader, readSpan } from "./values.js";

const REQUEST_TIMEOUT_MS = 30_000;
/** Bytes in a millisecond: a megabyte in a second. */
const SLOWEST_UPLOAD = 1_000;
// No download takes longer.
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** All that a client needs. */
export interface Connection {
  readonly base: Base;
  readonly headers: [string, string][];
  readonly timeout: number | undefined;
  readonly quiet: boolean;
  /** `upload`: how many bytes of files a request is to send, which may take its time. */
  open(progress: Progress, upload?: number): DeployClient;
  close(): Promise<void>;
  /** Whether a request that changes something was given to the transport. */
  hasSent: boolean;
  /** Is called with each event of the client, before it is shown. */
  onEvent?: (event: ClientEvent) => void;
  /** Is called while a body goes out, with the bytes so far and all of them. */
  onUpload?: (sent: number, total: number | undefined) => void;
}

export interface Session {
  readonly client: DeployClient;
  readonly progress: Progress;
  /** The signal of Ctrl-C, and what is left of --timeout: one deadline for all that a command does. */
  limit(): { signal: AbortSignal; timeout: number };
  /** From now on the end of --timeout counts as a signal: for what the client itself does not limit. */
  limitByTimer(): void;
  /** Shows the job, and keeps it as the one that the command waits for. */
  onProgress(job: JobSnapshot): void;
  /** Leaves the terminal to a person: no progress is drawn, and the time does not count. */
  aside<T>(work: () => Promise<T>): Promise<T>;
  /** The job that a command waits for. Where an error does not tell the token, this does. */
  handle?: JobHandle | undefined;
}

/** Reads and checks it; nothing is sent yet. */
export function readConnection({ values }: Arguments): Connection {
  const base = readBase(values.base, process.env);
  const given = (values.header ?? []).map(readHeader);
  const timeout = readSpan("--timeout", values.timeout);
  const requestTimeout = readSpan("--request-timeout", values["request-timeout"]);
  const maxResponseBytes = readBytes("--max-response-bytes", values["max-response-bytes"]);
  const { auth, headers: secret } = readCredentials(values.credentials, process.env);
  const headers = [...given, ...secret];
  for (const option of ["ca", "fingerprint"] as const) {
    if (values[option] !== undefined && !/^https:/i.test(base.url))
      throw new UsageError(`--${option}: expected an address that begins with https: in ${base.from}`);
  }
  const { ca } = values;
  const forFetch: NodeFetchOptions = {
    ...(ca !== undefined && { ca: readText("--ca", ca) }),
    ...(values.fingerprint !== undefined && { fingerprint256: values.fingerprint }),
    onUpload: ({ sent, total }) => connection.onUpload?.(sent, total),
  };
  const fetch = transport(forFetch, ca);
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
    quiet: values.quiet ?? false,
    hasSent: false,
    open: ({ onEvent }, upload = 0) =>
      new DeployClient({
        ...options,
        onEvent: (event) => {
          connection.onEvent?.(event);
          onEvent(event);
        },
        requestTimeout: requestTimeout ?? REQUEST_TIMEOUT_MS + upload / SLOWEST_UPLOAD,
      }),
    close: () => fetch.close(),
  };
  return connection;
}

/**
 * Connections of the command's own. What it refuses is the user's to correct: `caFile`, the fingerprint, or a proxy in
 * the environment that is none.
 */
function transport(options: NodeFetchOptions, caFile: string | undefined): ReturnType<typeof nodeFetch> {
  try {
    return nodeFetch(options);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(
      error.message
        .replace(/^fingerprint256:/, "--fingerprint:")
        .replace(
          /^ca: expected certificates in PEM form/,
          `--ca: expected certificates in PEM form in ${caFile}`,
        )
        .replace(/^ca:/, `--ca: ${caFile}:`),
    );
  }
}

/** What is known of a command before it is carried out. */
export interface Task {
  /** What the progress shows until the first news. */
  readonly what: string;
  /** Whether it may change something on the server. */
  readonly changing: boolean;
  /** Whether it does nothing twice. */
  readonly repeatable?: boolean;
  /** What the path has to be of; said where it turns out to be of something else. */
  readonly expects?: string;
  /** How many bytes of files it sends. */
  readonly upload?: number;
  /** It has several steps, and goes on where it was left when it is run again. */
  readonly resumable?: boolean;
}

export const A_COLLECTION = "the path of a collection, such as /clusters";
export const AN_OBJECT = "the path of one object, such as /clusters/ID";

/** Reads from a path; its query may hold what is secret. */
export const reading = (path: string): Task => ({ what: `GET ${path.split("?")[0]}`, changing: false });

/** Carries a command out; its exit code. `work` gives what is printed on success. */
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
      limitByTimer: () => leaving.after(limit().timeout, "the time of --timeout is over"),
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
    return failed(error, { ...task, hasSent: connection.hasSent }, handle);
  } finally {
    progress.end();
    leaving.end();
    session?.client.close();
    connection.close().catch(() => {});
  }
}

/** The client checks its arguments, too. It names its own options; the user knows the ones of the command line. */
function refuseUsage(error: unknown, { from }: Base): void {
  if (!(error instanceof TypeError || error instanceof RangeError || error instanceof BadTokenError)) return;
  throw new UsageError(
    error.message
      .replace(/^baseUrl/, from)
      .replace(/^params\.([^:]*): expected a string.*/, "{$1} in the path has no value: --param $1=VALUE")
      .replace(/^params\.([^:]*):/, "--param: $1:")
      .replace(/, or set allowInsecure.*/, "")
      .replace(/^nodes:/, "--node:")
      .replace(/^file:/, "license add:")
      .replace(
        /^ontap: expected (.*)/,
        "license add: expected $1: CLUSTER_PASSWORD in the environment, or --password-file FILE",
      ),
  );
}

/** One deadline for acceptance and end together. */
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

const GO_ON = "To go on, run the same command again: it finds what is done, and follows a job that runs.";

/** What the error of a workflow says besides: what is done, and what can be done next. */
function workflowOf(error: unknown): Partial<WorkflowProgress> {
  return (error as { workflow?: WorkflowProgress } | undefined)?.workflow ?? {};
}

interface Interruption {
  readonly signal: AbortSignal;
  after(ms: number, why: string): void;
  end(): void;
}

/** The first signal ends the wait, the next one the process. */
function interruption(): Interruption {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const leave = (name: NodeJS.Signals) => {
    end();
    controller.abort(new Interrupted(`ended by ${name}`));
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

function failed(error: unknown, task: Task & Pick<Stage, "hasSent">, handle: JobHandle | undefined): number {
  const hasJob = handle?.id !== undefined;
  const { code, said, isOver } = judge(error, { ...task, hasJob, hasShown: handle?.latest !== undefined });
  const { steps, advice } = workflowOf(error);
  if (error instanceof JobFailedError)
    print(json({ ...handle?.response, job: error.job, ...(steps && { steps }) }));
  printError(plain(said));
  if (advice !== undefined) process.stderr.write(`${plain(advice)}\n`);
  else if (task.resumable && code === UNKNOWN) process.stderr.write(`${GO_ON}\n`);
  const token = (error instanceof DeployError && error.token) || (hasJob && handle.serialize());
  if (code === UNKNOWN && token && !isOver)
    process.stderr.write(`To go on waiting: npx ${NAME} wait ${token}\n`);
  return code;
}
