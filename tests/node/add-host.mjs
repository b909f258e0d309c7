// One call that starts a job, on a Deploy with a fault, over real sockets.

import assert from "node:assert/strict";
import { host } from "../lib/described.mjs";
import { deployFor } from "./deploy.mjs";

/** Fast retries. */
export const soon = { initialDelay: 1, maxDelay: 20 };
export const polls = { path: "/jobs/*" };
export const longPolls = { ...polls, poll: "long" };

/** Adds a host on a Deploy with these rules. Returns the result or error, and the server's requests. */
export async function addHost(t, { rules = [], client: options, name = "esx-1", ...config } = {}) {
  const deploy = await deployFor(t, { rules, ...config });
  const events = [];
  const client = deploy.client({
    pollTimeout: 1_000,
    retry: soon,
    onEvent: (event) => events.push(event),
    ...options,
  });
  const outcome = await client.post("/hosts", host(name)).catch((error) => error);
  const log = deploy.simulator.log();
  const { received, jobs } = deploy.simulator.counters();
  assert.equal(received["POST /hosts"] ?? 0, log.filter((it) => it.method === "POST" && !it.rule).length);
  assert.equal(client.stats.openPolls, 0);
  return { ...deploy, client, outcome, log, polls: log.filter((it) => it.poll), jobs, events, received };
}

export function assertSuccess({ outcome }) {
  assert.equal(outcome.job?.state, "success", outcome.message);
}

/** A rule that fires once. */
export const once = (action, match = polls) => ({ match, count: 1, action });
