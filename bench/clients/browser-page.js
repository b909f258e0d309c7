// In a page: follows many jobs while it does other GETs, as a console does. Measures the GETs without and with the jobs, and when
// the end of each job is seen.

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

const seen = {};
async function follow(name) {
  await client.run({ name });
  seen[name] = performance.timeOrigin + performance.now();
}

await times(20);
const idle = await times(Number(gets));
let over = false;
const all = Promise.all(Array.from({ length: Number(jobs) }, (_, at) => follow(`job-${at}`))).then(() => {
  over = true;
});
await pause(200);
// At least one GET goes out while the jobs run, and at most `gets`.
const busy = await times(Number(gets), () => over);
await all;
window.result = { idle, busy, seen };
document.title = "done";
