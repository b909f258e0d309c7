import { initSync, Simulator as Machine } from "../../../target/simulator/deploy_simulator.js";
import { toResponse } from "./carry.mjs";
import { createSystemClock } from "./system-clock.mjs";
import { machineWasm } from "./wasm.mjs";

/** @import { Answer, Config, Simulator, SimulatorOptions } from "./types.d.ts" */

/** The maximum delay of `setTimeout`, which fires at once for a longer one. */
const LONGEST_TIMER = 2 ** 31 - 1;

let loaded = false;

/**
 * Creates a simulated Deploy in this process, without sockets. The time starts at 0 and follows `clock`. A timer is set
 * only while a request is open.
 *
 * @param {Config} [config]
 * @param {SimulatorOptions} [options]
 * @returns {Simulator}
 */
export function createSimulator(config = {}, options = {}) {
  const { clock = createSystemClock(), origin = "https://deploy.example.com" } = options;
  load();
  const machine = new Machine(JSON.stringify(config));
  const began = clock.now();
  const now = () => Math.max(0, Math.floor(clock.now() - began));

  /** @type {Map<number, { answer(answer: Answer): void, leave(): void }>} */
  const waiting = new Map();
  /** Ends the bodies that are still being sent. */
  const bodies = new AbortController();
  /** @type {TypeError | undefined} */
  let closed;
  /** @type {unknown} */
  let timer;

  function pump() {
    for (const answer of machine.advance(now())) {
      waiting.get(answer.ticket)?.answer(answer);
    }
    clock.clearTimeout(timer);
    const next = machine.isWaiting() ? machine.nextEvent() : undefined;
    if (next !== undefined) {
      timer = clock.setTimeout(pump, Math.min(Math.max(next - now(), 1), LONGEST_TIMER));
    }
  }

  /** @type {Simulator["handle"]} */
  async function handle(request, { signal, target } = {}) {
    const url = new URL(request.url);
    const body = new Uint8Array(await request.arrayBuffer());
    signal?.throwIfAborted();
    if (closed) throw closed;
    const path = target ?? url.pathname + url.search;
    const reply = machine.request(now(), request.method, path, [...request.headers], body, url.origin);
    const answer = reply.ticket === 0 ? reply : held(reply.ticket, signal);
    pump();
    return answer;
  }

  /**
   * @param {number} ticket
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<Answer>}
   */
  function held(ticket, signal) {
    return new Promise((resolve, reject) => {
      const leave = () => {
        settled();
        machine.forget(ticket);
        reject(closed ?? signal?.reason);
        pump();
      };
      const settled = () => {
        waiting.delete(ticket);
        signal?.removeEventListener("abort", leave);
      };
      signal?.addEventListener("abort", leave, { once: true });
      waiting.set(ticket, {
        leave,
        answer(answer) {
          settled();
          resolve(answer);
        },
      });
    });
  }

  /** @type {Simulator["fetch"]} */
  async function fetch(input, init = {}) {
    const { signal: given, ...rest } = init;
    const signal = given ?? (input instanceof Request ? input.signal : undefined);
    const request = new Request(input instanceof Request ? input : new URL(input, origin), rest);
    signal?.throwIfAborted();
    const answer = await handle(request, { signal });
    if (
      answer.status >= 300 &&
      answer.status < 400 &&
      answer.status !== 304 &&
      request.redirect !== "manual"
    ) {
      throw new TypeError("fetch failed", { cause: new Error("the simulator does not follow redirects") });
    }
    return toResponse(answer, { signals: signal ? [signal, bodies.signal] : [bodies.signal], clock });
  }

  return {
    fetch,
    handle,
    addRule: (rule) => machine.addRule(JSON.stringify(rule)),
    clearRules: () => machine.clearRules(),
    setCredentials: ({ username, password, bearer }) => machine.setCredentials(username, password, bearer),
    log: () => {
      pump();
      return machine.log();
    },
    counters: () => {
      pump();
      return machine.counters();
    },
    close: () => {
      closed ??= new TypeError("fetch failed", { cause: new Error("the simulator is closed") });
      for (const { leave } of [...waiting.values()]) leave();
      bodies.abort(closed);
    },
  };
}

// At the first use, so that an import alone costs nothing.
function load() {
  if (loaded) return;
  initSync({ module: machineWasm() });
  loaded = true;
}
