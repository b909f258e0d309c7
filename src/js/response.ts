// Responses, also those that are no Response of the runtime's own.

import { kindOf } from "./body.js";
import type { FileRequest } from "./download.js";
import { readBody } from "./response-body.js";

/** A response as src/runtime/fetch.rs reads it, or the step that failed and why. */
export type Fetched =
  | [status: number, body: string, requestId: unknown, retryAfter: unknown, location: unknown]
  | [failed: "no fetch" | "no response" | "body", cause: unknown]
  // A redirect may be one that a user's own `fetch` followed.
  | ["redirect" | "too large"];

/**
 * Reads what `fetch` gave. A user's own may give anything: each access may throw, and each value may be of any type.
 *
 * @param limit the longest body, in bytes
 * @param file takes the response, if it is the file that the call asks for, with its body
 */
export async function readResponse(
  given: unknown,
  limit: number,
  signal: AbortSignal,
  isCall: boolean,
  file: FileRequest | undefined,
): Promise<Fetched> {
  if (typeof given !== "object" || given === null) return noResponse(kindOf(given));
  const response = given as Response;
  if (response.type === "opaqueredirect" || response.redirected === true) return ["redirect"];
  if (response.bodyUsed === true) return noResponse("one whose body was already read");
  const { status, headers } = response;
  if (!(typeof status === "number" && status >= 100 && status <= 599)) return noResponse(kindOf(given));
  const header = (name: string) => {
    try {
      return headers.get(name);
    } catch {
      return undefined;
    }
  };
  // A poll creates nothing.
  const location = isCall && header("location");
  const [requestId, retryAfter] = [header("request-id"), header("retry-after")];
  try {
    const body = file?.take(response) ? "" : await readBody(response, limit, signal);
    return body === undefined ? ["too large"] : [status, body, requestId, retryAfter, location];
  } catch (cause) {
    return ["body", cause];
  }
}

function noResponse(what: string): Fetched {
  return ["no response", new TypeError(`fetch: expected it to return a Response, not ${what}`)];
}
