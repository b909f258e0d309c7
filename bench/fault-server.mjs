// The simulated Deploy of the tests with faults, one for each client and fault, all in one process. A second server is another origin,
// which a redirect names. It answers that the job has succeeded.

import { createServer } from "node:http";
import { listen } from "../tests/simulator/host/listen.mjs";
import { createSimulator } from "../tests/simulator/host/machine.mjs";

const open = new Map();
let last = 0;

const elsewhere = createServer((request, response) => {
  const about = open.get(request.url.split("/")[1]);
  if (about) about.elsewhere += 1;
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ record: { id: "x", state: "success", message: "", last_modified: "x" } }));
});

const calls = {
  /**
   * Opens a Deploy with this configuration. With `renew` its bearer token changes once a poll is open. With `cached` a cache is in
   * front of it.
   */
  async open({ config, renew, cached }) {
    last += 1;
    const key = String(last);
    const text = JSON.stringify(config).replaceAll("ELSEWHERE", `http://localhost:${port()}/${key}`);
    const simulator = createSimulator({ logLimit: 100_000, ...JSON.parse(text) });
    const site = await listen(cached ? behindCache(simulator) : simulator);
    const about = { simulator, site, elsewhere: 0, timer: undefined };
    if (renew) about.timer = setInterval(() => changeBearer(about, renew), 20);
    open.set(key, about);
    return { key, url: site.url };
  },
  look(key) {
    const { simulator, elsewhere } = open.get(key);
    const { requests, statuses, received } = simulator.counters();
    const log = simulator.log().map(({ at, method, path, poll, rule, status, outcome, endedAt }) => ({
      at,
      method,
      path,
      poll,
      rule,
      status,
      endedAt,
      open: outcome === "open",
    }));
    return { requests, statuses, elsewhere, calls: received["POST /hosts"] ?? 0, log };
  },
  async close(key) {
    const { simulator, site, timer } = open.get(key);
    clearInterval(timer);
    simulator.close();
    await site.close();
    open.delete(key);
  },
};

function changeBearer({ simulator, timer }, bearer) {
  if (!simulator.log().some(({ poll }) => poll)) return;
  simulator.setCredentials({ username: "admin", password: "Netapp1!", bearer });
  clearInterval(timer);
}

/** A cache that ignores `cache-control`: the first response of each address is the response from then on. */
function behindCache(simulator) {
  const stored = new Map();
  return {
    ...simulator,
    async handle(request, options) {
      if (request.method !== "GET") return simulator.handle(request, options);
      const known = stored.get(options.target);
      if (known) return known;
      const answer = await simulator.handle(request, options);
      stored.set(options.target, answer);
      return answer;
    },
  };
}

const port = () => elsewhere.address().port;
elsewhere.listen(0, "localhost", () => process.send({ port: port() }));
process.on("message", async ({ id, name, value }) => process.send({ id, value: await calls[name](value) }));
process.on("disconnect", () => process.exit());
