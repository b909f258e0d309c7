// The console deploys clusters on a simulator that accepts only what a real Deploy VM is known to accept.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { useChromium } from "./chromium.mjs";
import { fault, loggedIn, logIn } from "./console.mjs";

useChromium();

const strict = { openHosts: false, needCredentials: true, refuseUnknownMembers: true, stepMs: 10 };
const TERABYTE = 2 ** 40;
const sample = JSON.parse(await readFile(new URL("../../examples/cluster.json", import.meta.url), "utf8"));

/** Opens the console with the “Deploy cluster” form. */
async function formOf(t, config, options) {
  const opened = await loggedIn(t, { ...strict, ...config }, options);
  const { page, site } = opened;
  await choose(page, "Deploy cluster");
  const name = await page.getByLabel("Name", { exact: true }).elementHandle();
  await page.waitForFunction((field) => field.value !== "", name);
  const headers = { authorization: `Basic ${btoa("admin:Netapp1!")}`, "content-type": "application/json" };
  const call = (path, init) => fetch(`${site.url}/api${path}`, { headers, ...init });
  const records = async (path) => (await (await call(path)).json()).records;
  return { ...opened, call, records };
}

const choose = (page, kind) => page.getByRole("radio", { name: kind, exact: true }).check();
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const panel = (page) => page.getByRole("region", { name: "Start", exact: true });
const step = (page, title) => panel(page).getByRole("listitem").filter({ hasText: title });
const node = (page, name) => page.getByRole("group", { name, exact: true });
const dropped = (page, name, text) =>
  page.setInputFiles("input[type=file]", { name, mimeType: "application/json", buffer: Buffer.from(text) });

/** Fills in the first new host and removes the others. */
async function oneHost(page, name, kind) {
  const rows = page.getByRole("group", { name: "New host" });
  while ((await rows.count()) > 1) await rows.last().getByRole("button", { name: "Remove row" }).click();
  await rows.getByLabel("Host").fill(name);
  await rows.getByLabel("Hypervisor").selectOption(kind);
}

async function hostsAdded(page) {
  await press(page, "Add these hosts");
  await page.getByText("The hosts are added. You can now choose their networks").waitFor();
}

async function deployed(page, name) {
  await press(page, "Deploy cluster");
  await page.getByRole("heading", { name: `${name} is deployed` }).waitFor();
}

/** The calls that change something, in order; repeated calls count once. */
function changes(simulator, isMeant = () => true) {
  const sent = simulator
    .log()
    .filter(({ method, path }) => method !== "GET" && isMeant(path))
    .map(
      ({ method, path }) => `${method} ${path.replaceAll(/(?<=\/(clusters|nodes|networks)\/)[^/]+/g, "*")}`,
    );
  return sent.filter((call, at) => call !== sent[at - 1]);
}

const refused = (simulator) => simulator.log().filter(({ status }) => status >= 400);

test("a vCenter, its hosts and a two-node cluster are created in the order of NetApp's sample", async (t) => {
  const { page, simulator, records, faults } = await formOf(t);
  await hostsAdded(page);
  assert.deepEqual(changes(simulator), ["POST /security/credentials", "POST /hosts"]);
  await deployed(page, "cluster-01");
  const [cluster] = await records("/clusters?name=cluster-01&fields=**");
  // The workflow configures the nodes at the same time.
  for (const { id } of cluster.nodes) {
    const others = cluster.nodes.filter((other) => other.id !== id);
    assert.deepEqual(
      changes(simulator, (path) => !others.some((other) => path.includes(other.id))).slice(2),
      [
        "POST /clusters",
        "PATCH /clusters/*/nodes/*",
        "PATCH /clusters/*/nodes/*/networks/*",
        "POST /clusters/*/nodes/*/storage/pools",
        "POST /clusters/*/deploy",
      ],
    );
  }
  assert.equal(cluster.state, "powered_on");
  assert.deepEqual(
    cluster.nodes.map(({ host, ip }) => [host.name, ip]),
    [
      ["esx-01", "192.0.2.11"],
      ["esx-02", "192.0.2.12"],
    ],
    "the nodes of an HA pair are on different hosts",
  );
  const jobs = page.getByRole("table");
  for (const name of [
    "Add login for vcenter.example.com",
    "Add hosts esx-01 and esx-02",
    "Deploy cluster cluster-01",
  ])
    await jobs.getByText(name, { exact: true }).waitFor();
  assert.deepEqual(refused(simulator), []);
  assert.deepEqual(faults, []);

  await press(page, "Deploy another cluster");
  await page.getByLabel("Name", { exact: true }).waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "cluster-02");
});

