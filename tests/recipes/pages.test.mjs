// Runs the documentation's pages in Chromium.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { useChromium } from "../browser/chromium.mjs";
import { site } from "../browser/site.mjs";
import { strict, VCENTER } from "../lib/lab.mjs";
import { bundle, folder, hosts, makeClient, page, seen, until } from "./recipe.mjs";

useChromium();

// Long enough to see each step on a busy machine.
const SEEN_MS = 500;

const textOf = (view, role, text) => view.getByRole(role).filter({ hasText: text }).waitFor();

async function add(view, name) {
  await view.getByLabel("Host").fill(name);
  await view.getByRole("button", { name: "Add" }).click();
}

/** The next `POST` gets this status. */
const refuseOnce = (simulator, status) =>
  simulator.addRule({ match: { method: "POST" }, count: 1, action: { kind: "status", status } });

/** Runs a page with a form that keeps the host of an unknown outcome. */
async function fourEndsOf(t, code) {
  const { page: view, simulator, faults } = await page(t, code, { stepMs: SEEN_MS });
  await fourEnds(view, simulator);
  await until(async () => (await view.getByLabel("Host").inputValue()) === "esx-3");
  assert.deepEqual(seen(simulator), { received: { "POST /hosts": 4 }, openPolls: 0 });
  assert.deepEqual(faults, []);
}

/** Checks what the page shows for a success, a failure, a refused call, and a call with an unknown outcome. */
async function fourEnds(view, simulator, role = "alert") {
  await add(view, "esx-1");
  await textOf(view, "status", /^running: /);
  await textOf(view, "status", "Done.");
  await add(view, "unreachable-1");
  await textOf(view, role, /^Failed: .*reached/);
  refuseOnce(simulator, 409);
  await add(view, "esx-2");
  await textOf(view, role, /^Nothing was changed: .*409/);
  refuseOnce(simulator, 504);
  await add(view, "esx-3");
  await textOf(view, role, /^Outcome unknown\. Check the host before you add it again\. .*504/);
}

test("getting started, a console: success, failure, stopped watching, a wrong password, an unknown outcome", async (t) => {
  const files = {
    "index.html": await readFile(join(folder, "console/index.html"), "utf8"),
    "main.js": await bundle(`import "./console/main.js"`),
  };
  const { page: view, simulator, faults } = await site(t, files, { ...strict, stepMs: SEEN_MS });
  await view.getByLabel("Password").fill("Netapp1!");
  await view.getByLabel("vCenter").fill(VCENTER);
  await add(view, "esx-1");
  await textOf(view, "status", /^running: /);
  await textOf(view, "status", "esx-1 is added.");
  await add(view, "unreachable-1");
  await textOf(view, "status", /^unreachable-1 was not added: .*reached/);

  await add(view, "esx-2");
  await textOf(view, "status", /^queued: /);
  await view.getByRole("button", { name: "Stop watching" }).click();
  await textOf(view, "status", /^No longer watched/);
  await until(() => seen(simulator).openPolls === 0);

  await view.getByLabel("Password").fill("wrong");
  await add(view, "esx-3");
  await textOf(view, "status", /^Nothing was changed: .*401/);
  await view.getByLabel("Password").fill("Netapp1!");
  refuseOnce(simulator, 504);
  await add(view, "esx-3");
  await textOf(view, "status", /^Outcome unknown\. Check the host/);
  assert.deepEqual(faults, []);
});

const react = (app) => `${makeClient}
  import { StrictMode, createElement } from "react";
  import { createRoot } from "react-dom/client";
  ${app}
`;

test("React: progress, success, failure, a refused call, an unknown outcome", async (t) => {
  const code = react(`
    import { AddHost } from "./react/add-host.jsx";
    createRoot(document.querySelector("#root")).render(<StrictMode><AddHost deploy={deploy} /></StrictMode>);
  `);
  await fourEndsOf(t, code);
});

const polls = { path: "/jobs/*" };

test("React: after a lost connection, Check again follows the job to its end", async (t) => {
  const code = react(`
    import { AddHost } from "./react/add-host.jsx";
    createRoot(document.querySelector("#root")).render(<StrictMode><AddHost deploy={deploy} /></StrictMode>);
  `);
  const { page: view, simulator, faults } = await page(t, code, { stepMs: SEEN_MS });
  simulator.addRule({ match: polls, action: { kind: "status", status: 403 } });
  await add(view, "esx-1");
  await textOf(view, "alert", /^Outcome unknown\. The job may still succeed\. .*403/);
  simulator.clearRules();
  await view.getByRole("button", { name: "Check again" }).click();
  await textOf(view, "status", "Done.");
  assert.equal(await view.getByRole("alert").count(), 0);

  const gone = { kind: "status", status: 404, body: { error: { code: 4, message: "none" } } };
  simulator.addRule({ match: polls, skip: 1, action: gone });
  await add(view, "esx-2");
  await textOf(view, "alert", /^Outcome unknown\. Check the host/);
  assert.equal(await view.getByRole("button", { name: "Check again" }).count(), 0);
  assert.deepEqual(seen(simulator), { received: { "POST /hosts": 2 }, openPolls: 0 });
  assert.deepEqual(faults, []);
});

