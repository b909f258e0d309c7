// Runs the code of docs/assistants.md against a strict simulator.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { selfSigned } from "./certificates.mjs";
import { deployFor, hosts, node } from "./recipe.mjs";
import { overTls } from "./tls.mjs";

const page = await readFile(new URL("../../docs/assistants.md", import.meta.url), "utf8");
const [start = "", ...sections] = page.split(/^## /m);
const blocksOf = (text) => [...text.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
const [prelude = ""] = blocksOf(start);

const CERTIFICATE = "Certificate checks switched off";
const expected = {
  "A poll loop around the call": /^success\n$/,
  "Polls without `last_modified`": /^$/,
  "Sending the call again": /^added \S+\n$/,
  "A timeout treated as a failure": /^success\n$/,
  [CERTIFICATE]: /^0\n$/,
  "A client for each call": /^fulfilled,fulfilled\n$/,
  "Passwords in code and logs": /^$/,
};
const titleOf = (section) => section.split("\n")[0];

test("every section shows the wrong code first, then the right code", () => {
  assert.deepEqual(sections.map(titleOf), Object.keys(expected));
  for (const section of sections) {
    const [wrong, right, ...more] = blocksOf(section);
    assert.match(wrong, /^\/\/ Wrong: /, titleOf(section));
    assert.doesNotMatch(right, /Wrong/, titleOf(section));
    assert.deepEqual(more, []);
  }
});

for (const section of sections) {
  const title = titleOf(section);
  test(`the right code works: ${title}`, async (t) => {
    const { env, simulator, id } = await (title === CERTIFICATE ? overOwnCertificate(t) : overHttp(t));
    const program = `${prelude}const id = ${JSON.stringify(id)};\n${blocksOf(section)[1]}`;
    const { code, stdout, stderr } = await node(["--input-type=module", "-e", program], env);
    assert.equal(code, 0, stderr);
    assert.match(stdout, expected[title], stderr);
    assert.doesNotMatch(stderr, /Netapp1!/);
    if (title === "Polls without `last_modified`") assert.match(stderr, /success: /);
    const calls = { [CERTIFICATE]: 0, "Passwords in code and logs": 1, "Polls without `last_modified`": 1 };
    const both = title === "A client for each call" ? 3 : 2;
    assert.equal(
      simulator.counters().received["POST /hosts"] ?? 0,
      calls[title] ?? both,
      "no call is sent twice",
    );
  });
}

test("after a timeout the wait continues, and the call is sent once", async (t) => {
  const { env, simulator } = await overHttp(t, { stepMs: 400 });
  const section = sections.find((text) => titleOf(text) === "A timeout treated as a failure");
  const [, right] = blocksOf(section);
  const program = prelude + right.replace("timeout: 600_000", "timeout: 300");
  const { stdout, stderr } = await node(["--input-type=module", "-e", program], env);
  assert.equal(stdout, "success\n", stderr);
  assert.match(stderr, /^not finished/);
  // overHttp sent the other one.
  assert.equal(simulator.counters().received["POST /hosts"], 2);
});

/** Starts a simulated Deploy with one job. */
async function overHttp(t, config = { stepMs: 100 }) {
  const { baseUrl, client, simulator } = await deployFor(t, config);
  const { id } = await client().submit("POST", "/hosts", { body: hosts("esx-9.example.com") });
  return { env: { DEPLOY_URL: baseUrl }, simulator, id };
}

async function overOwnCertificate(t) {
  const vm = await selfSigned(t, "deploy.internal");
  const { origin, simulator } = await overTls(t, vm);
  const { fingerprint256 } = new X509Certificate(vm.cert);
  return { env: { DEPLOY_URL: `${origin}/api`, DEPLOY_FINGERPRINT: fingerprint256 }, simulator, id: "" };
}
