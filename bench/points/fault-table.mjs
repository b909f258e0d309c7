// 7. The faults: what the server does, and what counts as passed. `outcome` is how the promise ended: "success", "rejected", or "none"
// within the time limit.

const jobs = { path: "/jobs/*" };
const polls = { ...jobs, method: "GET" };
const longPolls = { ...polls, poll: "long" };
const call = { method: "POST", path: "/hosts" };
const once = (action, match = polls) => [{ match, count: 1, action }];
const always = (action, match = polls) => [{ match, action }];
const status = (code, more) => ({ kind: "status", status: code, ...more });
const edit = (set) => ({ kind: "edit", set });
const page = (title) => `<!doctype html><title>${title}</title>`;
const html = { "content-type": "text/html" };
const error = (code, message) => ({ error: { code: String(code), message } });
const succeeded = ({ outcome }) => outcome === "success";
const rejected = ({ outcome }) => outcome === "rejected";

/** Milliseconds from the end of the first poll to the start of the second. */
function gapAfterFirstPoll({ log }) {
  const [first, second] = log.filter(({ poll }) => poll);
  return second ? second.at - first.endedAt : undefined;
}

const pollsPerSecond = ({ log, ms }) => log.filter(({ poll }) => poll).length / (ms / 1_000);

/** One job that runs for `ms` without a change. */
const steadyJob = (ms) => ({
  scripts: [{ path: "/hosts", steps: [{ state: "running" }, { state: "success", afterMs: ms }] }],
});

const BASIC = btoa("admin:Netapp1!");

/**
 * @typedef {object} Fault
 * @property {string} name
 * @property {string} passed what counts as passed
 * @property {object} [config] of the simulator
 * @property {object[]} [rules] of the simulator
 * @property {number} [pollSeconds] how long a poll is held, 1 by default
 * @property {string} [renew] the bearer token that replaces the first one once a poll is open
 * @property {boolean} [cached] a cache in front of the server that knows requests by their address alone
 * @property {string} [secret] what no error may show
 * @property {number} [abortAfterMs]
 * @property {boolean} [alone] it needs the machine for itself
 * @property {number} [limitMs] another time limit
 * @property {boolean} [beforeJob] it ends the wait before the first poll
 * @property {(it: object) => boolean} pass
 */

