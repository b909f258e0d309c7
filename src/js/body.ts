// Bodies of requests and responses.

/** A body for `fetch`: a plain value becomes JSON text. */
export function fetchBody(value: unknown): { body: unknown; isJson: boolean } {
  if (value === undefined || isFetchBody(value)) return { body: value, isJson: false };
  if (typeof ReadableStream === "function" && value instanceof ReadableStream) {
    throw new TypeError("body: expected a value that can be sent again, not a stream");
  }
  let body: string | undefined;
  try {
    body = JSON.stringify(value);
  } catch (cause) {
    throw new TypeError("body: expected a value that JSON can express", { cause });
  }
  if (body === undefined)
    throw new TypeError(`body: expected a value that JSON can express, not a ${typeof value}`);
  return { body, isJson: true };
}

function isFetchBody(value: unknown): boolean {
  return (
    typeof value === "string" ||
    ArrayBuffer.isView(value) ||
    // Known by their tags, since a test environment may bring its own classes.
    /^\[object (FormData|Blob|File|URLSearchParams|ArrayBuffer)\]$/.test(
      Object.prototype.toString.call(value),
    )
  );
}

/** The whole body; undefined if it is larger than the limit. Never holds much more than the limit. */
export async function readBody(
  response: Response,
  limit: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const { body } = response as Partial<Response>;
  // Some runtimes have no streams.
  const whole = body === undefined && (await response.arrayBuffer?.());
  const reader = body && typeof body === "object" ? body.getReader() : undefined;
  const cancel = () => {
    Promise.resolve()
      .then(() => reader?.cancel())
      .catch(() => {});
  };
  // Not every `fetch` ties the body to the signal.
  signal.addEventListener("abort", cancel);
  const chunks = whole ? [new Uint8Array(whole)] : [];
  let length = whole ? whole.byteLength : 0;
  try {
    if (signal.aborted) cancel();
    while (reader && length <= limit) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      length += value.length;
    }
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener("abort", cancel);
  }
  if (length > limit) {
    cancel();
    return undefined;
  }
  if (chunks.length === 1) return chunks[0];
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
