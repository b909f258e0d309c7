// The server of the measurements, in a process of its own: Deploy's jobs on plain node:http.
//
// The simulator of the tests serves the faults only. Its clock has steps of a millisecond, and the floor must know each job's
// cursors in advance. Here a job changes by the clock, whatever the client does.
// A job's last record carries the time of its end in nanoseconds of the system's monotonic clock, which all processes share.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { stamp } from "./peers/stamps.mjs";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".txt": "text/plain" };
const SUFFIXES = { gzip: ".gz", br: ".br" };

let settings;
let jobs;
let counts;
let firstRequests;
let ends;
let processorTime;
const sockets = new Set();

const calls = {
  /**
   * Starts again without jobs. A job changes `changes` times, every `everyMs` milliseconds. The first change of a job comes up to
   * `jitterMs` later, by the job's name. The files of `folder` are served below `/`, with the content encoding `encoding` if they are
   * stored in it, and for the browser's cache if `cached` is set.
   */
  begin(given) {
    for (const job of jobs?.values() ?? []) clearTimeout(job.timer);
    settings = { changes: 2, everyMs: 100, jitterMs: 0, listable: false, folder: undefined, ...given };
    jobs = new Map();
    counts = { posts: 0, polls: 0, open: 0, mostOpen: 0, lists: 0, others: 0, mostSockets: sockets.size };
    firstRequests = {};
    ends = {};
    processorTime = process.cpuUsage();
  },
  counts() {
    const { user, system } = process.cpuUsage(processorTime);
    return { ...counts, sockets: sockets.size, cpuMs: (user + system) / 1_000 };
  },
  /** When the first request for each path came, in nanoseconds; requests of the API under their method. */
  firstRequests: () => firstRequests,
  /** When each job ended, in milliseconds since 1970 with fractions. */
  ends: () => ends,
};

calls.begin({});
const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  const at = process.hrtime.bigint();
  const { method, url } = request;
  const api = url.startsWith("/api/");
  firstRequests[api ? method : url] ??= String(at);
  if (!api) return file(url, response);
  if (method === "POST") return accept(request, response);
  if (url.startsWith("/api/jobs/")) return poll(url, response);
  counts.lists += 1;
  if (settings.listable && url.startsWith("/api/jobs?")) return list(url, response);
  return send(response, 405, { error: { code: 405, message: "no such thing" } });
});
server.requestTimeout = 0;
server.on("connection", (socket) => {
  sockets.add(socket);
  counts.mostSockets = Math.max(counts.mostSockets, sockets.size);
  socket.once("close", () => sockets.delete(socket));
});
server.listen(0, "127.0.0.1", 10_000, () => process.send({ port: server.address().port }));
process.on("message", ({ id, name, value }) => process.send({ id, value: calls[name](value) }));
process.on("disconnect", () => process.exit());

function accept(request, response) {
  counts.posts += 1;
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const { name } = JSON.parse(Buffer.concat(chunks).toString());
    // The id is the name, so that the floor knows it.
    const job = { id: name, done: 0, held: new Set(), message: "queued", timer: undefined };
    jobs.set(name, job);
    job.timer = setTimeout(change, settings.everyMs + share(name) * settings.jitterMs, job);
    send(response, 202, { job: { ...record(job), id: name } });
  });
}

/** A number from 0 to 1 that belongs to a name. */
function share(name) {
  let hash = 0;
  for (const char of name) hash = (hash * 31 + char.charCodeAt(0)) % 1_009;
  return hash / 1_009;
}

function change(job) {
  job.done += 1;
  const over = job.done === settings.changes;
  job.message = over ? String(process.hrtime.bigint()) : `step ${job.done} of ${settings.changes}`;
  if (over) ends[job.id] = performance.timeOrigin + performance.now();
  for (const answer of [...job.held]) answer();
  if (!over) job.timer = setTimeout(change, settings.everyMs, job);
}

function record({ id, done, message }) {
  const state = done === 0 ? "queued" : done < settings.changes ? "running" : "success";
  return { id, state, message, last_modified: stamp(done) };
}

function poll(url, response) {
  counts.polls += 1;
  const { pathname, searchParams } = new URL(url, "http://localhost");
  const job = jobs.get(decodeURIComponent(pathname.slice("/api/jobs/".length)));
  if (!job) return send(response, 404, { error: { code: 404, message: "no such job" } });
  const seconds = Number(searchParams.get("poll_timeout"));
  const known = searchParams.get("last_modified")?.replace(/^>=/, "");
  if (!seconds || known !== stamp(job.done)) return send(response, 200, { record: record(job) });

  // A poll of the previous client may end after the next one has begun.
  const own = counts;
  own.open += 1;
  own.mostOpen = Math.max(own.mostOpen, own.open);
  const left = () => {
    clearTimeout(timer);
    response.off("close", left);
    own.open -= 1;
    job.held.delete(answer);
  };
  const answer = () => {
    left();
    send(response, 200, { record: record(job) });
  };
  const timer = setTimeout(answer, seconds * 1_000);
  job.held.add(answer);
  response.once("close", left);
}

function list(url, response) {
  const ids = new URL(url, "http://localhost").searchParams.get("id").split("|");
  const records = ids.filter((id) => jobs.has(id)).map((id) => record(jobs.get(id)));
  send(response, 200, { num_records: records.length, records });
}

function send(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

async function file(url, response) {
  counts.others += 1;
  const path = url.split("?")[0];
  const { folder, encoding, cached } = settings;
  const read = (suffix) => readFile(`${folder}${path}${suffix}`).catch(() => undefined);
  const known = folder && !path.includes("..");
  const encoded = known && encoding ? await read(SUFFIXES[encoding]) : undefined;
  const bytes = encoded ?? (known ? await read("") : undefined);
  response.writeHead(bytes ? 200 : 404, {
    "content-type": TYPES[extname(path)] ?? "text/plain",
    "content-length": bytes?.length ?? 0,
    "cache-control": cached && extname(path) === ".js" ? "max-age=31536000, immutable" : "no-store",
    ...(encoded && { "content-encoding": encoding }),
  });
  response.end(bytes || "");
}
