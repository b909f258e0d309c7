// Removes a request's secrets from errors and jobs. A server may quote the request, a runtime's message may quote the
// address with its query, and a library's error may hold the whole request with its headers.

const PLAIN = new Set([
  "name",
  "message",
  "stack",
  "code",
  "errno",
  "syscall",
  "address",
  "port",
  "hostname",
]);
const DEPTH = 8;
/** Names of headers, query values and body members whose values are secret. */
const SECRET_NAME = /pass(w|phrase)|pwd|secret|token|key|credential|cookie|authorization/i;
/** Headers without secrets, whose values a server's message may need. */
const HARMLESS = /^(accept|content-|cache-|user-agent)/;
/** Shorter secrets would also remove unrelated words. */
const SHORTEST = 4;
const SHORTEST_OF_A_HEADER = 8;
/** How many characters of a response the engine puts into an error. */
const EXCERPT = 2_048;
/** How many layers of escaping are undone, such as JSON within JSON within an address. */
const LAYERS = 3;

/**
 * Returns the cause unchanged if it shows nothing of the request; otherwise an error of the same name without query and
 * header values.
 */
export function sanitizeCause(cause: unknown, target: string, headers: Headers, body: unknown): unknown {
  try {
    const { searchParams } = new URL(target, "http://x");
    const secrets = [...secretsOf(target, headers, body), ...searchParams.values()];
    return sanitize(cause, secrets, DEPTH, new Set());
  } catch {
    // For example, a getter that throws.
    return new Error("an error that cannot be shown");
  }
}

function sanitize(value: unknown, secrets: string[], depth: number, seen: Set<unknown>): unknown {
  if (typeof value === "string") return redact(value, secrets);
  if (typeof value !== "object" || value === null) return typeof value === "function" ? undefined : value;
  // Errors may refer to each other in cycles.
  if (depth === 0 || seen.has(value)) return undefined;
  seen.add(value);
  const found = value as Record<string, unknown>;
  const below = found.cause === undefined ? undefined : sanitize(found.cause, secrets, depth - 1, seen);
  const several = Array.isArray(found.errors)
    ? found.errors.map((error) => sanitize(error, secrets, depth - 1, seen))
    : undefined;
  const text = (name: string): string => redact(String(found[name] ?? ""), secrets);
  const isSafe =
    value instanceof Error &&
    showsItselfPlainly(value) &&
    below === found.cause &&
    (several ?? []).every((error, at) => error === (found.errors as unknown[])[at]) &&
    Reflect.ownKeys(value).every((key) => key === "cause" || key === "errors" || PLAIN.has(String(key))) &&
    ["name", "message", "stack"].every((name) => text(name) === String(found[name] ?? ""));
  if (isSafe) return value;
  const copy = new Error(text("message"), below === undefined ? undefined : { cause: below });
  const shown: Record<string, unknown> = { name: text("name") || "Error", stack: text("stack") };
  for (const name of PLAIN) {
    if (!(name in copy) && ["string", "number"].includes(typeof found[name])) {
      shown[name] = typeof found[name] === "string" ? text(name) : found[name];
    }
  }
  if (several) shown.errors = several;
  for (const [name, content] of Object.entries(shown)) {
    const enumerable = name !== "name" && name !== "stack";
    Object.defineProperty(copy, name, { value: content, enumerable, configurable: true, writable: true });
  }
  return copy;
}

/** Whether a log shows only the members of the error. A library's error may have its own `toJSON`. */
function showsItselfPlainly(error: Error): boolean {
  const hasView = "toJSON" in error || Symbol.for("nodejs.util.inspect.custom") in error;
  return !hasView || error instanceof DOMException;
}

/** The secrets of a request. In its query, the values with a secret name. */
export function secretsOf(url: string, headers: Headers, body?: unknown): string[] {
  const secrets: string[] = [];
  const note = (value: unknown, name: string) => {
    if (!SECRET_NAME.test(name)) return;
    for (const each of [value].flat(DEPTH)) {
      if (/string|number/.test(typeof each)) secrets.push(String(each));
    }
  };
  new URL(url, "http://x").searchParams.forEach(note);
  headers.forEach((value, name) => {
    if (value.length >= SHORTEST_OF_A_HEADER && !HARMLESS.test(name)) secrets.push(value);
    note([value, credentialsIn(value)], name);
  });
  const text = ArrayBuffer.isView(body) ? new TextDecoder().decode(body) : body;
  try {
    JSON.parse(String(text), (name, value) => {
      note(value, name);
      return value;
    });
  } catch {
    const form =
      typeof text === "string" ? new URLSearchParams(text) : (text as Partial<FormData> | undefined);
    try {
      form?.forEach?.(note);
    } catch {
      // A library's form, for the user's `fetch`.
    }
  }
  // A form writes a space as a plus.
  return secrets.flatMap((it) => [it, it.replaceAll(" ", "+")]);
}

/** The credential after the scheme, and the values of cookies; for Basic also the decoded pair and the password. */
function credentialsIn(header: string): string[] {
  return [...header.matchAll(/(?:^[\w-]+ +|=)"?([^\s;,"]+)/g)].flatMap(([, value = ""]) => {
    const shown = [value.replace(/=+$/, "")];
    try {
      const bytes = Uint8Array.from(atob(value), (character) => character.charCodeAt(0));
      const pair = new TextDecoder().decode(bytes);
      shown.push(pair, pair.slice(pair.indexOf(":") + 1));
    } catch {
      // Not base64.
    }
    return shown;
  });
}

/** Removes the secrets from a string, also in the escaped forms of JSON and addresses. */
export function withoutSecrets(text: string, given: readonly string[]): string {
  const secrets = given.filter(({ length }) => length >= SHORTEST).sort((a, b) => b.length - a.length);
  const without = (from: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, "…"), from);
  let shown = without(text);
  let plain = shown;
  for (let layer = 0; layer < LAYERS; layer++) {
    const escaped = plain;
    plain = unescaped(escaped);
    if (plain === escaped) break;
    const rest = without(plain);
    if (rest !== plain) shown = plain = rest;
  }
  // The engine may have cut a secret in two.
  if (text.length >= EXCERPT) {
    for (const secret of secrets) {
      let rest = secret.length;
      while (!shown.endsWith(secret.slice(0, rest))) rest--;
      shown = shown.slice(0, shown.length - rest);
    }
  }
  return shown;
}

function unescaped(text: string): string {
  return text.replace(/(?:\\u[\da-f]{4}|\\["\\/bfnrt])+|(?:%[\da-f]{2})+/gi, (part) => {
    try {
      return part.startsWith("%") ? decodeURIComponent(part) : JSON.parse(`"${part}"`);
    } catch {
      return part;
    }
  });
}

/** Removes the secrets, credentials and the queries of addresses from a string. */
export function redact(text: string, secrets: readonly string[] = []): string {
  return withoutSecrets(text, secrets)
    .replace(/\b(Basic|Bearer)\s+[^\s"',]+/gi, "$1 …")
    .replace(/\/\/[^\s"']*/g, (address) => address.replace(/\?[^)]*/, "?…"));
}
