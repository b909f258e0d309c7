// Runs the recipes that create, resize, license and delete a cluster, and the backup.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { useChromium } from "../browser/chromium.mjs";
import { selfSigned } from "./certificates.mjs";
import { deployFor, folder, makeClient, node, page } from "./recipe.mjs";
import { overTls } from "./tls.mjs";

useChromium();

const samplePlan = JSON.parse(await readFile(join(folder, "cluster.json"), "utf8"));
const passwords = { VCENTER_PASSWORD: "v-secret", HOST_PASSWORD: "h-secret", CLUSTER_PASSWORD: "c-secret" };

/** Starts a Deploy without stored logins. */
async function lab(t, config = {}) {
  const deploy = await deployFor(t, { credentials: [], ...config });
  const env = { DEPLOY_URL: deploy.baseUrl, ...passwords };
  const script = (name, args = [], more = {}) => node([name, ...args], { ...env, ...more });
  return { ...deploy, deploy: deploy.client(), script };
}

/** Writes a changed copy of the sample plan to a file. */
async function planFile(name, change) {
  const plan = structuredClone(samplePlan);
  change(plan);
  await writeFile(join(folder, name), JSON.stringify(plan));
  return name;
}

async function clusterNamed(deploy, name) {
  const fields = "name,state,is_deployed,nodes";
  const { body } = await deploy.get("/clusters", { query: { name, fields } });
  return body.records[0];
}

/** What a script prints about the sample's cluster after the deploy. */
const found = `found: cluster branch-office
found: node branch-office-01
found: node branch-office-02
found: deploy branch-office
`;

/** The steps that a script printed with this word. */
const steps = (stderr, done) =>
  stderr.split("\n").flatMap((line) => (line.startsWith(`${done}: `) ? [line.slice(done.length + 2)] : []));

const changing = (simulator) => simulator.log().filter(({ method }) => method !== "GET");

test("a cluster from a plan: creates the sample's two nodes with progress, and nothing twice", async (t) => {
  const { deploy, simulator, script } = await lab(t);
  const { code, stdout, stderr } = await script("create-cluster.mjs", ["cluster.json"]);
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).cluster, "branch-office");
  const begin =
    /^POST \/security\/credentials\n( {2}\w+: .*\n)+made: login .*\nPOST \/hosts\n( {2}\w+: .*\n)+(made: host .*\n){2}POST/;
  assert.match(stderr, begin);
  assert.match(stderr, / {2}success: .*\nmade: deploy branch-office\n$/);
  assert.ok(!/secret/.test(stdout + stderr));

  const cluster = await clusterNamed(deploy, "branch-office");
  assert.deepEqual([cluster.state, cluster.is_deployed], ["powered_on", true]);
  assert.deepEqual(
    cluster.nodes.map(({ serial_number }) => serial_number),
    ["320000001", "320000002"],
  );

  const sent = changing(simulator).length;
  const again = await script("create-cluster.mjs", ["cluster.json"]);
  assert.equal(again.code, 0, again.stderr);
  assert.equal(again.stdout, stdout);
  assert.equal(again.stderr, found);
  assert.equal(changing(simulator).length, sent);
});

test("a cluster from a plan: a dry run shows each step without passwords and changes nothing", async (t) => {
  const { deploy, simulator, script } = await lab(t);
  const dry = await script("create-cluster.mjs", ["cluster.json", "--dry-run"]);
  assert.equal(dry.code, 0, dry.stderr);
  assert.equal(dry.stdout, "");
  assert.deepEqual(changing(simulator), []);
  assert.ok(!/secret/.test(dry.stderr));
  const planned = steps(dry.stderr, "planned");
  assert.equal(dry.stderr, planned.map((step) => `planned: ${step}\n`).join(""), "only planned steps");

  const run = await script("create-cluster.mjs", ["cluster.json"]);
  const made = steps(run.stderr, "made");
  assert.equal(made.length, 7, "a login, two hosts, a cluster, two nodes, a deploy");
  assert.deepEqual([...planned].sort(), [...made].sort());

  const before = changing(simulator).length;
  const nothing = await script("create-cluster.mjs", ["cluster.json", "--dry-run"]);
  assert.deepEqual([nothing.code, nothing.stdout, nothing.stderr], [0, "", found]);
  assert.equal(changing(simulator).length, before);
  assert.ok(await clusterNamed(deploy, "branch-office"));
});

