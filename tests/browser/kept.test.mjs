// The page keeps open jobs over a reload, separately for each Deploy.

import assert from "node:assert/strict";
import { test } from "node:test";
import { useChromium } from "./chromium.mjs";
import { loggedIn, logIn, rowOf, slow, start } from "./console.mjs";

useChromium();

/** Lets the page reach the same server under another name, as a second Deploy. */
async function otherDeploy(page, site) {
  const name = site.url.replace("127.0.0.1", "localhost");
  const headers = {
    "access-control-allow-origin": site.url,
    "access-control-allow-headers": "*, authorization",
    "access-control-allow-methods": "*",
    "access-control-expose-headers": "*",
  };
  await page.route(`${name}/api/**`, async (route) => {
    const request = route.request();
    if (request.method() === "OPTIONS") return route.fulfill({ status: 204, headers });
    try {
      const response = await route.fetch({ url: request.url().replace(name, site.url) });
      await route.fulfill({ response, headers: { ...response.headers(), ...headers } });
    } catch {
      // The page was reloaded and no longer waits for this response.
    }
  });
  return `${name}/api`;
}

async function enter(page, address) {
  await page.getByLabel("Deploy address").fill(address);
  await logIn(page, "Netapp1!");
  await page.getByRole("heading", { name: "Jobs", exact: true }).waitFor();
}

test("a login to another Deploy keeps the first one's jobs, and a log-out drops only its own", async (t) => {
  const { page, site, faults } = await loggedIn(t, { scripts: [slow] });
  const first = `${site.url}/api`;
  const other = await otherDeploy(page, site);
  const under = (row) => row.getByText("Running", { exact: true }).waitFor();

  await start(page, "Add host", { Host: "slow-here" });
  await under(rowOf(page, "slow-here"));
  await page.reload();
  await enter(page, other);
  await page.getByText("No jobs yet").waitFor();
  await start(page, "Add host", { Host: "slow-there" });
  await under(rowOf(page, "slow-there"));

  await page.reload();
  await enter(page, first);
  await under(rowOf(page, "slow-here"));
  assert.equal(await rowOf(page, "slow-there").count(), 0);
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByText("Logged out. 1 job continues in Deploy.").first().waitFor();

  await enter(page, other);
  await under(rowOf(page, "slow-there"));
  await page.reload();
  await enter(page, first);
  await page.getByText("No jobs yet").waitFor();
  const stored = await page.evaluate(() => JSON.stringify(sessionStorage));
  assert.match(stored, /slow-there/);
  assert.doesNotMatch(stored, /slow-here|Netapp/);
  assert.deepEqual(faults, []);
});

test("the page ignores stored data that is invalid or from another version", async (t) => {
  for (const stored of ['[{"title":"Add host x","token":"t","limit":null}]', '{"a":1}', "no JSON", "null"]) {
    const { page, faults } = await loggedIn(t, { scripts: [slow] });
    await page.evaluate((text) => sessionStorage.setItem("jobs-under-way", text), stored);
    await page.reload();
    await logIn(page, "Netapp1!");
    await page.getByText("No jobs yet").waitFor();
    await start(page, "Add host", { Host: "slow-1" });
    await rowOf(page, "slow-1").getByText("Running", { exact: true }).waitFor();
    assert.deepEqual(faults, [], stored);
  }
});