test("one node on an ESX host without a vCenter uses that host's networks and pools", async (t) => {
  const hosts = [
    {
      name: "alone-*",
      networks: ["VM Network", "storage"],
      pools: [{ name: "ssd", availableCapacity: TERABYTE }],
    },
  ];
  const { page, simulator, records, faults } = await formOf(t, { hosts });
  await oneHost(page, "alone-1", "ESX");
  await page.getByLabel("Number of nodes").selectOption("1");
  assert.equal(await node(page, "Node").getByLabel("Host").inputValue(), "alone-1", "the only host");
  await press(page, "Deploy cluster");
  await panel(page).getByText("Nothing was sent.").waitFor();
  assert.deepEqual(changes(simulator), [], "the form does not have its networks and pools yet");

  await hostsAdded(page);
  const network = node(page, "Node").getByLabel("Data network", { exact: true });
  assert.deepEqual(await network.locator("option").allTextContents(), ["VM Network", "storage"]);
  await network.selectOption("storage");
  assert.equal(
    await node(page, "Node").getByLabel("Storage pool").locator("option").textContent(),
    "ssd (1 TiB free)",
  );
  assert.equal(await node(page, "Node").getByLabel("Capacity (TiB)").inputValue(), "1");
  assert.equal(await node(page, "Node").getByLabel("Internal network", { exact: true }).isVisible(), false);
  await deployed(page, "cluster-01");
  assert.deepEqual(
    (await records("/security/credentials?fields=*")).map(({ hostname, type }) => [hostname, type]),
    [["alone-1", "host"]],
  );
  const [cluster] = await records("/clusters?fields=**");
  const [networks] = await Promise.all(
    cluster.nodes.map(({ id }) => records(`/clusters/${cluster.id}/nodes/${id}/networks?fields=*`)),
  );
  assert.deepEqual(
    networks.map(({ purpose, name }) => [purpose, name]),
    [
      ["mgmt", "VM Network"],
      ["data", "storage"],
    ],
  );
  assert.deepEqual(refused(simulator), []);
  assert.deepEqual(faults, []);
});

test("four nodes on two KVM hosts, with VLANs, after a network check", async (t) => {
  const { page, simulator, records, faults } = await formOf(t);
  for (const [index, row] of (await page.getByRole("group", { name: "New host" }).all()).entries()) {
    await row.getByLabel("Host").fill(`kvm-${index + 1}`);
    await row.getByLabel("Hypervisor").selectOption("KVM");
  }
  await page.getByLabel("Number of nodes").selectOption("4");
  for (const number of [1, 2, 3, 4]) {
    const card = node(page, `Node ${number}`);
    await card.getByLabel("Host").selectOption(`kvm-${2 - (number % 2)}`);
    await card.getByLabel("VLAN of the internal network").fill("20");
  }
  await hostsAdded(page);
  await press(page, "Check network");
  await page.getByText("The hosts can reach each other").waitFor();
  await deployed(page, "cluster-01");
  const [cluster] = await records("/clusters?fields=**");
  assert.deepEqual(
    cluster.nodes.map(({ host }) => host.name),
    ["kvm-1", "kvm-2", "kvm-1", "kvm-2"],
  );
  const networks = await records(`/clusters/${cluster.id}/nodes/${cluster.nodes[3].id}/networks?fields=*`);
  assert.deepEqual(networks.map(({ name, vlan_id }) => [name, vlan_id]).at(-1), ["ontap-br", 20]);
  assert.equal(simulator.counters().received["POST /network/connectivitychecks"], 1);
  assert.deepEqual(refused(simulator), []);
  assert.deepEqual(faults, []);
});

test("the form loads a plan file, deploys it, and downloads it without its passwords", async (t) => {
  const { page, records, faults } = await formOf(t);
  const plan = structuredClone(sample);
  plan.vcenter.password = "v-secret";
  plan.cluster.ontap_admin_password = "c-secret";
  await dropped(page, "plan.json", JSON.stringify(plan));
  await page.getByText("Loaded plan.json. Enter any missing passwords.").waitFor();
  assert.ok(!/[vc]-secret/.test(await page.content()));
  const stored = await page.evaluate(() => JSON.stringify([sessionStorage, localStorage]));
  assert.ok(!/[vc]-secret/.test(stored));

  const [file] = await Promise.all([page.waitForEvent("download"), press(page, "Download plan")]);
  assert.equal(file.suggestedFilename(), "branch-office.json");
  assert.deepEqual(JSON.parse(await readFile(await file.path(), "utf8")), sample);

  await deployed(page, "branch-office");
  const [{ nodes }] = await records("/clusters?name=branch-office&fields=**");
  assert.deepEqual(
    nodes.map(({ serial_number }) => serial_number),
    ["320000001", "320000002"],
  );
  assert.deepEqual(faults, []);
});

test("a plan can be dropped anywhere on the page while any form is open", async (t) => {
  const { page } = await formOf(t);
  await choose(page, "Add host");
  await page.evaluate((text) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], "plan.json", { type: "application/json" }));
    for (const type of ["dragover", "drop"])
      document.body.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
  }, JSON.stringify(sample));
  await page.getByText("Loaded plan.json.").waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "branch-office");
});

test("the form ignores several files that are dropped together", async (t) => {
  const { page } = await formOf(t);
  const name = await page.getByLabel("Name", { exact: true }).inputValue();
  await page.evaluate((text) => {
    const dataTransfer = new DataTransfer();
    for (const file of ["one.json", "two.json"]) dataTransfer.items.add(new File([text], file));
    document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
  }, JSON.stringify(sample));
  await page.getByText("Drop only one plan at a time.").waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), name);
});

test("a plan's errors are listed with their places and shown at their fields", async (t) => {
  const { page, simulator } = await formOf(t);
  const plan = structuredClone(sample);
  plan.cluster.gateway = "192.0.2";
  plan.nodes[1].ip = plan.nodes[0].ip;
  plan.nodes[1].networks.pop();
  await dropped(page, "plan.json", JSON.stringify(plan));
  const told = panel(page).getByRole("status").filter({ hasText: "It has 3 errors" });
  for (const place of [
    "cluster.gateway is not an IP address",
    "nodes[1].ip is also the address of nodes[0]",
    "nodes[1].networks has no internal network",
  ])
    await told.getByText(place).waitFor();
  await page.getByLabel("Gateway").and(page.locator("[aria-invalid=true]")).waitFor();
  for (const field of ["IP address", "Internal network"])
    await node(page, "Node 2")
      .getByLabel(field, { exact: true })
      .and(page.locator("[aria-invalid=true]"))
      .waitFor();
  assert.deepEqual(changes(simulator), []);
});