test("a cluster from a plan: a dry run lists everything that the VM lacks", async (t) => {
  const { simulator, script } = await lab(t);
  // After a refused deploy the VM has the hosts and a described cluster.
  const match = { method: "POST", path: "/clusters/*/deploy" };
  simulator.addRule({ match, count: 1, action: { kind: "status", status: 403 } });
  assert.equal((await script("create-cluster.mjs", ["cluster.json"])).code, 1);
  const before = changing(simulator).length;
  const file = await planFile("lacking.json", (plan) => {
    plan.cluster.ontap_image_version = "9.99.1";
    plan.nodes[0].storage.pools[0].name = "datastore9";
    plan.nodes[0].networks[0].name = "nowhere";
  });
  const { code, stderr } = await script("create-cluster.mjs", [file, "--dry-run"]);
  assert.equal(code, 2, stderr);
  for (const place of ["ontap_image_version", "storage.pools[0].name", "networks[0].name"])
    assert.ok(stderr.includes(place), stderr);
  assert.equal(changing(simulator).length, before);
});

test("a cluster from a plan: one node on a KVM host without a vCenter, with software RAID", async (t) => {
  const { deploy, script } = await lab(t);
  const file = await planFile("kvm.json", (plan) => {
    delete plan.vcenter;
    plan.hosts = [{ name: "kvm-1", type: "KVM", username: "root" }];
    const networks = plan.nodes[0].networks.map((network) => ({ ...network, name: "ontap-br" }));
    const disks = [{ name: "/dev/disk/by-id/scsi-3500a075100000001" }];
    const storage = { pools: [{ name: "host-pool-1" }], disks };
    const { license, ...evaluation } = plan.nodes[0];
    plan.nodes = [{ ...evaluation, name: "left", host_name: "kvm-1", networks, storage }];
  });
  const { code, stderr } = await script("create-cluster.mjs", [file]);
  assert.equal(code, 0, stderr);
  const cluster = await clusterNamed(deploy, "branch-office");
  assert.deepEqual(
    cluster.nodes.map(({ name }) => name),
    ["left"],
  );
});

test("with --inhibit-rollback a failed cluster stays, and can be deleted and created again", async (t) => {
  const { deploy, script } = await lab(t);
  const failed = await script("create-cluster.mjs", [await tooBig(), "--inhibit-rollback"]);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /datastore1.*lacks room.*\n.*did not roll back.*GET \/events.*\n$/);
  assert.equal((await clusterNamed(deploy, "branch-office")).state, "deploy_failed");

  const again = await script("create-cluster.mjs", ["cluster.json"]);
  assert.equal(again.code, 1, "the failed cluster still exists");
  const deleted = await script("delete-cluster.mjs", ["branch-office"]);
  assert.equal(deleted.code, 0, deleted.stderr);
  const created = await script("create-cluster.mjs", ["cluster.json"]);
  assert.equal(created.code, 0, created.stderr);
});

test("Deploy rolls back a failed cluster, and the corrected plan creates it", async (t) => {
  const { deploy, simulator, script } = await lab(t);
  const failed = await script("create-cluster.mjs", [await tooBig()]);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /datastore1.*lacks room.*\n.*Deploy rolls back.*GET \/events.*\n$/);

  const created = await script("create-cluster.mjs", ["cluster.json"]);
  assert.equal(created.code, 0, created.stderr);
  assert.equal((await clusterNamed(deploy, "branch-office")).state, "powered_on");
  assert.equal(simulator.counters().received["POST /hosts"], 1);
});

