// Watches many jobs that do not end: the memory in use with few of them and with all of them.

import { used } from "./used.mjs";

const { peer, options, few, jobs, batch } = await new Promise((resolve) => process.once("message", resolve));
const { create } = await import(peer);
const client = create(options);
const watch = (name) => client.run({ name }).catch((error) => console.error(peer, error));
/** Waits until the server has accepted so many jobs, and with `quiet` until it receives no more polls. */
const server = (wanted) =>
  new Promise((resolve) => {
    process.send(wanted);
    process.once("message", resolve);
  });

let watched = 0;
async function watchUpTo(count) {
  while (watched < count) {
    for (let more = Math.min(batch, count - watched); more > 0; more -= 1) watch(`job-${watched++}`);
    await server({ accepted: watched });
  }
  await server({ accepted: watched, quiet: true });
  return used();
}

const before = await watchUpTo(few);
const after = await watchUpTo(jobs);
const more = jobs - few;
process.send({
  result: { heapPerJob: (after.heap - before.heap) / more, rssPerJob: (after.rss - before.rss) / more },
});
