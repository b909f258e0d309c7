// In a page: follows many jobs while it does other GETs, as a console does. Times of the GETs before and meanwhile.

const { peer, jobs, gets, changes } = Object.fromEntries(new URLSearchParams(location.search));
const { create } = await import(`/${peer}.js`);
const client = create({
  baseUrl: `${location.origin}/api`,
  authorization: `Basic ${btoa("admin:Netapp1!")}`,
  pollSeconds: 30,
  changes: Number(changes),
});
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function times(count, until = () => false) {
  const taken = [];
  while (taken.length < count && !until()) {
    const start = performance.now();
    await (await fetch("/follow.txt", { cache: "no-store" })).text();
    taken.push(performance.now() - start);
    await pause(10);
  }
  return taken;
}

await times(20);
const idle = await times(Number(gets));
let over = false;
const all = Promise.all(
  Array.from({ length: Number(jobs) }, (_, at) => client.run({ name: `job-${at}` })),
).then(() => {
  over = true;
});
await pause(200);
// At least one is sent while the jobs are under way; as many more as their time allows.
const busy = await times(Number(gets), () => over);
await all;
window.result = { idle, busy };
document.title = "done";
