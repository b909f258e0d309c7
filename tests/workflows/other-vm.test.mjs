// The workflows on a VM that matches the public facts but differs from the simulator elsewhere.

import assert from "node:assert/strict";
import test from "node:test";
import { DeployClient } from "ontap-select-deploy";
import {
  addLicense,
  backup,
  checkPlan,
  createCluster,
  deleteCluster,
  resizeNodes,
} from "ontap-select-deploy/workflows";
import { OtherVm } from "./other-vm.mjs";
import { planOf } from "./plans.mjs";
import { VirtualTime } from "./virtual-time.mjs";

const plan = () => planOf({ count: 2, site: "vcenter" });

function otherVm(t, options) {
  const time = new VirtualTime();
  time.install();
  const vm = new OtherVm(time.clock, options);
  const clients = [];
  t.after(() => {
    for (const client of clients) client.close();
    time.uninstall();
  });
  const client = (own = {}) => {
    const auth = { username: "admin", password: "Netapp1!" };
    clients.push(
      new DeployClient({ baseUrl: "https://deploy.example.com/api", auth, fetch: vm.fetch, ...own }),
    );
    return clients.at(-1);
  };
  const end = (promise) =>
    time.until(
      promise.then(
        (result) => ({ result }),
        (error) => ({ error }),
      ),
    );
  return { vm, time, client, end };
}

for (const second of [409, 400]) {
  test(`a running deploy is followed if the VM accepts changes and responds ${second} to a second one`, async (t) => {
    const { vm, client, end } = otherVm(t, { second });
    const first = client();
    const left = end(
      createCluster(first, plan(), {
        onProgress: ({ message }) => /Deploying/.test(message) && first.close(),
      }),
    );
    assert.equal((await left).error.code, "CLOSED");
    const { result } = await end(createCluster(client(), plan()));
    assert.equal(vm.clusters.length, 1);
    assert.equal(result.id, vm.clusters[0].id);
    assert.equal(vm.jobs.filter(({ message }) => message.startsWith("Deploying")).length, 1);
  });
}

test("a cluster is not deleted to be described again if it may be deployed", async (t) => {
  const { vm, client, end } = otherVm(t, { showsDeployed: false });
  vm.addCluster("prod", 1, "some_state");
  const { error } = await end(createCluster(client(), plan()));
  assert.equal(error.name, "WorkflowError");
  assert.match(error.message, /Delete it first/);
  assert.ok(!vm.sent.some((call) => call.startsWith("DELETE")), vm.changes.join());
  vm.clusters[0].state = "powered_off";
  const off = await end(createCluster(client(), plan()));
  assert.equal(off.error.name, "PlanError");
  assert.ok(!vm.sent.some((call) => call.startsWith("DELETE")), vm.changes.join());
});

test("a running cluster is powered off before its deletion, also without is_deployed", async (t) => {
  const { vm, client, end } = otherVm(t, { showsDeployed: false });
  const { id } = vm.addCluster("prod", 1, "powered_on");
  const { error } = await end(deleteCluster(client(), "prod"));
  assert.equal(error, undefined);
  assert.deepEqual(vm.changes, [`PATCH /clusters/${id}`, `DELETE /clusters/${id}`]);
});

test("a proxy's 404 does not mean deleted", async (t) => {
  const answers = (call) => call.startsWith("DELETE") && [404, "<html>"];
  const { vm, client, end } = otherVm(t, { answers });
  vm.addCluster("prod", 1, "powered_off", true);
  const { error } = await end(deleteCluster(client(), "prod"));
  assert.equal(error.status, 404);
});

test("a 400 to a deploy rejects, also if it says that something is already in use", async (t) => {
  const answers = (call) =>
    call.endsWith("/deploy") && [400, { error: { message: "An address is already in use." } }];
  const { vm, client, end } = otherVm(t, { answers });
  const { error } = await end(createCluster(client(), plan()));
  assert.equal(error.status, 400);
  assert.match(error.message, /already in use/);
  assert.equal(vm.sent.filter((call) => call.endsWith("/deploy")).length, 1, "it is not repeated silently");
});

test("a 400 to a resize and to a deletion rejects", async (t) => {
  const answers = (call) => /^(PATCH|DELETE)/.test(call) && [400, { error: { message: "No." } }];
  const { vm, client, end } = otherVm(t, { answers });
  vm.addCluster("prod", 2, "online", true);
  const resized = await end(resizeNodes(client(), "prod", "medium", "secret"));
  assert.equal(resized.error.status, 400);
  const deleted = await end(deleteCluster(client(), "prod"));
  assert.equal(deleted.error.status, 400);
});

