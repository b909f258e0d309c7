// Runs the recipes list, find, read, ensure, until, download and upload, and the code without the package.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { useChromium } from "../browser/chromium.mjs";
import { credential } from "../node/deploy.mjs";
import { deployFor, folder, hosts, makeClient, page } from "./recipe.mjs";

useChromium();

const { username, password } = credential;
const headers = { authorization: `Basic ${btoa(`${username}:${password}`)}` };
const load = (recipe) =>
  Promise.all(["before", "after"].map((name) => import(join(folder, recipe, `${name}.mjs`))));

test("list, find and read return the same as the code without the package", async (t) => {
  const { baseUrl, client } = await deployFor(t);
  const [before, after] = await load("find");
  const deploy = client();
  for (const name of ["esx-1", "esx-2"]) await deploy.post("/hosts", hosts(name));
  assert.deepEqual((await after.hostNames(deploy)).sort(), ["esx-1", "esx-2"]);

  const byHand = await before.describeCluster(baseUrl, headers, { name: "c-1" });
  const described = await after.describeCluster(deploy, { name: "c-2" });
  assert.deepEqual(Object.keys(described), Object.keys(byHand));
  assert.equal(described.name, "c-2");
  const state = await before.stateOf(baseUrl, headers, "c-2");
  assert.ok(state);
  assert.equal(await after.stateOf(deploy, "c-2"), state);
  assert.equal(await after.stateOf(deploy, "c-3"), undefined);
});

test("ensure adds a host once, even if it runs again", async (t) => {
  const { baseUrl, client, simulator } = await deployFor(t);
  const [before, after] = await load("ensure");
  const [byHand, host] = ["esx-1", "esx-2"].map((name) => hosts(name).hosts[0]);
  assert.equal((await before.ensureHost(baseUrl, headers, byHand)).name, "esx-1");
  const deploy = client();
  const added = await after.ensureHost(deploy, host);
  assert.equal(added.name, "esx-2");
  assert.deepEqual(await after.ensureHost(deploy, host), added);
  assert.equal(simulator.counters().received["POST /hosts"], 2);

  const ensured = [];
  for (let at = 0; at < 2; at++) ensured.push(await after.ensureCluster(deploy, { name: "c-1" }, 2));
  assert.deepEqual(
    ensured.map(({ created }) => created),
    [true, false],
  );
  assert.equal(ensured[0].record.is_deployed, false);
  assert.deepEqual(ensured[1].record, ensured[0].record);
});

test("ensure returns a host whose adding failed", async (t) => {
  const { client } = await deployFor(t);
  const [, after] = await load("ensure");
  const [host] = hosts("unreachable-1").hosts;
  await assert.rejects(after.ensureHost(client(), host), { code: "JOB_FAILED" });
  assert.equal((await after.ensureHost(client(), host)).name, "unreachable-1");
});

test("ensure survives a race in which the code without the package fails", async (t) => {
  const { baseUrl, client, simulator } = await deployFor(t);
  const [before, after] = await load("ensure");
  // Somebody else adds the host just before the POST.
  const race = { match: { method: "POST", path: "/hosts" }, processed: true, count: 1 };
  const action = { kind: "status", status: 400, body: { error: { message: "Host exists already." } } };
  simulator.addRule({ ...race, action });
  await assert.rejects(before.ensureHost(baseUrl, headers, hosts("esx-1").hosts[0]));
  simulator.addRule({ ...race, action });
  assert.equal((await after.ensureHost(client(), hosts("esx-2").hosts[0])).name, "esx-2");
});

test("until survives a 503 at which the code without the package fails, and ends at a failed state", async (t) => {
  const { baseUrl, client, simulator } = await deployFor(t);
  const [before, after] = await load("until");
  const deploy = client({ retry: { initialDelay: 1 } });
  const { id } = await deploy.post("/clusters", { name: "c-1" }, { query: { node_count: 1 } });
  const match = { method: "GET", path: "/clusters/*" };
  const say = (state, more) =>
    simulator.addRule({ match, action: { kind: "edit", set: { "/record/state": state } }, ...more });
  const failOnce = () => simulator.addRule({ match, count: 1, action: { kind: "status", status: 503 } });

  failOnce();
  await assert.rejects(before.waitUntilOn(baseUrl, headers, id), /503/);

  say("powered_off", { count: 1 });
  failOnce();
  say("powered_on", { count: 2 });
  const record = await after.waitUntilOn(deploy, id);
  assert.equal(record.state, "powered_on");
  assert.equal((await before.waitUntilOn(baseUrl, headers, id)).state, "powered_on");

  say("deploy_failed");
  for (const waiting of [before.waitUntilOn(baseUrl, headers, id), after.waitUntilOn(deploy, id)])
    await assert.rejects(waiting, /^Error: The cluster is deploy_failed$/);
});

