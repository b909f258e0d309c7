// Runs the script in docs/command.md that keeps waiting after a timeout.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { describedCluster } from "../lib/described.mjs";
import { credential, deployFor } from "../node/deploy.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const page = await readFile(join(ROOT, "docs/command.md"), "utf8");
const script = [...page.matchAll(/^```sh\n(.*?)^```/gms)]
  .map(([, block]) => block)
  .find((it) => /^while /m.test(it));
assert.ok(script, "the page shows the script");

/** Runs the script for a deploy whose job has these steps, and returns the exit code and the output. */
async function runLoop(t, steps, meanwhile = () => {}) {
  const { baseUrl, client, simulator } = await deployFor(t, {
    scripts: [{ path: "/clusters/*/deploy", steps }],
  });
  const folder = await mkdtemp(join(tmpdir(), "loop-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const deploy = client();
  const { path } = await describedCluster(deploy, "c1");
  deploy.close();
  // 3 seconds replace 30 minutes.
  const command = `exec '${process.execPath}' '${ROOT}dist/cli.js'`;
  const osd = `#!/bin/sh\nfor word do shift; [ "$word" = 30m ] && word=3s; set -- "$@" "$word"; done\n${command} "$@"\n`;
  await writeFile(join(folder, "ontap-select-deploy"), osd);
  await chmod(join(folder, "ontap-select-deploy"), 0o755);
  await writeFile(join(folder, "deploy.json"), JSON.stringify({ ontap_credential: { password: "x" } }));
  const env = {
    PATH: `${folder}:${process.env.PATH}`,
    DEPLOY_URL: baseUrl,
    DEPLOY_PASSWORD: credential.password,
    id: path.split("/").at(-1),
  };
  const before = simulator.log().length;
  const ended = new Promise((resolve) => {
    execFile("sh", ["-eu", "-c", script], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });
  await meanwhile(simulator, before);
  return ended;
}

const slow = (state) => [{ state: "running" }, { state, message: "that is why", afterMs: 6_000 }];

describe("C6: the script exits with the code of the job", { concurrency: true }, () => {
  test("0: the job succeeds after several timeouts", async (t) => {
    const { code, stdout, stderr } = await runLoop(t, slow("success"));
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).job.state, "success");
  });
  test("1: the job fails after several timeouts", async (t) => {
    const { code, stdout, stderr } = await runLoop(t, slow("failure"));
    assert.equal(code, 1, stderr);
    assert.equal(JSON.parse(stdout).job.message, "that is why");
  });
  test("4: the password changes between two waits", async (t) => {
    const { code } = await runLoop(t, slow("success"), async (simulator, before) => {
      const isPolled = () =>
        simulator
          .log()
          .slice(before)
          .some(({ poll }) => poll !== null);
      while (!isPolled()) await new Promise((resolve) => setTimeout(resolve, 20));
      simulator.setCredentials({ username: "admin", password: "another" });
    });
    assert.equal(code, 4);
  });
});