test("a plan with an invalid number of nodes is shown as it is and rejected", async (t) => {
  const { page, simulator } = await formOf(t);
  await hostsAdded(page);
  const before = changes(simulator).length;
  const plan = structuredClone(sample);
  plan.nodes = Array.from({ length: 14 }, (_, at) => ({ ...sample.nodes[0], ip: `192.0.2.${100 + at}` }));
  await dropped(page, "plan.json", JSON.stringify(plan));
  const count = page.getByLabel("Number of nodes").and(page.locator("[aria-invalid=true]"));
  await count.waitFor();
  assert.equal(await count.inputValue(), "14");
  await press(page, "Deploy cluster");
  await panel(page).getByRole("alert").filter({ hasText: "Nothing was sent." }).waitFor();
  assert.equal(changes(simulator).length, before);
  await page.getByLabel("Number of nodes").selectOption("2");
  assert.equal(await page.getByLabel("Number of nodes").locator("option[value='14']").count(), 0);
});

test("a deploy does not silently drop a plan's value that the form cannot show", async (t) => {
  const { page, simulator } = await formOf(t);
  await hostsAdded(page);
  const before = changes(simulator).length;
  const plan = structuredClone(sample);
  plan.cluster.ntp_servers = "ntp.example.com";
  await dropped(page, "plan.json", JSON.stringify(plan));
  await panel(page).getByText("Loaded plan.json.").waitFor();
  await page.getByLabel("Admin password").fill("Netapp1!x");
  for (const [name, host] of [
    ["Node 1", "esx-01"],
    ["Node 2", "esx-02"],
  ])
    await node(page, name).getByLabel("Host").selectOption(host);
  await press(page, "Deploy cluster");
  await panel(page)
    .getByText(/The file has errors in .* cluster\.ntp_servers must be a list\.$/)
    .waitFor();
  assert.equal(changes(simulator).length, before);
});

for (const [what, text, told] of [
  ["is not JSON", "{ hosts: [] }", /^plan\.json is not JSON: /],
  ["is not an object", "[1, 2]", /^plan\.json is not a plan: expected a JSON object\.$/],
  ["is something else", '{"name":"package"}', /^plan\.json is not a plan: expected “hosts”/],
  ["has members of the wrong type", '{"hosts":3,"cluster":[],"nodes":{"0":{}}}', /hosts must be a list/],
  [
    "has strings instead of lists",
    '{"cluster":{"name":"c","ntp_servers":"ntp.example.com","dns_info":"ns.example.com","mtu":"9000"}}',
    /cluster\.ntp_servers must be a list/,
  ],
]) {
  test(`a file that ${what} gets a clear message`, async (t) => {
    const { page, faults } = await formOf(t);
    await dropped(page, "plan.json", text);
    await panel(page).getByText(told).first().waitFor();
    assert.deepEqual(faults, []);
  });
}

test("each error is shown at its field before anything is sent", async (t) => {
  const hosts = [{ name: "esx-*", pools: [{ name: "tiny", availableCapacity: 3 * TERABYTE }] }];
  const { page, simulator, call } = await formOf(t, { hosts });
  await call("/clusters", { method: "POST", body: JSON.stringify({ name: "not-yet" }) });
  await hostsAdded(page);
  const before = changes(simulator).length;
  const wrong = [
    [page.getByLabel("Gateway"), "192.0.2.256", "This is not an IP address."],
    [page.getByLabel("Netmask"), "255.0.255.0", "This must be a netmask such as 255.255.255.0."],
    [page.getByLabel("Admin password"), "", "This is missing."],
    [node(page, "Node 1").getByLabel("IP address"), "192.0.2.10", "This is also the address of the cluster."],
    [node(page, "Node 2").getByLabel("Capacity (TiB)"), "3.5", "This exceeds the 3 TiB that are free."],
    [
      node(page, "Node 2").getByLabel("VLAN of the data network"),
      "5000",
      "This must be a whole number, 0 to 4094.",
    ],
  ];
  await node(page, "Node 1").getByLabel("VLAN of the data network").fill("10.5");
  await page.keyboard.press("Tab");
  await page.getByText("This must be a whole number, 0 to 4094.").waitFor();
  await node(page, "Node 1").getByLabel("VLAN of the data network").fill("10");
  for (const [field, value] of wrong) await field.fill(value);
  await press(page, "Deploy cluster");
  await panel(page).getByText("6 errors to correct. Nothing was sent.").waitFor();
  for (const [field, , told] of wrong) {
    const described = await field.getAttribute("aria-describedby");
    assert.equal(await page.locator(`#${described.split(" ")[0]}`).textContent(), told);
  }
  // Two nodes on one pool share its capacity.
  await node(page, "Node 2").getByLabel("Capacity (TiB)").fill("2");
  await node(page, "Node 2").getByLabel("Host").selectOption("esx-01");
  await page.getByText("This exceeds the 3 TiB that are free, of which other nodes take 2 TiB.").waitFor();
  await page.getByText("Nodes 1 and 2 are an HA pair on the same host, esx-01").waitFor();
  assert.equal(changes(simulator).length, before);
});

