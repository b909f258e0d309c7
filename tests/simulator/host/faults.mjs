// Faults that a user switches on in a page. Most are rules of the machine. The dead connection is part of the server, because
// it must also hold back responses that the machine has already produced.

/** @import { Config, Rule, Simulator } from "./types.d.ts" */

/** @typedef {(typeof faultNames)[number]} FaultName */

/** @typedef {{ name: FaultName, on: boolean, leftMs?: number }} FaultState `leftMs`: the fault ends automatically after this time */

const REBOOT_MS = 8_000;
/** Long enough to also break the automatic second attempt of a browser on a reused connection. */
const BREAK_MS = 250;
const CHANGED_PASSWORD = "Changed-1!";

/** The faults that last until they are switched off, as rules. If several are on, the first in this order applies. */
const LASTING = /** @satisfies {Partial<Record<FaultName, Omit<Rule, "name">>>} */ ({
  busy: { action: { kind: "status", status: 503, headers: { "retry-after": "5" } } },
  resets: { probability: 0.5, action: { kind: "reset" } },
  proxy: { match: { poll: "long" }, action: { kind: "cut", afterMs: 5_000, status: 504 } },
  slow: { action: { kind: "delay", ms: 2_500 } },
});

/** The names of all faults. */
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
 * @param {Pick<Config, "username" | "password" | "rules">} config the simulator's configuration; its rules stay, after the switched ones
 */
export function createFaults(simulator, { username = "admin", password = "Netapp1!", rules = [] }) {
  /** @type {Set<FaultName>} */
  const on = new Set();
  let backAt = 0;
  let line = Promise.resolve();
  let repair = () => {};

  /** @param {Rule[]} first */
  function setRules(first = []) {
    const lasting = Object.entries(LASTING).flatMap(([name, rule]) =>
      on.has(/** @type {FaultName} */ (name)) ? [{ name, ...rule }] : [],
    );
    simulator.clearRules();
    for (const rule of [...first, ...lasting, ...rules]) simulator.addRule(rule);
  }

  /**
   * Breaks open connections, and new ones for `downMs`. The rule needs a request to fire, so this sends one.
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
     * @param {boolean} wanted ignored for a reboot, which ends automatically
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
        repair();
        if (wanted) {
          line = new Promise((resolve) => {
            repair = resolve;
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

    /** Settles when the connection works. Everything that waits on a dead connection then arrives, as with TCP. */
    line: () => line,

    /** The current account. It is not a secret: the simulator's documentation has it. */
    account: () => ({ username, password: on.has("password") ? CHANGED_PASSWORD : password }),
  };
}
