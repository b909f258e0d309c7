// Trouble that somebody switches on by hand, in a page beside the simulator. Most of it is rules of the
// machine; a dead line is the host's own, since it holds back answers that are under way already.

/** @import { Config, Rule, Simulator } from "./types.d.ts" */

/** @typedef {(typeof faultNames)[number]} FaultName */

/** @typedef {{ name: FaultName, on: boolean, leftMs?: number }} FaultState `leftMs` on what ends by itself */

const REBOOT_MS = 8_000;
/** Long enough that the second attempt, which browsers make by themselves on a connection in use, breaks as well. */
const BREAK_MS = 250;
const CHANGED_PASSWORD = "Changed-1!";

/** What lasts until it is switched off, as rules. Of several that are on, the first in this order counts. */
const LASTING = /** @satisfies {Partial<Record<FaultName, Omit<Rule, "name">>>} */ ({
  busy: { action: { kind: "status", status: 503, headers: { "retry-after": "5" } } },
  resets: { probability: 0.5, action: { kind: "reset" } },
  proxy: { match: { poll: "long" }, action: { kind: "cut", afterMs: 5_000, status: 504 } },
  slow: { action: { kind: "delay", ms: 2_500 } },
});

/** Of every fault there is, in no order. */
export const faultNames = /** @type {const} */ ([
  "reboot",
  "deadLine",
  "password",
  "busy",
  "resets",
  "proxy",
  "slow",
]);

/**
 * The switches of a simulator.
 *
 * @param {Simulator} simulator
 * @param {Pick<Config, "username" | "password" | "rules">} config what the simulator was made of; its rules stay, behind the switched ones
 */
export function createFaults(simulator, { username = "admin", password = "Netapp1!", rules = [] }) {
  /** @type {Set<FaultName>} */
  const on = new Set();
  let backAt = 0;
  let line = Promise.resolve();
  let mend = () => {};

  /** @param {Rule[]} first */
  function setRules(first = []) {
    const lasting = Object.entries(LASTING).flatMap(([name, rule]) =>
      on.has(/** @type {FaultName} */ (name)) ? [{ name, ...rule }] : [],
    );
    simulator.clearRules();
    for (const rule of [...first, ...lasting, ...rules]) simulator.addRule(rule);
  }

  /**
   * Breaks what is open, and whatever comes for so long. The machine does it on a request, so it gets one.
   *
   * @param {string} name
   * @param {number} downMs
   */
  async function breakAll(name, downMs) {
    setRules([{ name, count: 1, action: { kind: "restart", downMs } }]);
    await simulator.handle(new Request("http://localhost/api/deploy"));
  }

  return {
    /** @returns {FaultState[]} */
    list: () => {
      const left = backAt - performance.now();
      return faultNames.map((name) =>
        name === "reboot"
          ? { name, on: left > 0, leftMs: Math.max(0, Math.ceil(left)) }
          : { name, on: on.has(name) },
      );
    },

    /**
     * @param {FaultName} name
     * @param {boolean} wanted a reboot ends by itself, and is not to be stopped
     */
    async set(name, wanted) {
      if (name === "reboot") {
        if (!wanted) return;
        backAt = performance.now() + REBOOT_MS;
        await breakAll(name, REBOOT_MS);
        return;
      }
      if (on.has(name) === wanted) return;
      if (wanted) on.add(name);
      else on.delete(name);
      if (name === "deadLine") {
        mend();
        if (wanted) {
          line = new Promise((resolve) => {
            mend = resolve;
          });
        }
      } else if (name === "password") {
        simulator.setCredentials({ username, password: wanted ? CHANGED_PASSWORD : password });
      } else if (name === "resets" && wanted) {
        await breakAll(name, BREAK_MS);
        setRules();
      } else {
        setRules();
      }
    },

    /** Settles once something gets through. What waits on a dead line arrives when it is mended, as over TCP. */
    line: () => line,

    /** Who may log in now. Nobody's secret: the simulator's documentation has it. */
    account: () => ({ username, password: on.has("password") ? CHANGED_PASSWORD : password }),
  };
}
