// The sections of the page: one for each subject, with the points that it needs.

import { FAULTS } from "../points/fault-table.mjs";
import { differenceOf, figure, over, ratioOf, spread, table, within } from "./text.mjs";

/** A table with one line for each peer. Each column is `[title, (samples, results) => text]`. */
function byPeer({ peers }, results, columns) {
  const rows = Object.entries(results).map(([peer, samples]) => [
    peers[peer] ?? peer,
    ...columns.map(([, cell]) => cell(samples, results)),
  ]);
  return table(["", ...columns.map(([title]) => title)], rows);
}

const cell = (name, scale) => (samples) => spread(over(samples, name), scale);
const to = (base, name) => (samples, results) => within(ratioOf(samples, results[base], name));
const more = (base, name) => (samples, results) => within(differenceOf(samples, results[base], name), 1);
const rounds = (count) => `${count} ${count === 1 ? "round" : "rounds"}`;

/** @type {{ title: string, needs: string[], body: (run: object) => string }[]} */
export const SECTIONS = [
  { title: "1. From a job's end to the promise settled", needs: ["latency"], body: latency },
  { title: "2. Processor time and requests", needs: ["cpu"], body: cpu },
  { title: "3. Memory", needs: ["memory", "growth"], body: memory },
  {
    title: "4. From the import to the first request",
    needs: ["coldNode", "coldPage", "coldLine"],
    body: cold,
  },
  { title: "5. What a page downloads", needs: ["bytes"], body: bytes },
  { title: "6. A page with 50 jobs", needs: ["page"], body: page },
  { title: "7. Faults", needs: ["faults"], body: faults },
  { title: "8. Inside the engine", needs: ["engine"], body: engine },
  { title: "9. Where the processor time goes", needs: ["profile"], body: profile },
  { title: "10. The ends of many jobs", needs: ["ends"], body: ends },
];

function latency(run) {
  const { jobs, rounds: count } = run.sizes.latency;
  return `Milliseconds from the end of a job at the server until the client's promise settles. About twenty jobs run at a time, fewer than the polls that
each client keeps open. ${rounds(count)} of ${jobs} jobs. [Section 10](#10-the-ends-of-many-jobs) has the ends of a crowd.

${byPeer(run, run.points.latency, [
  ["p50", cell("p50")],
  ["p99", cell("p99")],
  ["p50 / floor", to("floor", "p50")],
  ["p50 / hand", to("hand", "p50")],
  ["requests a job", cell("requestsPerJob")],
  ["server's ms a job", cell("serverCpuPerJobMs")],
  ["most sockets", cell("mostSockets")],
])}

![](benchmarks/latency.svg)`;
}

function cpu(run) {
  const tables = run.points.cpu.map(({ jobs, samples }, at) => {
    const { rounds: count, changes } = run.sizes.cpu[at];
    return `${figure(jobs)} jobs at once, each with ${changes} changes. ${rounds(count)}. The client:

${byPeer(run, samples, [
  ["ms a job", cell("cpuPerJobMs")],
  ["/ floor", to("floor", "cpuPerJobMs")],
  ["/ hand", to("hand", "cpuPerJobMs")],
  ["ms a request", cell("cpuPerRequestMs")],
  ["settled after, ms", cell("latencyP50")],
])}

What the server sees of it:

${byPeer(run, samples, [
  ["requests a job", cell("requestsPerJob")],
  ["ms a job", cell("serverCpuPerJobMs")],
  ["/ floor", to("floor", "serverCpuPerJobMs")],
  ["most polls open", cell("mostOpen")],
  ["most sockets", cell("mostSockets")],
])}`;
  });
  return `Processor time of a process, user and system. Requests are those that the server received, with the call that starts the job. So the least is one
for each change, and one for the call.

By default the package keeps at most 100 polls open in Node. If there are more jobs, they take turns. This costs less, and the client sees an end
later. The rows with "a poll for each job" do the same work as the other clients. If the server can list jobs, one request asks for many.

${tables.join("\n\n")}

![](benchmarks/cpu.svg)`;
}

