// The help. Every example of every command runs in a shell.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { describedCluster } from "../lib/described.mjs";
import { strict } from "../lib/lab.mjs";
import { credential, deployFor } from "../node/deploy.mjs";
import { listen } from "../simulator/host/listen.mjs";
import { createSimulator } from "../simulator/host/machine.mjs";
import { COMMAND, start } from "./command.mjs";

const ROOT = new URL("../../", import.meta.url);
const show = async (t, ...args) => {
  const words = args.flatMap((arg) => arg.split(" "));
  const { code, out, err } = await start(t, words, {}).ended;
  assert.equal(code, 0, err);
  return out;
};

const names = await commandNames();

const page = await readFile(new URL("docs/command.md", ROOT), "utf8");
/** The plan in docs/command.md. */
const [plan] = /(?<=^```json\n)\{\n {2}"\$schema"[\s\S]*?(?=^```$)/m.exec(page);

async function commandNames() {
  const { stdout } = await new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, "--help"], (_, stdout) => resolve({ stdout }));
  });
  const [, list] = /^Commands\n(.*?)\n\n/ms.exec(stdout);
  return [...list.matchAll(/^ {2}(\w+(?: \w+)?) [<[-]/gm)].map(([, name]) => name);
}

/** Prepares the objects that the examples of a command need, and returns their variables. */
const needs = {
  get: async (deploy) => ({ ...(await described(deploy)), ...(await backedUp(deploy)) }),
  find: (deploy) => described(deploy),
  until: (deploy) => deployed(deploy),
  post: (deploy) => described(deploy),
  patch: (deploy) => deployed(deploy),
  delete: (deploy) => described(deploy),
  "cluster delete": branchOffice,
  "cluster resize": branchOffice,
  certificate: secured,
  wait: async (deploy) => {
    const hosts = [
      { name: "esx-1", hypervisor_type: "ESX", credential: { username: "root", password: "x" } },
    ];
    const { job } = await deploy.post("/hosts", { hosts });
    return { job: job.id };
  },
};

async function secured(_, t) {
  const simulator = createSimulator();
  const server = await listen(simulator, { tls: true });
  t.after(() => server.close());
  return { DEPLOY_URL: `${server.url}/api`, ADDRESS: server.url };
}

async function described(deploy, name = "c1") {
  const { path } = await describedCluster(deploy, name);
  return { id: path.split("/").at(-1) };
}

function branchOffice(deploy) {
  return deployed(deploy, "branch-office");
}

async function deployed(deploy, name = "c1") {
  const { id } = await described(deploy, name);
  await deploy.post("/clusters/{id}/deploy", { ontap_credential: { password: "x" } }, { params: { id } });
  return { id };
}

async function backedUp(deploy) {
  const { location } = await deploy.post("/backups", { password: "x" });
  const { body } = await deploy.get(`/backups/${location.split("/").at(-1)}?fields=download_url`);
  return { download_url: body.record.download_url };
}

/** The files in the folder. The license for `put` must exist on Deploy, the one for `post` must not. */
const filesFor = (name) => ({
  "deploy.json": JSON.stringify({ ontap_credential: { password: "x" } }),
  "license.nlf": JSON.stringify({ statusResp: { serialNumber: name === "put" ? "320000001" : "320000009" } }),
  "ontap-password.txt": "Netapp1!\n",
  "vcenter-password.txt": "v-secret\n",
  "backup-password.txt": "b-secret\n",
  "plan.json": plan,
  // Replaces deploy.example.com in the examples with the simulator.
  "ontap-select-deploy": `#!/bin/bash\nexec '${process.execPath}' '${COMMAND}' "\${@/deploy.example.com:443/$ADDRESS}"\n`,
});

/** Runs a script in a shell with a prepared Deploy. */
async function runScript(t, script, needed, files) {
  const { baseUrl, client } = await deployFor(t, strict);
  const deploy = client();
  const variables = (await needed?.(deploy, t)) ?? {};
  deploy.close();
  const folder = await mkdtemp(join(tmpdir(), "help-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  await chmod(join(folder, "ontap-select-deploy"), 0o755);
  const env = {
    PATH: `${folder}:${process.env.PATH}`,
    HOME: folder,
    DEPLOY_URL: baseUrl,
    DEPLOY_PASSWORD: credential.password,
    CLUSTER_PASSWORD: "c-secret",
    VCENTER_PASSWORD: "v-secret",
    ...variables,
  };
  const { error, stderr } = await new Promise((resolve) => {
    execFile(
      "bash",
      ["--norc", "-eu", "-o", "pipefail", "-c", script],
      { cwd: folder, env },
      (error, stdout, stderr) => resolve({ error, stdout, stderr }),
    );
  });
  assert.equal(error, null, stderr);
}

describe("every example of the help works", { concurrency: 2 }, () => {
  for (const name of names) {
    test(name, async (t) => {
      const [, shown] = /^Examples\n((?: {2}.*\n)+)/m.exec(await show(t, "help", name)) ?? [];
      assert.ok(shown, "the help has examples");
      await runScript(t, shown.replaceAll(/^ {2}/gm, ""), needs[name], filesFor(name));
    });
  }
});

describe("every shell block of docs/command.md works", { concurrency: 2 }, () => {
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block);
  // The first block reads a password. loop.test.mjs runs the block with a loop.
  const shown = blocks.filter((block) => !/read -rs|while/.test(block));
  const needed = async (deploy) => {
    await branchOffice(deploy);
    return { ...(await deployed(deploy)), ...(await backedUp(deploy)) };
  };
  for (const block of shown) {
    const needs = /^ontap-select-deploy certificate/.test(block) ? secured : needed;
    test(block.split("\n")[0], (t) => runScript(t, block, needs, filesFor("post")));
  }
});

test("help NAME and NAME --help show only the options of the command, in at most 90 columns", async (t) => {
  for (const name of names) {
    const text = await show(t, "help", name);
    assert.equal(await show(t, name, "--help"), text);
    assert.equal(await show(t, "-h", name, "/x"), text);
    assert.ok(Math.max(...text.split("\n").map((line) => line.length)) <= 90, text);
    assert.match(text, new RegExp(`^ontap-select-deploy ${name} `));
  }
  assert.match(await show(t, "help", "post"), /^ {2}--form/m);
  assert.doesNotMatch(await show(t, "help", "wait"), /^ {2}--form/m);
  assert.equal(await show(t, "help"), await show(t, "--help"));
});

test("docs/command.md describes every command and option", async (t) => {
  for (const name of names) {
    assert.match(page, new RegExp(`\`${name}\\b`), name);
    for (const [option] of (await show(t, "help", name)).matchAll(/^ {2}--[a-z-]+/gm))
      assert.ok(page.includes(option.trim()), option);
  }
});
