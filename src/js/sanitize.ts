// The error that a request failed with becomes the `cause` of ours. A runtime's own message may quote the
// address with its query, and a library's error may carry the whole request with its headers.

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
const NO_SECRET = new Set(["accept", "content-type"]);
const DEPTH = 8;

/**
 * The cause as it is where it shows nothing of the request; otherwise an error of the same name that
 * shows no query and no header's value.
 */
export function sanitizeCause(cause: unknown, target: string, headers?: Headers): unknown {
  try {
    return sanitize(cause, secretsOf(target, headers), DEPTH, new Set());
  } catch {
    // An object with a getter that throws, for example.
    return new Error("an error that cannot be shown");
  }
}

function sanitize(value: unknown, secrets: string[], depth: number, seen: Set<unknown>): unknown {
  if (typeof value === "string") return redact(value, secrets);
  if (typeof value !== "object" || value === null) return typeof value === "function" ? undefined : value;
  // Errors may refer to each other in circles.
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

/** Whether a log would show its members only: libraries may give their errors a `toJSON` of their own. */
function showsItselfPlainly(error: Error): boolean {
  const hasView = "toJSON" in error || Symbol.for("nodejs.util.inspect.custom") in error;
  return !hasView || error instanceof DOMException;
}

/** What must not be shown: the query, and the value of each header that came from the user. */
function secretsOf(target: string, headers: Headers | undefined): string[] {
  const { search, searchParams } = new URL(target, "http://x");
  // As it was given, as a URL parser writes it, and value by value.
  const secrets = [target.split("?").slice(1).join("?"), search.slice(1)];
  for (const value of searchParams.values()) secrets.push(value, encodeURIComponent(value));
  headers?.forEach((value, name) => {
    // The scheme of a credential may be known; what follows it may not.
    if (!NO_SECRET.has(name)) secrets.push(value, ...value.split(" ").slice(1));
  });
  // Shorter ones would blank out words that have nothing to do with them.
  return secrets.filter((secret) => secret.length > 3).sort((a, b) => b.length - a.length);
}

/** The text without these, without credentials and without the queries of addresses. */
export function redact(text: string, secrets: string[] = []): string {
  let shown = text;
  for (const secret of secrets) shown = shown.replaceAll(secret, "…");
  return shown
    .replace(/\b(Basic|Bearer)\s+[^\s"',]+/gi, "$1 …")
    .replace(/(\/\/[^\s"'?]*)\?[^\s"')]*/g, "$1?…");
}