test("until Deploy lists its objects, the form says that it is waiting and sends nothing", async (t) => {
  const { page, simulator } = await formOf(t);
  await hostsAdded(page);
  const before = changes(simulator).length;
  let answer = () => {};
  const held = new Promise((resolve) => {
    answer = resolve;
  });
  await page.route("**/api/hosts?*", async (route) => {
    await held;
    await route.continue();
  });
  await choose(page, "Manage cluster");
  await choose(page, "Deploy cluster");
  await press(page, "Deploy cluster");
  await page.getByText("Waiting for Deploy to list its hosts and clusters.").waitFor();
  assert.equal(changes(simulator).length, before);
  answer();
  await page.getByRole("heading", { name: "cluster-01 is deployed" }).waitFor();
  // The focus moves to the form.
  await press(page, "Deploy another cluster");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Hosts");
});

test("until Deploy lists its clusters, none can be powered off or deleted", async (t) => {
  const { page } = await formOf(t);
  await page.route("**/api/clusters?*", () => {});
  await choose(page, "Manage cluster");
  await panel(page).getByText("Loading clusters…").waitFor();
  for (const name of ["Power off", "Power on", "Delete…"])
    assert.equal(await page.getByRole("button", { name }).count(), 0, name);
});

test("a host that Deploy already has is an error at its field, and is not sent again", async (t) => {
  const { page, simulator } = await formOf(t);
  await hostsAdded(page);
  const before = changes(simulator).length;
  await choose(page, "Add host");
  await page.getByLabel("Host", { exact: true }).fill("esx-01");
  await page.getByLabel("Hypervisor").selectOption("vcenter");
  await page.getByLabel("vCenter", { exact: true }).fill("vcenter.example.com");
  await press(page, "Add host");
  await page.getByText("Deploy already has esx-01. Nothing was sent.").waitFor();
  assert.equal(changes(simulator).length, before);
});

test("a host with a rejected login can be added with the right one", async (t) => {
  const { page, records } = await formOf(t);
  await oneHost(page, "esx-7", "ESX");
  await page.route("**/api/security/credentials?*", (route) =>
    route.fulfill({
      json: {
        num_records: 1,
        records: [{ id: "1", hostname: "esx-7", status: "authentication_failed" }],
      },
    }),
  );
  await choose(page, "Manage cluster");
  await choose(page, "Deploy cluster");
  await press(page, "Deploy cluster");
  await page
    .getByText(
      "This needs a working login: Deploy could not log in with the stored one. Add the host under “Add host”",
    )
    .waitFor();
  await choose(page, "Add host");
  await page.getByLabel("Host", { exact: true }).fill("esx-7");
  await press(page, "Add host");
  await page.getByRole("article").getByText("Succeeded").waitFor();
  assert.deepEqual(
    (await records("/hosts")).map(({ name }) => name),
    ["esx-7"],
  );
});

test("a cluster name that is taken is an error at its field, and is not proposed after a reload", async (t) => {
  const { page, simulator } = await formOf(t);
  await hostsAdded(page);
  await deployed(page, "cluster-01");
  await page.reload();
  await logIn(page, "Netapp1!");
  await choose(page, "Deploy cluster");
  const name = page.getByLabel("Name", { exact: true });
  await page.waitForFunction((field) => field.value === "cluster-02", await name.elementHandle());
  await name.fill("cluster-01");
  await press(page, "Deploy cluster");
  await page.getByText("This is already the name of a cluster.").waitFor();
  assert.equal(simulator.counters().received["POST /clusters"], 1);
});

test("a failed deploy shows the step and the reason, and “Try again” continues it", async (t) => {
  const { page, simulator, faults } = await formOf(t);
  const match = { method: "POST", path: "/clusters/*/deploy" };
  const body = { error: { code: 1, message: "Deploy is not in the mood." } };
  simulator.addRule({ match, count: 1, action: { kind: "status", status: 409, body } });
  await press(page, "Add these hosts");
  await page.getByText("The hosts are added. You can").waitFor();
  await press(page, "Deploy cluster");
  await page.getByRole("heading", { name: "The deploy of cluster-01 did not finish" }).waitFor();
  await panel(page).getByText("Deploy cluster cluster-01: Conflict").waitFor();
  await panel(page).locator(".quote").getByText("Deploy is not in the mood.").waitFor();
  await press(page, "Try again");
  await page.getByRole("heading", { name: "cluster-01 is deployed" }).waitFor();
  const { received } = simulator.counters();
  assert.equal(received["POST /clusters"], 1);
  assert.equal(received["POST /hosts"], 1);
  assert.deepEqual(faults, []);
});

test("after a failed step the workflow sends no further calls", async (t) => {
  const { page, simulator } = await formOf(t);
  await page.getByLabel("vCenter", { exact: true }).fill("unreachable-vcenter");
  await press(page, "Add these hosts");
  await page.getByRole("heading", { name: "Adding the hosts did not finish" }).waitFor();
  await panel(page).getByText('"unreachable-vcenter" cannot be reached').waitFor();
  assert.deepEqual(changes(simulator), ["POST /security/credentials"]);
  await press(page, "Back to the form");
  assert.equal(await page.getByLabel("vCenter", { exact: true }).inputValue(), "unreachable-vcenter");
  await press(page, "Add these hosts");
  await page
    .getByText(
      "This needs a working login: Deploy could not log in with the stored one. Correct it in Deploy first.",
    )
    .waitFor();
  assert.deepEqual(changes(simulator), ["POST /security/credentials"]);
});

