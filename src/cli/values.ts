// Parses the values of options and arguments.

import { OWN_HEADERS } from "../node/own-headers.js";
import type { Arguments } from "./arguments.js";
import type { Values } from "./table.js";
import { UsageError } from "./usage.js";

export interface Base {
  readonly url: string;
  /** The option or variable that it comes from, for messages. */
  readonly from: string;
}

const SECRET_NAME = /^(authorization|proxy-authorization|cookie)$|api-?key|token|secret|password/i;
const MOST_BYTES = 2 ** 32 - 1;

export function readBase(option: string | undefined, env: NodeJS.ProcessEnv): Base {
  const [url, from] = option === undefined ? [env.DEPLOY_URL, "DEPLOY_URL"] : [option, "--base"];
  if (!url)
    throw new UsageError(
      "no server address: set DEPLOY_URL or pass --base URL, such as https://deploy.example.com/api",
    );
  if (!/^https?:\/\//i.test(url)) throw new UsageError(`${from}: expected a URL that starts with https://`);
  if (/^[a-z]+:\/\/[^/?#]*@/i.test(url)) {
    throw new UsageError(`${from}: expected a URL without a user name or password`);
  }
  return { url, from };
}

/** The options that say which certificate to trust, and where each comes from, for messages. */
export interface Trust {
  readonly ca?: string;
  readonly fingerprints?: string[];
  readonly caFrom: string;
  readonly fingerprintFrom: string;
}

/** The options --ca and --fingerprint. Only without both, the variables apply. */
export function readTrust({ ca, fingerprint }: Values, env: NodeJS.ProcessEnv): Trust {
  if (ca !== undefined || fingerprint !== undefined)
    return {
      ...(ca !== undefined && { ca }),
      ...(fingerprint && { fingerprints: fingerprint }),
      caFrom: "--ca",
      fingerprintFrom: "--fingerprint",
    };
  return {
    ...(env.DEPLOY_CA && { ca: env.DEPLOY_CA }),
    ...(env.DEPLOY_FINGERPRINT && { fingerprints: [env.DEPLOY_FINGERPRINT] }),
    caFrom: "DEPLOY_CA",
    fingerprintFrom: "DEPLOY_FINGERPRINT",
  };
}

export function readHeader(written: string): [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*(.*?)\s*$/.exec(written) ?? [];
  if (name === undefined || value === undefined) throw new UsageError("--header: expected 'name: value'");
  if (isSecretName(name)) {
    throw new UsageError(
      `--header: ${name} looks like a credential, and other users of this machine can read arguments. ` +
        'Put it under "headers" in the --credentials file',
    );
  }
  refuseFraming("--header", name);
  return [name, value];
}

/** Refuses a header that the HTTP client sets itself. */
export function refuseFraming(where: string, name: string): void {
  if (OWN_HEADERS.has(name.toLowerCase()))
    throw new UsageError(`${where}: the command sets ${name} itself; leave it out`);
}

export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses a duration such as `90s` or `1h30m` into milliseconds. */
export function readSpan(name: string, written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  const parts = [...written.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)];
  const whole = parts.map(([part]) => part).join("") === written;
  const sum = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ""] ?? 0), 0);
  if (!whole || sum <= 0) throw new UsageError(`${name}: expected a duration such as 90s, 15m, 2h or 1h30m`);
  return sum;
}

export function readBytes(name: string, written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  const count = Number(written);
  if (/^\d+$/.test(written) && count >= 1 && count <= MOST_BYTES) return count;
  throw new UsageError(`${name}: expected a whole number of bytes, from 1 to ${MOST_BYTES}`);
}

/** The single argument of a command. */
export function readOne(words: readonly string[], missing: string, several: string): string {
  const [word, ...more] = words;
  if (word === undefined || word === "") throw new UsageError(missing);
  if (more.length > 0) throw new UsageError(several);
  return word;
}

export const readPath = (name: string, words: readonly string[]): string =>
  readOne(
    words,
    `${name}: expected a path, such as /clusters`,
    `${name}: expected one path; pass a body with --data`,
  );

export interface Selection {
  readonly path: string;
  readonly query: Record<string, string>;
}

/** A path and a query. The query has the pairs that select records and the members from `--fields`. */
export function readSelection({ name, words, values }: Arguments): Selection {
  const [path, ...pairs] = words;
  const fields = readFields(values);
  return {
    path: readPath(name, path === undefined ? [] : [path]),
    query: { ...Object.fromEntries(readPairs(name, pairs)), ...(fields !== undefined && { fields }) },
  };
}

export function readFields({ fields }: Values): string | undefined {
  if (fields === "") throw new UsageError("--fields: expected member names, such as name,state");
  return fields;
}

/** The same, with at least one pair. */
export function readFilter(asked: Arguments): Selection {
  const selection = readSelection(asked);
  if (asked.words.length > 1) return selection;
  throw new UsageError(`${asked.name}: expected name=value after the path, to select the record`);
}

/** Parses `name=value` pairs with unique names. `where` is the start of an error message. */
export function readPairs(where: string, written: readonly string[] = []): [string, string][] {
  const pairs = written.map((pair) => readPair(where, pair));
  for (const [name, value] of pairs) {
    // Otherwise an unset variable in a script would select everything.
    if (value === "") throw new UsageError(`${where}: ${name}: expected a value after "="`);
    if (pairs.filter(([other]) => other === name).length > 1)
      throw new UsageError(`${where}: ${name} appears twice`);
  }
  return pairs;
}

export function readPair(where: string, written: string): [string, string] {
  const at = written.indexOf("=");
  if (at < 1) throw new UsageError(`${where}: expected name=value`);
  return [written.slice(0, at), written.slice(at + 1)];
}
