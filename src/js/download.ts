// A file on its way: its response is taken from the engine before its body is read.

import { onAbort, reasonOf } from "./abort.js";
import { makeError } from "./errors.js";
import { type Chunks, chunksOf } from "./response-body.js";
import { sanitizeCause } from "./sanitize.js";
import type { Download } from "./types.js";

/** A file that a call asks for. */
export class FileRequest {
  /** The signal of its requests; it outlives them. */
  readonly #controller = new AbortController();
  /** Without the query, which may hold a secret. */
  readonly #path: string | undefined;
  readonly #signal: AbortSignal | undefined;
  #sent: { url: string; headers: Headers } | undefined;
  #response: Response | undefined;

  constructor(path: string, signal: AbortSignal | undefined) {
    this.#path = path.split("?", 1)[0];
    this.#signal = signal;
  }

  /** The signal for a request that goes out: the engine's counts until the file comes. */
  follow(signal: AbortSignal, url: string, headers: Headers): AbortSignal {
    this.#sent = { url, headers };
    onAbort(signal, () => {
      if (!this.#response) this.#controller.abort();
    });
    return this.#controller.signal;
  }

  /** Takes a response that is a file: what refuses it, or names a job, is for the engine to read. */
  take(response: Response): boolean {
    const isFile = response.status === 200 || response.status === 203;
    if (isFile) this.#response = response;
    return isFile;
  }

  /**
   * @param running where to note how to end it, as long as it goes on
   * @throws ProtocolError if the server gave no file
   */
  open(running: Set<(error: unknown) => void>): Download {
    const response = this.#response;
    if (!response) {
      const message = `GET ${this.#path}: the server answered without a file`;
      throw makeError({ code: "PROTOCOL", outcome: "refused", message });
    }
    const header = (name: string) => response.headers.get(name) ?? undefined;
    const length = header("content-encoding") ? undefined : header("content-length");
    const size = length === undefined ? undefined : Number(length);
    const shown = { name: nameOf(header("content-disposition")), type: header("content-type"), size };
    const known = Object.entries(shown).filter(([, value]) => value !== undefined);
    const body = this.#stream(chunksOf(response), size, running);
    return Object.freeze({ status: response.status, body, ...Object.fromEntries(known) });
  }

  #stream(
    chunks: Chunks,
    size: number | undefined,
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
          const signal = this.#signal;
          unlisten = signal && onAbort(signal, () => fail(reasonOf(signal)));
          if (signal?.aborted) fail(reasonOf(signal));
        },
        pull: async (controller) => {
          try {
            const { done, value } = await chunks.read();
            if (!running.has(fail)) return;
            if (value) {
              received += value.length;
              controller.enqueue(value);
            } else if (done && received < (size ?? 0)) {
              throw new Error("the body is shorter than its content-length");
            } else {
              over();
              controller.close();
            }
          } catch (error) {
            if (!running.has(fail)) return;
            const { url, headers } = this.#sent ?? { url: "", headers: new Headers() };
            const whole = size === undefined ? "" : ` of ${size}`;
            const message = `GET ${this.#path}: the connection broke after ${received}${whole} bytes`;
            const cause = sanitizeCause(error, url, headers, undefined);
            fail(makeError({ code: "TRANSPORT", outcome: "refused", message }, undefined, cause));
          }
        },
        cancel: leave,
      },
      // Nothing is read that nobody asks for.
      { highWaterMark: 0 },
    );
  }
}

/** The name that a header proposes, without any folder; undefined where it proposes none. */
function nameOf(disposition = ""): string | undefined {
  const [, extended] = /filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(disposition) ?? [];
  const [, quoted, bare] = /filename\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^;\s"]+))/i.exec(disposition) ?? [];
  let name = quoted?.replace(/\\(.)/g, "$1") ?? bare ?? "";
  try {
    if (extended) name = decodeURIComponent(extended);
  } catch {
    // The plain one is left.
  }
  // What would lead to another folder, and what a terminal or a reader takes for something else.
  name = name
    .replace(/^.*[/\\]/s, "")
    .replace(/\p{C}/gu, "")
    .trim();
  return /^\.*$/.test(name) ? undefined : name;
}
