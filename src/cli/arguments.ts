// The command line, and the environment variables that replace parts of it.

import { parseArgs } from "node:util";
import { UsageError } from "./usage.js";

export type Command = Call | Wait;

export interface Call {
  readonly kind: "call";
  readonly method: string;
  readonly path: string;
  /** As it was written: JSON, `@FILE` or `@-`. */
  readonly data: string | undefined;
}

export interface Wait {
  readonly kind: "wait";
  readonly job: string;
}

export interface Arguments {
  readonly command: Command;
  readonly base: { readonly url: string; readonly from: string };
  readonly headers: [string, string][];
  readonly timeout: number | undefined;
  readonly requestTimeout: number | undefined;
  readonly maxResponseBytes: number | undefined;
  readonly credentials: string | undefined;
  readonly ca: string | undefined;
  readonly insecureHttp: boolean;
  readonly quiet: boolean;
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
// For these the error says where the value belongs.
const SECRETS = ["username", "user", "password", "bearer", "token", "auth"] as const;
const SECRET_HEADER = /^(authorization|proxy-authorization|cookie)$|api-?key|token|secret|password/i;
// A wrong one makes the server see another request than the one that was meant.
const FRAMING = /^(content-length|transfer-encoding|connection|keep-alive|upgrade|expect|te|trailer)$/i;
const MOST_BYTES = 2 ** 32 - 1;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const options = {
  base: text,
  data: text,
  header: { type: "string", multiple: true },
  timeout: text,
  "request-timeout": text,
  "max-response-bytes": text,
  credentials: text,
  ca: text,
  "insecure-http": flag,
  quiet: flag,
  help: { type: "boolean", short: "h" },
  version: flag,
} as const;

/** What the command line asks for; `help` and `version` come before all else. */
export function readArguments(args: string[], env: NodeJS.ProcessEnv): Arguments | "help" | "version" {
  refuseSecrets(args);
  const { values, positionals } = parsed(args);
  if (values.help) return "help";
  if (values.version) return "version";
  const command = readCommand(positionals, values.data);
  return {
    command,
    base: readBase(values.base, env),
    headers: (values.header ?? []).map(readHeader),
    timeout: readSpan("--timeout", values.timeout),
    requestTimeout: readSpan("--request-timeout", values["request-timeout"]),
    maxResponseBytes: readBytes("--max-response-bytes", values["max-response-bytes"]),
    credentials: values.credentials,
    ca: values.ca,
    insecureHttp: values["insecure-http"] ?? false,
    quiet: values.quiet ?? false,
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    // Its first sentence names the option; the rest explains how to write a path with a dash.
    const [said] = String((error as Error).message).split(/(?<=['"])\. /);
    throw new UsageError(said);
  }
}

// Before anything else is read: an error about something else must not show it either.
function refuseSecrets(args: string[]): void {
  const end = args.indexOf("--");
  const names = (end < 0 ? args : args.slice(0, end)).map((arg) => arg.split("=")[0]);
  const found = names.find((name) => SECRETS.some((secret) => name === `--${secret}`) || name === "-u");
  if (found === undefined) return;
  throw new UsageError(
    `${found}: credentials are never taken from the arguments, which others on this machine can read. ` +
      "Set DEPLOY_USERNAME and DEPLOY_PASSWORD, or DEPLOY_BEARER, or name a file by --credentials",
  );
}

function readCommand(positionals: string[], data: string | undefined): Command {
  const [word, target, ...more] = positionals;
  if (word === undefined) throw new UsageError("expected a method and a path, or wait and a job");
  if (word.toLowerCase() === "wait") {
    if (target === undefined || target === "") throw new UsageError("wait: expected a job's id or a token");
    if (more.length > 0) throw new UsageError("wait: expected one job's id or token, not several");
    if (data !== undefined) throw new UsageError("--data: waiting sends nothing");
    return { kind: "wait", job: target };
  }
  const method = word.toUpperCase();
  if (!METHODS.includes(method))
    throw new UsageError("the first argument: expected get, post, put, patch, delete or wait");
  if (target === undefined) throw new UsageError(`${word}: expected a path, such as /clusters`);
  if (more.length > 0) throw new UsageError(`${word}: expected one path; a body is given by --data`);
  if (method === "GET" && data !== undefined) throw new UsageError("--data: a GET has no body");
  return { kind: "call", method, path: target, data };
}

function readBase(option: string | undefined, env: NodeJS.ProcessEnv): Arguments["base"] {
  const [url, from] = option === undefined ? [env.DEPLOY_URL, "DEPLOY_URL"] : [option, "--base"];
  if (!url) throw new UsageError("no address: expected --base URL, or DEPLOY_URL in the environment");
  if (!/^https?:\/\//i.test(url))
    throw new UsageError(`${from}: expected an address that begins with https://`);
  if (/^[a-z]+:\/\/[^/?#]*@/i.test(url)) {
    throw new UsageError(`${from}: expected an address without a user's name and password in it`);
  }
  return { url, from };
}

function readHeader(written: string): [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*(.*?)\s*$/.exec(written) ?? [];
  if (name === undefined || value === undefined) throw new UsageError("--header: expected 'name: value'");
  if (SECRET_HEADER.test(name)) {
    throw new UsageError(
      `--header: ${name} looks like a credential, and those are never taken from the arguments. ` +
        'Write it under "headers" in the file of --credentials',
    );
  }
  refuseFraming("--header", name);
  return [name, value];
}

/** Refuses a header that belongs to whatever sends the request. */
export function refuseFraming(where: string, name: string): void {
  if (FRAMING.test(name)) throw new UsageError(`${where}: ${name} says how a request is sent; leave it out`);
}

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a span such as `90s` or `1h30m`. */
function readSpan(name: string, written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  const parts = [...written.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)];
  const whole = parts.map(([part]) => part).join("") === written;
  const sum = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ""] ?? 0), 0);
  if (!whole || sum <= 0) throw new UsageError(`${name}: expected a span such as 90s, 15m, 2h or 1h30m`);
  return sum;
}

function readBytes(name: string, written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  const count = Number(written);
  if (/^\d+$/.test(written) && count >= 1 && count <= MOST_BYTES) return count;
  throw new UsageError(`${name}: expected a whole number of bytes, from 1 to ${MOST_BYTES}`);
}