function memory(run) {
  const { rounds: count, few, jobs } = run.sizes.memory;
  const grown = run.points.growth.package.find(Boolean);
  return `Bytes that one more job takes, from ${figure(few)} to ${figure(jobs)} jobs that a client watches over real sockets. ${rounds(count)}. \`heap\` is the heap of
JavaScript with its external memory, such as WebAssembly's, after a collection. \`resident\` is the memory of the process.

${byPeer(run, run.points.memory, [
  ["heap", cell("heapPerJob")],
  ["resident", cell("rssPerJob")],
  ["polls open", cell("open")],
])}

What is left in use after ${figure(grown.jobs)} jobs have ended. The server is a function in the same process. The package and
the hand-written loop follow jobs with ten changes each, the others jobs with one.

${byPeer(run, run.points.growth, [
  ["polls", cell("polls")],
  ["bytes in all", cell("bytes")],
  ["bytes a job", cell("bytes", 1 / grown.jobs)],
])}`;
}

function cold(run) {
  const { coldNode, coldPage, coldLine } = run.points;
  const { sizes } = run;
  const lines = Object.entries(coldLine).map(([encoding, results]) => {
    const name = encoding === "br" ? "brotli" : encoding;
    return `With ${name}:

${byPeer(run, results, [
  ["first visit, ms", cell("firstMs")],
  ["more than by hand, ms", more("hand", "firstMs")],
  ["second visit, ms", cell("secondMs")],
  ["more than by hand, ms", more("hand", "secondMs")],
])}`;
  });
  return `Milliseconds in a process or page that has never seen the code. In Node they end when the server receives the first request. In Chromium they end
when the page starts its first request.

Two rows hold ballast, so that each part of the difference has a name. Both are the hand-written loop. The first one also holds the package's engine as
a string: the cost of reading it. The second one decodes and compiles the engine too. What the package takes beyond the second row is its own start.

Node, a new process each time. ${rounds(sizes.coldNode.rounds)}:

${byPeer(run, coldNode, [
  ["ms", cell("ms")],
  ["/ hand", to("hand", "ms")],
  ["more than by hand, ms", more("hand", "ms")],
])}

Chromium, a new browser each time, without a delay of the network. ${rounds(sizes.coldPage.rounds)}:

${byPeer(run, coldPage, [
  ["ms", cell("ms")],
  ["/ hand", to("hand", "ms")],
  ["more than by hand, ms", more("hand", "ms")],
  ["until the import ends, ms", cell("importMs")],
])}

Chromium over an emulated connection of 10 Mbit/s and 20 ms. ${rounds(sizes.coldLine.rounds)}. At the second visit the code is in the browser's cache.

${lines.join("\n\n")}`;
}

function bytes(run) {
  const [{ entryGzip, entryBrotli }] = run.points.bytes.package;
  const entry = entryGzip
    ? `\n\nThe package's own entry, without the lines that use it, is ${figure(entryGzip)} bytes with gzip and ${figure(entryBrotli)} with brotli. [What takes them](size.md).`
    : "";
  return `Bytes of each peer with the few lines that use it, bundled and minified by esbuild.

${byPeer(
  run,
  Object.fromEntries(Object.entries(run.points.bytes).filter(([peer]) => !/^package-|^ballast-/.test(peer))),
  [
    ["minified", cell("raw")],
    ["gzip -9", cell("gzip")],
    ["brotli 11", cell("brotli")],
  ],
)}${entry}

![](benchmarks/bytes.svg)`;
}

