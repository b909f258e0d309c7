// Watches many jobs that do not end: what memory they take.

const memories = [];
const { Instance } = WebAssembly;
// Node does not count a module's memory as the heap's.
WebAssembly.Instance = (...args) => {
  const made = new Instance(...args);
  if (made.exports.memory) memories.push(made.exports.memory);
  return made;
};

const { peer, options, jobs, batch } = await new Promise((resolve) => process.once("message", resolve));
const { create } = await import(peer);
const client = create(options);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function used() {
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc();
    await pause(50);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const wasm = memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
  return { heap: heapUsed + external + wasm, rss };
}

const watch = (name) => client.run({ name }).catch((error) => console.error(peer, error));
const accepted = (wanted) =>
  new Promise((resolve) => {
    process.send({ accepted: wanted });
    process.once("message", resolve);
  });

for (let at = 0; at < 20; at += 1) watch(`warm-${at}`);
await accepted(20);
const before = await used();
for (let at = 0; at < jobs; at += batch) {
  for (let more = 0; more < batch; more += 1) watch(`job-${at + more}`);
  await accepted(20 + at + batch);
}
await pause(500);
const after = await used();
process.send({
  result: { heapPerJob: (after.heap - before.heap) / jobs, rssPerJob: (after.rss - before.rss) / jobs },
});