test("an unreachable host shows why, and can be removed before the next attempt", async (t) => {
  const { page, simulator } = await formOf(t);
  await oneHost(page, "unreachable-1", "vcenter");
  await press(page, "Add these hosts");
  await page.getByRole("heading", { name: "Adding the hosts did not finish" }).waitFor();
  await panel(page).getByText('Host "unreachable-1" cannot be reached').waitFor();
  await press(page, "Back to the form");
  // The host's record has less detail than the job's message.
  await panel(page).locator(".hosts").getByText('Host "unreachable-1" cannot be reached').waitFor();
  assert.equal(
    await node(page, "Node 1").getByLabel("Host").locator("option[value=unreachable-1]").count(),
    0,
  );
  await press(page, "Remove");
  await page.getByText("Deploy has no hosts yet.").waitFor();
  assert.deepEqual(refused(simulator), []);
});

test("a deploy continues over a reload, and the form then proposes the next cluster", async (t) => {
  const { page, simulator, faults } = await formOf(t, { stepMs: 400 });
  await hostsAdded(page);
  await press(page, "Deploy cluster");
  const row = page.getByRole("table").getByRole("row").filter({ hasText: "Deploy cluster cluster-01" });
  await row.getByText("Running").waitFor();
  // Typing and another reload do not interrupt the deploy.
  for (const typed of ["once", "twice"]) {
    await page.reload();
    await logIn(page, "Netapp1!");
    await choose(page, "Deploy cluster");
    await page.getByText("cluster-01 is being deployed: its job is in the list.").waitFor();
    await page.getByLabel("Admin password").fill(typed);
    await page.getByLabel("Admin password").blur();
  }
  await row.getByText("Succeeded").waitFor();
  await press(page, "Deploy cluster");
  await page.getByText("The deploy of cluster-01 has finished").waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "cluster-02");
  assert.equal(simulator.counters().received["POST /clusters"], 1);
  assert.deepEqual(refused(simulator), []);
  assert.deepEqual(faults, []);
});

test("a deploy that a reload interrupted continues after the password is entered again", async (t) => {
  const { page, simulator } = await formOf(t);
  await hostsAdded(page);
  await page.route("**/nodes/*", () => {});
  await press(page, "Deploy cluster");
  await step(page, "Node cluster-01-01").getByText("In progress").waitFor();
  await page.reload();
  await page.unroute("**/nodes/*");
  await logIn(page, "Netapp1!");
  await choose(page, "Deploy cluster");
  await page.getByText("The page was reloaded while this plan was running.").waitFor();
  await page.getByLabel("Admin password").fill("Netapp1!");
  await deployed(page, "cluster-01");
  assert.equal(simulator.counters().received["POST /clusters"], 1);
  assert.deepEqual(refused(simulator), []);
});

test("a double click deploys once", async (t) => {
  const { page, simulator } = await formOf(t);
  await hostsAdded(page);
  await page.getByRole("button", { name: "Deploy cluster", exact: true }).dblclick();
  await page.getByRole("heading", { name: "cluster-01 is deployed" }).waitFor();
  const calls = Object.entries(simulator.counters().received).filter(([call]) => call.endsWith("/deploy"));
  assert.deepEqual(
    calls.map(([, count]) => count),
    [1],
  );
});

test("the form keeps its values over a reload, without the passwords", async (t) => {
  const { page } = await formOf(t);
  await page.getByLabel("Name", { exact: true }).fill("mine");
  await page.getByLabel("Admin password").fill("S3cret-of-mine");
  await page.getByLabel("Gateway").fill("192.0.2.9");
  await page.getByLabel("Gateway").press("Tab");
  assert.ok(!/S3cret|Simulated/.test(await page.evaluate(() => JSON.stringify(sessionStorage))));
  await page.reload();
  await logIn(page, "Netapp1!");
  await choose(page, "Deploy cluster");
  await page.waitForFunction(() =>
    [...document.querySelectorAll("input")].some(({ value }) => value === "mine"),
  );
  assert.equal(await page.getByLabel("Gateway").inputValue(), "192.0.2.9");
  assert.equal(await page.getByLabel("Admin password").inputValue(), "");
});

test("a cluster is powered off and on, and deleted after its name is typed", async (t) => {
  const { page, simulator, records, faults } = await formOf(t);
  await hostsAdded(page);
  await deployed(page, "cluster-01");
  await choose(page, "Manage cluster");
  await press(page, "Power off");
  await page.getByText("State: powered off").waitFor();
  await press(page, "Power on");
  await page.getByText("State: powered on").waitFor();

  await press(page, "Delete…");
  await page.getByText("This powers off and deletes cluster-01 with its nodes and all their data.").waitFor();
  const typed = page.getByLabel("Type the cluster name to confirm");
  await typed.fill("cluster-02");
  await press(page, "Delete cluster-01");
  await page.getByText("This does not match the name cluster-01.").waitFor();
  assert.equal((await records("/clusters")).length, 1);
  await typed.fill("cluster-01");
  await press(page, "Delete cluster-01");
  await page.getByText("No clusters yet.").waitFor();
  assert.deepEqual(await records("/clusters"), []);
  const jobs = page.getByRole("table");
  await jobs.getByText("Delete cluster cluster-01", { exact: true }).waitFor();
  assert.equal(await jobs.getByText("Power off cluster cluster-01", { exact: true }).count(), 2);
  assert.deepEqual(refused(simulator), []);
  assert.deepEqual(faults, []);
});

test("on a real Deploy the form fills in no host, no address and no password", async (t) => {
  const { page } = await formOf(t, {}, { switches: false });
  const filled = await panel(page)
    .locator("input")
    .evaluateAll((fields) =>
      fields.filter(({ type }) => !/radio|hidden/.test(type)).map(({ value }) => value),
    );
  assert.deepEqual([...new Set(filled)].sort(), ["", "admin", "cluster-01"]);
  assert.equal(await page.getByRole("radio", { name: "Add 50 hosts" }).count(), 0);
});

