// The front end in Rust of examples/rust, in Chromium, beside a simulated Deploy.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { built, open, useChromium } from "../browser/chromium.mjs";

useChromium();

const account = { username: "admin", password: "Netapp1!" };

/** The page, with somebody logged in. */
async function logIn(t, config = {}) {
  const app = { folders: { "/": built.rustPage } };
  const there = await open(t, app, config, { switches: false });
  await typePassword(there.page, account.password);
  return { ...there, deploy: (name) => deploy(there.page, name) };
}

async function typePassword(page, password) {
  await page.fill("[autocomplete=current-password]", password);
  await page.click("text=Log in >> nth=-1");
}

async function deploy(page, name) {
  await page.fill("[required]", name);
  await page.fill("[autocomplete=new-password]", "Cluster-1!");
  await page.click("button:text-is('Deploy')");
}

const end = (page) => page.textContent("[role=status]");
const states = (page) => page.locator("ol b").allTextContents();
const polls = (simulator) => simulator.log().filter(({ path }) => path.startsWith("/jobs/")).length;
const openPolls = (simulator) => simulator.counters().openPolls;

test("a deployment is followed to its success, each change in its order", async (t) => {
  const { page, simulator, deploy, faults } = await logIn(t);
  await deploy("c1");
  assert.equal(await end(page), "Deployed.");
  const seen = await states(page);
  assert.equal(seen.at(0), "queued");
  assert.equal(seen.at(-1), "success");
  assert.ok(seen.slice(1, -1).length > 1 && seen.slice(1, -1).every((state) => state === "running"));
  const messages = await page.locator("ol li").allTextContents();
  assert.equal(new Set(messages).size, messages.length, "none comes twice");
  assert.equal(openPolls(simulator), 0);
  assert.deepEqual(faults, []);
});

test("a job that fails is told with its own message", async (t) => {
  const { page, deploy, faults } = await logIn(t);
  await deploy("unlicensed-1");
  const said = await end(page);
  assert.match(said, /^Failed: /);
  assert.equal((await states(page)).at(-1), "failure");
  assert.ok(said.endsWith(await lastMessage(page)), said);
  assert.deepEqual(faults, []);
});

async function lastMessage(page) {
  const text = await page.locator("ol li").last().textContent();
  return text.replace(/^failure/, "");
}

test("who drops the future leaves no poll on the server, and the job goes on", async (t) => {
  const { page, simulator, deploy, faults } = await logIn(t, { stepMs: 400 });
  await deploy("c1");
  await page.waitForSelector("ol li");
  await until(() => openPolls(simulator) === 1);
  await page.click("text=Stop waiting");
  assert.equal(await end(page), "You left; the job goes on.");
  await until(() => openPolls(simulator) === 0);
  const sent = polls(simulator);
  await page.waitForTimeout(600);
  assert.equal(polls(simulator), sent, "nothing polls any more");
  assert.deepEqual(faults, []);
});

test("a page that is reloaded in mid-job takes the wait up by its token", async (t) => {
  const { page, simulator, deploy, faults } = await logIn(t, { stepMs: 300 });
  await deploy("c1");
  await page.waitForSelector("ol li");
  await page.reload();
  await typePassword(page, account.password);
  assert.equal(await end(page), "Deployed.");
  const started = simulator.log().filter(({ method }) => method === "POST");
  assert.equal(started.length, 2, "the cluster and its deployment, once each");
  assert.deepEqual(faults, []);
});

test("a password that is refused in mid-job is asked for once, and the wait goes on", async (t) => {
  const { page, simulator, deploy, faults } = await logIn(t, { stepMs: 300 });
  await deploy("c1");
  await page.waitForSelector("ol li");
  simulator.setCredentials({ ...account, password: "Changed-1!" });
  await page.waitForSelector("[role=alert]");
  await typePassword(page, "Changed-1!");
  assert.equal(await end(page), "Deployed.");
  const refused = simulator.log().filter(({ status }) => status === 401);
  assert.equal(refused.length, 1);
  assert.deepEqual(faults, []);
});

test("a password that is typed too late for those who wait takes the wait up again", async (t) => {
  const { page, simulator, deploy, faults } = await logIn(t, { stepMs: 300 });
  await page.clock.install();
  await page.reload();
  await typePassword(page, account.password);
  await deploy("c1");
  await page.waitForSelector("ol li");
  simulator.setCredentials({ ...account, password: "Changed-1!" });
  await page.waitForSelector("[role=alert]");
  await page.clock.runFor(31_000);
  assert.match(await end(page), /^Not known how it ended: .* 401/);
  await typePassword(page, "Changed-1!");
  await page.waitForSelector("text=Deployed.");
  assert.equal(simulator.log().filter(({ status }) => status === 401).length, 1);
  assert.deepEqual(faults, []);
});

test("a job that the server no longer knows is remembered no longer", async (t) => {
  const { page, simulator, deploy, faults } = await logIn(t, { stepMs: 300 });
  await deploy("c1");
  await page.waitForSelector("ol li");
  simulator.addRule({ match: { path: "/jobs/*" }, action: { kind: "status", status: 404 } });
  assert.match(await end(page), /^Not known how it ended: /);
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  assert.deepEqual(faults, []);
});

test("a network that is away is not asked through, its return polls at once, and nothing listens afterwards", async (t) => {
  const { page, simulator, deploy } = await logIn(t, { stepMs: 300 });
  await page.evaluate(() => {
    document.body.dataset.listeners = "0";
    const ours = (name) => ["online", "offline", "pageshow"].includes(name);
    const count = (by) => {
      document.body.dataset.listeners = String(Number(document.body.dataset.listeners) + by);
    };
    const { addEventListener, removeEventListener } = EventTarget.prototype;
    EventTarget.prototype.addEventListener = function (...args) {
      if (ours(args[0])) count(1);
      return addEventListener.apply(this, args);
    };
    EventTarget.prototype.removeEventListener = function (...args) {
      if (ours(args[0])) count(-1);
      return removeEventListener.apply(this, args);
    };
  });
  await deploy("c1");
  await page.waitForSelector("ol li");
  await page.waitForSelector("body[data-listeners='3']", { state: "attached" });
  await page.context().setOffline(true);
  await page.waitForTimeout(500);
  const asked = simulator.counters().requests;
  // Retries would come in this time.
  await page.waitForTimeout(1_500);
  assert.equal(simulator.counters().requests, asked);
  await page.context().setOffline(false);
  const back = performance.now();
  assert.equal(await end(page), "Deployed.");
  assert.ok(performance.now() - back < 10_000, "and not only after the pause of 15 s");
  await page.waitForSelector("body[data-listeners='0']", { state: "attached" });
});

test("the exports of the npm package are not in a binary that depends on the crate", async () => {
  const module = await WebAssembly.compile(await readFile(`${built.rustPage}/deploy_page_bg.wasm`));
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  assert.ok(names.includes("start"), names.join());
  assert.deepEqual(
    names.filter((name) => /^_*(wbg_)?(client|job)_/.test(name)),
    [],
  );
});

async function until(holds) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}