test("React: a new page shows the state of the stored job at once", async (t) => {
  const code = react(`
    import { Job } from "./react/add-host.jsx";
    import { begin, storedJob } from "./resume/jobs.js";
    const handle = storedJob(deploy) ?? await begin(deploy, "POST", "/hosts", ${JSON.stringify(hosts("esx-1"))});
    createRoot(document.querySelector("#root")).render(<StrictMode><Job deploy={deploy} handle={handle} /></StrictMode>);
  `);
  const { page: view, simulator, faults } = await page(t, code, { stepMs: 60_000 });
  await textOf(view, "status", /^queued: /);
  await view.reload();
  await textOf(view, "status", /^queued: /);
  assert.deepEqual(seen(simulator).received, { "POST /hosts": 1 });
  assert.deepEqual(faults, []);
});

test("React: a handle is a store for useSyncExternalStore", async (t) => {
  const code = react(`
    import { useSyncExternalStore } from "react";
    const handle = await deploy.submit("POST", "/hosts", { body: ${JSON.stringify(hosts("esx-1"))} });
    const Look = () => <p role="status">{useSyncExternalStore(handle.subscribe, () => handle.latest)?.state}</p>;
    createRoot(document.querySelector("#root")).render(<StrictMode><Look /></StrictMode>);
  `);
  const { page: view, faults } = await page(t, code, { stepMs: SEEN_MS });
  await textOf(view, "status", "running");
  await textOf(view, "status", "success");
  assert.deepEqual(faults, []);
});

test("onEvent reports a retry while polls fail", async (t) => {
  const code = `
    import { DeployClient } from "ontap-select-deploy";
    const root = document.querySelector("#root");
    const deploy = new DeployClient({
      baseUrl: "/api",
      auth: { username: "admin", password: "Netapp1!" },
      onEvent: ({ type, jobId }) => {
        if (type === "retry" && jobId !== undefined) document.title = "retrying";
      },
    });
    deploy.post("/hosts", ${JSON.stringify(hosts("esx-1"))}, { onProgress: ({ state }) => { root.textContent = state; } });
  `;
  const rules = [{ match: polls, skip: 1, count: 1, action: { kind: "status", status: 503 } }];
  const { page: view } = await page(t, code, { rules, stepMs: SEEN_MS });
  await view.getByText("success").waitFor();
  assert.equal(await view.title(), "retrying");
});

test("React: two components share one poll, which ends when both unmount", async (t) => {
  const code = react(`
    import { Job } from "./react/add-host.jsx";
    const handle = await deploy.submit("POST", "/hosts", { body: ${JSON.stringify(hosts("esx-1"))} });
    const root = createRoot(document.querySelector("#root"));
    root.render(<StrictMode><Job handle={handle} /><Job handle={handle} /></StrictMode>);
    window.unmount = () => root.unmount();
  `);
  const { page: view, simulator, faults } = await page(t, code, { stepMs: 60_000 });
  await view
    .getByText(/^queued/)
    .nth(1)
    .waitFor();
  await until(() => seen(simulator).openPolls === 1);
  await view.evaluate(() => window.unmount());
  await until(() => seen(simulator).openPolls === 0);
  assert.equal(simulator.counters().maxOpenPolls, 1);
  assert.deepEqual(faults, []);
});

test("Vue: progress, success, failure, a refused call, an unknown outcome, and no open poll after the unmount", async (t) => {
  const code = `${makeClient}
    import { createApp } from "vue";
    import { AddHost } from "./vue/add-host.js";
    const app = createApp(AddHost, { deploy });
    app.mount("#root");
    window.unmount = () => app.unmount();
  `;
  const { page: view, simulator, faults } = await page(t, code, { stepMs: SEEN_MS });
  await fourEnds(view, simulator, "status");
  await add(view, "esx-4");
  await textOf(view, "status", /^queued: /);
  await view.evaluate(() => window.unmount());
  await until(() => seen(simulator).openPolls === 0);
  assert.deepEqual(faults, []);
});

test("Vue: a handle in a deep ref throws a TypeError", async (t) => {
  const code = `${makeClient}
    import { ref } from "vue";
    const handle = ref(deploy.job("x"));
    try { handle.value.serialize(); } catch (error) { document.title = error.name; }
  `;
  const { page: view } = await page(t, code);
  await view.waitForFunction(() => document.title === "TypeError");
});

