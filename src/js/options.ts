// Reads the user's arguments once: checks their JavaScript types and converts them for `fetch` and the engine. The
// engine checks the limits of numbers, paths, addresses and credentials.

import { type FetchBody, fetchBody, kindOf } from "./body.js";
import type { AuthContext, ClientEvent, JobSnapshot } from "./types.js";

/** The options of a client. src/runtime/settings.rs reads them; the functions stay here. */
export interface ClientSettings {
  readonly baseUrl: URL;
  readonly allowInsecure: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly bearer: string | undefined;
  readonly auth: Auth | undefined;
  /** The headers of every request, except `Authorization`. */
  readonly headers: Headers;
  readonly headersFor: (() => unknown) | undefined;
  readonly fetch: typeof fetch | undefined;
  /** The init of a poll, without its headers and its signal. */
  readonly init: RequestInit;
  readonly timeout: number | undefined;
  readonly onProgress: WaitSettings["onProgress"];
  readonly requestTimeout: number | undefined;
  readonly pollTimeout: number | undefined;
  readonly maxResponseBytes: number | undefined;
  readonly maxOpenPolls: number | undefined;
  /** Whether connections are scarce, until the browser reports HTTP/2 or later. */
  readonly isBrowser: boolean;
  /** Absent if the client does not retry. */
  readonly retry: RetrySettings | undefined;
  readonly shares: boolean;
  /** The owner of the jobs. Tabs share a poller only for the same owner. Unknown if a function gives the credential. */
  readonly principal: string | undefined;
  readonly onEvent: ((event: ClientEvent) => unknown) | undefined;
}

interface RetrySettings {
  readonly "retry.maxAttempts": number | undefined;
  readonly "retry.initialDelay": number | undefined;
  readonly "retry.maxDelay": number | undefined;
  readonly "retry.maxRetryAfter": number | undefined;
}

/** The options of one wait. */
export interface WaitSettings {
  readonly signal: AbortSignal | undefined;
  readonly timeout: number | undefined;
  readonly onProgress: ((job: JobSnapshot) => unknown) | undefined;
}

/** The request of a call, and the options of its wait. */
export interface CallSettings extends WaitSettings, FetchBody {
  readonly method: string;
  /** A literal part, then in turn a parameter's name, its value and the next literal part. */
  readonly path: string[];
  /** Alternating names and values. */
  readonly query: string[];
  readonly headers: Headers | undefined;
}

/**
 * What a call waits for: the first response, the end of its job, a response with one record or with records, a record
 * that meets a condition, or a file.
 */
export type Goal = "response" | "jobEnd" | "record" | "records" | "condition" | "file";

type Auth = (context: AuthContext) => unknown;
type Callback = (...args: never[]) => unknown;
type Options = Record<string, unknown>;

/** @throws TypeError that names the option. */
export function readClientOptions(given: unknown): ClientSettings {
  if (!isObject(given)) throw wrongType("options", "an object with a baseUrl");
  const { auth, headers } = given;
  const credential = readAuth(auth);
  const allowInsecure = optional(given, "allowInsecure", isBoolean, "true or false");
  const baseUrl = readBaseUrl(given.baseUrl);
  const onEvent = readFunction<(event: ClientEvent) => unknown>(given, "onEvent");
  const headersFor = typeof headers === "function" ? (headers as Callback) : undefined;
  const ownFetch = readFunction<typeof fetch>(given, "fetch");
  checkFetch(ownFetch ?? globalThis.fetch);
  const modes = ["omit", "same-origin", "include"] as const;
  const credentials =
    oneOf(given, "credentials", modes, `"omit", "same-origin" or "include"`) ??
    // With an explicit credential, "omit" prevents the browser's login prompt.
    (auth === undefined ? "same-origin" : "omit");
  const { username, bearer } = credential;
  const common = withDefaults(headersFor ? undefined : headers);
  const isKnown = !headersFor && !credential.auth;
  return {
    baseUrl,
    allowInsecure: allowInsecure ?? false,
    ...credential,
    headers: common,
    headersFor,
    fetch: ownFetch,
    init: {
      method: "GET",
      cache: "no-store",
      // In every runtime, "manual" shows a redirect instead of a network error. The client follows none.
      redirect: "manual",
      credentials,
    },
    timeout: readNumber(given, "timeout"),
    onProgress: readFunction<(job: JobSnapshot) => unknown>(given, "onProgress"),
    maxResponseBytes: readNumber(given, "maxResponseBytes"),
    requestTimeout: readNumber(given, "requestTimeout"),
    pollTimeout: readNumber(given, "pollTimeout"),
    retry: readRetry(given.retry),
    maxOpenPolls: readNumber(given, "maxOpenPolls"),
    isBrowser: isBrowser(),
    shares: oneOf(given, "share", ["client", "origin"], `"client" or "origin"`) === "origin",
    // A header or a cookie may also identify the user. The iterator of `Headers` sorts.
    principal: isKnown ? JSON.stringify([username, bearer, credentials, [...common]]) : undefined,
    onEvent,
  };
}

