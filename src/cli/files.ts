// Reads credentials, bodies and certificates from files. No message shows their contents.

import { openAsBlob, readFileSync, statSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import type { ClientOptions } from "../js/index.js";
import { UsageError } from "./usage.js";
import { refuseFraming } from "./values.js";

export interface Credentials {
  readonly auth: NonNullable<ClientOptions["auth"]>;
  readonly headers: [string, string][];
}

/** Reads the credentials from the file, else from the environment. */
export function readCredentials(file: string | undefined, env: NodeJS.ProcessEnv): Credentials {
  if (file !== undefined) return fromFile(file);
  const { DEPLOY_USERNAME: username, DEPLOY_PASSWORD: password, DEPLOY_BEARER: bearer } = env;
  if (password && bearer)
    throw new UsageError("DEPLOY_PASSWORD and DEPLOY_BEARER are both set; unset one of them");
  if (bearer) return { auth: { bearer }, headers: [] };
  if (password) return { auth: { username: username || "admin", password }, headers: [] };
  throw new UsageError("no credentials: set DEPLOY_PASSWORD or DEPLOY_BEARER, or pass --credentials FILE");
}

const FORMS = '{"username": "…", "password": "…"} or {"bearer": "…"}';

function fromFile(file: string): Credentials {
  const written = readText("--credentials", file);
  // ssh checks its keys the same way. Windows has no such modes.
  if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0)
    throw new UsageError(
      `--credentials: other users can read or write ${file}. To fix this, run: chmod 600 ${file}`,
    );
  const found = parse(written);
  if (!isObject(found)) throw new UsageError(`--credentials: expected ${FORMS} in ${file}`);
  const { username, password, bearer, headers = {}, ...unknown } = found;
  const [strange] = Object.keys(unknown);
  if (strange !== undefined)
    throw new UsageError(`--credentials: ${file} has an unknown member "${strange}"; expected ${FORMS}`);
  if (!isObject(headers) || !Object.values(headers).every((value) => typeof value === "string"))
    throw new UsageError(`--credentials: "headers" in ${file}: expected an object of strings`);
  const pairs = Object.entries(headers) as [string, string][];
  for (const [name] of pairs) refuseFraming(`--credentials: "headers" in ${file}`, name);
  if (isText(bearer) && username === undefined && password === undefined)
    return { auth: { bearer }, headers: pairs };
  if (isText(username) && isText(password) && bearer === undefined)
    return { auth: { username, password }, headers: pairs };
  throw new UsageError(`--credentials: expected ${FORMS} in ${file}`);
}

/**
 * The body of `--data`, unchanged. Parsing and serializing it again would change large numbers and drop duplicate
 * members.
 */
export async function readData(data: string): Promise<string> {
  const from = data === "@-" ? "standard input" : data.startsWith("@") ? data.slice(1) : undefined;
  const written =
    data === "@-" ? await readStandardInput("--data") : from === undefined ? data : readText("--data", from);
  const body = parse(written);
  if (typeof body === "object" && body !== null) return written;
  const where = from === undefined ? ", or @FILE" : ` in ${from}`;
  throw new UsageError(`--data: expected a JSON object or array${where}`);
}

export function readText(option: string, file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new UsageError(`${option}: ${file}: ${whyUnreadable(error)}`);
  }
  return decode(option, file, bytes);
}

/** A file that is read while it is sent. */
export async function openFile(option: string, path: string): Promise<Blob> {
  try {
    if (!statSync(path).isFile()) throw new UsageError(`${option}: ${path} is not a regular file`);
    return await openAsBlob(path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${option}: ${path}: ${whyUnreadable(error)}`);
  }
}

function whyUnreadable(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" ? "no such file" : `cannot be read (${code})`;
}

/** Editors and echo add a line break that is not part of the password. */
export function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, "");
}

export async function readStandardInput(option: string): Promise<string> {
  return decode(option, "standard input", await buffer(process.stdin));
}

/** Decodes UTF-8, or UTF-16 with a byte order mark, as editors and shells on Windows write it. */
function decode(option: string, file: string, bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString("hex");
  const encoding = mark === "fffe" ? "utf-16le" : mark === "feff" ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${option}: ${file} is not valid ${encoding.toUpperCase()}`);
  }
}

// The parser's own message would quote the contents.
function parse(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
