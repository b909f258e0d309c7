// The command on a terminal: one live line, and Ctrl-C.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addHost, commandFor, tokenIn } from "./command.mjs";

const host = addHost("esx-1");
const HOUR = 3_600_000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: how the live line is drawn
const LIVE = /\r([^\r\n]*)\x1b\[K/g;

test("progress is one line that is redrawn and removed; the result is pretty-printed", async (t) => {
  const { start } = await commandFor(t, { stepMs: 400 });
  const { code, out } = await start(host, { terminal: true }).ended;
  assert.equal(code, 0);
  const drawn = [...out.matchAll(LIVE)].map(([, line]) => line);
  assert.match(drawn[0], /^\| 0\.0s {2}POST \/hosts$/);
  assert.ok(
    drawn.some((line) => line.endsWith('running: Connecting to host "esx-1".')),
    drawn.join("\n"),
  );
  assert.equal(drawn.at(-1), "", "the line is removed");
  const rest = out.replace(LIVE, "");
  assert.equal(JSON.parse(rest).job.state, "success");
  assert.ok(rest.split("\n").length > 5);
});

test("a long message is cut to the width of the terminal", async (t) => {
  const steps = [
    { state: "running", message: "x".repeat(500) },
    { state: "success", afterMs: 600 },
  ];
  const { start } = await commandFor(t, { scripts: [{ path: "/hosts", steps }] });
  const { out } = await start(host, { terminal: true }).ended;
  const longest = Math.max(...[...out.matchAll(LIVE)].map(([, line]) => line.length));
  assert.equal(longest, 79, "a terminal without a known width has 80 columns");
});

test("Ctrl-C ends the wait and prints the token", async (t) => {
  const { start } = await commandFor(t, { stepMs: HOUR });
  const running = start(host, { terminal: true });
  await running.until(/queued/);
  running.type("\x03");
  const { code, out } = await running.ended;
  assert.equal(code, 3);
  assert.match(out, /stopped by SIGINT\. The job continues on the server, and its outcome is unknown/);
  assert.ok(tokenIn(out.replaceAll("\r\n", "\n")), out);
});

test("--quiet draws nothing, and neither does TERM=dumb", async (t) => {
  const { start } = await commandFor(t, { stepMs: 300 });
  const quiet = await start([...host, "--quiet"], { terminal: true }).ended;
  assert.deepEqual([...quiet.out.matchAll(LIVE)], []);
  assert.equal(JSON.parse(quiet.out).job.state, "success");
  const dumb = await start(addHost("esx-2"), { terminal: true, env: { TERM: "dumb" } }).ended;
  assert.deepEqual([...dumb.out.matchAll(LIVE)], []);
  assert.match(dumb.out, /^running: /m);
});

// C0 and C1 controls, direction marks and overrides, separators, and invisible characters.
const HOSTILE =
  "a\u0000\u001b[2J\u0007\u007f\u0085\u009b31m\u009f\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff\u{e0041}z";
const CONTROLS = [
  [0x00, 0x09],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0x061c, 0x061c],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
  [0xfeff, 0xfeff],
  [0xe0041, 0xe0041],
];

/** The control characters that are not the command's own. */
function controlsIn(text) {
  const rest = text.replace(LIVE, "").replaceAll("\r\n", "\n").replaceAll("\r\x1b[K", "");
  return [...rest].filter((character) =>
    CONTROLS.some(([from, to]) => character.codePointAt(0) >= from && character.codePointAt(0) <= to),
  );
}

test("C3: control characters from the server are escaped in results, jobs, paths and errors", async (t) => {
  for (const terminal of [false, true]) {
    const steps = [{ state: "failure", message: HOSTILE }];
    const { start } = await commandFor(t, {
      scripts: [{ path: "/hosts", steps }],
      rules: [
        {
          match: { path: "/ok" },
          action: { kind: "status", status: 200, body: { said: HOSTILE, [HOSTILE]: 1 } },
        },
        {
          match: { path: "/no" },
          action: { kind: "status", status: 409, body: { error: { code: HOSTILE, message: HOSTILE } } },
        },
      ],
    });
    const failed = await start(host, { terminal }).ended;
    const given = await start(["get", "/ok"], { terminal }).ended;
    const refused = await start(["get", "/no"], { terminal }).ended;
    assert.deepEqual([failed.code, given.code, refused.code], [1, 0, 4]);
    for (const { out, err } of [failed, given, refused])
      assert.deepEqual(controlsIn(out + err), [], JSON.stringify(out + err));
    const result = JSON.parse(given.out.replace(LIVE, ""));
    assert.deepEqual(result.body, { said: HOSTILE, [HOSTILE]: 1 }, "the JSON has the same value");
    assert.match(refused.out + refused.err, /409: a\\u0000\\u001b\[2J/);
  }
});