/** Writes a plan that is too big for the hosts to a file. */
function tooBig() {
  return planFile("big.json", (plan) => {
    plan.nodes[1].storage.pools[0].capacity = 4 * 2 ** 40;
  });
}

test("a cluster from a plan: a second run continues after a refused deploy", async (t) => {
  const { simulator, script } = await lab(t);
  const match = { method: "POST", path: "/clusters/*/deploy" };
  simulator.addRule({ match, count: 1, action: { kind: "status", status: 403 } });
  assert.equal((await script("create-cluster.mjs", ["cluster.json"])).code, 1);
  const again = await script("create-cluster.mjs", ["cluster.json"]);
  assert.equal(again.code, 0, again.stderr);
  const { received } = simulator.counters();
  assert.equal(received["POST /clusters"], 1);
  assert.equal(received["POST /hosts"], 1);
});

test("a cluster from a plan: nodes keep the names from an earlier run", async (t) => {
  const { deploy, simulator, script } = await lab(t);
  const file = await planFile("names.json", (plan) => {
    plan.nodes[0].name = "right";
    plan.nodes[1].name = "left";
  });
  const match = { method: "POST", path: "/clusters/*/deploy" };
  simulator.addRule({ match, count: 1, action: { kind: "status", status: 403 } });
  assert.equal((await script("create-cluster.mjs", [file])).code, 1);
  const again = await script("create-cluster.mjs", [file]);
  assert.equal(again.code, 0, again.stderr);
  const { nodes } = await clusterNamed(deploy, "branch-office");
  assert.deepEqual(
    nodes.map(({ name, host, ip }) => [name, host.name, ip]),
    [
      ["right", "esx-1.example.com", "192.0.2.21"],
      ["left", "esx-2.example.com", "192.0.2.22"],
    ],
  );
});

test("a cluster from a plan: nodes without a name are identified by their ids", async () => {
  const { createCluster } = createRequire(`${folder}/`)("ontap-select-deploy/workflows");
  for (const nameless of [{}, { name: null }, { name: "" }]) {
    const plan = structuredClone(samplePlan);
    plan.vcenter.password = "v-secret";
    plan.cluster.ontap_admin_password = "c-secret";
    for (const node of plan.nodes) Object.assign(node, nameless);
    const described = [];
    const networks = ["mgmt", "data", "internal"].map((purpose) => ({ id: purpose, purpose }));
    const responses = {
      "/clusters": [{ id: "c", name: "branch-office", is_deployed: false }],
      "/clusters/{cluster}/nodes": [
        { id: "a", ...nameless },
        { id: "b", ...nameless },
      ],
      "/clusters/{cluster}/nodes/{node}/networks": networks,
      "/hosts": plan.hosts.map(({ name }) => ({ id: `host-${name}`, name })),
    };
    const deploy = {
      list: async (path) => responses[path] ?? [],
      request: async (method, path, { params, body }) => {
        if (path.endsWith("/nodes/{node}")) described.push([method, params.node, body.ip]);
        return {};
      },
    };
    await createCluster(deploy, plan);
    assert.deepEqual(described.sort(), [
      ["PATCH", "a", "192.0.2.21"],
      ["PATCH", "b", "192.0.2.22"],
    ]);
  }
});

test("a cluster from a plan: unknown members are ignored, and disk is read as disks", async (t) => {
  const { simulator, script } = await lab(t);
  const file = await planFile("sample.json", (plan) => {
    plan.vcenter.comment = "of the branch office";
    plan.cluster.comment = "the second try";
    for (const { storage } of plan.nodes) storage.disk = [];
  });
  const created = await script("create-cluster.mjs", [file]);
  assert.equal(created.code, 0, created.stderr);
  assert.equal(simulator.counters().statuses["400"], undefined);
});

