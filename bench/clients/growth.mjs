// Follows a very large number of jobs to their end, some at a time: the memory that is left in use. A stand-in for the server answers
// within this process, so that only the client's memory counts and the run takes minutes.

import { used } from "./used.mjs";

const { peer, options, first, jobs, together } = await new Promise((resolve) =>
  process.once("message", resolve),
);
const { changes } = options;

const headers = { "content-type": "application/json" };
const stamp = (done) => `2026-01-01T00:00:${String(done).padStart(2, "0")}.140265Z`;
const job = (id, done) => {
  const state = done === 0 ? "queued" : done < changes ? "running" : "success";
  return { id, state, message: `${done}`.padEnd(100, "m"), last_modified: stamp(done) };
};
let polls = 0;

// Each poll finds the next change. The number of the change is in the cursor that the client sends.
function respond(method, url, body) {
  if (method === "POST") return [202, { job: job(JSON.parse(body).name, 0) }];
  polls += 1;
  const { pathname, searchParams } = new URL(url);
  const known = searchParams.get("last_modified")?.match(/:(\d\d)\./)?.[1];
  return [200, { record: job(pathname.split("/").at(-1), Math.min(changes, Number(known ?? -1) + 1)) }];
}

globalThis.fetch = async (input, init) => {
  const request = input instanceof Request ? input : undefined;
  const { method = "GET" } = request ?? init ?? {};
  const text = method === "POST" ? (request ? await request.text() : init.body) : undefined;
  const body = typeof text === "string" || !text ? text : new TextDecoder().decode(text);
  const [status, content] = respond(method, request?.url ?? String(input), body);
  return new Response(JSON.stringify(content), { status, headers });
};

const { create } = await import(peer);
// The one peer that does not use `fetch` in Node.
const httpClient = {
  async sendRequest(request) {
    const [status, content] = respond(request.method, request.url, request.body);
    return { request, status, headers: new Map(), bodyAsText: JSON.stringify(content) };
  },
};
const client = create({ ...options, httpClient });

let number = 0;
async function follow(count) {
  for (let done = 0; done < count; done += together) {
    await Promise.all(Array.from({ length: together }, () => client.run({ name: `job-${number++}` })));
  }
}

await follow(first);
const before = await used();
polls = 0;
await follow(jobs);
process.send({ result: { bytes: (await used()).heap - before.heap, jobs, polls } });
