// 7. Each client and each fault: a process of its own, and a simulated Deploy of its own.

import { AUTHORIZATION } from "../lib/options.mjs";
import { FAULTS } from "./fault-table.mjs";

// Clients mostly wait. Those that keep a processor busy run alone.
const TOGETHER = 8;
// Each client gets the same settings, as far as it has them.
const RETRY = { limit: 5, minMs: 200, maxMs: 2_000, maxRetryAfterMs: 3_000 };
const STEP_MS = 300;

export async function faults({ peers, faultServer, run }, { limitMs }) {
  const results = Object.fromEntries(peers.map((peer) => [peer, {}]));
  const pairs = (faults) => faults.flatMap((fault) => peers.map((peer) => ({ fault, peer })));
  const work = async (waiting) => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { fault, peer } = next;
      results[peer][fault.name] = await through(fault, peer, { faultServer, run, limitMs });
    }
  };
  const together = pairs(FAULTS.filter(({ alone }) => !alone));
  await Promise.all(Array.from({ length: TOGETHER }, () => work(together)));
  await work(pairs(FAULTS.filter(({ alone }) => alone)));
  for (const { name } of FAULTS) {
    const passed = peers.filter((peer) => results[peer][name].passed);
    console.log(`  ${name}: ${passed.join(", ") || "none"}`);
  }
  return results;
}

async function through(fault, peer, { faultServer, run, limitMs: usual }) {
  const limitMs = fault.limitMs ?? usual;
  const { config = {}, rules = [], renew, cached, abortAfterMs, secret, pollSeconds = 1 } = fault;
  const site = await faultServer.call("open", {
    config: { stepMs: STEP_MS, ...config, rules },
    renew,
    cached,
  });
  const options = { baseUrl: `${site.url}/api`, authorization: AUTHORIZATION, pollSeconds, retry: RETRY };
  const bearer = renew && { first: config.bearer, second: renew };
  let seen;
  const task = { options, bearer, abortAfterMs, secret };
  const look = async () => {
    await new Promise((resolve) => setTimeout(resolve, abortAfterMs ? 300 : 0));
    seen = await faultServer.call("look", site.key);
  };
  const result = await run("fault", peer, task, { limitMs, before: look });
  const { log, requests, elsewhere, calls } = seen;
  const leftOpen = log.filter(({ poll, open }) => poll && open).length;
  const all = { outcome: "none", ms: limitMs, ...result, requests, calls, elsewhere, leftOpen };
  // A client did not meet the fault if it sent no poll, or if no rule fired.
  const polled = fault.beforeJob || log.some(({ method }) => method === "GET");
  const met = polled && (rules.length === 0 || log.some(({ rule }) => rule));
  const passed = met && Boolean(fault.pass({ error: "", ...all, log }));
  await faultServer.call("close", site.key);
  return { passed, ...all };
}