/** Drops a plan for hosts that Deploy already has. */
async function takenOver(page, plan) {
  await dropped(page, "plan.json", JSON.stringify(plan));
  await page.getByText("Loaded plan.json.").waitFor();
}

/** A plan for one evaluation node on `esx-01`. */
const oneNode = (storage) => ({
  hosts: [{ name: "esx-01", type: "ESX", mgmt_server: "vcenter.example.com" }],
  cluster: { name: "by-hand", ip: "192.0.2.20", netmask: "255.255.255.0", gateway: "192.0.2.1" },
  nodes: [
    {
      host_name: "esx-01",
      ip: "192.0.2.21",
      instance_type: "small",
      networks: [
        { purpose: "mgmt", name: "ontap-external" },
        { purpose: "data", name: "ontap-external" },
      ],
      storage,
    },
  ],
});

test("errors that only Deploy can reveal are shown at their fields or places before anything is sent", async (t) => {
  const { page, simulator, call } = await formOf(t);
  await hostsAdded(page);
  await call("/clusters", { method: "POST", body: JSON.stringify({ name: "other", ip: "192.0.2.20" }) });
  const before = changes(simulator).length;
  const plan = oneNode({ pools: [{ name: "datastore1" }], disks: [{ name: "nowhere-1" }] });
  plan.cluster.gateway = "192.0.3.1";
  plan.cluster.ontap_image_version = "9.1";
  await takenOver(page, plan);
  await page.getByText("Software RAID with 1 disk from the plan: nowhere-1.").waitFor();
  await page.getByLabel("Admin password").fill("Netapp1!");
  await press(page, "Deploy cluster");
  await panel(page)
    .getByText(
      "4 errors to correct. Nothing was sent. nodes[0].storage.disks[0].name is not a disk of host esx-01.",
    )
    .waitFor();
  for (const [field, told] of [
    [page.getByLabel("IP address").first(), 'This is already used by cluster "other".'],
    [page.getByLabel("Gateway"), "This is outside the network of cluster.ip and cluster.netmask."],
    [page.getByLabel("ONTAP version"), "This is not an image on Deploy."],
  ]) {
    const described = await field.getAttribute("aria-describedby");
    assert.equal(await page.locator(`#${described.split(" ")[0]}`).textContent(), told);
  }
  // A corrected field loses its error at once.
  await page.getByLabel("Gateway").fill("192.0.2.1");
  await page.getByLabel("Gateway").and(page.locator(":not([aria-invalid])")).waitFor();
  assert.equal(changes(simulator).length, before);
});

test("a check shows the steps of a deploy and where Deploy differs from the plan", async (t) => {
  const { page, simulator, call, faults } = await formOf(t);
  await hostsAdded(page);
  const there = { name: "cluster-01", gateway: "192.0.2.9" };
  await call("/clusters?node_count=2", { method: "POST", body: JSON.stringify(there) });
  const before = changes(simulator).length;
  await press(page, "Check plan");
  const title = page.getByRole("heading", { name: "Steps to deploy cluster-01" });
  await title.waitFor();
  await step(page, "Host esx-01").getByText("Exists").waitFor();
  await step(page, "Cluster cluster-01").getByText("To do").first().waitFor();
  await panel(page).getByText("cluster.gateway: 192.0.2.9 on Deploy, 192.0.2.1 in the plan").waitFor();
  assert.equal(changes(simulator).length, before);

  // A deploy shows the differences before it changes them, even without a check.
  await press(page, "Back to the form");
  await press(page, "Deploy cluster");
  await title.waitFor();
  assert.equal(changes(simulator).length, before);
  await press(page, "Deploy cluster-01");
  await page.getByRole("heading", { name: "cluster-01 is deployed" }).waitFor();
  await step(page, "Cluster cluster-01").getByText("Changed").waitFor();
  assert.equal(simulator.counters().received["POST /clusters"], 1);
  assert.deepEqual(refused(simulator), []);
  assert.deepEqual(faults, []);
});

test("a second run continues where the first one stopped", async (t) => {
  const { page, simulator, records } = await formOf(t);
  await hostsAdded(page);
  const match = { method: "POST", path: "/clusters/*/deploy" };
  simulator.addRule({ match, count: 1, action: { kind: "status", status: 409 } });
  await press(page, "Deploy cluster");
  await page.getByRole("heading", { name: "The deploy of cluster-01 did not finish" }).waitFor();
  await step(page, "Cluster cluster-01").first().getByText("Created").waitFor();
  await panel(page).getByText("GET /events lists").waitFor();
  await panel(page).getByText("“Try again” continues where this attempt stopped.").waitFor();
  const described = changes(simulator).length;
  await press(page, "Try again");
  await page.getByRole("heading", { name: "cluster-01 is deployed" }).waitFor();
  for (const name of ["Host esx-02", "Cluster cluster-01", "Node cluster-01-02"])
    await step(page, name).first().getByText("Exists").waitFor();
  assert.deepEqual(changes(simulator).slice(described), ["POST /clusters/*/deploy"]);
  assert.equal((await records("/clusters")).length, 1);
});

