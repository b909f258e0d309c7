// In a page: imports the peer that the address names, and sends one call. Both times are of the page's own clock.

const peer = location.search.slice(1);
const started = performance.now();
const { create } = await import(`/${peer}.js`);
const imported = performance.now();
const authorization = `Basic ${btoa("admin:Netapp1!")}`;
const client = create({ baseUrl: `${location.origin}/api`, authorization, pollSeconds: 30, changes: 1 });
await client.run({ name: "job-0" });
const [call] = performance.getEntriesByName(`${location.origin}/api/hosts`);
window.result = { ms: call.startTime - started, importMs: imported - started };
document.title = "done";