/** @type {Fault[]} */
export const FAULTS = [
  {
    name: "a poll that never gets a response",
    passed: "success",
    rules: once({ kind: "hang" }, longPolls),
    pass: succeeded,
  },
  {
    name: "a server that does not hold polls",
    passed: "success, with at most 5 polls a second",
    config: { inclusive: true, stepMs: 1_000 },
    // A client without a pause keeps a processor busy.
    alone: true,
    pass: (it) => succeeded(it) && pollsPerSecond(it) <= 5,
  },
  {
    name: "503 with Retry-After: 1",
    passed: "success, and no poll earlier than asked",
    rules: once(status(503, { headers: { "retry-after": "1" } })),
    pass: (it) => succeeded(it) && gapAfterFirstPoll(it) >= 990,
  },
  {
    name: "503 with Retry-After: 9999999",
    passed: "success in time, with at most 20 requests",
    rules: once(status(503, { headers: { "retry-after": "9999999" } })),
    pass: (it) => succeeded(it) && it.requests <= 20,
  },
  {
    name: "a connection that breaks",
    passed: "success",
    rules: once({ kind: "reset" }),
    pass: succeeded,
  },
  {
    name: "a connection that breaks within a body",
    passed: "success",
    rules: once({ kind: "truncate", after: 20 }),
    pass: succeeded,
  },
  {
    name: "a restart: 2 s without a server",
    passed: "success",
    rules: once({ kind: "restart", downMs: 2_000 }),
    pass: succeeded,
  },
  {
    name: "a gateway that ends each poll after 5 s with a 502",
    passed: "success",
    config: steadyJob(13_000),
    rules: always({ kind: "cut", afterMs: 5_200, status: 502 }, longPolls),
    pollSeconds: 30,
    pass: succeeded,
  },
  {
    name: "520 from a gateway",
    passed: "success",
    rules: once(status(520, { headers: html, body: page("Web server is returning an unknown error") })),
    pass: succeeded,
  },
  {
    name: "423 from a gateway",
    passed: "success",
    rules: once(status(423)),
    pass: succeeded,
  },
  {
    name: "404 in HTML from a proxy",
    passed: "success",
    config: { stepMs: 1_000 },
    rules: [{ match: polls, skip: 1, count: 1, action: status(404, { headers: html, body: page("404") }) }],
    pass: succeeded,
  },
  {
    name: "404 until the server knows its new job, 0.8 s",
    passed: "success",
    config: { visibleAfterMs: 800 },
    pass: succeeded,
  },
  {
    name: "a firewall that refuses every long poll with a 403",
    passed: "success",
    rules: always(status(403, { headers: html, body: page("Blocked") }), longPolls),
    pass: succeeded,
  },
  {
    name: "one 403 for a job that this credential has seen",
    passed: "success",
    config: { stepMs: 1_000 },
    rules: [{ match: polls, skip: 1, count: 1, action: status(403, { body: error(403, "Forbidden") }) }],
    pass: succeeded,
  },
  {
    name: "401, and a new token",
    passed: "success",
    config: { bearer: "first" },
    renew: "second",
    pass: succeeded,
  },
  {
    name: "a cache that knows requests by their address alone",
    passed: "success",
    config: steadyJob(2_500),
    cached: true,
    alone: true,
    limitMs: 6_000,
    pass: succeeded,
  },
  {
    name: "an empty body when a poll times out",
    passed: "success",
    config: { ...steadyJob(2_500), timedOut: "emptyBody" },
    pass: succeeded,
  },
  {
    name: "a 202 without `last_modified`",
    passed: "success",
    config: { accept: { lastModified: false } },
    pass: succeeded,
  },
  {
    name: "a server that allows `poll_timeout` up to 10 s",
    passed: "success",
    config: { maxPollTimeout: 10 },
    pollSeconds: 30,
    pass: succeeded,
  },
  {
    name: "a server that takes 5 s for each GET",
    passed: "success",
    rules: always({ kind: "delay", ms: 5_000 }),
    pollSeconds: 10,
    pass: succeeded,
  },
  {
    name: "the record of another job, which has failed",
    passed: "success",
    rules: once(edit({ "/record/id": "another", "/record/state": "failure", "/record/message": "no" })),
    pass: succeeded,
  },
  {
    name: "200 with an error instead of the record",
    passed: "success",
    rules: once(status(200, { body: error(7, "The database is busy.") })),
    pass: succeeded,
  },
  {
    name: "a failure with its reason in `error.message`",
    passed: "an error that contains the reason",
    rules: always(
      edit({
        "/record/state": "failure",
        "/record/message": "",
        "/record/error": { code: "4", message: "The datastore is full." },
      }),
    ),
    pass: (it) => rejected(it) && it.error.includes("The datastore is full"),
  },
  {
    name: "a job that ends as `aborted`",
    passed: "an error",
    rules: always(edit({ "/record/state": "aborted" })),
    pass: rejected,
  },
  {
    name: "a login page with status 200",
    passed: "an error, in time",
    rules: always({ kind: "html" }),
    pass: rejected,
  },
  {
    name: "a redirect to another origin",
    passed: "an error, and no request to the other origin",
    rules: always({ kind: "redirect", location: "ELSEWHERE/jobs/x" }),
    pass: (it) => rejected(it) && it.elsewhere === 0,
  },
  {
    name: "the job id `../../admin`",
    passed: "an error, and no request outside of /jobs",
    rules: always(
      status(202, { body: { job: { id: "../../admin", state: "queued", message: "", last_modified: "x" } } }),
      { method: "POST" },
    ),
    pass: (it) => {
      const gets = it.log.filter(({ method }) => method === "GET");
      return rejected(it) && gets.length > 0 && gets.every(({ path }) => path === "/jobs/../../admin");
    },
  },
  {
    name: "503 for the call, which the server carries out",
    passed: "an error, and the call is sent once",
    rules: [{ match: call, count: 1, processed: true, action: status(503) }],
    beforeJob: true,
    pass: (it) => rejected(it) && it.calls === 1,
  },
  {
    name: "an error message that quotes the password's header",
    passed: "an error that does not show it",
    rules: always(status(400, { body: error(400, `cannot read "Authorization: Basic ${BASIC}"`) })),
    secret: BASIC,
    pass: (it) => rejected(it) && !it.leaked,
  },
  {
    name: "an abort while a poll is open",
    passed: "an error within 100 ms, and no poll stays open",
    config: { stepMs: 60_000 },
    // So that the poll is still open.
    pollSeconds: 30,
    abortAfterMs: 700,
    alone: true,
    pass: (it) => rejected(it) && it.ms <= 100 && it.leftOpen === 0,
  },
];
