// The console page with its real headers, used like an admin uses it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { pageHeaders } from "../../scripts/lib/page-headers.mjs";
import { host } from "../lib/described.mjs";
import { open, useChromium } from "./chromium.mjs";
import {
  app,
  deploy,
  describeCluster,
  detail,
  fillAddresses,
  hostAdded,
  loggedIn,
  logIn,
  rowOf,
  start,
} from "./console.mjs";

useChromium();

/** Waits, because an abort takes a moment from the browser to the server. */
async function noPollIsOpen(simulator) {
  while (simulator.counters().openPolls > 0) await new Promise(setImmediate);
}

test("a cluster is created and deployed, and the list shows each step", async (t) => {
  const { page, simulator, faults } = await loggedIn(t);
  await hostAdded(page);
  const deployed = await deploy(page, "c1");
  await deployed.getByRole("heading", { name: "Deploy cluster c1" }).waitFor();
  await deployed.getByText("Succeeded").waitFor();
  const changes = Number((await deployed.getByText(/^Changes/).textContent()).match(/\d+/)[0]);
  assert.ok(changes > 3, `only ${changes} changes`);
  assert.match(
    await deployed.getByRole("img", { name: /^Timeline/ }).getAttribute("aria-label"),
    /last state success/,
  );
  assert.match(await page.locator("#announcer").textContent(), /Deploy cluster c1: Succeeded/);
  await rowOf(page, "Create cluster c1").getByRole("button").click();
  await detail(page).getByText("Completed without a job (status 201).").waitFor();

  const polls = simulator.log().filter(({ path }) => path.startsWith("/jobs/"));
  assert.ok(
    polls.every(({ target }) =>
      /\?fields=state,message,last_modified&poll_timeout=30&last_modified=%3E=/.test(target),
    ),
    "each poll was a long poll from a cursor",
  );
  assert.deepEqual(faults, []);
});

test("after a reload and a login the page follows its jobs again", async (t) => {
  const { page, simulator, faults } = await loggedIn(t, { stepMs: 500 });
  await hostAdded(page);
  await describeCluster(page, "c1");
  await page.getByLabel("Admin password").fill("S3cret-of-c1");
  await page.getByRole("button", { name: "Deploy cluster", exact: true }).click();
  await rowOf(page, "Deploy cluster c1").waitFor();
  await detail(page)
    .getByText(/^Changes/)
    .waitFor();
  const stored = await page.evaluate(() => JSON.stringify(sessionStorage));
  assert.ok(!/S3cret|Netapp/.test(stored));
  await page.reload();
  await logIn(page, "Netapp1!");
  await rowOf(page, "Deploy cluster c1").getByText("Succeeded").waitFor();
  const { received } = simulator.counters();
  assert.equal(
    Object.entries(received)
      .filter(([call]) => call.endsWith("/deploy"))
      .flat()[1],
    1,
  );
  assert.deepEqual(faults, []);
  await page.reload();
  await logIn(page, "Netapp1!");
  await page.getByText("No jobs yet").waitFor();
});

test("the page draws the polls of fifty jobs, with at most four open at once", async (t) => {
  // Without batch polls the client polls each job separately.
  const rules = [{ match: { path: "/jobs" }, action: { kind: "status", status: 405 } }];
  const { page, simulator, faults } = await loggedIn(t, { stepMs: 2_000, rules });
  await start(page, "Add 50 hosts", { "Name prefix": "esx" });
  const chart = page.getByRole("region", { name: "Polls by job" });
  assert.match(
    await chart.getByText(/for 50 jobs/).textContent(),
    /^[0-4] open polls? for 50 jobs, \d+\.\d requests per second/,
  );
  await page.getByText("45 succeeded · 5 failed").waitFor();
  assert.ok(simulator.counters().maxOpenPolls <= 4);
  assert.equal(simulator.counters().received["POST /hosts"], 50);
  assert.deepEqual(faults, []);
});

