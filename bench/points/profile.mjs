// 9. Where the client's processor time goes.

import { interleaved } from "../lib/rounds.mjs";

const PEERS = ["floor", "hand", "package-all"];

export async function profile({ load }, { rounds, jobs, changes, changeMs }) {
  return interleaved(`profile, ${jobs} jobs`, rounds, PEERS, async (peer) => {
    const job = { changes, everyMs: changeMs, jitterMs: changeMs, listable: false };
    const task = { jobs, warmUp: 50, batch: Math.ceil(jobs / 40), everyMs: 25, profiled: true };
    const result = await load(peer, job, task);
    if (!result) return undefined;
    const requests = result.counts.posts + result.counts.polls;
    const each = Object.entries(result.owners).map(([name, ms]) => [name, (ms * 1_000) / requests]);
    return Object.fromEntries(each);
  });
}
