// 2. The client's processor time for many jobs at once, and its requests.

import { interleaved } from "../lib/rounds.mjs";
import { quantile } from "../lib/statistics.mjs";

export async function cpu({ peers, load }, { rounds, jobs, changes, changeMs }) {
  return interleaved(`processor time, ${jobs} jobs`, rounds, peers, async (peer) => {
    const job = { changes, everyMs: changeMs, jitterMs: changeMs, listable: peer === "package-list" };
    // They begin within a second, not in one moment.
    const result = await load(peer, job, { jobs, warmUp: 50, batch: Math.ceil(jobs / 40), everyMs: 25 });
    if (!result) return undefined;
    const { cpuMs, wallMs, latenciesMs, counts } = result;
    const requests = counts.posts + counts.polls + counts.lists;
    return {
      cpuPerJobMs: cpuMs / jobs,
      cpuPerRequestMs: cpuMs / requests,
      requestsPerJob: requests / jobs,
      mostOpen: counts.mostOpen,
      wallMs,
      latencyP50: quantile(latenciesMs, 0.5),
    };
  });
}
