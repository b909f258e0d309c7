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

/** Checks what the page shows for a success, a failure and a refusal. `rule` limits how often the server refuses. */
async function threeEnds(view, simulator, rule) {
  await add(view, "esx-1");
  await textOf(view, "status", /^running: /);
  await textOf(view, "status", "Done.");
  await add(view, "unreachable-1");
  await textOf(view, "alert", /^Failed: .*reached/);
  simulator.addRule({ match: { method: "POST" }, ...rule, action: { kind: "status", status: 409 } });
  await add(view, "esx-2");
  await textOf(view, "alert", /409/);
}

test("getting started, a console: success, failure, stopped watching, a wrong password", async (t) => {
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
  await textOf(view, "status", /401/);
  assert.deepEqual(faults, []);
});

const react = (app) => `${makeClient}
  import { StrictMode, createElement } from "react";
  import { createRoot } from "react-dom/client";
  ${app}
`;

test("React: progress, success, failure, a refusal", async (t) => {
  const code = react(`
    import { AddHost } from "./react/add-host.jsx";
    createRoot(document.querySelector("#root")).render(<StrictMode><AddHost deploy={deploy} /></StrictMode>);
  `);
  const { page: view, simulator, faults } = await page(t, code, { stepMs: SEEN_MS });
  await threeEnds(view, simulator);
  assert.deepEqual(seen(simulator), { received: { "POST /hosts": 3 }, openPolls: 0 });
  assert.deepEqual(faults, []);
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

test("Vue: progress, success, failure, and no open poll after the unmount", async (t) => {
  const code = `${makeClient}
    import { createApp } from "vue";
    import { AddHost } from "./vue/add-host.js";
    const app = createApp(AddHost, { deploy });
    app.mount("#root");
    window.unmount = () => app.unmount();
  `;
  const { page: view, simulator, faults } = await page(t, code, { stepMs: SEEN_MS });
  await add(view, "esx-1");
  await textOf(view, "status", /^running: /);
  await textOf(view, "status", "Done.");
  await add(view, "unreachable-1");
  await textOf(view, "status", /^Failed: .*reached/);
  await add(view, "esx-2");
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

test("Svelte: progress, success, failure, a refusal, and no open poll after the unmount", async (t) => {
  const code = `${makeClient}
    import { mount, unmount } from "svelte";
    import AddHost from "./svelte/AddHost.svelte";
    const app = mount(AddHost, { target: document.querySelector("#root"), props: { deploy } });
    window.unmount = () => unmount(app);
  `;
  const { page: view, simulator, faults } = await page(t, code, { stepMs: SEEN_MS });
  await threeEnds(view, simulator, { count: 1 });
  await add(view, "esx-3");
  await textOf(view, "status", /^queued: /);
  await view.evaluate(() => window.unmount());
  await until(() => seen(simulator).openPolls === 0);
  assert.deepEqual(faults, []);
});

test("TanStack Query: progress, success, failure, a refusal", async (t) => {
  const code = react(`
    import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
    import { AddHost } from "./tanstack-query/add-host.jsx";
    createRoot(document.querySelector("#root")).render(
      <StrictMode><QueryClientProvider client={new QueryClient()}><AddHost deploy={deploy} /></QueryClientProvider></StrictMode>
    );
  `);
  const { page: view, simulator, faults } = await page(t, code, { stepMs: SEEN_MS });
  await threeEnds(view, simulator);
  assert.deepEqual(seen(simulator), { received: { "POST /hosts": 3 }, openPolls: 0 });
  assert.deepEqual(faults, []);
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
