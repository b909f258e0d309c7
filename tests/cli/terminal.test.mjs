// On a terminal: one live line, and Ctrl-C.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addHost, commandFor, tokenIn } from "./command.mjs";

const host = addHost("esx-1");
const HOUR = 3_600_000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: how the live line is drawn
const LIVE = /\r([^\r\n]*)\x1b\[K/g;

test("the progress is one line that is drawn anew and goes away, the result is spread out", async (t) => {
  const { start } = await commandFor(t, { stepMs: 400 });
  const { code, out } = await start(host, { terminal: true }).ended;
  assert.equal(code, 0);
  const drawn = [...out.matchAll(LIVE)].map(([, line]) => line);
  assert.match(drawn[0], /^\| 0\.0s {2}POST \/hosts$/);
  assert.ok(
    drawn.some((line) => line.endsWith('running: Connecting to host "esx-1".')),
    drawn.join("\n"),
  );
  assert.equal(drawn.at(-1), "", "it is taken away");
  const rest = out.replace(LIVE, "");
  assert.equal(JSON.parse(rest).job.state, "success");
  assert.ok(rest.split("\n").length > 5);
});

test("a long message does not leave its line", async (t) => {
  const steps = [
    { state: "running", message: "x".repeat(500) },
    { state: "success", afterMs: 600 },
  ];
  const { start } = await commandFor(t, { scripts: [{ path: "/hosts", steps }] });
  const { out } = await start(host, { terminal: true }).ended;
  const longest = Math.max(...[...out.matchAll(LIVE)].map(([, line]) => line.length));
  assert.equal(longest, 79, "a terminal that tells no width has 80 columns");
});

test("Ctrl-C ends the waiting and tells the token", async (t) => {
  const { start } = await commandFor(t, { stepMs: HOUR });
  const running = start(host, { terminal: true });
  await running.until(/queued/);
  running.type("\x03");
  const { code, out } = await running.ended;
  assert.equal(code, 3);
  assert.match(out, /ended by SIGINT; the outcome is unknown, and the job goes on/);
  assert.ok(tokenIn(out.replaceAll("\r\n", "\n")), out);
});

test("--quiet draws nothing, and neither does a terminal that cannot", async (t) => {
  const { start } = await commandFor(t, { stepMs: 300 });
  const quiet = await start([...host, "--quiet"], { terminal: true }).ended;
  assert.deepEqual([...quiet.out.matchAll(LIVE)], []);
  assert.equal(JSON.parse(quiet.out).job.state, "success");
  const dumb = await start(addHost("esx-2"), { terminal: true, env: { TERM: "dumb" } }).ended;
  assert.deepEqual([...dumb.out.matchAll(LIVE)], []);
  assert.match(dumb.out, /^running: /m);
});