/**
 * @param defaults The client's defaults.
 * @throws TypeError that names the option.
 */
export function readWaitOptions(given: unknown, defaults: Pick<ClientSettings, "onProgress">): WaitSettings {
  const options = readObject(given);
  return {
    timeout: readNumber(options, "timeout"),
    onProgress: readFunction<(job: JobSnapshot) => unknown>(options, "onProgress") ?? defaults.onProgress,
    // As in `fetch`, null means none.
    signal: optional(options, "signal", isSignalOrNull, "an AbortSignal") ?? undefined,
  };
}

/** Arguments of a method that replace the options of the same name. */
export interface CallArguments {
  body?: unknown;
  /** Is merged with the option and takes precedence over it. */
  query?: unknown;
}

/** @throws TypeError that names the argument. */
export function readCall(
  settings: ClientSettings,
  method: unknown,
  path: unknown,
  given: unknown,
  { body, query }: CallArguments = {},
): CallSettings {
  const options = readObject(given);
  return {
    method: readString(method, "method", "a string"),
    path: readPath(readString(path, "path", "a string"), options.params),
    query: readQuery({ ...readMembers("query", options.query), ...readMembers("query", query) }),
    headers: readHeaders(options.headers),
    ...fetchBody(body === undefined ? options.body : body, settings.fetch !== undefined),
    ...readWaitOptions(options, settings),
  };
}

/** @throws TypeError that names the argument. */
export function readString(value: unknown, name: string, expected: string): string {
  if (typeof value !== "string") throw wrongType(name, expected);
  return value;
}

/** @throws TypeError without a header's value, which the runtime's own error may quote. */
export function toHeaders(value: unknown): Headers {
  try {
    return new Headers(value as HeadersInit);
  } catch {
    throw wrongType("headers", "a value that new Headers() accepts");
  }
}

/** @throws TypeError if there is no `fetch`, as in some runtimes and test environments. */
export function checkFetch(fetch: unknown): asserts fetch is typeof globalThis.fetch {
  if (typeof fetch !== "function")
    throw wrongType("fetch", `a function; the global fetch is ${kindOf(fetch)} here`);
}

function readObject(given: unknown): Options {
  if (given === undefined) return {};
  if (!isObject(given)) throw wrongType("options", "an object");
  return given;
}

function readBaseUrl(value: unknown): URL {
  // Checks for href instead of the class, because a URL may come from another realm.
  const address = isObject(value) ? value.href : value;
  const text = readString(address, "baseUrl", "a string or a URL");
  try {
    // Outside a page, only an absolute address is valid.
    return new URL(text, globalThis.location?.href ?? text);
  } catch {
    throw wrongType(
      "baseUrl",
      "an address such as https://deploy.example.com/api, or a path on the page's own origin",
    );
  }
}

function readAuth(value: unknown): Pick<ClientSettings, "username" | "password" | "bearer" | "auth"> {
  const none = { username: undefined, password: undefined, bearer: undefined, auth: undefined };
  if (value === undefined) return none;
  if (typeof value === "function") return { ...none, auth: value as Auth };
  if (isObject(value)) {
    const { username, password, bearer } = value;
    const hasBearer = typeof bearer === "string";
    if (typeof username === "string" && typeof password === "string" && !hasBearer)
      return { ...none, username, password };
    if (typeof username !== "string" && typeof password !== "string" && hasBearer) return { ...none, bearer };
    // For example, an environment variable is not set.
    const name = ["username", "password", "bearer"].find(
      (it) => it in value && typeof value[it] !== "string",
    );
    if (name) throw wrongType(`auth.${name}`, `a string, not ${kindOf(value[name])}`);
  }
  throw wrongType("auth", "{ username, password } or { bearer } with string values, or a function");
}

