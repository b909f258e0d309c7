// 7. Each peer through each fault, in a process of its own, on a simulated Deploy of its own.

import { AUTHORIZATION } from "../lib/options.mjs";
import { FAULTS } from "./fault-table.mjs";

const TOGETHER = 4;
// All are told to try as hard, as far as they can be told.
const RETRY = { limit: 5, minMs: 200, maxMs: 2_000, maxRetryAfterMs: 3_000 };

export async function faults({ peers, faultServer, run }, { limitMs }) {
  const results = Object.fromEntries(peers.map((peer) => [peer, {}]));
  for (const fault of FAULTS) {
    const waiting = [...peers];
    const one = async () => {
      for (let peer = waiting.shift(); peer; peer = waiting.shift())
        results[peer][fault.name] = await through(fault, peer, { faultServer, run, limitMs });
    };
    await Promise.all(Array.from({ length: fault.alone ? 1 : TOGETHER }, one));
    const passed = peers.filter((peer) => results[peer][fault.name].passed);
    console.log(`  ${fault.name}: passed by ${passed.join(", ") || "none"}`);
  }
  return results;
}

async function through(fault, peer, { faultServer, run, limitMs }) {
  const { config = {}, rules = [], renew, abortAfterMs } = fault;
  const site = await faultServer.call("open", { config: { stepMs: 300, ...config, rules }, renew });
  const options = {
    baseUrl: `${site.url}/api`,
    authorization: AUTHORIZATION,
    pollSeconds: 1,
    retry: RETRY,
  };
  // A long hold where the poll must still be open when it is aborted.
  if (abortAfterMs) options.pollSeconds = 30;
  const bearer = renew && { first: config.bearer, second: renew };
  let seen;
  const task = { options, bearer, abortAfterMs };
  const look = async () => {
    await new Promise((resolve) => setTimeout(resolve, abortAfterMs ? 300 : 0));
    seen = await faultServer.call("look", site.key);
  };
  const result = await run("fault", peer, task, { limitMs, before: look });
  const { log, requests, elsewhere } = seen;
  const leftOpen = log.filter(({ poll, open }) => poll && open).length;
  const all = { outcome: "none", ms: limitMs, ...result, requests, elsewhere, leftOpen };
  // Whoever did not come as far as a poll did not meet the fault.
  const passed = log.some(({ method }) => method === "GET") && Boolean(fault.pass({ ...all, log }));
  await faultServer.call("close", site.key);
  return { passed, ...all };
}