test("a hand-written plan: capacities with units, user for username, null for nothing, passwords elsewhere", async (t) => {
  const { page, records, faults } = await formOf(t);
  await hostsAdded(page);
  const plan = oneNode({ pools: [{ name: "datastore1", capacity: "4 TiB" }], disk: null });
  plan.hosts.push({
    name: "alone-1",
    type: "ESX",
    mgmt_server: null,
    user: "root",
    password: { env: "HOST_PASSWORD" },
  });
  plan.cluster.ontap_admin_password = { env: "CLUSTER_PASSWORD" };
  plan.cluster.dns_info = null;
  plan.nodes[0].license = null;
  await takenOver(page, plan);
  await page.getByText("Enter any missing passwords.").waitFor();
  assert.equal(await page.getByLabel("Admin password").inputValue(), "");
  const host = page.getByRole("group", { name: "New host" });
  assert.equal(await host.getByLabel("User").inputValue(), "root");
  assert.equal(await host.getByLabel("Password").inputValue(), "");
  const capacity = node(page, "Node").getByLabel("Capacity (TiB)");
  assert.equal(await capacity.inputValue(), "4 TiB");

  const [file] = await Promise.all([page.waitForEvent("download"), press(page, "Download plan")]);
  const [{ storage }] = JSON.parse(await readFile(await file.path(), "utf8")).nodes;
  assert.deepEqual(storage, { pools: [{ name: "datastore1", capacity: "4 TiB" }], disk: null });

  await page.getByLabel("Admin password").fill("Netapp1!");
  await press(page, "Deploy cluster");
  await host.getByLabel("Password").and(page.locator("[aria-invalid=true]")).waitFor();
  await host.getByLabel("Password").fill("Simulated-1!");
  await capacity.fill("about 4");
  await press(page, "Deploy cluster");
  await panel(page)
    .getByText("This must be a whole number of bytes above 0, or a string such as 4.8 TB or 4 TiB.")
    .waitFor();
  await capacity.fill("0.5 TB");
  await deployed(page, "by-hand");
  const [{ id, nodes }] = await records("/clusters?name=by-hand&fields=**");
  const [pool] = await records(`/clusters/${id}/nodes/${nodes[0].id}/storage/pools?fields=*`);
  assert.equal(pool.capacity, 500_000_000_000);
  assert.deepEqual(
    (await records("/hosts?order_by=name")).map(({ name }) => name),
    ["alone-1", "esx-01", "esx-02"],
  );
  assert.deepEqual(faults, []);
});

test("the form shows and attaches all storage pools of a node", async (t) => {
  const pools = ["fast", "slow", "spare"].map((name) => ({ name, availableCapacity: 3 * TERABYTE }));
  const { page, records } = await formOf(t, { hosts: [{ name: "esx-*", pools }] });
  await hostsAdded(page);
  await takenOver(
    page,
    oneNode({
      pools: [
        { name: "fast", capacity: TERABYTE },
        { name: "slow", capacity: 2 * TERABYTE },
      ],
    }),
  );
  const card = node(page, "Node");
  const shown = () =>
    card.getByLabel("Storage pool").evaluateAll((fields) => fields.map(({ value }) => value));
  assert.deepEqual(await shown(), ["fast", "slow"]);
  await card.getByRole("button", { name: "Add storage pool" }).click();
  await card.getByLabel("Storage pool").last().selectOption("spare");
  await card.getByLabel("Capacity (TiB)").last().fill("0.25");
  await card.getByRole("button", { name: "Remove pool" }).first().click();
  assert.deepEqual(await shown(), ["slow", "spare"]);
  await page.getByLabel("Admin password").fill("Netapp1!");
  await deployed(page, "by-hand");
  const [{ id, nodes }] = await records("/clusters?name=by-hand&fields=**");
  const attached = await records(`/clusters/${id}/nodes/${nodes[0].id}/storage/pools?fields=*`);
  assert.deepEqual(attached.map(({ name, capacity }) => [name, capacity / TERABYTE]).sort(), [
    ["slow", 2],
    ["spare", 0.25],
  ]);
});

test("a running deploy is followed after a reload and not started twice", async (t) => {
  const { page, simulator, faults } = await formOf(t, { stepMs: 600 });
  await hostsAdded(page);
  await press(page, "Deploy cluster");
  const rows = page.getByRole("table").getByRole("row").filter({ hasText: "Deploy cluster cluster-01" });
  await rows.getByText("Running").waitFor();
  await page.reload();
  await logIn(page, "Netapp1!");
  await choose(page, "Deploy cluster");
  await page.getByText("cluster-01 is being deployed: its job is in the list.").waitFor();
  await page.getByLabel("Admin password").fill("Netapp1!");
  await press(page, "Deploy cluster");
  await step(page, "Deploy cluster cluster-01").getByText("In progress").waitFor();
  await step(page, "Deploy cluster cluster-01").locator(".step__message").and(page.getByText(/./)).waitFor();
  await page.getByRole("heading", { name: "cluster-01 is deployed" }).waitFor();
  await step(page, "Node cluster-01-01").getByText("Exists").waitFor();
  assert.equal(await rows.count(), 1, "the timeline shows its job once");
  assert.equal(await page.getByRole("table").getByText("Job on cluster cluster-01").count(), 0);
  const deploys = simulator.log().filter(({ method, path, status }) => {
    return method === "POST" && path.endsWith("/deploy") && status < 400;
  });
  assert.equal(deploys.length, 1);
  assert.deepEqual(faults, []);
});

test("“Stop” returns to the plan, and a second deploy continues it", async (t) => {
  const { page, simulator } = await formOf(t, { stepMs: 400 });
  await hostsAdded(page);
  await press(page, "Deploy cluster");
  await step(page, "Deploy cluster cluster-01").getByText("In progress").waitFor();
  await panel(page).getByRole("button", { name: "Stop", exact: true }).click();
  await page.getByText("Stopped. A running job continues in Deploy.").waitFor();
  await press(page, "Deploy cluster");
  await page.getByRole("heading", { name: "cluster-01 is deployed" }).waitFor();
  assert.equal(simulator.counters().received["POST /clusters"], 1);
});