test("Svelte: progress, success, failure, a refused call, an unknown outcome, and no open poll after the unmount", async (t) => {
  const code = `${makeClient}
    import { mount, unmount } from "svelte";
    import AddHost from "./svelte/AddHost.svelte";
    const app = mount(AddHost, { target: document.querySelector("#root"), props: { deploy } });
    window.unmount = () => unmount(app);
  `;
  const { page: view, simulator, faults } = await page(t, code, { stepMs: SEEN_MS });
  await fourEnds(view, simulator);
  await add(view, "esx-4");
  await textOf(view, "status", /^queued: /);
  await view.evaluate(() => window.unmount());
  await until(() => seen(simulator).openPolls === 0);
  assert.deepEqual(faults, []);
});

test("TanStack Query: progress, success, failure, a refused call, an unknown outcome", async (t) => {
  const code = react(`
    import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
    import { AddHost } from "./tanstack-query/add-host.jsx";
    createRoot(document.querySelector("#root")).render(
      <StrictMode><QueryClientProvider client={new QueryClient()}><AddHost deploy={deploy} /></QueryClientProvider></StrictMode>
    );
  `);
  await fourEndsOf(t, code);
});

test("TanStack Query: the wait ends without components, and a later component continues it", async (t) => {
  const code = react(`
    import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
    import { useJob } from "./tanstack-query/jobs.js";
    const { id } = await deploy.submit("POST", "/hosts", { body: ${JSON.stringify(hosts("esx-1"))} });
    const root = createRoot(document.querySelector("#root"));
    const queries = new QueryClient();
    const Look = () => <p role="status">{useJob(deploy, id).data?.state}</p>;
    window.look = (shown) =>
      root.render(<QueryClientProvider client={queries}>{shown && <Look />}</QueryClientProvider>);
    window.look(true);
  `);
  const { page: view, simulator, faults } = await page(t, code, { stepMs: 2_500 });
  await textOf(view, "status", "queued");
  await until(() => seen(simulator).openPolls === 1);
  await view.evaluate(() => window.look(false));
  await until(() => seen(simulator).openPolls === 0);
  await view.evaluate(() => window.look(true));
  await textOf(view, "status", "success");
  assert.deepEqual(faults, []);
});

const resuming = `${makeClient}
  import { addHost, resume } from "./resume/page.js";
  const show = (text) => { document.querySelector("#root").textContent = text; };
  const progress = (job) => show(job.state);
  window.add = (name) => addHost(deploy, { name, hypervisor_type: "ESX", management_server: "${VCENTER}" }, progress).catch((error) => show(error.name));
  const going = resume(deploy, progress);
  if (going) going.catch((error) => show(error.name));
  else show("idle");
`;

test("resume after reload: two pages follow one call's job, and the token is removed afterwards", async (t) => {
  const { page: view, simulator, faults } = await page(t, resuming, { stepMs: 1_500 });
  await view.getByText("idle").waitFor();
  await view.evaluate(() => void window.add("esx-1"));
  await view.getByText(/queued|running/).waitFor();
  await view.reload();
  await view.getByText("success").waitFor();
  await view.waitForFunction(() => sessionStorage.length === 0);
  await view.reload();
  await view.getByText("idle").waitFor();
  assert.deepEqual(seen(simulator).received, { "POST /hosts": 1 });
  assert.deepEqual(faults, []);
});

test("resume after reload: the new page shows the job's state at once", async (t) => {
  const { page: view, simulator, faults } = await page(t, resuming, { stepMs: 60_000 });
  await view.evaluate(() => void window.add("esx-1"));
  await view.getByText("queued").waitFor();
  await view.reload();
  await view.getByText("queued").waitFor();
  assert.deepEqual(seen(simulator).received, { "POST /hosts": 1 });
  assert.deepEqual(faults, []);
});

test("resume after reload: a failure removes the token, a refusal keeps it, a corrupted token is removed", async (t) => {
  const { page: view, simulator } = await page(t, resuming);
  await view.evaluate(() => void window.add("unreachable-1"));
  await view.getByText("JobFailedError").waitFor();
  assert.equal(await view.evaluate(() => sessionStorage.length), 0);

  simulator.addRule({ match: { path: "/jobs/*" }, action: { kind: "status", status: 403 } });
  await view.evaluate(() => void window.add("esx-1"));
  await view.getByText("AuthError").waitFor();
  assert.equal(await view.evaluate(() => sessionStorage.length), 1);
  simulator.clearRules();
  await view.reload();
  await view.getByText("success").waitFor();

  await view.evaluate(() => sessionStorage.setItem("deploy-job", "nonsense"));
  await view.reload();
  await view.getByText("idle").waitFor();
});
