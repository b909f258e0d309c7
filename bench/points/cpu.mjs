// 2. Many jobs at once: the client's processor time, and what the server sees of it.

import { interleaved } from "../lib/rounds.mjs";
import { median } from "../lib/statistics.mjs";

export async function cpu({ peers, load }, { rounds, jobs, changes, changeMs }) {
  return interleaved(`processor time, ${jobs} jobs`, rounds, peers, async (peer) => {
    const job = { changes, everyMs: changeMs, jitterMs: changeMs, listable: peer === "package-list" };
    // The calls are spread over a second.
    const result = await load(peer, job, { jobs, warmUp: 50, batch: Math.ceil(jobs / 40), everyMs: 25 });
    if (!result) return undefined;
    const { cpuMs, wallMs, latenciesMs, counts } = result;
    const requests = counts.posts + counts.polls + counts.lists;
    return {
      cpuPerJobMs: cpuMs / jobs,
      cpuPerRequestMs: cpuMs / requests,
      requestsPerJob: requests / jobs,
      mostOpen: counts.mostOpen,
      serverCpuPerJobMs: counts.cpuMs / jobs,
      mostSockets: counts.mostSockets,
      wallMs,
      latencyP50: median(latenciesMs),
    };
  });
}
