// get --output: saves a file, which gets its name only when it is complete.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { commandFor, start } from "./command.mjs";

const MIB = 2 ** 20;

/** A server that responds with `answer`. `osd(args, options)` calls it. `folder` is empty. */
async function serving(t, answer) {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const folder = await mkdtemp(join(tmpdir(), "download-"));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  const env = { DEPLOY_URL: `http://127.0.0.1:${server.address().port}/api`, DEPLOY_PASSWORD: "p" };
  const startIt = (args, options) => start(t, args, { ...options, env: { ...env, ...options?.env } });
  return { start: startIt, osd: (args, options) => startIt(args, options).ended, folder };
}

const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) % 256));
const whole = (_, response) => {
  response.setHeader("content-type", "application/gzip");
  response.setHeader("content-disposition", 'attachment; filename="backup.tar.gz"');
  response.setHeader("content-length", bytes.length);
  response.end(bytes);
};
/** Sends half of the body and closes the connection. */
const broken = (_, response) => {
  response.setHeader("content-length", bytes.length);
  response.write(bytes.subarray(0, 100_000));
  setTimeout(() => response.destroy(), 100);
};

test("saves the file and prints its name, type and size", async (t) => {
  const { osd, folder } = await serving(t, whole);
  const file = join(folder, "b.tgz");
  const { code, out, err } = await osd(["get", "/backup", "--output", file]);
  assert.deepEqual([code, err], [0, ""]);
  assert.deepEqual(JSON.parse(out), {
    ...{ status: 200, name: "backup.tar.gz", type: "application/gzip" },
    ...{ file, bytes: bytes.length },
  });
  assert.deepEqual(await readFile(file), bytes);
  assert.deepEqual(await readdir(folder), ["b.tgz"]);
});

