// A download takes the response from the engine before the body is read.

import { onAbort, reasonOf } from "./abort.js";
import { type DeployError, makeError } from "./errors.js";
import { type Chunks, chunksOf } from "./response-body.js";
import { sanitizeCause } from "./sanitize.js";
import type { Download } from "./types.js";

/** The file that a call requests. */
export class FileRequest {
  /** Its signal outlives the request. */
  readonly #controller = new AbortController();
  #response: Response | undefined;
  #sanitize = (cause: unknown): unknown => cause;

  /** The signal for a request. The engine's signal counts until the response arrives. */
  follow(signal: AbortSignal, url: string, headers: Headers): AbortSignal {
    this.#sanitize = (cause) => sanitizeCause(cause, url, headers, undefined);
    onAbort(signal, () => {
      if (!this.#response) this.#controller.abort();
    });
    return this.#controller.signal;
  }

  /** Takes a response that is a file. The engine reads errors and job responses. */
  take(response: Response): boolean {
    const isFile = [200, 203, 206].includes(response.status);
    if (isFile) this.#response = response;
    return isFile;
  }

  /**
   * @param running Holds the function that ends the stream, while it is open.
   * @throws ProtocolError if the server sent no file.
   */
  open(address: string, signal: AbortSignal | undefined, running: Set<(error: unknown) => void>): Download {
    const response = this.#response;
    // Without the query, which may hold a secret.
    const what = `GET ${address.split("?", 1)[0]}: `;
    if (!response) throw failure("PROTOCOL", `${what}the server sent no file`);
    const header = (name: string) => response.headers.get(name) ?? undefined;
    const length = header("content-encoding") ? undefined : header("content-length");
    const size = length && Number(length);
    const { status } = response;
    const body = this.#stream(what, chunksOf(response), Number(length ?? 0), signal, running);
    const shown = {
      status,
      body,
      name: nameOf(header("content-disposition")),
      type: header("content-type"),
      size,
    };
    const known = Object.entries(shown).filter(([, value]) => value !== undefined);
    return Object.freeze(Object.fromEntries(known)) as unknown as Download;
  }

  #stream(
    what: string,
    chunks: Chunks,
    size: number,
    signal: AbortSignal | undefined,
    running: Set<(error: unknown) => void>,
  ): ReadableStream<Uint8Array> {
    let received = 0;
    let fail: (error: unknown) => void;
    let unlisten: (() => void) | undefined;
    const over = () => {
      unlisten?.();
      running.delete(fail);
    };
    const leave = () => {
      over();
      this.#controller.abort();
      chunks.cancel();
    };
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          fail = (error) => {
            leave();
            controller.error(error);
          };
          running.add(fail);
          const stop = () => fail(signal && reasonOf(signal));
          unlisten = signal && onAbort(signal, stop);
          if (signal?.aborted) stop();
        },
        pull: async (controller) => {
          let cause: unknown;
          try {
            const { value } = await chunks.read();
            if (!running.has(fail)) return;
            if (value) {
              received += value.length;
              return controller.enqueue(value);
            }
            if (received >= size) {
              over();
              return controller.close();
            }
          } catch (error) {
            cause = this.#sanitize(error);
          }
          const message = `${what}the connection broke after ${received}${size ? ` of ${size}` : ""} bytes`;
          if (running.has(fail)) fail(failure("TRANSPORT", message, cause));
        },
        cancel: leave,
      },
      // Reads only on demand.
      { highWaterMark: 0 },
    );
  }
}

/** The error of a GET, which changes nothing. */
export function failure(
  code: "PROTOCOL" | "TRANSPORT" | "CLOSED",
  message: string,
  cause?: unknown,
): DeployError {
  return makeError({ code, outcome: "refused", message }, undefined, cause);
}

/** The file name in the header, without folders; undefined if there is none. */
function nameOf(disposition = ""): string | undefined {
  const [, extended] = /filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(disposition) ?? [];
  const [, quoted, bare] = /filename\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^;\s"]+))/i.exec(disposition) ?? [];
  let name = quoted?.replace(/\\(.)/g, "$1") ?? bare ?? "";
  try {
    if (extended) name = decodeURIComponent(extended);
  } catch {
    // Keep the plain name.
  }
  // Removes folders and control characters, which could mislead a terminal or a reader.
  name = name
    .replace(/^.*[/\\]/s, "")
    .replace(/\p{C}/gu, "")
    .trim();
  return /^\.*$/.test(name) ? undefined : name;
}
