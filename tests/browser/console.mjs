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

/** Other addresses than a cluster has that is described already: its own, then those of its nodes. */
export async function fillAddresses(page, last) {
  for (const [at, field] of (await page.getByLabel("IP address", { exact: true }).all()).entries())
    await field.fill(`192.0.2.${last[at]}`);
}

/** Deploys a cluster on hosts that are there; gives the job, which is the newest. */
export async function deploy(page, name, nodes) {
  await describeCluster(page, name, nodes);
  await page.getByRole("button", { name: "Deploy cluster", exact: true }).click();
  await rowOf(page, `Deploy cluster ${name}`).waitFor();
  return detail(page);
}

/** Goes through the forms, from the first host to the question whether a cluster is to go; `look` at each. */
export async function everyForm(page, look) {
  const press = (name) => page.getByRole("button", { name, exact: true }).click();
  const choose = (kind) => page.getByRole("radio", { name: kind, exact: true }).check();
  const told = (text) => page.getByText(text).first().waitFor();
  await choose("Add host");
  await page.getByLabel("Hypervisor").selectOption("vcenter");
  await look("a host behind a vCenter");
  for (const kind of ["Add license", "Check host", "Follow a job", "Start 50"]) {
    await choose(kind);
    await look(kind);
  }
  await choose("Manage cluster");
  await told("There is no cluster yet.");
  await look("no cluster to manage");

  await describeCluster(page, "c1", 4);
  await page.getByLabel("Hypervisor").last().selectOption("KVM");
  await page.getByText("Name and time servers, MTU, switches").click();
  await look("a cluster of hosts that are not added yet");
  await press("Deploy cluster");
  await told("Nothing was sent.");
  await look("a form with mistakes");
  const plan = {
    hosts: [{ name: `esx-${"x".repeat(60)}`, type: "Hyper-V" }],
    cluster: { ip: "1.2" },
    nodes: [{}],
  };
  const buffer = Buffer.from(JSON.stringify(plan));
  await page.setInputFiles("input[type=file]", { name: "plan.json", mimeType: "application/json", buffer });
  await told("mistakes are in it:");
  await look("a plan with mistakes");
  await page.setInputFiles("input[type=file]", {
    name: "plan.json",
    mimeType: "text/plain",
    buffer: Buffer.from("{"),
  });
  await told("plan.json is not JSON");
  await look("a file that is no plan");

  await page.reload();
  await logIn(page, "Netapp1!");
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await logIn(page, "Netapp1!");
  await describeCluster(page, "unlicensed-1", 2);
  await press("Add these hosts now");
  await told("The hosts are added. Their");
  await press("Deploy cluster");
  await told("Under way");
  await look("a deploy under way");
  await told("unlicensed-1 is not deployed");
  await look("a deploy that failed");
  await press("Back to the form");
  await page.getByLabel("Name", { exact: true }).fill("c1");
  await press("Deploy cluster");
  await told("This is already used by cluster");
  await look("what Deploy would stumble over");
  await fillAddresses(page, [41, 42, 43]);
  await press("Check the plan");
  await told("What a deploy of c1 would do");
  await look("what a deploy would do");
  await press("Deploy c1");
  await told("c1 is deployed");
  await look("a cluster that is deployed");
  await choose("Manage cluster");
  await page.getByLabel("Cluster", { exact: true }).selectOption("c1");
  await press("Resize…");
  await look("which size a cluster's nodes get");
  await press("Leave it");
  await press("Delete…");
  await press("Delete c1");
  await told("This is not its name");
  await look("whether a cluster is to be deleted");
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