test("download saves the same backup as the code without the package", async (t) => {
  const { baseUrl, client } = await deployFor(t);
  const [before, after] = await load("download");
  const deploy = client();
  const { id } = await deploy.post("/backups", { password: "b-secret" });
  const [byHand, file] = ["by-hand.tar.gz", "downloaded.tar.gz"].map((name) => join(folder, name));
  await before.saveBackup(baseUrl, headers, id, byHand);
  await after.saveBackup(deploy, id, file);
  const bytes = await readFile(file);
  assert.deepEqual(await readFile(byHand), bytes);
  assert.deepEqual([...bytes.subarray(0, 2)], [0x1f, 0x8b], "gzip");
});

const saving = `${makeClient}
  import { save } from "./download/page.js";
  const { id } = await deploy.post("/backups", { password: "b-secret" });
  const button = Object.assign(document.createElement("button"), { textContent: "Save" });
  button.onclick = async () => {
    let shown;
    await save(deploy, \`/backups/\${id}/download\`, "backup.tar.gz", (...progress) => { shown = progress; });
    document.title = shown.join(" of ");
  };
  document.body.append(button);
`;

test("a page saves a download through the browser's dialog, with progress", async (t) => {
  const { page: view, faults } = await page(t, saving);
  // A test cannot use the dialog, so a file in the page's own storage replaces it.
  await view.evaluate(() => {
    window.showSaveFilePicker = async ({ suggestedName }) => {
      const root = await navigator.storage.getDirectory();
      return root.getFileHandle(suggestedName, { create: true });
    };
  });
  await view.getByRole("button").click();
  await view.waitForFunction(() => document.title.includes(" of "));
  const size = await view.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    return (await (await root.getFileHandle("backup.tar.gz")).getFile()).size;
  });
  assert.ok(size > 0);
  assert.equal(await view.title(), `${size} of ${size}`);
  assert.deepEqual(faults, []);
});

test("a page without the dialog saves a download with a link, under the name that Deploy proposes", async (t) => {
  const { page: view, faults } = await page(t, saving);
  await view.evaluate(() => {
    window.showSaveFilePicker = undefined;
  });
  const [download] = await Promise.all([view.waitForEvent("download"), view.getByRole("button").click()]);
  assert.match(download.suggestedFilename(), /^deploy_backup_.*\.tar\.gz$/);
  const bytes = await readFile(await download.path());
  await view.waitForFunction(() => document.title.includes(" of "));
  assert.equal(await view.title(), `${bytes.length} of ${bytes.length}`);
  assert.deepEqual(faults, []);
});

const licenseFile = async (serial) => {
  const file = join(folder, `${serial}.txt`);
  await writeFile(file, JSON.stringify({ statusResp: { serialNumber: serial } }));
  return file;
};
const uploaded = async (deploy) => {
  const ids = (await deploy.list("/licensing/licenses")).map(({ id }) => id);
  return ids.filter((id) => id.startsWith("52")).sort();
};

test("upload sends a license file like the code without the package, and nodeFetch reports progress", async (t) => {
  const { baseUrl, client } = await deployFor(t);
  const [before, after] = await load("upload");
  await before.addLicense(baseUrl, headers, await licenseFile("520000001"));
  await after.addLicense(client(), await licenseFile("520000002"));

  const { clientWithProgress } = await import(join(folder, "upload/progress.mjs"));
  const shown = [];
  const deploy = clientWithProgress({ baseUrl, auth: credential }, (text) => shown.push(text));
  await after.addLicense(deploy, await licenseFile("520000003"));
  assert.deepEqual(await uploaded(deploy), ["520000001", "520000002", "520000003"]);
  const [, sent, total] = /^\/api\/licensing\/licenses: (\d+) of (\d+) bytes$/.exec(shown.at(-1));
  assert.equal(sent, total);
  await assert.rejects(before.addLicense(baseUrl, headers, join(folder, "cluster.json")), /./);
});

test("a page uploads the license file that its user chose", async (t) => {
  const code = `${makeClient}
    import { addLicense } from "./upload/page.js";
    const input = Object.assign(document.createElement("input"), { type: "file" });
    input.onchange = () => addLicense(deploy, input).then(() => { document.title = "done"; });
    document.body.append(input);
  `;
  const { page: view, simulator, faults } = await page(t, code);
  await view.locator("input").setInputFiles(await licenseFile("520000004"));
  await view.waitForFunction(() => document.title === "done");
  assert.equal(simulator.counters().received["POST /licensing/licenses"], 1);
  assert.deepEqual(faults, []);
});