function page(run) {
  const { rounds: count, jobs, gets } = run.sizes.page;
  return `Chromium over HTTP/1.1, where it opens six connections to an origin. The page sends up to ${gets} small GETs of its own, one after the other: first alone,
then while it follows ${jobs} jobs. The figures are milliseconds a GET. ${rounds(count)}.

${byPeer(run, run.points.page, [
  ["idle", cell("idleMs")],
  ["with the jobs", cell("busyMs")],
  ["/ idle", (samples) => within(ownRatio(samples, "busyMs", "idleMs"))],
  ["longest", cell("mostMs")],
  ["polls open", cell("openPolls")],
  ["connections", cell("connections")],
  ["polls in all", cell("polls")],
])}

How late the page sees the ends of the ${jobs} jobs, in milliseconds:

${byPeer(run, run.points.page, [
  ["median", cell("endMedianMs")],
  ["last", cell("endLastMs")],
])}

![](benchmarks/page.svg)`;
}

/** The ratio of two members of one peer, by round. */
const ownRatio = (samples, name, base) =>
  ratioOf(
    samples,
    samples.map((sample) => sample && { [name]: sample[base] }),
    name,
  );

function ends(run) {
  const tables = run.points.ends.map(
    ({ jobs, samples }, at) => `${figure(jobs)} jobs, ${rounds(run.sizes.ends[at].rounds)}:

${byPeer(run, samples, [
  ["median", cell("medianMs")],
  ["last", cell("lastMs")],
  ["most polls open", cell("mostOpen")],
  ["most sockets", cell("mostSockets")],
])}`,
  );
  return `How late a client in Node sees the ends of many jobs, in milliseconds. All clients have default options, and the server cannot list jobs.
By default the package keeps at most 100 polls open, so that more jobs take turns. [Section 6](#6-a-page-with-50-jobs) has the same for a page.

${tables.join("\n\n")}`;
}

function faults(run) {
  const peers = Object.keys(run.points.faults);
  const rows = FAULTS.map(({ name, passed }) => [
    `${name}: ${passed}`,
    ...peers.map((peer) => {
      const it = run.points.faults[peer][name];
      if (!it) return "–";
      return `${it.passed ? "✓" : "✗"} ${it.requests}`;
    }),
  ]);
  return `Whether each client passes (✓), and how many requests the server received. The text after the colon says what counts as passed. Every client is set to
try again up to five times, if it has such an option. Each works on a simulated Deploy of its own.

${table(["", ...peers.map((peer) => run.peers[peer])], rows)}

\`bench/results/published.json\` has the end of each: its outcome, time and error.`;
}

function engine(run) {
  const { times, allocations } = run.points.engine;
  const names = {
    change: "a job changes: the response to its poll arrives, the next poll goes out",
    turn: "the same, 100 slots for all jobs",
    life: "one more job starts, succeeds and is settled",
    timer: "the timer fires and nothing is due",
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
  return `The Rust engine alone, native, by criterion: nanoseconds an event with so many jobs, and the last size divided by the first.

${table(["", ...sizes.map((jobs) => `${figure(jobs)} jobs`), "growth"], rows)}

Allocations an event, and their bytes:

${table(["", ...sizes.map((jobs) => `${figure(jobs)} jobs`)], counted)}

![](benchmarks/engine.svg)`;
}

function profile(run) {
  const { rounds: count, jobs } = run.sizes.profile;
  const owners = {
    fetch: "`fetch`: undici and its parser",
    node: "the rest of Node: sockets, streams, signals, microtasks",
    garbage: "garbage collection",
    engine: "the engine, in WebAssembly",
    face: "its bindings and the API, in JavaScript",
    others: "the peer itself and the measurement",
  };
  const peers = Object.keys(run.points.profile);
  const rows = Object.entries(owners).map(([name, title]) => [
    title,
    ...peers.map((peer) => spread(over(run.points.profile[peer], name))),
  ]);
  return `Microseconds a request, by the code that ran when V8's profiler looked, five thousand times a second. ${figure(jobs)} jobs at once, ${rounds(count)}. The
time of the profiler itself is in every row.

${table(["", ...peers.map((peer) => run.peers[peer])], rows)}`;
}
