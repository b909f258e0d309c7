// Responses, including those of a library's class.

import { kindOf } from "./body.js";
import type { FileRequest } from "./download.js";
import { readBody } from "./response-body.js";

/** A response for src/runtime/fetch.rs, or the failed step and its cause. */
export type Fetched =
  | [status: number, body: string, requestId: unknown, retryAfter: unknown, location: unknown]
  | [failed: "no fetch" | "no response" | "body", cause: unknown]
  // Also a redirect that the user's `fetch` followed.
  | ["redirect" | "too large"];

/**
 * Reads the result of `fetch`. The user's `fetch` may return anything, so each access may throw and each value may have
 * any type.
 *
 * @param limit The longest body, in bytes.
 * @param file Takes the response if it is the requested file.
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
  // A poll creates nothing, so it has no location.
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