test("a cluster from a plan: exit code 1 if the deployed cluster is powered off", async (t) => {
  const { deploy, script } = await lab(t);
  assert.equal((await script("create-cluster.mjs", ["cluster.json"])).code, 0);
  const { id } = await clusterNamed(deploy, "branch-office");
  await deploy.patch(`/clusters/${id}`, { availability: "powered_off" });
  const again = await script("create-cluster.mjs", ["cluster.json"]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^found: cluster branch-office\n {2}the cluster is powered off\n/);
  assert.match(again.stderr, /powered off\n$/);
});

test("a plan that is not JSON is refused, and its content is not printed", async (t) => {
  const { simulator, script } = await lab(t);
  await writeFile(join(folder, "broken.json"), '{"vcenter": {"password": "v-secret" "username": "u"}}');
  const { code, stdout, stderr } = await script("create-cluster.mjs", ["broken.json"]);
  assert.deepEqual([code, stdout, stderr], [2, "", "broken.json is not valid JSON\n"]);
  assert.deepEqual(simulator.log(), []);
});

test("a malformed plan is refused with the place of each mistake", async (t) => {
  const { simulator, script } = await lab(t);
  for (const [text, place] of [
    ["null", "plan"],
    ["[]", "plan"],
    ['"x"', "plan"],
    ['{"hosts": {}, "cluster": {}, "nodes": []}', "hosts"],
    ['{"hosts": [null], "cluster": null, "nodes": [null]}', "hosts[0]"],
    ['{"vcenter": "x", "hosts": ["y"], "cluster": "z", "nodes": {}}', "vcenter"],
    ['{"hosts": [], "cluster": {}, "nodes": [{"networks": {}, "storage": []}]}', "nodes[0].networks"],
    ['{"hosts": [], "cluster": {"name": 5}, "nodes": [{"networks": [null]}]}', "cluster.name"],
    ['{"hosts": [], "cluster": {"dns_info": "x"}, "nodes": [{"storage": {"disks": "x"}}]}', "storage.disks"],
  ]) {
    await writeFile(join(folder, "form.json"), text);
    const { code, stderr } = await script("create-cluster.mjs", ["form.json"]);
    assert.equal(code, 2, `${text}: ${stderr}`);
    assert.ok(stderr.startsWith("form.json: ") && stderr.includes(place), stderr);
  }
  assert.deepEqual(simulator.log(), []);
});

test("a cluster from a plan: a deploy whose response is lost is followed, not started twice", async (t) => {
  const { deploy, simulator, script } = await lab(t);
  simulator.addRule({
    match: { method: "POST", path: "/clusters/*/deploy" },
    count: 1,
    processed: true,
    action: { kind: "reset" },
  });
  const lost = await script("create-cluster.mjs", ["cluster.json"]);
  assert.equal(lost.code, 0, lost.stderr);
  assert.equal((await clusterNamed(deploy, "branch-office")).state, "powered_on");
});

test("exit code 3 for an unknown outcome, with the command that keeps waiting", async (t) => {
  const { simulator, script } = await lab(t);
  simulator.addRule({ match: { path: "/jobs/*" }, action: { kind: "status", status: 403 } });
  const unseen = await script("back-up.mjs", ["unseen.tar.gz"], { BACKUP_PASSWORD: "b-secret" });
  assert.equal(unseen.code, 3);
  const id = /wait (\S+)\n/.exec(unseen.stderr)?.[1];
  assert.ok(id in simulator.counters().jobs, unseen.stderr);

  simulator.addRule({ match: { method: "POST" }, processed: true, action: { kind: "reset" } });
  const lost = await script("back-up.mjs", ["lost.tar.gz"], { BACKUP_PASSWORD: "b-secret" });
  assert.equal(lost.code, 3);
  assert.match(lost.stderr, /accepted/);
  assert.ok(!lost.stderr.includes("To keep waiting"));
});

