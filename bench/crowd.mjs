// node bench/crowd.mjs [JOBS]: how late the package sees the ends of many jobs in Node, over real sockets. The server cannot list
// jobs. The script asserts nothing. It prints the delays of the event loop and the polls of each second, which show whether the
// machine or a rule of the package causes a delay. tests/simulation/crowd.rs has the bounds, in virtual time. Needs `npm run build`.

import { fork } from "node:child_process";
import { once } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { DeployClient } from "../dist/esm/node.js";
import { host } from "../tests/lib/described.mjs";
import { listen } from "../tests/simulator/host/listen.mjs";
import { createSimulator } from "../tests/simulator/host/machine.mjs";

/** When the first and the last job end, after they began. */
const FIRST_MS = 25_000;
const LAST_MS = 45_000;

const jobs = Number(process.argv[2] ?? 2_000);
// The server is a process of its own.
await (process.send ? serve() : measure());

async function serve() {
  const scripts = Array.from({ length: jobs }, (_, at) => ({
    name: `esx-${at}`,
    steps: [
      { state: "running", message: "", afterMs: 0 },
      { state: "success", message: "", afterMs: FIRST_MS + Math.floor(((LAST_MS - FIRST_MS) * at) / jobs) },
    ],
  }));
  const noList = { match: { path: "/jobs" }, action: { kind: "status", status: 405 } };
  const { url } = await listen(createSimulator({ scripts, logLimit: 1, rules: [noList] }), {});
  process.send(url);
}

async function measure() {
  const server = fork(fileURLToPath(import.meta.url), [String(jobs)]);
  const [url] = await once(server, "message");
  const auth = { username: "admin", password: "Netapp1!" };
  const deploy = new DeployClient({ baseUrl: `${url}/api`, auth, allowInsecure: true });
  const handles = [];
  while (handles.length < jobs) {
    const names = Array.from({ length: Math.min(50, jobs - handles.length) }, (_, at) => handles.length + at);
    const some = names.map((at) => deploy.submit("POST", "/hosts", { body: host(`esx-${at}`) }));
    handles.push(...(await Promise.all(some)));
  }
  const delays = monitorEventLoopDelay({ resolution: 5 });
  delays.enable();
  const { polls: before } = deploy.stats;
  const eachSecond = [before];
  const ticks = setInterval(() => eachSecond.push(deploy.stats.polls), 1_000);
  const seen = handles.map(async (handle) => {
    const { lastModified } = await handle.result();
    return Date.now() - Date.parse(lastModified);
  });
  const late = await Promise.all(seen);
  clearInterval(ticks);
  server.kill();
  // The server's times come from its own clock. The earliest response counts as not late.
  late.sort((a, b) => a - b);
  const at = (part) => Math.round(late[Math.floor((jobs - 1) * part)] - late[0]);
  console.log(
    `polls a second: ${eachSecond
      .slice(1)
      .map((polls, second) => polls - eachSecond[second])
      .join(" ")}`,
  );
  console.log({
    jobs,
    "ends seen, median, ms": at(0.5),
    "99th percentile, ms": at(0.99),
    "last, ms": at(1),
    "event loop late, 99th percentile, ms": Math.round(delays.percentile(99) / 1e6),
    "at most, ms": Math.round(delays.max / 1e6),
    polls: deploy.stats.polls - before,
    retries: deploy.stats.retries,
  });
}
