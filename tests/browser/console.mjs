// The console page for one test, and what an admin does on it.

import { pageHeaders } from "../../scripts/lib/page-headers.mjs";
import { built, open } from "./chromium.mjs";

/** The page under the headers that it is served with. */
export const app = { folders: { "/": built.console }, headers: pageHeaders };

/** One that stays as it is for an hour: name a host `slow…`. */
export const slow = {
  name: "slow*",
  steps: [
    { state: "queued", message: "Waiting for its turn." },
    { state: "running", message: "Checking the host.", afterMs: 50 },
    { state: "success", afterMs: 3_600_000 },
  ],
};

/** The console behind its door. */
export async function loggedIn(t, config, options) {
  const opened = await open(t, app, config, options);
  await logIn(opened.page, "Netapp1!");
  await opened.page.getByRole("heading", { name: "Jobs", exact: true }).waitFor();
  return opened;
}

export async function logIn(page, password) {
  await page.getByLabel("User name").fill("admin");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** The job that is chosen, with all that is known of it. */
export function detail(page) {
  return page.getByRole("article");
}

/** A job's row in the list. */
export function rowOf(page, name) {
  return page.getByRole("table").getByRole("row").filter({ hasText: name });
}

/** Starts something; gives its job, which is the one that is chosen until another one is. */
export async function start(page, kind, fields) {
  await page.getByRole("radio", { name: kind, exact: true }).check();
  for (const [label, value] of Object.entries(fields))
    await page.getByLabel(label, { exact: true }).fill(value);
  await page
    .locator("form")
    .getByRole("button", { name: kind.replace(" a job", " job") })
    .click();
  // It is drawn in the next frame, before what is asked for after it.
  await page.evaluate(() => new Promise(requestAnimationFrame));
  return detail(page);
}

/** Adds a host and waits for it: clusters and checks need one. */
export async function hostAdded(page) {
  const job = await start(page, "Add host", { Host: "esx-of-cluster" });
  await job.getByText("Succeeded").waitFor();
}

/** The form that deploys a cluster, once it knows what Deploy has, with some of it filled in. */
export async function describeCluster(page, name, nodes = 1) {
  await page.getByRole("radio", { name: "Deploy cluster" }).check();
  const field = page.getByLabel("Name", { exact: true });
  await page.waitForFunction((input) => input.value !== "", await field.elementHandle());
  await field.fill(name);
  await page.getByLabel("Number of nodes").selectOption(String(nodes));
}

/** Deploys a cluster on hosts that are there; gives the job, which is the newest. */
export async function deploy(page, name, nodes) {
  await describeCluster(page, name, nodes);
  await page.getByRole("button", { name: "Deploy cluster", exact: true }).click();
  await rowOf(page, `Deploy cluster ${name}`).waitFor();
  return detail(page);
}

/** Puts one of the simulator's faults on, or off. */
export async function fault(page, name, on = true) {
  const panel = page.locator("details").filter({ has: page.getByText(/^Faults/) });
  if ((await panel.getAttribute("open")) === null) await panel.locator("summary").click();
  const answered = page.waitForResponse(/simulator\/faults$/);
  await page.getByRole("switch", { name }).setChecked(on);
  await answered;
}

/** The line above the jobs, once it says this. */
export function tells(page, text) {
  return page.locator("#health").filter({ hasText: text }).waitFor();
}
