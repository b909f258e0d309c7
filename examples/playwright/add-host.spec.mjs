// npm install --save-dev ontap-select-deploy @playwright/test && npx playwright test
import { expect, test } from "@playwright/test";
import { createSimulator } from "ontap-select-deploy/simulator";
import { routeDeploy } from "./route-deploy.mjs";

// Refuses what a VM might refuse, and has the login of one vCenter.
const vcenter = { hostname: "vcenter.example.com", username: "administrator", type: "vcenter" };
const strict = {
  openHosts: false,
  needCredentials: true,
  credentials: [vcenter],
  refuseUnknownMembers: true,
};

let simulator;

test.beforeEach(async ({ page }) => {
  simulator = createSimulator({ ...strict, stepMs: 500 });
  await routeDeploy(page, simulator);
  await page.goto("/");
  await page.getByLabel("Password").fill("Netapp1!");
  await page.getByLabel("vCenter").fill(vcenter.hostname);
});

test.afterEach(() => simulator.close());

async function add(page, name) {
  await page.getByLabel("Host").fill(name);
  await page.getByRole("button", { name: "Add" }).click();
}

test("the page shows the job until the host is added", async ({ page }) => {
  await add(page, "esx-1");
  await expect(page.getByRole("status")).toHaveText(/^running: /);
  await expect(page.getByRole("status")).toHaveText("esx-1 is added.");
});

test("the page shows why an unreachable host was not added", async ({ page }) => {
  await add(page, "unreachable-1");
  await expect(page.getByRole("status")).toHaveText(/^unreachable-1 was not added: .*reached/);
});

test("a connection that breaks during the job changes nothing, and nothing is sent twice", async ({
  page,
}) => {
  simulator.addRule({ match: { poll: "long" }, count: 1, action: { kind: "reset" } });
  await add(page, "esx-1");
  await expect(page.getByRole("status")).toHaveText("esx-1 is added.");
  expect(simulator.counters().received).toEqual({ "POST /hosts": 1 });
});

test("the page stops polling when nobody watches", async ({ page }) => {
  simulator.addRule({ match: { poll: "long" }, action: { kind: "hang" } });
  await add(page, "esx-1");
  await expect.poll(() => simulator.counters().openPolls).toBe(1);
  await page.getByRole("button", { name: "Stop watching" }).click();
  await expect(page.getByRole("status")).toHaveText(/^No longer watched/);
  await expect.poll(() => simulator.counters().openPolls).toBe(0);
});
