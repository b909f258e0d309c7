// The console page for one test, and an admin's actions on it.

import { pageHeaders } from "../../scripts/lib/page-headers.mjs";
import { built, open } from "./chromium.mjs";

/** The page with its real headers. */
export const app = { folders: { "/": built.console }, headers: pageHeaders };

/** The job of a host named `slow…` keeps running for an hour. */
export const slow = {
  name: "slow*",
  steps: [
    { state: "queued", message: "Waiting for its turn." },
    { state: "running", message: "Checking the host.", afterMs: 50 },
    { state: "success", afterMs: 3_600_000 },
  ],
};

/** The console after the login. */
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

/** The details of the chosen job. */
export function detail(page) {
  return page.getByRole("article");
}

/** A job's row in the list. */
export function rowOf(page, name) {
  return page.getByRole("table").getByRole("row").filter({ hasText: name });
}

/** Submits a form of the “Start” panel; returns the details of its job, which is the chosen one. */
export async function start(page, kind, fields) {
  await page.getByRole("radio", { name: kind, exact: true }).check();
  for (const [label, value] of Object.entries(fields))
    await page.getByLabel(label, { exact: true }).fill(value);
  await page
    .locator("form")
    .getByRole("button", { name: kind.replace(" a job", " job") })
    .click();
  // The page draws it in the next frame.
  await page.evaluate(() => new Promise(requestAnimationFrame));
  return detail(page);
}

/** Adds a host and waits for the job: clusters and checks need a host. */
export async function hostAdded(page) {
  const job = await start(page, "Add host", { Host: "esx-of-cluster" });
  await job.getByText("Succeeded").waitFor();
}

/** Opens the “Deploy cluster” form, waits until it has read Deploy's objects, and fills in the name and node count. */
export async function describeCluster(page, name, nodes = 1) {
  await page.getByRole("radio", { name: "Deploy cluster" }).check();
  const field = page.getByLabel("Name", { exact: true });
  await page.waitForFunction((input) => input.value !== "", await field.elementHandle());
  await field.fill(name);
  await page.getByLabel("Number of nodes").selectOption(String(nodes));
}

/** Fills in the IP addresses: first the cluster's, then those of its nodes. */
export async function fillAddresses(page, last) {
  for (const [at, field] of (await page.getByLabel("IP address", { exact: true }).all()).entries())
    await field.fill(`192.0.2.${last[at]}`);
}

/** Deploys a cluster on existing hosts; returns the details of the newest job. */
export async function deploy(page, name, nodes) {
  await describeCluster(page, name, nodes);
  await page.getByRole("button", { name: "Deploy cluster", exact: true }).click();
  await rowOf(page, `Deploy cluster ${name}`).waitFor();
  return detail(page);
}

/** Opens every form, from the first host to the delete question, and calls `look` for each. */
export async function everyForm(page, look) {
  const press = (name) => page.getByRole("button", { name, exact: true }).click();
  const choose = (kind) => page.getByRole("radio", { name: kind, exact: true }).check();
  const told = (text) => page.getByText(text).first().waitFor();
  await choose("Add host");
  await page.getByLabel("Hypervisor").selectOption("vcenter");
  await look("a host of a vCenter");
  for (const kind of ["Add license", "Check host", "Follow a job", "Add 50 hosts"]) {
    await choose(kind);
    await look(kind);
  }
  await choose("Manage cluster");
  await told("No clusters yet.");
  await look("no cluster to manage");

  await describeCluster(page, "c1", 4);
  await page.getByLabel("Hypervisor").last().selectOption("KVM");
  await page.getByText("DNS, NTP, MTU, virtual switch").click();
  await look("a cluster on hosts that are not added yet");
  await press("Deploy cluster");
  await told("Nothing was sent.");
  await look("a form with errors");
  const plan = {
    hosts: [{ name: `esx-${"x".repeat(60)}`, type: "Hyper-V" }],
    cluster: { ip: "1.2" },
    nodes: [{}],
  };
  const buffer = Buffer.from(JSON.stringify(plan));
  await page.setInputFiles("input[type=file]", { name: "plan.json", mimeType: "application/json", buffer });
  await told("errors:");
  await look("a plan with errors");
  await page.setInputFiles("input[type=file]", {
    name: "plan.json",
    mimeType: "text/plain",
    buffer: Buffer.from("{"),
  });
  await told("plan.json is not JSON");
  await look("a file that is not a plan");

  await page.reload();
  await logIn(page, "Netapp1!");
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await logIn(page, "Netapp1!");
  await describeCluster(page, "unlicensed-1", 2);
  await press("Add these hosts");
  await told("The hosts are added. You can");
  await press("Deploy cluster");
  // On a busy machine the deploy may fail before this look.
  await told(/In progress|did not finish/);
  await look("a running deploy");
  await told("The deploy of unlicensed-1 did not finish");
  await look("a deploy that failed");
  await press("Back to the form");
  await page.getByLabel("Name", { exact: true }).fill("c1");
  await press("Deploy cluster");
  await told("This is already used by cluster");
  await look("an error from the check against Deploy");
  await fillAddresses(page, [41, 42, 43]);
  await press("Check plan");
  await told("Steps to deploy c1");
  await look("the steps of a deploy");
  await press("Deploy c1");
  await told("c1 is deployed");
  await look("a deployed cluster");
  await choose("Manage cluster");
  await page.getByLabel("Cluster", { exact: true }).selectOption("c1");
  await press("Resize…");
  await look("the resize question");
  await press("Cancel");
  await press("Delete…");
  await press("Delete c1");
  await told("This does not match the name");
  await look("the delete question");
}

/** Switches one of the simulator's faults on or off. */
export async function fault(page, name, on = true) {
  const panel = page.locator("details").filter({ has: page.getByText(/^Faults/) });
  if ((await panel.getAttribute("open")) === null) await panel.locator("summary").click();
  const answered = page.waitForResponse(/simulator\/faults$/);
  await page.getByRole("switch", { name }).setChecked(on);
  await answered;
}

/** Waits until the line above the jobs shows this. */
export function tells(page, text) {
  return page.locator("#health").filter({ hasText: text }).waitFor();
}
