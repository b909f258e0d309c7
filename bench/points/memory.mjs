// 3. Memory of a watched job, and what finished jobs leave behind.

import { interleaved } from "../lib/rounds.mjs";

const BATCH = 100;
// With ten changes a job takes some of the others seconds: they pause after each change.
const MANY_CHANGES = ["package", "hand"];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function memory({ peers, server, run, options }, { rounds, few, jobs }) {
  const never = { changes: 1, everyMs: 2 ** 31 - 1 };
  return interleaved(`memory, ${few} to ${jobs} jobs`, rounds, peers, async (peer) => {
    await server.call("begin", never);
    const task = { few, jobs, batch: BATCH, options: { ...options, changes: 1, pollSeconds: 120 } };
    const asked = async ({ accepted, quiet }) => {
      while ((await server.call("counts")).posts < accepted) await pause(10);
      // The package's jobs take turns, so that its polls never stop: wait a few seconds at most.
      let last = -1;
      for (let tries = 0; quiet && tries < 3; tries += 1) {
        const { polls } = await server.call("counts");
        if (polls === last) break;
        last = polls;
        await pause(1_000);
      }
    };
    let open;
    const before = async () => {
      ({ open } = await server.call("counts"));
    };
    const how = { execArgv: ["--expose-gc"], asked, before, limitMs: 300_000 };
    const result = await run("memory", peer, task, how);
    return result && { ...result, open };
  });
}

export async function growth({ peers, run, options }, { rounds, jobs, changes }) {
  return interleaved(`growth over ${jobs} jobs`, rounds, peers, (peer) => {
    const own = { ...options, changes: MANY_CHANGES.includes(peer) ? changes : 1 };
    const task = { first: Math.ceil(jobs / 10), jobs, together: 30, options: own };
    return run("growth", peer, task, { execArgv: ["--expose-gc"], limitMs: 900_000 });
  });
}