function readRetry(value: unknown): RetrySettings | undefined {
  if (value === false) return undefined;
  const given = value === undefined ? {} : value;
  if (!isObject(given)) throw wrongType("retry", "false or an object");
  const names = ["maxAttempts", "initialDelay", "maxDelay", "maxRetryAfter"] as const;
  const members = names.map((name) => [`retry.${name}`, readNumber(given, name, "retry.")]);
  return Object.fromEntries(members);
}

/** `{name}` before the query is a parameter. Other braces are literal. */
function readPath(path: string, given: unknown): string[] {
  const params = readMembers("params", given);
  const [template = ""] = path.split("?", 1);
  const parts = template.split(/\{([^{}/]+)\}/);
  const isName = (_: string, at: number) => at % 2 === 1;
  const values = new Map(parts.filter(isName).map((name) => [name, ""]));
  for (const name of values.keys()) {
    const value = params[name];
    if (!(Number.isFinite(value) || typeof value === "string"))
      throw wrongType(`params.${name}`, "a string or a finite number");
    values.set(name, String(value));
  }
  const unused = Object.keys(params).find((name) => !values.has(name));
  if (unused !== undefined) throw wrongType(`params.${unused}`, `{${unused}} in the path`);
  parts.push(parts.pop() + path.slice(template.length));
  return parts.flatMap((part, at) => (isName(part, at) ? [`params.${part}`, values.get(part) ?? ""] : part));
}

function readQuery(members: Options): string[] {
  const query = [];
  for (const [name, member] of Object.entries(members)) {
    if (member === undefined) continue;
    if (!(Number.isFinite(member) || typeof member === "string" || typeof member === "boolean"))
      throw wrongType(`query.${name}`, "a string, a finite number, a boolean or undefined");
    query.push(name, String(member));
  }
  return query;
}

function readMembers(option: string, value: unknown): Options {
  if (value === undefined) return {};
  if (!isObject(value) || (value as { [Symbol.iterator]?: unknown })[Symbol.iterator] !== undefined)
    throw wrongType(option, "a plain object of names and values");
  return value;
}

function withDefaults(given: unknown): Headers {
  const headers = toHeaders(given);
  if (!headers.has("accept")) headers.set("accept", "application/json");
  return headers;
}

function readHeaders(value: unknown): Headers | undefined {
  return value === undefined ? undefined : toHeaders(value);
}

function readNumber(options: Options, name: string, prefix?: string): number | undefined {
  return optional(options, name, isNumber, "a number", prefix);
}

function readFunction<F extends Callback>(options: Options, name: string): F | undefined {
  const isFunction = (it: unknown): it is F => typeof it === "function";
  return optional(options, name, isFunction, "a function");
}

function oneOf<T extends string>(
  options: Options,
  name: string,
  words: readonly T[],
  expected: string,
): T | undefined {
  const isWord = (it: unknown): it is T => (words as readonly unknown[]).includes(it);
  return optional(options, name, isWord, expected);
}

/** @param prefix Precedes the name in errors, for the members of `retry`. */
function optional<T>(
  options: Options,
  name: string,
  isValid: (value: unknown) => value is T,
  expected: string,
  prefix = "",
): T | undefined {
  const value = options[name];
  if (value !== undefined && !isValid(value)) throw wrongType(prefix + name, expected);
  return value;
}

export function wrongType(name: string, expected: string): TypeError {
  return new TypeError(`${name}: expected ${expected}`);
}

function isObject(value: unknown): value is Options {
  return typeof value === "object" && value !== null;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** Checks the members, so that a signal of another realm or a polyfill is valid. */
function isSignalOrNull(value: unknown): value is AbortSignal | null {
  return (
    value === null ||
    (isObject(value) &&
      typeof value.aborted === "boolean" &&
      typeof value.addEventListener === "function" &&
      typeof value.removeEventListener === "function")
  );
}

/** Whether this is a page or a browser's worker. Other workers have the same globals but not a browser's user agent. */
function isBrowser(): boolean {
  const global: { document?: unknown; WorkerGlobalScope?: unknown } = globalThis;
  if (global.document !== undefined) return true;
  return global.WorkerGlobalScope !== undefined && /^Mozilla\//.test(globalThis.navigator?.userAgent);
}
