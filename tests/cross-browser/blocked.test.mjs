// Firefox with blocked cookies and site data. A page can use neither BroadcastChannel nor Web Locks there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { firefox } from "./firefox.mjs";
import { packagePage, serve } from "./site.mjs";

test("b2: if Firefox blocks storage, a client works alone, reports it once, and does not affect other clients", {
  timeout: 60_000,
}, async (t) => {
  const { url } = await serve(t, packagePage);
  const browser = await firefox.launch({ storesNothing: true });
  t.after(() => browser.close());
  const tab = await browser.open(url);
  const seen = await tab.evaluate(async () => {
    let isRefused = false;
    try {
      new BroadcastChannel("x").close();
      await navigator.locks.request("x", () => {});
    } catch {
      isRefused = true;
    }
    const events = [];
    const post = (deploy, name) => deploy.post("/hosts", { hosts: [{ name, hypervisor_type: "ESX" }] });
    const shares = globalThis.client({ share: "origin", onEvent: ({ type }) => events.push(type) });
    const other = globalThis.client();
    const ends = await Promise.all([post(shares, "esx-1"), post(other, "esx-2")]);
    ends.push(await post(shares, "esx-3"));
    const alone = events.filter((type) => type === "not-shared").length;
    return { isRefused, alone, states: ends.map(({ job }) => job.state) };
  });
  assert.deepEqual(seen, { isRefused: true, alone: 1, states: ["success", "success", "success"] });
});
