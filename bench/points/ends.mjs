// 10. How late the ends of a crowd of jobs are seen, with default options and a server that cannot list jobs.

import { interleaved } from "../lib/rounds.mjs";
import { median } from "../lib/statistics.mjs";

export async function ends({ peers, load }, { rounds, jobs, everyMs }) {
  return interleaved(`ends of ${jobs} jobs`, rounds, peers, async (peer) => {
    // They end one after the other, the last one after three times `everyMs`.
    const job = { changes: 2, everyMs, jitterMs: everyMs };
    const result = await load(peer, job, { jobs, warmUp: 50, batch: Math.ceil(jobs / 20), everyMs: 25 });
    if (!result) return undefined;
    const { latenciesMs, counts } = result;
    return {
      medianMs: median(latenciesMs),
      lastMs: Math.max(...latenciesMs),
      mostOpen: counts.mostOpen,
      mostSockets: counts.mostSockets,
    };
  });
}
