/** @import { Answer, Clock } from "./types.d.ts" */

const WITHOUT_BODY = new Set([204, 205, 304]);

/** @typedef {{ signals: AbortSignal[], clock: Clock }} Context each signal ends a body that is still being sent */

/**
 * Creates a `Response` like `fetch`. A broken connection rejects, or ends the body, with a TypeError.
 *
 * @param {Answer} answer
 * @param {Context} context
 */
export function toResponse(answer, context) {
  if (answer.transport.kind === "reset") throw broken("fetch failed", "ECONNRESET");
  const { status, headers } = answer;
  return new Response(WITHOUT_BODY.has(status) ? null : bodyOf(answer, context), { status, headers });
}

/**
 * @param {Answer} answer
 * @param {Context} context
 */
function bodyOf({ body, transport }, { signals, clock }) {
  switch (transport.kind) {
    case "truncate":
      return stream(signals, async (send) => {
        send(body.subarray(0, transport.after));
        throw broken("terminated", "UND_ERR_SOCKET");
      });
    case "stall":
      return stream(signals, async (send, ended) => {
        send(body.subarray(0, transport.after));
        await ended;
      });
    case "drip":
      return stream(signals, async (send, ended) => {
        for (let at = 0; at < body.length; at += transport.bytes) {
          send(body.subarray(at, at + transport.bytes));
          if (await pause(clock, transport.everyMs, ended)) return;
        }
      });
    default:
      return body;
  }
}

/**
 * @param {AbortSignal[]} signals
 * @param {(send: (bytes: Uint8Array) => void, ended: Promise<true>) => Promise<void>} produce `ended` settles when the reader stops
 */
function stream(signals, produce) {
  const signal = AbortSignal.any(signals);
  let end = () => {};
  /** @type {Promise<true>} */
  const ended = new Promise((resolve) => {
    end = () => resolve(true);
  });
  return new ReadableStream({
    async start(controller) {
      const abort = () => {
        controller.error(signal.reason);
        end();
      };
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      ended.then(() => signal.removeEventListener("abort", abort));
      // Not awaited: a stream delivers nothing until `start` has finished.
      produce((bytes) => bytes.length > 0 && controller.enqueue(bytes), ended)
        .then(() => controller.close())
        .catch((error) => controller.error(error))
        .finally(end);
    },
    cancel: () => end(),
  });
}

/**
 * @param {Clock} clock
 * @param {number} ms
 * @param {Promise<true>} ended
 * @returns {Promise<boolean>} whether the wait was cut short
 */
async function pause(clock, ms, ended) {
  /** @type {unknown} */
  let timer;
  /** @type {Promise<false>} */
  const passed = new Promise((resolve) => {
    timer = clock.setTimeout(() => resolve(false), ms);
  });
  const cut = await Promise.race([passed, ended]);
  clock.clearTimeout(timer);
  return cut;
}

/**
 * @param {string} message
 * @param {string} code
 */
function broken(message, code) {
  return new TypeError(message, { cause: Object.assign(new Error("other side closed"), { code }) });
}
