// The command ontap-select-deploy: one call, or the wait for a job, as exit code and JSON.

import { readFileSync } from "node:fs";
import { type CallOptions, DeployClient, JobFailedError, type JobHandle } from "../js/index.js";
import { type Arguments, readArguments } from "./arguments.js";
import { readCertificates, readCredentials, readData } from "./files.js";
import { Interrupted, judge, SUCCESS, UNKNOWN, USAGE } from "./outcome.js";
import { type Progress, progressOn } from "./progress.js";
import { escapeControls, plain } from "./terminal.js";
import { fetchTrusting } from "./trust.js";
import { help, UsageError } from "./usage.js";

const NAME = "ontap-select-deploy";
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

// A closed pipe, such as of `head`, is no error of this program; a full disk is one.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code !== "EPIPE") process.exitCode = UNKNOWN;
  });
}
// Node would exit with 1, which means here that the job failed.
process.on("uncaughtException", (error) => {
  printError(`a fault of this program: ${error.stack}`);
  process.exit(UNKNOWN);
});

// Not process.exit(): it would cut off output that a pipe has not read yet.
process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  try {
    const asked = readArguments(args, process.env);
    if (asked === "help") return print(help);
    if (asked === "version") return print(`${version()}\n`);
    return await run(asked);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    printError(`${error.message}\nMore: ${NAME} --help`);
    return USAGE;
  }
}

async function run(asked: Arguments): Promise<number> {
  const { command } = asked;
  const { connect, headers } = connector(asked);
  const data = command.kind === "call" ? command.data : undefined;
  const body = data === undefined ? {} : { body: await readData(data), headers: typeOfJson(headers) };

  const what = command.kind === "call" ? `${command.method} ${command.path.split("?")[0]}` : "waiting";
  const progress = progressOn(process.stderr, plain(what), asked.quiet);
  const leaving = interruption();
  const limit = waitLimit(asked.timeout, leaving.signal);
  let client: DeployClient | undefined;
  let handle: JobHandle | undefined;
  try {
    client = connect(progress);
    handle =
      command.kind === "wait"
        ? openJob(client, command.job)
        : await client.submit(command.method, command.path, { ...limit(), ...body });
    if (handle.id === undefined) return done(progress, { ...handle.response });
    if (command.kind === "call") progress.accepted(handle.id);
    const job = await handle.result({ ...limit(), onProgress: progress.onProgress });
    return done(progress, { ...handle.response, job });
  } catch (error) {
    progress.end();
    return failed(error, asked, handle);
  } finally {
    progress.end();
    leaving.end();
    client?.close();
  }
}

/** Reads all that is needed for a client; nothing is sent yet. */
function connector(asked: Arguments) {
  const { base, ca, requestTimeout, maxResponseBytes } = asked;
  const { auth, headers: secret } = readCredentials(asked.credentials, process.env);
  const headers = [...asked.headers, ...secret];
  if (ca !== undefined && !/^https:/i.test(base.url))
    throw new UsageError(`--ca: expected an address that begins with https: in ${base.from}`);
  const trusting = ca === undefined ? {} : { fetch: fetchTrusting(readCertificates(ca)) };
  const limits = {
    ...(requestTimeout !== undefined && { requestTimeout }),
    ...(maxResponseBytes !== undefined && { maxResponseBytes }),
  };
  const connect = ({ onEvent }: Progress): DeployClient => {
    const options = { baseUrl: base.url, auth, headers, onEvent, allowInsecure: asked.insecureHttp };
    try {
      return new DeployClient({ ...options, ...limits, ...trusting });
    } catch (error) {
      throw rephrase(error, base.from);
    }
  };
  return { connect, headers };
}

/** The type of a body, unless a header of the user's names one. */
function typeOfJson(headers: [string, string][]): Record<string, string> {
  const isNamed = headers.some(([name]) => name.toLowerCase() === "content-type");
  return isNamed ? {} : { "content-type": "application/json" };
}

/** The client names its own options; the user knows the ones of the command line. */
function rephrase(error: unknown, base: string): unknown {
  if (!(error instanceof TypeError || error instanceof RangeError)) return error;
  return new UsageError(
    error.message
      .replace(/^baseUrl/, base)
      .replace("allowInsecure: true", "--insecure-http")
      .replace("allowInsecure", "--insecure-http"),
  );
}

function openJob(client: DeployClient, job: string): JobHandle {
  return isToken(client, job) ? client.resume(job) : client.job(job);
}

/** A token of any version: it begins with the letters of all tokens, a number and a colon. */
function isToken(client: DeployClient, job: string): boolean {
  const letters = client.job("any").serialize().split(/\d/, 1).join();
  return job.startsWith(letters) && /^\d+:/.test(job.slice(letters.length));
}

/** One deadline for acceptance and end together. */
function waitLimit(timeout = Number.POSITIVE_INFINITY, signal: AbortSignal): () => CallOptions {
  const deadline = performance.now() + timeout;
  return () => ({ signal, timeout: Math.max(1, deadline - performance.now()) });
}

/** The first signal ends the wait, the next one the process. */
function interruption(): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const leave = (name: NodeJS.Signals) => {
    end();
    controller.abort(new Interrupted(`ended by ${name}`));
  };
  const end = () => {
    for (const name of SIGNALS) process.off(name, leave);
  };
  for (const name of SIGNALS) process.on(name, leave);
  return { signal: controller.signal, end };
}

function done(progress: Progress, result: object): number {
  progress.end();
  return print(json(result));
}

function failed(error: unknown, { command }: Arguments, handle: JobHandle | undefined): number {
  if (error instanceof UsageError) throw error;
  const changing = command.kind === "call" && command.method !== "GET";
  const hasJob = handle?.id !== undefined;
  const { code, said, isOver } = judge(error, { changing, hasJob, hasShown: handle?.latest !== undefined });
  if (error instanceof JobFailedError) print(json({ ...handle?.response, job: error.job }));
  printError(plain(said));
  if (code === UNKNOWN && handle?.id !== undefined && !isOver)
    process.stderr.write(`To go on waiting: npx ${NAME} wait ${handle.serialize()}\n`);
  return code;
}

/** For a person one member a line, for a program one line. */
function json(value: unknown): string {
  return `${escapeControls(JSON.stringify(value, null, process.stdout.isTTY ? 2 : 0))}\n`;
}

function print(text: string): number {
  process.stdout.write(text);
  return SUCCESS;
}

function printError(text: string): void {
  process.stderr.write(`${NAME}: ${escapeControls(text)}\n`);
}

function version(): string {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}
