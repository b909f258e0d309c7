// One section of the document for each point.

import { FAULTS } from "../points/fault-table.mjs";
import { figure, over, ratio, spread, table } from "./text.mjs";

/** A table of one line for each peer; each column is `[title, (samples, floor, hand) => text]`. */
function byPeer({ peers }, results, columns) {
  const rows = Object.entries(results).map(([peer, samples]) => [
    peers[peer],
    ...columns.map(([, cell]) => cell(samples, results.floor, results.hand)),
  ]);
  return table(["", ...columns.map(([title]) => title)], rows);
}

const cell = (name, scale) => (samples) => spread(over(samples, name), scale);
const toFloor = (name) => (samples, floor) => ratio(over(samples, name), over(floor, name));
const toHand = (name) => (samples, _floor, hand) => ratio(over(samples, name), over(hand, name));

export function latency(run) {
  const { rounds, jobs } = run.sizes.latency;
  return `## 1. From a job's end to the promise settled

Milliseconds from the moment at which the server's job is over to the one at which the client's promise is settled; about twenty jobs at a time,
which is fewer than any of them keeps polls open, ${jobs} in each of ${rounds} rounds. What a crowd does to the package stands below.

${byPeer(run, run.points.latency, [
  ["p50", cell("p50")],
  ["p99", cell("p99")],
  ["p50 / floor", toFloor("p50")],
  ["p50 / hand", toHand("p50")],
])}

![](benchmarks/latency.svg)`;
}

export function cpu(run) {
  const tables = run.points.cpu.map(({ jobs, samples }, at) => {
    const { rounds, changes } = run.sizes.cpu[at];
    return `${jobs} jobs at once, each of which changes ${changes} times; ${rounds} rounds.

${byPeer(run, samples, [
  ["ms a job", cell("cpuPerJobMs")],
  ["/ floor", toFloor("cpuPerJobMs")],
  ["/ hand", toHand("cpuPerJobMs")],
  ["requests a job", cell("requestsPerJob")],
  ["ms a request", cell("cpuPerRequestMs")],
  ["most polls open", cell("mostOpen")],
  ["settled after, ms", cell("latencyP50")],
])}`;
  });
  return `## 2. Processor time and requests

Processor time of the client's process, user and system. Requests count the call that starts the job, so that one for each change and that one is
the least there can be. By itself the package keeps at most 100 polls open in Node. Where jobs outnumber them they take turns, each about every 5 s as
far as the server bears that: it costs less and learns of an end later. Told to hold a poll for each job it does what the others do. Where the server
can list jobs it asks for many in one request.

${tables.join("\n\n")}

![](benchmarks/cpu.svg)`;
}

export function memory(run) {
  const { rounds, jobs } = run.sizes.memory;
  const grown = run.sizes.growth.jobs;
  return `## 3. Memory

Bytes for each of ${jobs} jobs that are watched at once, over real sockets; ${rounds} rounds. \`heap\` is JavaScript's heap and what hangs on it,
WebAssembly's memory included, after a collection, \`resident\` what the process takes of the machine.

${byPeer(run, run.points.memory, [
  ["heap", cell("heapPerJob")],
  ["resident", cell("rssPerJob")],
  ["polls open", cell("open")],
])}

What ${grown} jobs that came, ended and were collected left behind, against a server within the same process:

${byPeer(run, run.points.growth, [
  ["bytes in all", cell("bytes")],
  ["bytes a job", cell("bytes", 1 / grown)],
])}`;
}

export function cold(run) {
  return `## 4. From the import to the first request

Milliseconds in a process that has never seen the code: until the server hears the first request. In Chromium from the request for the
code on, over a connection without delay, in a browser that was just started. ${run.sizes.coldNode.rounds} and ${run.sizes.coldPage.rounds} rounds.

${byPeer(
  run,
  Object.fromEntries(
    Object.keys(run.points.coldNode).map((peer) => [
      peer,
      [
        {
          node: over(run.points.coldNode[peer], "ms"),
          page: over(run.points.coldPage[peer], "ms"),
        },
      ],
    ]),
  ),
  [
    ["Node", ([{ node }]) => spread(node)],
    ["/ hand", ([{ node }], _floor, [hand]) => ratio(node, hand.node)],
    ["Chromium", ([{ page }]) => spread(page)],
    ["/ hand", ([{ page }], _floor, [hand]) => ratio(page, hand.page)],
  ],
)}`;
}

export function bytes(run) {
  return `## 5. What a page downloads

Bytes of each peer with the few lines that use it, bundled and minified by esbuild.

${byPeer(
  run,
  Object.fromEntries(Object.entries(run.points.bytes).filter(([peer]) => !/^package-/.test(peer))),
  [
    ["minified", cell("raw")],
    ["gzip -9", cell("gzip")],
    ["brotli 11", cell("brotli")],
  ],
)}

![](benchmarks/bytes.svg)`;
}

