// 1. From a job's end at the server until the client's promise settles.

import { interleaved } from "../lib/rounds.mjs";
import { quantile } from "../lib/statistics.mjs";

export async function latency({ peers, load }, { rounds, jobs, batch, everyMs }) {
  return interleaved("settle latency", rounds, peers, async (peer) => {
    const job = { changes: 2, everyMs: 150, jitterMs: 100 };
    const result = await load(peer, job, { jobs, warmUp: 50, batch, everyMs });
    if (!result) return undefined;
    const { latenciesMs, counts } = result;
    return {
      p50: quantile(latenciesMs, 0.5),
      p99: quantile(latenciesMs, 0.99),
      requestsPerJob: (counts.posts + counts.polls + counts.lists) / jobs,
      serverCpuPerJobMs: counts.cpuMs / jobs,
      mostSockets: counts.mostSockets,
    };
  });
}