test("a host that Deploy cannot add shows the reason and what to do", async (t) => {
  const { page, faults } = await loggedIn(t);
  const card = await start(page, "Add host", { Host: "unreachable-esx-9" });
  await card.getByRole("heading", { name: "The job failed" }).waitFor();
  await card.getByRole("paragraph").getByText('"unreachable-esx-9" cannot be reached').waitFor();
  await card.getByText("JOB_FAILED").waitFor();
  assert.deepEqual(faults, []);
});

test("the nodes of a cluster use their host's networks and storage", async (t) => {
  const { page, simulator, site, faults } = await loggedIn(t);
  await hostAdded(page);
  await describeCluster(page, "c4", 4);
  for (const number of [1, 2, 3, 4]) {
    const node = page.getByRole("group", { name: `Node ${number}`, exact: true });
    await node.getByLabel("IP address").fill(`192.0.2.${50 + number}`);
  }
  await page.getByRole("button", { name: "Deploy cluster", exact: true }).click();
  await page.getByRole("heading", { name: "c4 is deployed" }).waitFor();
  const headers = { authorization: `Basic ${btoa("admin:Netapp1!")}` };
  const answer = await fetch(`${site.url}/api/clusters?name=c4&fields=**`, { headers });
  const [{ state, nodes }] = (await answer.json()).records;
  assert.equal(state, "powered_on");
  assert.deepEqual(
    nodes.map(({ host, ip }) => [host.name, ip]),
    [51, 52, 53, 54].map((last) => ["esx-of-cluster", `192.0.2.${last}`]),
  );
  assert.ok(simulator.log().every(({ status }) => status < 400));
  assert.deepEqual(faults, []);
});

test("a failed deploy can be retried, or changed and deployed", async (t) => {
  const profiles = [{ name: "small-*", pools: [{ name: "tiny", availableCapacity: 0 }] }];
  const { page, simulator, faults } = await loggedIn(t, { hosts: profiles });
  const added = await start(page, "Add host", { Host: "small-1" });
  await added.getByText("Succeeded").waitFor();
  await describeCluster(page, "unlicensed-1");
  await page.getByRole("button", { name: "Deploy cluster", exact: true }).click();
  await page.getByText("This has no free space.").waitFor();
  await hostAdded(page);
  await describeCluster(page, "unlicensed-1");
  await page.getByLabel("Host", { exact: true }).selectOption("esx-of-cluster");
  await page.getByRole("button", { name: "Deploy cluster", exact: true }).click();
  for (const [attempt, next] of ["Try again", "Back to the form"].entries()) {
    await page.getByRole("heading", { name: "The deploy of unlicensed-1 did not finish" }).waitFor();
    const reason = page.getByRole("region", { name: "Start" }).getByText("The licenses lack the capacity");
    await reason.waitFor();
    const { received } = simulator.counters();
    const deploys = Object.entries(received).filter(([call]) => call.endsWith("/deploy"));
    assert.equal(deploys[0][1], attempt + 1);
    await page.getByRole("button", { name: next }).click();
  }
  await page.getByLabel("Name", { exact: true }).fill("c1");
  await fillAddresses(page, [41, 42]);
  await page.getByRole("button", { name: "Deploy cluster", exact: true }).click();
  await page.getByRole("heading", { name: "c1 is deployed" }).waitFor();
  assert.deepEqual(faults, []);
});

test("a host is checked on one of its networks", async (t) => {
  const { page, simulator, faults } = await loggedIn(t);
  await page.getByRole("radio", { name: "Check host" }).check();
  await page.getByText("No hosts yet. Add one first.").waitFor();
  await hostAdded(page);
  const card = await start(page, "Check host", {});
  await card.getByText("Succeeded").waitFor();
  await card.getByRole("heading", { name: "Check host esx-of-cluster" }).waitFor();
  assert.equal(simulator.counters().received["POST /network/connectivitychecks"], 1);
  assert.deepEqual(faults, []);
});

