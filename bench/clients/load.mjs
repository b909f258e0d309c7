// Follows many jobs with one peer. Measures the processor time, and the time from each job's end until its promise settles.

import { profile } from "./owners.mjs";

const { peer, options, jobs, warmUp, batch, everyMs, profiled } = await new Promise((resolve) =>
  process.once("message", resolve),
);
const { create } = await import(peer);
const client = create(options);

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function follow(name) {
  const last = await client.run({ name });
  return { last, at: process.hrtime.bigint() };
}

// The floor returns the body as a string and does not parse it.
const endOf = (last) => BigInt((typeof last === "string" ? JSON.parse(last).record : last).message);

async function followAll(prefix, count) {
  const following = [];
  while (following.length < count) {
    const more = Math.min(batch, count - following.length);
    for (let at = 0; at < more; at += 1) following.push(follow(`${prefix}-${following.length}`));
    await pause(everyMs);
  }
  return Promise.all(following);
}

await followAll("warm", warmUp);
// The server does not count the requests of the warm-up.
await new Promise((resolve) => {
  process.once("message", resolve);
  process.send({ warm: true });
});
const ended = profiled && (await profile());
const before = process.cpuUsage();
const started = performance.now();
const settled = await followAll("job", jobs);
const { user, system } = process.cpuUsage(before);
const owners = ended && (await ended());

process.send({
  result: {
    cpuMs: (user + system) / 1_000,
    owners,
    wallMs: performance.now() - started,
    latenciesMs: settled.map(({ last, at }) => Number(at - endOf(last)) / 1e6),
  },
});
