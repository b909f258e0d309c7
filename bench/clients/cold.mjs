// Imports a peer in a new process and sends one call. The server records when the call arrives.

const { peer, options } = await new Promise((resolve) => process.once("message", resolve));
const started = process.hrtime.bigint();
const { create } = await import(peer);
await create(options).run({ name: "job-0" });
process.send({ result: { started: String(started) } });
