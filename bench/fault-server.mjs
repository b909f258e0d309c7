// The simulated Deploy of the tests, in a process of its own, with faults: one for each peer and fault. Beside it another origin,
// which a redirect points at: it says that the job succeeded, to whoever believes it.

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
  /** Opens a Deploy with this configuration; with `renew` its bearer changes once a poll is open. */
  async open({ config, renew }) {
    last += 1;
    const key = String(last);
    const text = JSON.stringify(config).replaceAll("ELSEWHERE", `http://localhost:${port()}/${key}`);
    const simulator = createSimulator({ logLimit: 100_000, ...JSON.parse(text) });
    const site = await listen(simulator);
    const about = { simulator, site, elsewhere: 0, timer: undefined };
    if (renew) about.timer = setInterval(() => changeBearer(about, renew), 20);
    open.set(key, about);
    return { key, url: site.url };
  },
  look(key) {
    const { simulator, elsewhere } = open.get(key);
    const { requests, statuses } = simulator.counters();
    const log = simulator.log().map(({ at, method, path, poll, status, outcome, endedAt }) => ({
      at,
      method,
      path,
      poll,
      status,
      endedAt,
      open: outcome === "open",
    }));
    return { requests, statuses, elsewhere, log };
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

const port = () => elsewhere.address().port;
elsewhere.listen(0, "localhost", () => process.send({ port: port() }));
process.on("message", async ({ id, name, value }) => process.send({ id, value: await calls[name](value) }));
process.on("disconnect", () => process.exit());
