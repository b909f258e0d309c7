// 7. The faults: what the server does, and what counts as passed. `outcome` is how the promise ended: "success", "rejected" or "none"
// within the time limit.

const polls = { path: "/jobs/*" };
const longPolls = { ...polls, poll: "long" };
const once = (action, match = polls) => [{ match, count: 1, action }];
const status = (code, headers) => ({ kind: "status", status: code, headers });
const succeeded = ({ outcome }) => outcome === "success";
const rejected = ({ outcome }) => outcome === "rejected";

/** Milliseconds that the second poll came after the end of the first. */
function gapAfterFirstPoll({ log }) {
  const [first, second] = log.filter(({ poll }) => poll);
  return second ? second.at - first.endedAt : undefined;
}

/** How many polls are sent in a second of the job's life. */
const pollsPerSecond = ({ log, ms }) => log.filter(({ poll }) => poll).length / (ms / 1_000);

export const FAULTS = [
  {
    name: "a poll that is never answered",
    passed: "the job's success is told",
    rules: once({ kind: "hang" }, longPolls),
    pass: succeeded,
  },
  {
    name: "a server that answers at once",
    passed: "success, with at most 5 polls a second",
    config: { inclusive: true, stepMs: 1_000 },
    // It keeps a processor busy if it is not stood.
    alone: true,
    pass: (it) => succeeded(it) && pollsPerSecond(it) <= 5,
  },
  {
    name: "503 with Retry-After: 1",
    passed: "success, and no poll earlier than asked",
    rules: once(status(503, { "retry-after": "1" })),
    pass: (it) => succeeded(it) && gapAfterFirstPoll(it) >= 990,
  },
  {
    name: "a connection that breaks",
    passed: "success",
    rules: once({ kind: "reset" }),
    pass: succeeded,
  },
  {
    name: "401, and a fresh token",
    passed: "success",
    config: { bearer: "first" },
    renew: "second",
    pass: succeeded,
  },
  {
    name: "a login page with status 200",
    passed: "an error, not a success and not silence",
    rules: [{ match: polls, action: { kind: "html" } }],
    pass: rejected,
  },
  {
    name: "a redirect to another origin",
    passed: "an error, and no request over there",
    rules: [{ match: polls, action: { kind: "redirect", location: "ELSEWHERE/jobs/x" } }],
    pass: (it) => rejected(it) && it.elsewhere === 0,
  },
  {
    name: "the job id `../../admin`",
    passed: "asked for below /jobs only, and an error at last",
    rules: [
      {
        match: { method: "POST" },
        action: {
          ...status(202),
          body: { job: { id: "../../admin", state: "queued", message: "", last_modified: "x" } },
        },
      },
    ],
    pass: (it) => {
      const gets = it.log.filter(({ method }) => method === "GET");
      return rejected(it) && gets.length > 0 && gets.every(({ path }) => path === "/jobs/../../admin");
    },
  },
  {
    name: "abort while a poll is open",
    passed: "rejects within 100 ms, no poll is left open",
    config: { stepMs: 60_000 },
    abortAfterMs: 700,
    alone: true,
    pass: (it) => rejected(it) && it.ms <= 100 && it.leftOpen === 0,
  },
  {
    name: "503 with Retry-After: 9999999",
    passed: "success in time, with at most 20 requests",
    rules: once(status(503, { "retry-after": "9999999" })),
    pass: (it) => succeeded(it) && it.requests <= 20,
  },
];