test("Ctrl-C ends the wait with 3 and prints how to keep waiting", async (t) => {
  const { baseUrl, simulator } = await lab(t, { stepMs: 60_000 });
  let interrupted = false;
  const env = { DEPLOY_URL: baseUrl, BACKUP_PASSWORD: "b-secret" };
  const { code, stderr } = await node(["back-up.mjs", "left.tar.gz"], env, (child, output) => {
    if (!interrupted && output.includes("queued")) interrupted = child.kill("SIGINT");
  });
  assert.equal(code, 3, stderr);
  const [id] = Object.keys(simulator.counters().jobs);
  assert.match(stderr, /^No longer watched\. An accepted job keeps running\.$/m);
  assert.ok(stderr.endsWith(`To keep waiting: npx ontap-select-deploy wait ${id}\n`), stderr);
});

test("a wrong plan, arguments or environment is refused, and nothing is sent", async (t) => {
  const { simulator, script } = await lab(t);
  const wrong = await planFile("wrong.json", (plan) => {
    delete plan.cluster.gateway;
    plan.nodes[1].host_name = "esx-9";
    plan.nodes[0].networks.pop();
    plan.nodes[0].storage.pools = [];
  });
  const refused = await script("create-cluster.mjs", [wrong]);
  assert.equal(refused.code, 2);
  for (const fault of [
    "cluster.gateway",
    "nodes[1].host_name",
    "no internal network",
    "nodes[0].storage.pools",
  ]) {
    assert.ok(refused.stderr.includes(fault), refused.stderr);
  }
  const cases = [
    ["create-cluster.mjs", ["cluster.json", "--dryrun"]],
    ["create-cluster.mjs", ["missing.json"]],
    ["create-cluster.mjs", ["cluster.json"], { CLUSTER_PASSWORD: "" }],
    ["delete-cluster.mjs", []],
    ["delete-cluster.mjs", ["branch-office"], { DEPLOY_URL: "ftp://deploy.example.com" }],
    ["resize-nodes.mjs", ["branch-office", "medium"], { CLUSTER_PASSWORD: "" }],
    ["add-license.mjs", ["cluster.json"]],
    ["back-up.mjs", ["file.tar.gz"], { BACKUP_PASSWORD: "" }],
  ];
  for (const [name, args, env] of cases) {
    assert.equal((await script(name, args, env)).code, 2, `${name} ${args}`);
  }
  assert.deepEqual(simulator.log(), []);
  const absent = await script("delete-cluster.mjs", ["branch-office"]);
  assert.deepEqual([absent.code, absent.stderr], [0, "found: delete branch-office\n"]);
  assert.deepEqual(changing(simulator), []);
  // The script only read, so the outcome is not unknown.
  const unreachable = { DEPLOY_URL: "http://127.0.0.1:1/api" };
  assert.equal((await script("delete-cluster.mjs", ["branch-office"], unreachable)).code, 1);
});

test("a missing password is reported with the environment variable for it", async (t) => {
  const { script } = await lab(t);
  const file = await planFile("alone.json", (plan) => {
    delete plan.hosts[1].mgmt_server;
    plan.hosts[1].username = "root";
  });
  const none = { VCENTER_PASSWORD: "", HOST_PASSWORD: "", CLUSTER_PASSWORD: "" };
  const { code, stderr } = await script("create-cluster.mjs", [file], none);
  assert.equal(code, 2);
  for (const line of [
    "vcenter.password is missing (or set VCENTER_PASSWORD)",
    "hosts[1].password is missing (or set HOST_PASSWORD)",
    "cluster.ontap_admin_password is missing (or set CLUSTER_PASSWORD)",
  ]) {
    assert.ok(stderr.includes(line), stderr);
  }
});

