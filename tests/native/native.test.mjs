// The native example, built once, against the simulator on a real socket.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { strict } from "../lib/lab.mjs";
import { listen } from "../simulator/host/listen.mjs";
import { createSimulator } from "../simulator/host/machine.mjs";

const page = await readFile(new URL("../../docs/rust.md", import.meta.url), "utf8");
/** The body that the page shows. */
const [, HOST] = /POST \/hosts '(.*?)'$/ms.exec(page);

test("docs/rust.md shows the loop of the example", async () => {
  const program = await readFile(new URL("../../examples/native/src/main.rs", import.meta.url), "utf8");
  const [, shown = ""] = /^```rust\n(.*?)^```$/ms.exec(page);
  const unindented = (code) => code.replaceAll(/^ +/gm, "");
  assert.ok(shown && unindented(program).includes(unindented(shown)));
});

describe("the native example", { concurrency: true }, () => {
  test("follows a job to success", async (t) => {
    // A step is seen, however busy the machine.
    const { baseUrl } = await deployFor(t, { stepMs: 300 });
    const run = await follow(baseUrl).ended;
    assert.deepEqual([run.code, run.stderr], [0, ""]);
    assert.match(run.stdout, /^queued: .*\n(running: .*\n)+success: .*\ndone: success\n$/);
  });

  test("reports the reason of a failed job", async (t) => {
    const rules = [
      {
        match: { path: "/jobs/*" },
        action: { kind: "edit", set: { "/record/state": "failure", "/record/message": "no license" } },
      },
    ];
    const { baseUrl } = await deployFor(t, { rules });
    const run = await follow(baseUrl).ended;
    assert.deepEqual([run.code, run.stderr], [1, "JOB_FAILED: no license\n"]);
  });

  test("follows a job through a restart of the server", async (t) => {
    const { baseUrl, restart } = await deployFor(t, { stepMs: 300 });
    const { ended, firstProgress } = follow(baseUrl);
    await firstProgress;
    await restart();
    const run = await ended;
    assert.deepEqual([run.code, run.stderr], [0, ""]);
    assert.match(run.stdout, /done: success\n$/);
  });

  test("says that a call was refused", async (t) => {
    const { baseUrl } = await deployFor(t);
    const run = await follow(baseUrl, { path: "/nothing" }).ended;
    assert.equal(run.code, 2);
    assert.match(run.stderr, /^HTTP: .*404/);
  });
});

/** A simulated Deploy; `restart` closes its port and every connection, and opens the port again. */
async function deployFor(t, config) {
  const simulator = createSimulator({ ...strict, stepMs: 20, ...config });
  let server = await listen(simulator);
  t.after(async () => {
    await server.close();
    simulator.close();
  });
  return {
    baseUrl: `${server.url}/api`,
    async restart() {
      const { port } = server;
      await server.close();
      server = await listen(simulator, { port });
    },
  };
}

function follow(baseUrl, { path = "/hosts" } = {}) {
  const credential = { DEPLOY_USERNAME: "admin", DEPLOY_PASSWORD: "Netapp1!" };
  const child = spawn(process.env.NATIVE_EXAMPLE, [baseUrl, "POST", path, HOST], {
    env: credential,
  });
  const out = { stdout: "", stderr: "" };
  const firstProgress = new Promise((resolve) => child.stdout.once("data", resolve));
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => {
      out[name] += text;
    });
  }
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve({ code, ...out }));
  });
  return { ended, firstProgress };
}