test("saves a backup from its download_url", async (t) => {
  const { osd, client } = await commandFor(t);
  const folder = await mkdtemp(join(tmpdir(), "download-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const deploy = client();
  const { location } = await deploy.post("/backups", { password: "x" });
  deploy.close();
  const backup = `/backups/${location.split("/").at(-1)}?fields=download_url`;
  const { download_url } = JSON.parse((await osd(["get", backup])).out).body.record;
  const file = join(folder, "b.tgz");
  const { code, err } = await osd(["get", download_url, "--output", file]);
  assert.equal(code, 0, err);
  assert.deepEqual([...(await readFile(file)).subarray(0, 2)], [0x1f, 0x8b]);
  const elsewhere = await osd(["get", "https://elsewhere.example/b.tgz", "--output", file]);
  assert.equal(elsewhere.code, 2);
});

test("an existing file stays until the download is complete, and keeps its mode", async (t) => {
  const { osd, folder } = await serving(t, (request, response) =>
    request.url.endsWith("/broken") ? broken(request, response) : whole(request, response),
  );
  const file = join(folder, "b.tgz");
  await writeFile(file, "old", { mode: 0o600 });
  const failed = await osd(["get", "/broken", "--output", file]);
  assert.deepEqual([failed.code, failed.out], [4, ""]);
  assert.match(failed.err, /the connection broke after \d+ (of \d+ )?bytes/);
  assert.equal(await readFile(file, "utf8"), "old");
  assert.deepEqual(await readdir(folder), ["b.tgz"]);
  assert.equal((await osd(["get", "/whole", "--output", file])).code, 0);
  assert.deepEqual(await readFile(file), bytes);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
});

test("replaces the target of a link, and writes directly to a device", async (t) => {
  const { osd, folder } = await serving(t, whole);
  await writeFile(join(folder, "real"), "old");
  await symlink("real", join(folder, "link"));
  assert.equal((await osd(["get", "/x", "--output", join(folder, "link")])).code, 0);
  assert.equal(await readlink(join(folder, "link")), "real");
  assert.deepEqual(await readFile(join(folder, "real")), bytes);
  assert.equal((await osd(["get", "/x", "--output", "/dev/null"])).code, 0);
  assert.ok((await stat("/dev/null")).isCharacterDevice());
});

test("4: an error status, a signal and a timeout leave no file", async (t) => {
  const { osd, start, folder } = await serving(t, (request, response) => {
    if (request.url.endsWith("/missing")) response.writeHead(404).end('{"error": {"message": "no backup"}}');
    else response.writeHead(200, { "content-length": 10 }).write("half");
  });
  const file = join(folder, "b.tgz");
  const missing = await osd(["get", "/missing", "--output", file]);
  assert.equal(missing.code, 4);
  assert.match(missing.err, /404: no backup/);
  const late = await osd(["get", "/slow", "--output", file, "--timeout", "700ms"]);
  assert.equal(late.code, 4);
  assert.match(late.err, /--timeout expired/);
  const running = start(["get", "/slow", "--output", file]);
  while ((await readdir(folder)).length === 0 || (await sizeOf(folder)) < 4)
    await new Promise((r) => setTimeout(r, 20));
  running.child.kill("SIGINT");
  const { code, err } = await running.ended;
  assert.equal(code, 4);
  assert.match(err, /stopped by SIGINT/);
  assert.deepEqual(await readdir(folder), []);
});

async function sizeOf(folder) {
  const [name] = await readdir(folder);
  return (await stat(join(folder, name))).size;
}

test("2: if the file cannot be written, no request is sent", async (t) => {
  let requests = 0;
  const { osd, folder } = await serving(t, (_, response) => {
    requests += 1;
    response.end();
  });
  for (const [file, said] of [
    [join(folder, "no/such/folder"), /no such directory/],
    [folder, /expected a file name/],
    ["", /expected a file name/],
  ]) {
    const { code, err } = await osd(["get", "/x", "--output", file]);
    assert.equal(code, 2);
    assert.match(err, said);
  }
  assert.equal(requests, 0);
});

test("4: a full disk is reported as such", async (t) => {
  const { osd } = await serving(t, whole);
  const { code, err } = await osd(["get", "/x", "--output", "/dev/full"]);
  assert.equal(code, 4);
  assert.match(err, /--output: \/dev\/full: ENOSPC/);
});

test("- writes only the bytes to standard output; a closed pipe is not an error", async (t) => {
  const { osd, start } = await serving(t, whole);
  const binary = start(["get", "/x", "--output", "-"]);
  const hash = createHash("sha256");
  binary.child.stdout.setEncoding("latin1").on("data", (text) => hash.update(text, "latin1"));
  assert.deepEqual([(await binary.ended).code, (await binary.ended).err], [0, ""]);
  assert.equal(hash.digest("hex"), createHash("sha256").update(bytes).digest("hex"));

  const left = start(["get", "/x", "--output", "-"]);
  left.child.stdout.destroy();
  const { code, err } = await left.ended;
  assert.deepEqual([code, err], [0, ""]);
  assert.equal((await osd(["get", "/x", "--output", "-", "--quiet"])).code, 0);
});

test("- on a terminal escapes control characters in text and refuses binary data", async (t) => {
  const { start } = await serving(t, (request, response) =>
    request.url.endsWith("/text") ? response.end("a\tb\r\nZürich \u001b[2J\n") : whole(request, response),
  );
  const text = await start(["get", "/text", "--output", "-", "--quiet"], { terminal: true }).ended;
  assert.deepEqual([text.code, text.out], [0, "a\tb\r\nZürich \\u001b[2J\r\n"]);
  const binary = await start(["get", "/x", "--output", "-", "--quiet"], { terminal: true }).ended;
  assert.equal(binary.code, 4);
  assert.match(
    binary.out,
    /^ontap-select-deploy: --output -: binary data is not written to a terminal; .* use a pipe\r\n$/,
  );
});

test("a terminal shows the progress", async (t) => {
  let end = () => {};
  const { start, folder } = await serving(t, (_, response) => {
    response.writeHead(200, { "content-length": 4 * MIB });
    response.write(Buffer.alloc(MIB));
    end = () => response.end(Buffer.alloc(3 * MIB));
  });
  const running = start(["get", "/x", "--output", join(folder, "b.tgz")], { terminal: true });
  await running.until(/\[#{5}-{15}\] +25 % {2}1\.0 MB of 4\.2 MB/);
  end();
  const { code, out } = await running.ended;
  assert.equal(code, 0, out);
});

test("a large file is streamed, not held in memory", async (t) => {
  const { osd } = await serving(t, async (_, response) => {
    response.writeHead(200, { "content-length": 256 * MIB });
    for (let sent = 0; sent < 256; sent += 1) {
      if (!response.write(Buffer.alloc(MIB))) await once(response, "drain");
    }
    response.end();
  });
  const report =
    "data:text/javascript,process.on('exit',()=>console.error('kB:'+process.resourceUsage().maxRSS))";
  const env = { NODE_OPTIONS: `--import ${report}` };
  const { code, err } = await osd(["get", "/image", "--output", "/dev/null"], { env });
  assert.equal(code, 0, err);
  const [, kilobytes] = /kB:(\d+)/.exec(err);
  assert.ok(kilobytes < 200 * 1_024, `${kilobytes} kB`);
});