test("after a reload the form still shows why a host failed, and proposes others", async (t) => {
  const { page } = await formOf(t);
  await oneHost(page, "unreachable-1", "vcenter");
  await press(page, "Add these hosts");
  await page.getByRole("heading", { name: "Adding the hosts did not finish" }).waitFor();
  await page.reload();
  await logIn(page, "Netapp1!");
  await choose(page, "Deploy cluster");
  await panel(page).locator(".hosts").getByText('Host "unreachable-1" cannot be reached').waitFor();
  await panel(page).getByText("Deploy could not add this host.").waitFor();
  const proposed = page.getByRole("group", { name: "New host" }).getByLabel("Host");
  assert.deepEqual(await proposed.evaluateAll((fields) => fields.map(({ value }) => value)), [
    "esx-01",
    "esx-02",
  ]);
  await hostsAdded(page);
});

test("a cluster's nodes are resized, and a failed delete shows why", async (t) => {
  const { page, simulator, records } = await formOf(t);
  await hostsAdded(page);
  await deployed(page, "cluster-01");
  await choose(page, "Manage cluster");
  await press(page, "Resize…");
  await page.getByLabel("Instance type for all nodes").selectOption("medium");
  await page.getByLabel("ONTAP admin password").fill("Simulated-1!");
  await press(page, "Resize");
  // The cluster is also powered on before the resize, so wait for its job.
  const resized = page.getByRole("row").filter({ hasText: "Resize cluster cluster-01" });
  await resized.getByText("Succeeded").waitFor();
  await page.getByText("State: powered on").waitFor();
  const [{ nodes }] = await records("/clusters?fields=**");
  assert.deepEqual(
    nodes.map(({ instance_type }) => instance_type),
    ["medium", "medium"],
  );

  const body = { error: { code: 1, message: "Deploy is not in the mood." } };
  simulator.addRule({ match: { method: "DELETE" }, count: 1, action: { kind: "status", status: 403, body } });
  await press(page, "Delete…");
  await page.getByLabel("Type the cluster name to confirm").fill("cluster-01");
  await press(page, "Delete cluster-01");
  await panel(page).getByText("Deploy is not in the mood.").waitFor();
  await panel(page).getByText("The steps before it stay").waitFor();
  await page.getByText("State: powered off").waitFor();
  await press(page, "Delete…");
  await page.getByLabel("Type the cluster name to confirm").fill("cluster-01");
  await press(page, "Delete cluster-01");
  await page.getByText("No clusters yet.").waitFor();
});

test("a license file is added, and one that a cluster uses needs the ONTAP login", async (t) => {
  const { page, simulator, records } = await formOf(t);
  const license = (serial) => ({
    name: "license.txt",
    mimeType: "text/plain",
    buffer: Buffer.from(JSON.stringify({ statusResp: { serialNumber: serial } })),
  });
  await choose(page, "Add license");
  const file = page.getByLabel("License file");
  await file.setInputFiles({ ...license(""), buffer: Buffer.from("none") });
  await press(page, "Add license");
  await panel(page).getByText("expected a license file, which is JSON").waitFor();
  await file.setInputFiles(license("320000009"));
  await press(page, "Add license");
  await panel(page).getByText("License 320000009 is added.").waitFor();
  assert.ok((await records("/licensing/licenses")).some(({ id }) => id === "320000009"));

  await page.route("**/api/clusters?nodes.serial_number=*", (route) =>
    route.fulfill({ json: { num_records: 1, records: [{ id: "1", name: "cluster-01" }] } }),
  );
  await file.setInputFiles(license("320000009"));
  await press(page, "Add license");
  await panel(page).getByText("A cluster uses this license").waitFor();
  await page.getByLabel("ONTAP password").fill("Netapp1!");
  await press(page, "Add license");
  await panel(page).getByText("License 320000009 is added.").waitFor();
  assert.deepEqual(changes(simulator), ["POST /licensing/licenses", "PUT /licensing/licenses/320000009"]);
});

test("adding hosts checks only the host fields of the form", async (t) => {
  const { page, simulator } = await formOf(t);
  await oneHost(page, "alone-1", "ESX");
  const row = page.getByRole("group", { name: "New host" });
  await row.getByLabel("User").fill("");
  await row.getByLabel("Password").fill("");
  await page.evaluate(() => {
    for (const field of document.querySelectorAll("input[type=password]")) field.value = "";
  });
  await press(page, "Add these hosts");
  await panel(page).getByText("1 error to correct. Nothing was sent.").waitFor();
  await row.getByText("This is missing: Deploy has no login for this host.").waitFor();
  assert.equal(await page.locator("[aria-invalid=true]").count(), 1);
  assert.deepEqual(changes(simulator), []);
});

test("a deploy continues over a reboot and a changed password", async (t) => {
  const { page, simulator } = await formOf(t, { stepMs: 500 });
  await hostsAdded(page);
  await press(page, "Deploy cluster");
  await step(page, "Deploy cluster cluster-01").getByText("In progress").waitFor();
  await fault(page, "Changed password");
  await page.getByRole("heading", { name: "Log in again" }).waitFor();
  await page.getByLabel("Password for admin").fill("Changed-1!");
  await page.getByRole("button", { name: "Log in again" }).click();
  await fault(page, "VM reboot");
  await page.getByRole("heading", { name: "cluster-01 is deployed" }).waitFor();
  await step(page, "Deploy cluster cluster-01").getByText("Done").waitFor();
  assert.equal(simulator.counters().received["POST /clusters"], 1);
});
