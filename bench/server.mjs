// The server of the measurements, in a process of its own: Deploy's jobs, lean, on plain node:http.
//
// The simulator of the tests is not used here, faults aside: its time has steps of a millisecond, and it has no way to say beforehand
// which stamps a job will have, which the floor must know. Jobs move by the clock alone, whoever asks.
// A job's last record carries the moment of its change in nanoseconds of the system's monotonic clock, which all processes share.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { stamp } from "./peers/stamps.mjs";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".txt": "text/plain" };

let settings;
let jobs;
let counts;
let heard;
const sockets = new Set();

const calls = {
  /**
   * Begins anew. A job changes `changes` times, every `everyMs` milliseconds, each job by its own part of `jitterMs` later;
   * `folder` is served below `/`.
   */
  begin(given) {
    for (const job of jobs?.values() ?? []) clearTimeout(job.timer);
    settings = { changes: 2, everyMs: 100, jitterMs: 0, listable: false, folder: undefined, ...given };
    jobs = new Map();
    counts = { posts: 0, polls: 0, open: 0, mostOpen: 0, lists: 0, others: 0 };
    heard = {};
    counts.mostSockets = sockets.size;
  },
  /** What was open before is no longer counted as the most. */
  warm() {
    counts.mostOpen = counts.open;
    return calls.counts();
  },
  counts: () => ({ ...counts, sockets: sockets.size }),
  /** When the first request for each path came, in nanoseconds; `POST` and `GET` of the API by their method. */
  heard: () => heard,
};

calls.begin({});
const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  const at = process.hrtime.bigint();
  const { method, url } = request;
  const api = url.startsWith("/api/");
  heard[api ? method : url] ??= String(at);
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
    // Its id is its name: so the floor knows it.
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

  // What was open for the one before may end only now, and is none of the next one's.
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
  const bytes =
    settings.folder &&
    !path.includes("..") &&
    (await readFile(settings.folder + path).catch(() => undefined));
  response.writeHead(bytes ? 200 : 404, {
    "content-type": TYPES[extname(path)] ?? "text/plain",
    "cache-control": "no-store",
  });
  response.end(bytes || "");
}
