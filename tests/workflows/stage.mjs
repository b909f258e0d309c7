// One simulated Deploy and its virtual time, for one test.

import assert from "node:assert/strict";
import { DeployClient } from "ontap-select-deploy";
import { createCluster } from "ontap-select-deploy/workflows";
import { VirtualTime } from "./virtual-time.mjs";
import { World } from "./world.mjs";

/**
 * Ends with the test `t`.
 *
 * @param {import("node:test").TestContext} t
 * @param {{ config?: object, jobsList?: number }} [setting]
 */
export function stageFor(t, setting) {
  const time = new VirtualTime();
  time.install();
  const world = new World(time, setting);
  t.after(() => {
    world.simulator.close();
    time.uninstall();
  });
  const { simulator } = world;

  async function run(promise) {
    try {
      return await time.until(Promise.race([promise, tooLong(time)]));
    } finally {
      assert.equal(time.pending, 0, "pending timers after a run");
      assert.equal(simulator.log().filter(({ outcome }) => outcome === "open").length, 0, "open requests");
    }
  }

  return {
    time,
    world,
    simulator,
    /** A client and its events. */
    client(options = {}) {
      const auth = { username: "admin", password: world.password };
      const baseUrl = "https://deploy.example.com/api";
      return new DeployClient({ baseUrl, auth, fetch: simulator.fetch, ...options });
    },
    /** Advances time until a run settles, and returns its result or throws its error. Checks that no timer is left. */
    run,
    /** The error of a run. */
    failure: (promise) =>
      run(
        promise.then(
          () => assert.fail("it resolves"),
          (error) => error,
        ),
      ),
    /** The mutating calls so far, in order, without ids. */
    changes: () =>
      simulator
        .log()
        .filter(({ method }) => method !== "GET")
        .map(({ method, path }) => `${method} ${path.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "*")}`),
  };
}

/**
 * Starts to create the plan's cluster on a stage and stops waiting while Deploy is deploying it.
 * @param {ReturnType<typeof stageFor>} stage
 */
export async function leaveDeploying({ client, world, time }, plan) {
  const abort = new AbortController();
  const left = createCluster(client(), plan, { signal: abort.signal }).catch(() => {});
  await time.pass(300_000);
  abort.abort();
  await left;
  assert.equal((await world.list("/clusters?fields=state"))[0].state, "deploying");
}

async function tooLong(time) {
  await time.after(48 * 3_600_000);
  throw new Error("a run did not end within 48 hours");
}

/** Steps in short form: `made host esx-1`. */
export const told = (steps) => steps.map(({ done, name, target }) => `${done} ${name} ${target}`);
