// Watches many jobs that do not end: what memory they take.

import { used } from "./used.mjs";

const { peer, options, jobs, batch } = await new Promise((resolve) => process.once("message", resolve));
const { create } = await import(peer);
const client = create(options);
const watch = (name) => client.run({ name }).catch((error) => console.error(peer, error));
/** Until the server has accepted so many jobs; with `quiet`, until it is asked for no more of them. */
const server = (wanted) =>
  new Promise((resolve) => {
    process.send(wanted);
    process.once("message", resolve);
  });

for (let at = 0; at < 20; at += 1) watch(`warm-${at}`);
await server({ accepted: 20, quiet: true });
const before = await used();
for (let at = 0; at < jobs; at += batch) {
  for (let more = 0; more < batch; more += 1) watch(`job-${at + more}`);
  await server({ accepted: 20 + at + batch });
}
await server({ accepted: 20 + jobs, quiet: true });
const after = await used();
process.send({
  result: { heapPerJob: (after.heap - before.heap) / jobs, rssPerJob: (after.rss - before.rss) / jobs },
});
