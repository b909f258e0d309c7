// Follows very many jobs to their end, some at a time: what is left of them in memory. The server is a stand-in within this process,
// so that what is counted is the client's own, and a hundred thousand take seconds.

import { used } from "./used.mjs";

const headers = { "content-type": "application/json" };
const stamp = (changes) => `2026-01-01T00:00:0${changes}.140265Z`;
const job = (id, state, changes) => ({ id, state, message: "m".repeat(100), last_modified: stamp(changes) });

function answer(method, url, body) {
  if (method === "POST") return [202, { job: job(JSON.parse(body).name, "queued", 0) }];
  const id = url.slice(url.indexOf("/jobs/") + 6, url.indexOf("?"));
  return [200, { record: job(id, "success", 1) }];
}

globalThis.fetch = async (input, init) => {
  const request = input instanceof Request ? input : undefined;
  const { method = "GET" } = request ?? init ?? {};
  const text = method === "POST" ? (request ? await request.text() : init.body) : undefined;
  const body = typeof text === "string" || !text ? text : new TextDecoder().decode(text);
  const [status, told] = answer(method, request?.url ?? String(input), body);
  return new Response(JSON.stringify(told), { status, headers });
};

const { peer, options, first, jobs, together } = await new Promise((resolve) =>
  process.once("message", resolve),
);
const { create } = await import(peer);
// The one peer that does not use `fetch` in Node.
const httpClient = {
  async sendRequest(request) {
    const [status, told] = answer(request.method, request.url, request.body);
    return { request, status, headers: new Map(), bodyAsText: JSON.stringify(told) };
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
await follow(jobs);
process.send({ result: { bytes: (await used()).heap - before.heap, jobs } });