test("the user stops following a job and follows it again while it continues", async (t) => {
  const { page, simulator } = await loggedIn(t, { stepMs: 400 });
  const card = await start(page, "Add host", { Host: "esx-1" });
  await card.getByRole("button", { name: "Stop following" }).click();
  await card.getByText("Not followed").waitFor();
  await noPollIsOpen(simulator);
  await card.getByRole("button", { name: "Follow again" }).click();
  await card.getByText("Succeeded").waitFor();
  const checks = simulator.log().filter(({ method }) => method === "POST");
  assert.equal(checks.length, 1);
});

test("a job that was started elsewhere is followed by its id", async (t) => {
  const { page, site } = await loggedIn(t);
  const response = await fetch(`${site.url}/api/hosts`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa("admin:Netapp1!")}`, "content-type": "application/json" },
    body: JSON.stringify(host("esx-2")),
  });
  const { job } = await response.json();
  const card = await start(page, "Follow a job", { "Job id": job.id });
  await card.getByText("Succeeded").waitFor();
});

test("the login page reports a wrong password, and the browser shows no prompt", async (t) => {
  const { page } = await open(t, app);
  await logIn(page, "wrong");
  await page.getByRole("alert").getByText("Wrong user name or password").waitFor();
  await logIn(page, "Netapp1!");
  await page.getByRole("heading", { name: "Jobs", exact: true }).waitFor();
});

test("after logging out the page sends no more requests", async (t) => {
  const { page, simulator } = await loggedIn(t, { stepMs: 60_000 });
  await start(page, "Add host", { Host: "esx-1" });
  await page.getByText("Stop following").waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("main").getByText("Logged out. 1 job continues in Deploy.").waitFor();
  await noPollIsOpen(simulator);
});

test("the whole page works with the keyboard", async (t) => {
  const { page } = await open(t, app);
  await page.keyboard.type("admin");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Netapp1!");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Jobs", exact: true }).waitFor();
  await page.keyboard.press("Tab"); // Log out
  await page.keyboard.press("Tab"); // what to start
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Tab"); // the host
  await page.keyboard.type("esx-7");
  await page.keyboard.press("Enter");
  const card = detail(page);
  await card.getByText("Succeeded").waitFor();
  await card.getByRole("heading", { name: "Add host esx-7" }).waitFor();
});

test("the page's policy allows WebAssembly but no eval and no inline script", async (t) => {
  const { page, faults } = await loggedIn(t);
  const policy = pageHeaders["content-security-policy"];
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'(;|$)/);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'/);
  assert.deepEqual(faults, []);
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "globalThis.inlineRan = true";
    document.head.append(script);
    return "inlineRan" in globalThis;
  });
  assert.equal(ran, false, "the browser enforces it");
});

test("without 'wasm-unsafe-eval' the page says what the policy lacks", async (t) => {
  const policy = pageHeaders["content-security-policy"].replace(" 'wasm-unsafe-eval'", "");
  const { page } = await open(t, { ...app, headers: { ...pageHeaders, "content-security-policy": policy } });
  const notice = page.getByRole("alert");
  await notice.getByRole("heading", { name: "WebAssembly is blocked on this page" }).waitFor();
  await notice.getByText("add 'wasm-unsafe-eval' to script-src").waitFor();
});

test("without WebAssembly the page says that the browser cannot run it", async (t) => {
  const { page } = await open(t, app);
  await page.addInitScript(() => {
    delete globalThis.WebAssembly;
  });
  await page.reload();
  await page.getByRole("heading", { name: "This browser cannot run the console" }).waitFor();
});

for (const [scheme, width] of [
  ["light", 1280],
  ["dark", 360],
]) {
  test(`the page cuts nothing off, ${scheme} and ${width} px wide`, async (t) => {
    const { page } = await loggedIn(t);
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 740 });
    const card = await start(page, "Add host", { Host: `unreachable-${"x".repeat(80)}` });
    await card.getByText("The job failed").waitFor();
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
  });
}
