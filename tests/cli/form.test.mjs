// The multipart form of --form, as a server receives it, and its progress on a terminal.

import assert from "node:assert/strict";
import { once } from "node:events";
import { truncate } from "node:fs/promises";
import { createServer } from "node:http";
import { test } from "node:test";
import { file, start } from "./command.mjs";

const SECRET = "hunter2pw";
const MIB = 2 ** 20;

/** A server that passes each request to `take`. `osd(args, options)` calls it. */
async function serving(t, take) {
  const server = createServer(take);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const env = { DEPLOY_URL: `http://127.0.0.1:${server.address().port}/api`, DEPLOY_PASSWORD: "p" };
  const startIt = (args, options) => start(t, args, { ...options, env: { ...env, ...options?.env } });
  return { start: startIt, osd: (args, options) => startIt(args, options).ended };
}

/** The same, but it records the parts of each form. */
async function noting(t) {
  const forms = [];
  const { osd } = await serving(t, async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { "content-type": type, "content-length": length } = request.headers;
    const bytes = Buffer.concat(chunks);
    assert.equal(Number(length), bytes.length);
    forms.push(await new Response(bytes, { headers: { "content-type": type } }).formData());
    response.end("{}");
  });
  return { osd, forms };
}

test("sends files unchanged with their names, values unchanged, and repeated names", async (t) => {
  const { osd, forms } = await noting(t);
  const bytes = Buffer.from([...Array(256).keys()]);
  const license = await file(t, "license.nlf", bytes);
  const parts = [`license_file=@${license}`, "a=1", "a=b=c", "empty=", "kept=Zürich"];
  const { code, err } = await osd(["post", "/x", ...parts.flatMap((part) => ["--form", part])]);
  assert.equal(code, 0, err);
  const [form] = forms;
  const sent = form.get("license_file");
  assert.equal(sent.name, "license.nlf");
  assert.deepEqual(Buffer.from(await sent.arrayBuffer()), bytes);
  assert.deepEqual([form.getAll("a"), form.get("empty"), form.get("kept")], [["1", "b=c"], "", "Zürich"]);
});

test("reads a secret from a file or standard input, without the line break, and never shows it", async (t) => {
  const { osd, forms } = await noting(t);
  const password = await file(t, "password.txt", `\ufeff${SECRET}\r\n`);
  const read = await osd(["put", "/x", "--form", `ontap_password=<${password}`]);
  const piped = await osd(["put", "/x", "--form", "ontap_password=<-"], { input: `${SECRET}\n` });
  for (const { code, out, err } of [read, piped]) {
    assert.equal(code, 0, err);
    assert.ok(!`${out}${err}`.includes(SECRET));
  }
  assert.deepEqual(
    forms.map((form) => form.get("ontap_password")),
    [SECRET, SECRET],
  );
});

test("a large file is streamed, not held in memory", async (t) => {
  let received = 0;
  const { osd } = await serving(t, async (request, response) => {
    for await (const chunk of request) received += chunk.length;
    response.end("{}");
  });
  const image = await file(t, "image.tgz", "");
  await truncate(image, 256 * MIB);
  const report =
    "data:text/javascript,process.on('exit',()=>console.error('kB:'+process.resourceUsage().maxRSS))";
  const env = { NODE_OPTIONS: `--import ${report}` };
  const { code, err } = await osd(["post", "/images", "--form", `file=@${image}`], { env });
  assert.equal(code, 0, err);
  assert.ok(received > 256 * MIB);
  const [, kilobytes] = /kB:(\d+)/.exec(err);
  assert.ok(kilobytes < 200 * 1_024, `${kilobytes} kB`);
});

test("a large upload gets a longer request timeout", async (t) => {
  // The default limit is 30 s. The server takes 33 s.
  const { osd } = await serving(t, (request, response) => {
    request.resume();
    request.on("end", () => setTimeout(() => response.end("{}"), 33_000));
  });
  const image = await file(t, "image.tgz", "");
  await truncate(image, 40 * MIB);
  const { code, err } = await osd(["post", "/images", "--form", `file=@${image}`]);
  assert.equal(code, 0, err);
});

test("a terminal shows the progress", async (t) => {
  // The server reads half of the body, and the rest after the bar has shown it.
  let pause;
  const paused = new Promise((resolve) => {
    pause = resolve;
  });
  let isPaused = false;
  const { start } = await serving(t, (request, response) => {
    let received = 0;
    request.on("data", (chunk) => {
      received += chunk.length;
      if (received < 32 * MIB || isPaused) return;
      isPaused = true;
      request.pause();
      pause(request);
    });
    request.on("end", () => response.end("{}"));
  });
  const image = await file(t, "image.tgz", "");
  await truncate(image, 64 * MIB);
  const running = start(["post", "/images", "--form", `file=@${image}`], { terminal: true });
  await running.until(/\[#+-+\] +[5-7]\d % {2}\d\d\.\d MB of 67\.1 MB/);
  (await paused).resume();
  const { code, out } = await running.ended;
  assert.equal(code, 0, out);
});