test("a timeout while a job is followed says what Deploy rejected", async (t) => {
  const answers = (call) =>
    call.endsWith("/deploy") && [409, { error: { message: "Another task is running." } }];
  const { client, end } = otherVm(t, { answers });
  const { error } = await end(createCluster(client(), plan(), { timeout: 600_000 }));
  assert.equal(error.code, "WAIT_TIMEOUT");
  assert.equal(error.outcome, "unknown", "hosts and a cluster were made");
  assert.match(error.workflow.advice, /Another task is running/);
});

test("the failure of a cluster with the same name prefix is not reported", async (t) => {
  const { vm, time, client, end } = otherVm(t, { jobsList: true });
  const first = client();
  const left = end(
    createCluster(first, plan(), { onProgress: ({ message }) => /Deploying/.test(message) && first.close() }),
  );
  await left;
  // Deploy lists only the other cluster's job.
  const [own] = vm.jobs.filter(({ message }) => message.startsWith("Deploying"));
  own.message = "Working.";
  const other = vm.add(vm.jobs, { state: "running", message: 'Deploying "prod-2".', last_modified: "x" });
  time.clock.setTimeout(
    () => Object.assign(other, { state: "failure", message: "no room", last_modified: "y" }),
    30_000,
  );
  const { error } = await end(createCluster(client(), plan()));
  assert.equal(error, undefined);
});

test("a deployed cluster in an unknown state waits only for its own jobs", async (t) => {
  const { vm, client, end, time } = otherVm(t, { jobsList: true });
  vm.addCluster("prod", 2, "online", true);
  vm.add(vm.jobs, { state: "running", message: "Something else.", last_modified: "x" });
  const before = time.now;
  const { error } = await end(createCluster(client(), plan()));
  assert.equal(error, undefined);
  assert.ok(time.now - before < 1_000);
});

test("a server that rejects changes for some seconds gets time", async (t) => {
  let times = 0;
  const answers = (call) => {
    times += call === "POST /clusters" ? 1 : 0;
    return call === "POST /clusters" && times <= 3 && [503, { error: { message: "Busy." } }];
  };
  const { vm, time, client, end } = otherVm(t, { answers });
  const { error } = await end(createCluster(client(), plan()));
  assert.equal(error, undefined);
  assert.equal(vm.clusters.length, 1);
  assert.ok(time.now >= 7_000);
});

test("an abort ends the pause before the next try", async (t) => {
  const answers = (call) => call === "POST /clusters" && [503, { error: { message: "Busy." } }];
  const { time, client, end } = otherVm(t, { answers });
  const controller = new AbortController();
  const run = end(createCluster(client(), plan(), { signal: controller.signal }));
  time.clock.setTimeout(() => controller.abort(new Error("enough")), 2_500);
  const { error } = await run;
  assert.equal(error.message, "enough");
  assert.equal(time.pending, 0);
});

test("a backup whose address has the VM's own host name is downloaded below the base", async (t) => {
  const answers = (call) => {
    if (call === "POST /backups") return [200, {}, { location: "https://deploy/api/v3/backups/7" }];
    if (call === "GET /backups/7")
      return [200, { record: { download_url: "https://deploy/api/v3/backups/7/file" } }];
    if (call === "GET /backups/7/file") return [200, "the file"];
    return call === "DELETE /backups/7" && [200, {}];
  };
  const { vm, client, end } = otherVm(t, { answers });
  const { result, error } = await end(backup(client(), "secret"));
  assert.equal(error, undefined);
  assert.equal((await end(new Response(result.body).text())).result, '"the file"');
  await end(result.removed);
  assert.equal(vm.sent.at(-1), "DELETE /backups/7");
});

test("a license file whose serial number has lost digits is rejected", async (t) => {
  const { vm, client, end } = otherVm(t);
  const file = new Blob(['{"statusResp":{"serialNumber":90000000000000012345}}']);
  const { error } = await end(addLicense(client(), file));
  assert.ok(error instanceof TypeError);
  assert.deepEqual(vm.sent, []);
});

test("a plan with array holes, non-JSON values or too many entries is checked", () => {
  const holes = plan();
  holes.nodes = new Array(2);
  holes.hosts[0].user = 10n;
  assert.ok(checkPlan(holes).some(({ place }) => place === "nodes[0]"));
  const many = { ...plan(), nodes: new Array(100_000).fill(null), hosts: new Array(100_000).fill(null) };
  const start = performance.now();
  assert.ok(checkPlan(many).some(({ place }) => place === "nodes"));
  assert.ok(performance.now() - start < 20_000, "it takes linear time");
});