test("an untrusted certificate is reported with the variables that make it trusted", async (t) => {
  const { script } = await lab(t);
  const vm = await selfSigned(t, "localhost");
  const { origin } = await overTls(t, vm);
  const DEPLOY_URL = `${origin}/api`;
  const { code, stderr } = await script("create-cluster.mjs", ["cluster.json"], { DEPLOY_URL });
  assert.equal(code, 1);
  assert.match(stderr, /TLS.*DEPLOY_FINGERPRINT.*NODE_EXTRA_CA_CERTS/s);

  await writeFile(join(folder, "tls.txt"), JSON.stringify({ statusResp: { serialNumber: "320000008" } }));
  for (const [trust, expected] of [
    [{ DEPLOY_FINGERPRINT: new X509Certificate(vm.cert).fingerprint256 }, 0],
    [{ NODE_EXTRA_CA_CERTS: vm.file }, 0],
    [{ DEPLOY_FINGERPRINT: "00".repeat(32) }, 1],
    [{ DEPLOY_FINGERPRINT: "00" }, 2],
  ]) {
    const added = await script("add-license.mjs", ["tls.txt"], { DEPLOY_URL, ...trust });
    assert.equal(added.code, expected, added.stderr);
  }
});

test("check-network.mjs checks the hosts of a plan and follows the job", async (t) => {
  const { simulator, script } = await lab(t);
  await script("create-cluster.mjs", ["cluster.json"]);
  const { code, stderr } = await script("check-network.mjs", ["cluster.json", "StandardvSwitch"]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^POST \/network\/connectivitychecks\n( {2}\w+: .*\n)+$/);
  assert.equal(simulator.counters().received["POST /network/connectivitychecks"], 1);
  assert.equal((await script("check-network.mjs", ["cluster.json"])).code, 2);
});

test("the scripts resize nodes, power a cluster off and delete it", async (t) => {
  const { deploy, script } = await lab(t);
  await script("create-cluster.mjs", ["cluster.json"]);
  const resized = await script("resize-nodes.mjs", ["branch-office", "medium"]);
  assert.equal(resized.code, 0, resized.stderr);
  const { nodes } = await clusterNamed(deploy, "branch-office");
  assert.deepEqual(
    nodes.map(({ instance_type }) => instance_type),
    ["medium", "medium"],
  );
  const resizedAgain = await script("resize-nodes.mjs", ["branch-office", "medium"]);
  const already = "found: resize branch-office-01\nfound: resize branch-office-02\n";
  assert.deepEqual([resizedAgain.code, resizedAgain.stderr], [0, already]);
  assert.equal((await script("resize-nodes.mjs", ["branch-office", "huge"])).code, 2);

  const deleted = await script("delete-cluster.mjs", ["branch-office"]);
  assert.equal(deleted.code, 0, deleted.stderr);
  const [off, gone] = ["changed: power off branch-office", "changed: delete branch-office"];
  const calls = /^PATCH .*\n( {2}\w+: .*\n)+(.*)\nDELETE .*\n( {2}\w+: .*\n)+(.*)\n$/.exec(deleted.stderr);
  assert.deepEqual([calls?.[2], calls?.[4]], [off, gone], deleted.stderr);
  assert.equal(await clusterNamed(deploy, "branch-office"), undefined);
});

test("a license is uploaded and replaced, also if a node uses it", async (t) => {
  const { simulator, script } = await lab(t);
  await writeFile(join(folder, "license.txt"), JSON.stringify({ statusResp: { serialNumber: "320000009" } }));
  for (const expected of [
    "POST /licensing/licenses\nmade: license 320000009\n",
    "PUT /licensing/licenses/320000009\nchanged: license 320000009\n",
  ]) {
    const { code, stdout, stderr } = await script("add-license.mjs", ["license.txt"], {
      CLUSTER_PASSWORD: "",
    });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "320000009\n");
    assert.equal(stderr, expected);
  }
  const file = await planFile("licensed.json", (plan) => {
    plan.nodes[0].license = "320000009";
  });
  assert.equal((await script("create-cluster.mjs", [file])).code, 0);
  const without = await script("add-license.mjs", ["license.txt"], { CLUSTER_PASSWORD: "" });
  assert.equal(without.code, 2);
  assert.match(without.stderr, /^ontap: .*branch-office.*\n$/);
  assert.equal((await script("add-license.mjs", ["license.txt"])).code, 0);
  assert.equal(simulator.counters().received["PUT /licensing/licenses/320000009"], 2);
});

