// The console page, driven as an admin would, under the headers it is served with.

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

/** An abort takes a moment from the browser to the server. */
async function noPollIsOpen(simulator) {
  while (simulator.counters().openPolls > 0) await new Promise(setImmediate);
}

test("a cluster is created and deployed, and each step is seen", async (t) => {
  const { page, simulator, faults } = await loggedIn(t);
  await hostAdded(page);
  const deployed = await deploy(page, "c1");
  await deployed.getByRole("heading", { name: "Deploy cluster c1" }).waitFor();
  await deployed.getByText("Succeeded").waitFor();
  const changes = Number((await deployed.getByText(/Changes seen/).textContent()).match(/\d+/)[0]);
  assert.ok(changes > 3, `${changes} changes were seen`);
  assert.match(
    await deployed.getByRole("img", { name: /^Timeline/ }).getAttribute("aria-label"),
    /last state success/,
  );
  assert.match(await page.locator("#announcer").textContent(), /Deploy cluster c1: Succeeded/);
  await rowOf(page, "Create cluster c1").getByRole("button").click();
  await detail(page).getByText("Done at once, without a job (status 201).").waitFor();

  const polls = simulator.log().filter(({ path }) => path.startsWith("/jobs/"));
  assert.ok(
    polls.every(({ target }) =>
      /\?fields=state,message,last_modified&poll_timeout=30&last_modified=%3E=/.test(target),
    ),
    "each poll was a long poll from a stamp",
  );
  assert.deepEqual(faults, []);
});

test("a page that is reloaded takes up its jobs after the next log-in", async (t) => {
  const { page, simulator, faults } = await loggedIn(t, { stepMs: 500 });
  await hostAdded(page);
  await describeCluster(page, "c1");
  await page.getByLabel("Admin password").fill("S3cret-of-c1");
  await page.getByRole("button", { name: "Deploy cluster", exact: true }).click();
  await rowOf(page, "Deploy cluster c1").waitFor();
  await detail(page)
    .getByText(/Changes seen/)
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

test("fifty jobs at once are drawn with each of their polls, of which four are open at most", async (t) => {
  // Without lists each job is polled by itself.
  const rules = [{ match: { path: "/jobs" }, action: { kind: "status", status: 405 } }];
  const { page, simulator, faults } = await loggedIn(t, { stepMs: 2_000, rules });
  await start(page, "Start 50", { "Names begin with": "esx" });
  const chart = page.getByRole("region", { name: "Each poll, by job" });
  assert.match(
    await chart.getByText(/for 50 jobs/).textContent(),
    /^[0-4] polls? (is|are) open, \d+\.\d requests a second/,
  );
  await page.getByText("45 succeeded · 5 failed").waitFor();
  assert.ok(simulator.counters().maxOpenPolls <= 4);
  assert.equal(simulator.counters().received["POST /hosts"], 50);
  assert.deepEqual(faults, []);
});

test("a host that cannot be added shows the reason, and what to do", async (t) => {
  const { page, faults } = await loggedIn(t);
  const card = await start(page, "Add host", { Host: "unreachable-esx-9" });
  await card.getByRole("heading", { name: "The job failed" }).waitFor();
  await card.getByRole("paragraph").getByText('"unreachable-esx-9" cannot be reached').waitFor();
  await card.getByText("JOB_FAILED").waitFor();
  assert.deepEqual(faults, []);
});

test("the nodes of a cluster are described by what their host has", async (t) => {
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

test("a deploy that failed is described and deployed again", async (t) => {
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
    await page.getByRole("heading", { name: "unlicensed-1 is not deployed" }).waitFor();
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

test("a host is checked over a network that it has", async (t) => {
  const { page, simulator, faults } = await loggedIn(t);
  await page.getByRole("radio", { name: "Check host" }).check();
  await page.getByText("There is no host yet. Add one first.").waitFor();
  await hostAdded(page);
  const card = await start(page, "Check host", {});
  await card.getByText("Succeeded").waitFor();
  await card.getByRole("heading", { name: "Check host esx-of-cluster" }).waitFor();
  assert.equal(simulator.counters().received["POST /network/connectivitychecks"], 1);
  assert.deepEqual(faults, []);
});

test("waiting is stopped and taken up again; the job does not notice", async (t) => {
  const { page, simulator } = await loggedIn(t, { stepMs: 400 });
  const card = await start(page, "Add host", { Host: "esx-1" });
  await card.getByRole("button", { name: "Stop waiting" }).click();
  await card.getByText("Not watched").waitFor();
  await noPollIsOpen(simulator);
  await card.getByRole("button", { name: "Take up again" }).click();
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

test("a wrong password is told at the door, and no prompt of the browser's own comes up", async (t) => {
  const { page } = await open(t, app);
  await logIn(page, "wrong");
  await page.getByRole("alert").getByText("Wrong user name or password").waitFor();
  await logIn(page, "Netapp1!");
  await page.getByRole("heading", { name: "Jobs", exact: true }).waitFor();
});

test("after logging out nothing is asked any more", async (t) => {
  const { page, simulator } = await loggedIn(t, { stepMs: 60_000 });
  await start(page, "Add host", { Host: "esx-1" });
  await page.getByText("Stop waiting").waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("main").getByText("Logged out. One job goes on in Deploy.").waitFor();
  await noPollIsOpen(simulator);
});

test("the whole of it works by keyboard", async (t) => {
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

test("its policy allows WebAssembly and nothing looser, and is kept", async (t) => {
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

test("without 'wasm-unsafe-eval' the page says which word is missing", async (t) => {
  const policy = pageHeaders["content-security-policy"].replace(" 'wasm-unsafe-eval'", "");
  const { page } = await open(t, { ...app, headers: { ...pageHeaders, "content-security-policy": policy } });
  const notice = page.getByRole("alert");
  await notice.getByRole("heading", { name: "This page may not run WebAssembly" }).waitFor();
  await notice.getByText("add 'wasm-unsafe-eval' to script-src").waitFor();
});

test("without WebAssembly the page says so", async (t) => {
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
  test(`nothing is cut off, ${scheme} and ${width} px wide`, async (t) => {
    const { page } = await loggedIn(t);
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 740 });
    const card = await start(page, "Add host", { Host: `unreachable-${"x".repeat(80)}` });
    await card.getByText("The job failed").waitFor();
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
  });
}
