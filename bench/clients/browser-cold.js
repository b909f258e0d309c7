// In a page: imports the peer that the address names, and issues one call.

const peer = location.search.slice(1);
const { create } = await import(`/${peer}.js`);
const authorization = `Basic ${btoa("admin:Netapp1!")}`;
const client = create({ baseUrl: `${location.origin}/api`, authorization, pollSeconds: 30, changes: 1 });
await client.run({ name: "job-0" });
document.title = "done";