export function page(run) {
  const { rounds, jobs, gets } = run.sizes.page;
  return `## 6. A page with ${jobs} jobs

Chromium over HTTP/1.1, where it opens six connections to an origin. Milliseconds that a small GET of the page's own takes, the median of up to ${gets} one after
the other: before, and while ${jobs} jobs are followed; ${rounds} rounds.

${byPeer(run, run.points.page, [
  ["idle", cell("idleMs")],
  ["beside the jobs", cell("busyMs")],
  ["/ idle", (samples) => ratio(over(samples, "busyMs"), over(samples, "idleMs"))],
  ["longest", cell("mostMs")],
  ["polls open", cell("openPolls")],
  ["connections", cell("connections")],
  ["polls in all", cell("polls")],
])}

![](benchmarks/page.svg)`;
}

export function faults(run) {
  const peers = Object.keys(run.points.faults);
  const rows = FAULTS.map(({ name, passed }) => [
    `${name}: ${passed}`,
    ...peers.map((peer) => {
      const it = run.points.faults[peer][name];
      return `${it.passed ? "✓" : "✗"} ${it.requests}`;
    }),
  ]);
  const details = FAULTS.map(({ name }) => {
    const lines = peers.map((peer) => {
      const { outcome, ms, error, elsewhere, leftOpen } = run.points.faults[peer][name];
      const end = outcome === "none" ? `no end within ${ms / 1_000} s` : `${outcome} after ${ms} ms`;
      const about = [end, error && `\`${error.replaceAll("`", "'").replaceAll(/http:\S+/g, "…")}\``];
      if (elsewhere) about.push(`${elsewhere} requests to the other origin`);
      if (leftOpen) about.push(`${leftOpen} polls left open`);
      return `  - ${run.peers[peer]}: ${about.filter(Boolean).join("; ")}`;
    });
    return `- **${name}**\n${lines.join("\n")}`;
  });
  return `## 7. Faults

Passed or not, and how many requests the server saw. All are told to try again up to five times where they can be told. What counts as passed
stands after the colon; what each did stands below.

${table(["", ...peers.map((peer) => run.peers[peer])], rows)}

<details><summary>How each ended</summary>

${details.join("\n")}

</details>`;
}

export function engine(run) {
  const { times, allocations } = run.points.engine;
  const names = {
    change: "a job changes: its poll is answered, the next one goes out",
    turn: "the same, 32 slots for all jobs",
    life: "one more job comes, succeeds and is settled",
    timer: "the timer goes off and nothing is due",
  };
  const sizes = [...new Set(times.map(({ jobs }) => jobs))];
  const rows = Object.entries(names).map(([event, name]) => {
    const own = times.filter((it) => it.event === event);
    const growth = own.at(-1).ns / own[0].ns;
    return [name, ...own.map(({ ns }) => figure(ns)), growth.toFixed(1)];
  });
  const counted = ["change", "turn", "life"].map((event) => [
    names[event],
    ...sizes.map((jobs) => {
      const it = allocations.find((one) => one.event === event && one.jobs === jobs);
      return `${figure(it.count)}, ${figure(it.bytes)}`;
    }),
  ]);
  return `## 8. Inside the engine

The Rust engine alone, native, by criterion: nanoseconds an event with so many jobs under watch, and how much more the last size takes than the
first.

${table(["", ...sizes.map((jobs) => `${figure(jobs)} jobs`), "growth"], rows)}

Allocations an event, and their bytes:

${table(["", ...sizes.map((jobs) => `${figure(jobs)} jobs`)], counted)}

![](benchmarks/engine.svg)`;
}

export function profile(run) {
  const { rounds, jobs } = run.sizes.profile;
  const owners = {
    fetch: "`fetch`: undici and its parser",
    node: "Node beneath it: sockets, streams, signals, microtasks",
    garbage: "collecting garbage",
    engine: "the engine, in WebAssembly",
    face: "its bindings and the face, in JavaScript",
    others: "the peer itself and the measurement",
  };
  const peers = Object.keys(run.points.profile);
  const rows = Object.entries(owners).map(([name, title]) => [
    title,
    ...peers.map((peer) => spread(over(run.points.profile[peer], name))),
  ]);
  return `## 9. Where the processor time goes

Microseconds a request, by whose code was running when V8's profiler looked, five thousand times a second; ${jobs} jobs at once, ${rounds} rounds. The
profiler itself is in all of them.

${table(["", ...peers.map((peer) => run.peers[peer])], rows)}`;
}
