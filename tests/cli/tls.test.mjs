// A server whose certificate nobody but its owner knows, as a Deploy VM has it.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createServer } from "node:tls";
import { certificate } from "./certificate.mjs";
import { addHost, commandFor, tokenIn } from "./command.mjs";

const host = addHost("esx-1");
let folder;

let own;
let another;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "certificates-"));
  [own, another] = await Promise.all([certificate(folder, "own"), certificate(folder, "another")]);
});
after(() => rm(folder, { recursive: true, force: true }));

/** The simulated Deploy behind TLS; its address. */
async function behindTls(t, config) {
  const deploy = await commandFor(t, config);
  const { port } = new URL(deploy.baseUrl);
  const [cert, key] = await Promise.all([readFile(own.cert), readFile(own.key)]);
  const sockets = new Set();
  const server = createServer({ cert, key }, (secure) => {
    const plain = connect(Number(port), "127.0.0.1");
    for (const socket of [secure, plain]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    secure.pipe(plain).pipe(secure);
    plain.on("close", () => secure.destroy());
    secure.on("close", () => plain.destroy());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { ...deploy, base: `https://127.0.0.1:${server.address().port}/api` };
}

test("--ca trusts it: a job is followed over TLS to its end", async (t) => {
  const { osd, base } = await behindTls(t);
  const { code, out, err } = await osd([...host, "--base", base, "--ca", own.cert]);
  assert.equal(code, 0, err);
  assert.equal(JSON.parse(out).job.state, "success");
});

test("without it the call is not sent, and the message names the way out", async (t) => {
  const { osd, base, simulator } = await behindTls(t);
  const { code, err } = await osd([...host, "--base", base]);
  assert.equal(code, 4);
  assert.match(err, /no connection: self-signed certificate \(--ca FILE trusts/);
  assert.equal(simulator.log().length, 0);
});

test("another certificate is not trusted for it", async (t) => {
  const { osd, base, simulator } = await behindTls(t);
  const { code, err } = await osd([...host, "--base", base, "--ca", another.cert]);
  assert.equal(code, 4, err);
  assert.equal(simulator.log().length, 0);
});

test("a time-out, an empty answer, a refusal, a redirect and a broken line are the same over it", async (t) => {
  const { osd, base, simulator } = await behindTls(t, { stepMs: 1_500, timedOut: "noContent" });
  const secure = ["--base", base, "--ca", own.cert];
  const { code, err } = await osd([...host, "--timeout", "1s", ...secure]);
  assert.equal(code, 3);
  const waited = await osd(["wait", tokenIn(err), ...secure]);
  assert.equal(waited.code, 0, waited.err);
  assert.equal((await osd(["get", "/nothing", ...secure])).code, 4);

  simulator.addRule({ count: 1, action: { kind: "redirect", location: "https://elsewhere.example/" } });
  const redirected = await osd(["get", "/hosts", ...secure]);
  assert.equal(redirected.code, 4);
  assert.match(redirected.err, /redirect/);

  simulator.addRule({ match: { poll: "long" }, count: 1, action: { kind: "truncate", after: 5 } });
  const retried = await osd([...addHost("esx-2"), ...secure]);
  assert.equal(retried.code, 0, retried.err);
});
