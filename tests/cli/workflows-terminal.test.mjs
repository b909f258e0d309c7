// The workflow commands on a terminal: permanent lines for steps, one live line, and questions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenIn } from "./command.mjs";
import { labFor, SECRET, stateOf } from "./lab.mjs";

// biome-ignore lint/suspicious/noControlCharactersInRegex: how the live line is drawn
const LIVE = /\r([^\r\n]*)\x1b\[K(?!\r?\n)/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same, with a line break after a permanent line
const STAYS = /\r([^\r\n]*)\x1b\[K\r?\n/g;

const staying = (out) => [...out.matchAll(STAYS)].map(([, line]) => line);
const live = (out) => [...out.matchAll(LIVE)].map(([, line]) => line);
/** The output without drawn lines: questions, the result, messages. */
const rest = (out) => out.replace(STAYS, "").replace(LIVE, "").replaceAll("\r\n", "\n");

const QUESTION = /Create the cluster branch-office\? \[y\/N\] $/;

test("cluster create shows the steps, asks, and prints each step above the live line", async (t) => {
  const { start, plan, sent, client } = await labFor(t, { stepMs: 250 });
  const path = await plan();
  const running = start(["cluster", "create", path], { terminal: true });
  await running.until(QUESTION);
  assert.deepEqual(sent(), [], "nothing is sent before the answer");
  running.type("y\n");
  const { code, out } = await running.ended;
  assert.equal(code, 0, out);
  const lines = staying(out);
  assert.equal(lines.filter((line) => line.startsWith("planned ")).length, 7);
  assert.deepEqual(
    lines
      .filter((line) => !line.startsWith("planned "))
      .map((line) => line.replace(/ +/, " "))
      .sort(),
    [
      "made cluster branch-office",
      "made deploy branch-office",
      "made host esx-1.example.com",
      "made host esx-2.example.com",
      "made login vcenter.example.com",
      "made node branch-office-01",
      "made node branch-office-02",
    ],
  );
  assert.ok(
    live(out).some((line) => /^[|/\\-] [\d.]+m?s {2}running: .* node "branch-office-0\d"\.$/.test(line)),
    "the live line shows the job's message",
  );
  assert.equal(live(out).at(-1), "", "the line is removed");
  const [, result] = rest(out).split(/\[y\/N\] y?\n/);
  assert.equal(JSON.parse(result).job.state, "success");
  assert.equal(await stateOf(client, "branch-office"), "powered_on true");
  assert.doesNotMatch(out, SECRET);

  const again = await start(["cluster", "create", path], { terminal: true }).ended;
  assert.equal(again.code, 0);
  assert.doesNotMatch(again.out, /\[y\/N\]/, "there is no question if every step is found");
});

for (const [what, keys] of [
  ["no", "n\n"],
  ["nothing", "\n"],
  ["Ctrl-D", "\x04"],
]) {
  test(`4: cluster create: the answer ${what} changes nothing`, async (t) => {
    const { start, plan, sent } = await labFor(t);
    const running = start(["cluster", "create", await plan()], { terminal: true });
    await running.until(QUESTION);
    running.type(keys);
    const { code, out } = await running.ended;
    assert.equal(code, 4, out);
    assert.match(out, /not confirmed; nothing was changed/);
    assert.deepEqual(sent(), []);
  });
}

test("4: Ctrl-C at the question ends the command; --yes and --quiet work", async (t) => {
  const { start, plan, sent, client } = await labFor(t);
  const path = await plan();
  const asked = start(["cluster", "create", path, "--quiet"], { terminal: true });
  await asked.until(QUESTION);
  asked.type("\x03");
  const { code, out } = await asked.ended;
  assert.equal(code, 4, out);
  assert.match(out, /stopped by SIGINT\r\n$/);
  assert.deepEqual([live(out), sent()], [[], []]);

  const sure = await start(["cluster", "create", path, "--yes"], { terminal: true }).ended;
  assert.equal(sure.code, 0, sure.out);
  assert.doesNotMatch(sure.out, /\[y\/N\]|planned/);
  assert.equal(await stateOf(client, "branch-office"), "powered_on true");
});

test("the time of the question does not count towards --timeout", async (t) => {
  const { start, plan, sent } = await labFor(t, { stepMs: 3_600_000 });
  const running = start(["cluster", "create", await plan(), "--timeout", "5s"], { terminal: true });
  await running.until(QUESTION);
  await new Promise((resolve) => setTimeout(resolve, 5_500));
  running.type("yes\n");
  const { code, out } = await running.ended;
  assert.equal(code, 3, out);
  assert.match(out, /--timeout expired/);
  assert.deepEqual(sent(), ["POST /security/credentials"], "the command had time to start");
});

test("2: a mistake in the dry run ends the command before the question", async (t) => {
  const { start, plan, osd } = await labFor(t);
  assert.equal((await osd(["cluster", "create", await plan()])).code, 0);
  const path = await plan((plan) => {
    plan.cluster.name = "another";
  });
  const { code, out } = await start(["cluster", "create", path], { terminal: true }).ended;
  assert.equal(code, 2, out);
  assert.match(out, / {2}cluster\.ip is already used by cluster "branch-office"\r\n/);
  assert.match(out, /Nothing was changed\. To skip this check, pass --yes\.\r\n$/);
  assert.doesNotMatch(out, /\[y\/N\]/);
});

test("3: Ctrl-C does not stop the deploy; the same command asks again and follows it", async (t) => {
  const { start, plan, client } = await labFor(t, { stepMs: 300 });
  const path = await plan();
  const running = start(["cluster", "create", path, "--yes"], { terminal: true });
  await running.until(/running: .* node "branch-office-0/);
  running.type("\x03");
  const { code, out } = await running.ended;
  assert.equal(code, 3, out);
  assert.match(
    out,
    /stopped by SIGINT\. The job continues on the server, and its outcome is unknown\.\r\nTo continue, run the same/,
  );
  assert.ok(tokenIn(out.replaceAll("\r\n", "\n")), out);
  const again = start(["cluster", "create", path], { terminal: true });
  await again.until(QUESTION);
  again.type("y\n");
  const followed = await again.ended;
  assert.equal(followed.code, 0, followed.out);
  assert.equal(await stateOf(client, "branch-office"), "powered_on true");
});

test("cluster delete warns about the data and asks for the cluster's name", async (t) => {
  const { start, osd, plan, client } = await labFor(t);
  assert.equal((await osd(["cluster", "create", await plan()])).code, 0);
  const question =
    /This deletes the cluster branch-office and all its data\. [^\n]*\r\nType the cluster's name to delete it: $/;
  for (const keys of ["y\n", "branch\n", "\n"]) {
    const refused = start(["cluster", "delete", "branch-office"], { terminal: true });
    await refused.until(question);
    refused.type(keys);
    const { code, out } = await refused.ended;
    assert.equal(code, 4, out);
    assert.match(out, /not confirmed; nothing was changed/);
    assert.equal(await stateOf(client, "branch-office"), "powered_on true");
  }
  const sure = start(["cluster", "delete", "branch-office"], { terminal: true });
  await sure.until(question);
  sure.type("branch-office\n");
  const { code, out } = await sure.ended;
  assert.equal(code, 0, out);
  assert.equal(await stateOf(client, "branch-office"), undefined);
  const gone = await start(["cluster", "delete", "branch-office"], { terminal: true }).ended;
  assert.equal(gone.code, 0, gone.out);
  assert.doesNotMatch(gone.out, /Type the/);
});

test("backup shows the progress", async (t) => {
  const { start, simulator } = await labFor(t);
  simulator.addRule({ match: { path: "/backups/*/download" }, action: { kind: "stall", after: 80 } });
  const running = start(["backup", "--output", "/dev/null"], { terminal: true });
  await running.until(/backup {2}\[#{10}-{10}\] +50 % {2}80 B of \d+ B/);
  running.type("\x03");
  const { code, out } = await running.ended;
  assert.equal(code, 4, out);
  assert.ok(staying(out).some((line) => /^made {5}backup \/backups\//.test(line)));
});
