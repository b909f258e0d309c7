// From the import of a peer in a fresh process to its first request; the server notes when that comes.

const { peer, options } = await new Promise((resolve) => process.once("message", resolve));
const started = process.hrtime.bigint();
const { create } = await import(peer);
await create(options).run({ name: "job-0" });
process.send({ result: { started: String(started) } });