test("a backup is saved to a file and deleted on the VM", async (t) => {
  const { deploy, script } = await lab(t);
  const env = { BACKUP_PASSWORD: "b-secret" };
  const { code, stderr } = await script("back-up.mjs", ["deploy.tar.gz"], env);
  assert.equal(code, 0, stderr);
  const file = await readFile(join(folder, "deploy.tar.gz"));
  assert.deepEqual([...file.subarray(0, 2)], [0x1f, 0x8b], "gzip");
  assert.equal((await deploy.get("/backups")).body.num_records, 0);
});

test("no backup starts without a writable file, and a failed download keeps the old file", async (t) => {
  const { deploy, simulator, script } = await lab(t);
  const env = { BACKUP_PASSWORD: "b-secret" };
  const nowhere = await script("back-up.mjs", ["no-such-folder/deploy.tar.gz"], env);
  assert.equal(nowhere.code, 2, nowhere.stderr);
  assert.equal(simulator.counters().received["POST /backups"], undefined);

  await writeFile(join(folder, "old.tar.gz"), "of yesterday");
  const match = { path: "/backups/*/download" };
  simulator.addRule({ match, action: { kind: "status", status: 500 } });
  const lost = await script("back-up.mjs", ["old.tar.gz"], env);
  assert.equal(lost.code, 1, lost.stderr);
  assert.equal(await readFile(join(folder, "old.tar.gz"), "utf8"), "of yesterday");
  assert.equal((await deploy.get("/backups")).body.num_records, 0);
});

test("a license file without a serial number is refused, and nothing is sent", async (t) => {
  const { simulator, script } = await lab(t);
  for (const text of ["{}", '{"statusResp": {}}', "null", "no JSON"]) {
    await writeFile(join(folder, "no-license.txt"), text);
    const { code, stderr } = await script("add-license.mjs", ["no-license.txt"]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^file: expected a license file, .*\n$/);
  }
  assert.deepEqual(simulator.log(), []);
});

test("the password is not sent to a backup address on another host", async (t) => {
  const { simulator, script } = await lab(t);
  const set = { "/record/download_url": "https://elsewhere.example.com/file" };
  simulator.addRule({ match: { method: "GET", path: "/backups/*" }, action: { kind: "edit", set } });
  const { code, stderr } = await script("back-up.mjs", ["elsewhere.tar.gz"], { BACKUP_PASSWORD: "b-secret" });
  assert.equal(code, 1);
  assert.match(stderr, /^Deploy created a backup whose download_url is not below \/backups\/\S+$/m);
});

test("a page creates a cluster with the same steps", async (t) => {
  const plan = structuredClone(samplePlan);
  plan.vcenter.password = "v-secret";
  plan.cluster.ontap_admin_password = "c-secret";
  const code = `${makeClient}
    import { createCluster } from "ontap-select-deploy/workflows";
    const show = (text) => { document.querySelector("#root").textContent = text; };
    createCluster(deploy, ${JSON.stringify(plan)}).then(() => show("up"), (error) => show(error.message));
  `;
  const { page: view, simulator, faults } = await page(t, code, { stepMs: 20 });
  await view.getByText("up", { exact: true }).waitFor();
  assert.equal(simulator.counters().received["POST /clusters"], 1);
  assert.deepEqual(faults, []);
});
