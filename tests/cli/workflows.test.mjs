// The workflow commands in a pipe: a line per step, one JSON document, exit codes, and repeated runs.

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { file, tokenIn } from "./command.mjs";
import { labFor, planned, SECRET, stateOf } from "./lab.mjs";

const HOUR = 3_600_000;
const stepsIn = (out) => JSON.parse(out).steps.map(({ name, target, done }) => `${done} ${name} ${target}`);
const linesIn = (err) => err.split("\n").filter((line) => /^(found|made|changed|planned) /.test(line));
const squeezed = (lines) => lines.map((line) => line.replace(/ +/, " ")).sort();

describe("cluster create", { concurrency: 2 }, () => {
  test("0: prints a line per step and all steps as JSON; a second run finds them", async (t) => {
    const { osd, plan, sent, client } = await labFor(t);
    const path = await plan();
    const { code, out, err } = await osd(["cluster", "create", path]);
    assert.equal(code, 0, err);
    const { id, job } = JSON.parse(out);
    assert.equal(job.state, "success");
    assert.deepEqual(stepsIn(out).sort(), [
      "made cluster branch-office",
      "made deploy branch-office",
      "made host esx-1.example.com",
      "made host esx-2.example.com",
      "made login vcenter.example.com",
      "made node branch-office-01",
      "made node branch-office-02",
    ]);
    assert.deepEqual(squeezed(linesIn(err)), stepsIn(out).sort());
    assert.match(err, /^success: Cluster "branch-office" is deployed\.$/m);
    assert.equal(out.trim().split("\n").length, 1);
    assert.ok(!`${out}${err}`.includes("\x1b"), "no escapes without a terminal");
    assert.equal(await stateOf(client, "branch-office"), "powered_on true");

    const before = sent().length;
    const again = await osd(["cluster", "create", path]);
    assert.equal(again.code, 0, again.err);
    assert.equal(JSON.parse(again.out).id, id);
    assert.ok(stepsIn(again.out).every((step) => step.startsWith("found ")));
    assert.equal(sent().length, before, "no changing request is sent");
    assert.doesNotMatch(out + err + again.out + again.err, SECRET);
  });

  test("a dry run changes nothing, also with a half-finished cluster", async (t) => {
    const { osd, plan, sent, simulator } = await labFor(t);
    const path = await plan();
    const dry = await osd(["cluster", "create", path, "--dry-run"]);
    assert.equal(dry.code, 0, dry.err);
    assert.deepEqual(sent(), []);
    assert.ok(stepsIn(dry.out).every((step) => step.startsWith("planned ")));
    assert.deepEqual(squeezed(linesIn(dry.err)), stepsIn(dry.out).sort());

    const match = { method: "POST", path: "/clusters/*/deploy" };
    simulator.addRule({ match, count: 1, action: { kind: "status", status: 403 } });
    const refused = await osd(["cluster", "create", path]);
    assert.equal(refused.code, 1, "hosts and a cluster were made");
    assert.match(
      refused.err,
      /\/deploy failed with status 403\nThe steps before it stay\. Use a login with .*, then run it again\.\n/,
    );
    const before = sent().length;
    const half = await osd(["cluster", "create", path, "--dry-run"]);
    assert.equal(half.code, 0, half.err);
    assert.equal(sent().length, before);
    assert.deepEqual(
      stepsIn(half.out).filter((step) => !step.startsWith("found ")),
      ["planned deploy branch-office"],
    );

    const rest = await osd(["cluster", "create", path]);
    assert.equal(rest.code, 0, rest.err);
    assert.deepEqual(sent().slice(before), ["POST /clusters/*/deploy"]);
  });

  test("2: a dry run prints a line per mistake, with its place", async (t) => {
    const { osd, plan, sent } = await labFor(t);
    const first = await osd([
      ...["cluster", "create"],
      await plan((plan) => {
        plan.cluster.name = "other";
      }),
    ]);
    assert.equal(first.code, 0, first.err);
    const before = sent().length;
    const path = await plan((plan) => {
      plan.cluster.ontap_image_version = "1.2.3";
      plan.nodes[0].networks[0].name = "no-such-network";
      plan.nodes[1].storage.pools[0].capacity = "9 TiB";
    });
    const { code, out, err } = await osd(["cluster", "create", path, "--dry-run"]);
    assert.deepEqual([code, out], [2, ""]);
    for (const line of [
      / {2}cluster\.ontap_image_version is not an image on Deploy$/m,
      / {2}cluster\.ip is already used by cluster "other"$/m,
      / {2}nodes\[0\]\.networks\[0\]\.name is not a network of host esx-1\.example\.com$/m,
      / {2}nodes\[1\]\.storage\.pools\[0\]\.capacity exceeds the \S+ TiB that are free/m,
    ])
      assert.match(err, line);
    assert.match(err, /plan\.json has \d+ mistakes:\n/);
    assert.equal(sent().length, before);
  });

  test("1: a mistake that shows after a login was added; 4: a refusal before any change", async (t) => {
    const { osd, plan, sent } = await labFor(t);
    const path = await plan((plan) => {
      plan.hosts[1].mgmt_server = "other.example.com";
    });
    const { code, out, err } = await osd(["cluster", "create", path]);
    assert.deepEqual([code, out], [1, ""], err);
    assert.match(err, /hosts\[1\]\.mgmt_server has no login .*\nThe steps before it stay\. Correct the plan/);
    assert.deepEqual(sent(), ["POST /security/credentials"]);
    const refused = await osd(["cluster", "create", await plan()], { env: { DEPLOY_PASSWORD: "wrong" } });
    assert.equal(refused.code, 4, refused.err);
    assert.match(refused.err, /\nNothing was changed\. Correct the credential, then run it again\.\n/);
  });

  test("1: a failed deploy: prints its job, steps and reason, and what Deploy rolls back", async (t) => {
    const { osd, plan, client } = await labFor(t);
    const path = await plan((plan) => {
      plan.nodes[1].storage.pools[0].capacity = "4 TiB";
    });
    const { code, out, err } = await osd(["cluster", "create", path]);
    assert.equal(code, 1, err);
    assert.equal(JSON.parse(out).job.state, "failure");
    assert.ok(stepsIn(out).includes("made cluster branch-office"));
    assert.match(err, /^ontap-select-deploy: the job failed: .*datastore1.*\n.*Deploy rolls back.*events/m);

    const left = await osd(["cluster", "create", path, "--inhibit-rollback"]);
    assert.equal(left.code, 1, left.err);
    assert.match(left.err, /did not roll back/);
    assert.equal(await stateOf(client, "branch-office"), "deploy_failed false");
    const deleted = await osd(["cluster", "delete", "branch-office"]);
    assert.equal(deleted.code, 0, deleted.err);
    assert.equal((await osd(["cluster", "create", await plan()])).code, 0);
  });

  test("3: Ctrl-C does not stop the deploy, and the same command continues to follow it", async (t) => {
    const { start, osd, plan, simulator, client } = await labFor(t, { stepMs: 300 });
    const path = await plan();
    const running = start(["cluster", "create", path]);
    await running.until(/running: .* node "branch-office-0/);
    running.child.kill("SIGINT");
    const { code, out, err } = await running.ended;
    assert.deepEqual([code, out], [3, ""]);
    assert.match(err, /stopped by SIGINT\. The job continues on the server, and its outcome is unknown\.\n/);
    assert.match(err, /^To continue, run the same command again: .*\n/m);
    const token = tokenIn(err);
    assert.ok(token, err);

    const dry = await osd(["cluster", "create", path, "--dry-run"]);
    assert.equal(dry.code, 0, `the running deploy is not a mistake: ${dry.err}`);
    const again = await osd(["cluster", "create", path]);
    assert.equal(again.code, 0, again.err);
    const deploys = simulator
      .log()
      .filter(({ method, path }) => method === "POST" && path.endsWith("/deploy"));
    assert.equal(deploys.filter(({ status }) => status === 202).length, 1);
    assert.equal(await stateOf(client, "branch-office"), "powered_on true");
    const waited = await osd(["wait", token]);
    assert.equal(JSON.parse(waited.out).job.state, "success", "it is the job of the first run");
  });

  test("after a kill at any moment the next run finishes the work, and nothing is created twice", async (t) => {
    const { start, osd, plan, simulator, client } = await labFor(t, { stepMs: 60 });
    const path = await plan();
    for (let round = 0; round < 8; round += 1) {
      const last = simulator.log().length + 3 + 5 * round;
      const running = start(["cluster", "create", path]);
      let isOver = false;
      running.ended.then(() => {
        isOver = true;
      });
      while (simulator.log().length < last && !isOver) await new Promise((resolve) => setTimeout(resolve, 5));
      running.child.kill("SIGKILL");
      await running.ended;
    }
    const { code, err } = await osd(["cluster", "create", path]);
    assert.equal(code, 0, err);
    assert.equal(await stateOf(client, "branch-office"), "powered_on true");
    const accepted = simulator
      .log()
      .filter(({ method, status }) => method === "POST" && status < 300)
      .map(({ path }) => path.replace(/(?<=clusters\/)[^/]+/, "*").replace(/(?<=nodes\/)[^/]+/, "*"));
    for (const path of ["/security/credentials", "/hosts", "/clusters", "/clusters/*/deploy"])
      assert.equal(accepted.filter((one) => one === path).length, 1, `${path} of ${accepted}`);
  });

  test("3: --timeout does not stop the running job", async (t) => {
    const { osd, plan } = await labFor(t, { stepMs: HOUR });
    const { code, err } = await osd(["cluster", "create", await plan(), "--timeout", "1s"]);
    assert.equal(code, 3);
    assert.match(
      err,
      /--timeout expired\. .*outcome is unknown\.\nA running job continues on Deploy\. Run it again: it keeps/,
    );
    assert.ok(tokenIn(err), err);
  });

  test("a closed pipe does not end the command", async (t) => {
    const { start, plan, client } = await labFor(t);
    const running = start(["cluster", "create", await plan()]);
    running.child.stdout.destroy();
    running.child.stderr.destroy();
    assert.equal((await running.ended).code, 0);
    assert.equal(await stateOf(client, "branch-office"), "powered_on true");
  });

  test("a standalone KVM host with software RAID", async (t) => {
    const { osd, plan, client } = await labFor(t);
    const path = await plan((plan) => {
      delete plan.vcenter;
      plan.hosts = [{ name: "kvm-1", type: "KVM", user: "root" }];
      const networks = plan.nodes[0].networks.map((network) => ({ ...network, name: "ontap-br" }));
      const disk = [{ name: "/dev/disk/by-id/scsi-3500a075100000001" }];
      const storage = { pools: [{ name: "host-pool-1" }], disk };
      const { license, ...evaluation } = plan.nodes[0];
      plan.nodes = [{ ...evaluation, host_name: "kvm-1", networks, storage }];
    });
    const { code, err } = await osd(["cluster", "create", path]);
    assert.equal(code, 0, err);
    assert.equal(await stateOf(client, "branch-office"), "powered_on true");
  });
});

describe("2: a plan with mistakes: prints a line per mistake and sends nothing", {
  concurrency: 2,
}, () => {
  const failing = async (t, content, env) => {
    const { osd, simulator } = await labFor(t);
    const path = await file(t, "plan.json", content);
    const { code, out, err } = await osd(["cluster", "create", path], { env });
    assert.deepEqual([code, out], [2, ""], err);
    assert.equal(simulator.log().length, 0);
    assert.doesNotMatch(err, SECRET);
    return err;
  };

  test("each mistake once", async (t) => {
    const err = await failing(
      t,
      planned((plan) => {
        plan.vcenter.password = "hunter2";
        plan.nodes[0].ip = "192.0.2.999";
        plan.nodes[1].instance_type = 7;
        plan.nodes[1].storage.pools = [];
        plan.cluster.dns_info = "none";
        delete plan.hosts[0].type;
      }),
    );
    const [head, ...lines] = err.trimEnd().split("\n");
    assert.match(head, /plan\.json has 5 mistakes:$/);
    assert.deepEqual(lines.map((line) => line.trim().split(" ")[0]).sort(), [
      "cluster.dns_info",
      "hosts[0].type",
      "nodes[0].ip",
      "nodes[1].instance_type",
      "nodes[1].storage.pools",
    ]);
  });

  test("missing passwords, with the variables that supply them", async (t) => {
    const plan = planned((plan) => plan.hosts.push({ name: "esx-3", type: "ESX", username: "root" }));
    const err = await failing(t, plan, { VCENTER_PASSWORD: "", HOST_PASSWORD: "", CLUSTER_PASSWORD: "" });
    assert.match(err, /^ {2}vcenter\.password is missing \(or set VCENTER_PASSWORD\)$/m);
    assert.match(err, /^ {2}hosts\[2\]\.password is missing \(or set HOST_PASSWORD\)$/m);
    assert.match(err, /^ {2}cluster\.ontap_admin_password is missing \(or set CLUSTER_PASSWORD\)$/m);
  });

  test("missing variables and files, and invalid passwords", async (t) => {
    const plan = planned((plan) => {
      plan.vcenter.password = { env: "NO_SUCH" };
      plan.cluster.ontap_admin_password = { file: "no/such" };
      plan.hosts[0].password = { env: "A", file: "b" };
      plan.hosts[1].password = 7;
    });
    const err = await failing(t, plan);
    assert.match(err, /^ {2}vcenter\.password names the variable NO_SUCH, which is not set$/m);
    assert.match(err, /^ {2}cluster\.ontap_admin_password names a file .*no\/such: no such file$/m);
    for (const index of [0, 1])
      assert.match(err, new RegExp(`^ {2}hosts\\[${index}\\]\\.password must be a string, \\{"env"`, "m"));
    assert.match(err, /has 4 mistakes:/);
  });

  test("a file that is not a plan", async (t) => {
    assert.match(await failing(t, "[]"), /has 1 mistake:\n {2}plan must be an object\n$/);
    assert.match(
      await failing(t, '{\n  "password": "hunter2",\n}'),
      /plan\.json is not valid JSON: line 3, column 1\n/,
    );
    assert.match(await failing(t, ""), /plan\.json is not valid JSON\n/);
  });
});

test("passwords come from variables and files; no output shows them, even if Deploy quotes them", async (t) => {
  const steps = [
    { state: "running", message: "Logging in by file-hunter2" },
    { state: "failure", message: "admin/cluster-hunter2 is too simple" },
  ];
  const script = { path: "/clusters/*/deploy", steps };
  const { osd, simulator } = await labFor(t, { scripts: [script] });
  const path = await file(
    t,
    "plan.json",
    planned((plan) => {
      plan.vcenter.password = { file: "vcenter.txt" };
      plan.cluster.ontap_admin_password = { env: "ADMIN_PW" };
    }),
  );
  await writeFile(join(path, "../vcenter.txt"), "file-hunter2\n");
  const env = { ADMIN_PW: "cluster-hunter2", VCENTER_PASSWORD: "", CLUSTER_PASSWORD: "" };
  const failed = await osd(["cluster", "create", path], { env });
  assert.equal(failed.code, 1, failed.err);
  assert.match(failed.err, /admin\/… is too simple/);
  const body = { error: { code: "1", message: "no: cluster-hunter2" } };
  simulator.addRule({ match: { method: "POST" }, action: { kind: "status", status: 400, body } });
  const refused = await osd(["cluster", "create", path], { env });
  assert.equal(refused.code, 4, refused.err);
  assert.doesNotMatch(failed.out + failed.err + refused.out + refused.err, SECRET);
});

describe("cluster delete", { concurrency: 2 }, () => {
  test("0: powers off and deletes the cluster; a missing cluster is a success", async (t) => {
    const { osd, plan, client } = await labFor(t);
    assert.equal((await osd(["cluster", "create", await plan()])).code, 0);
    const dry = await osd(["cluster", "delete", "branch-office", "--dry-run"]);
    assert.deepEqual(stepsIn(dry.out), ["planned power off branch-office", "planned delete branch-office"]);
    assert.equal(await stateOf(client, "branch-office"), "powered_on true");
    const { code, out, err } = await osd(["cluster", "delete", "branch-office"]);
    assert.equal(code, 0, err);
    assert.deepEqual(stepsIn(out), ["changed power off branch-office", "changed delete branch-office"]);
    assert.deepEqual(squeezed(linesIn(err)), stepsIn(out).sort());
    assert.equal(await stateOf(client, "branch-office"), undefined);
    const again = await osd(["cluster", "delete", "branch-office"]);
    assert.deepEqual([again.code, stepsIn(again.out)], [0, ["found delete branch-office"]]);
    assert.match(again.err, /^Deploy has no cluster "branch-office"; nothing to delete$/m);
    assert.deepEqual(linesIn(again.err), []);
  });
});

describe("cluster resize", { concurrency: 2 }, () => {
  test("0: resizes whole HA pairs once; 2: half a pair, no password, unknown size", async (t) => {
    const { osd, plan, sent } = await labFor(t);
    assert.equal((await osd(["cluster", "create", await plan()])).code, 0);
    const resize = (more, options) => osd(["cluster", "resize", "branch-office", ...more], options);
    const without = await resize(["medium"], { env: { CLUSTER_PASSWORD: "" } });
    assert.equal(without.code, 2);
    assert.match(
      without.err,
      /missing ONTAP admin password: set CLUSTER_PASSWORD or pass --password-file FILE/,
    );
    const unknown = await resize(["huge"]);
    assert.deepEqual([unknown.code, unknown.out], [2, ""]);
    assert.match(unknown.err, /unknown size huge; expected small, medium, large or xlarge/);
    const half = await resize(["medium", "--node", "branch-office-01"]);
    assert.equal(half.code, 2, half.err);
    assert.match(half.err, /--node: .*HA pair/);

    const path = await file(t, "admin.txt", "cluster-hunter2\n");
    const pair = ["--node", "branch-office-01", "--node", "branch-office-02"];
    const env = { CLUSTER_PASSWORD: "" };
    const { code, out, err } = await resize(["medium", ...pair, "--password-file", path], { env });
    assert.equal(code, 0, err);
    assert.equal(JSON.parse(out).job.state, "success");
    assert.equal(stepsIn(out).length, 2);
    const before = sent().length;
    const again = await resize(["medium", "--password-file", "-"], { env, input: "cluster-hunter2\n" });
    assert.equal(again.code, 0, again.err);
    assert.ok(stepsIn(again.out).every((step) => step.startsWith("found ")));
    assert.equal(sent().length, before);
    assert.doesNotMatch(out + err + again.out + again.err, SECRET);
    const nowhere = await osd(["cluster", "resize", "no-such", "medium"]);
    assert.equal(nowhere.code, 4);
    assert.match(nowhere.err, /Deploy has no cluster "no-such"/);
  });
});

describe("license add", { concurrency: 2 }, () => {
  const license = (serialNumber) => JSON.stringify({ statusResp: { serialNumber } });

  test("0: adds a license, also again; a license in use needs ONTAP's login", async (t) => {
    const { osd, plan, sent } = await labFor(t);
    const fresh = await file(t, "fresh.nlf", license("320000009"));
    const env = { CLUSTER_PASSWORD: "" };
    const added = await osd(["license", "add", fresh], { env });
    assert.equal(added.code, 0, added.err);
    assert.equal(JSON.parse(added.out).serialNumber, "320000009");
    assert.deepEqual(stepsIn(added.out), ["made license 320000009"]);
    assert.equal((await osd(["license", "add", fresh], { env })).code, 0);
    assert.deepEqual(sent(), ["POST /licensing/licenses", "PUT /licensing/licenses/320000009"]);

    assert.equal((await osd(["cluster", "create", await plan()])).code, 0);
    const used = await file(t, "used.nlf", license("320000001"));
    const without = await osd(["license", "add", used], { env });
    assert.equal(without.code, 2, without.err);
    assert.match(without.err, /cluster "branch-office".*CLUSTER_PASSWORD.*--password-file FILE/);
    const { code, out, err } = await osd(["license", "add", used]);
    assert.equal(code, 0, err);
    assert.doesNotMatch(out + err, SECRET);
  });

  test("2: an invalid license, or a missing file", async (t) => {
    const { osd, simulator } = await labFor(t);
    const text = await osd(["license", "add", await file(t, "a.nlf", "hunter2")]);
    assert.equal(text.code, 2);
    assert.match(text.err, /a license file, which is JSON/);
    assert.doesNotMatch(text.err, SECRET);
    const nowhere = await osd(["license", "add", "/no/such"]);
    assert.equal(nowhere.code, 2);
    assert.match(nowhere.err, /license add: \/no\/such: no such file/);
    assert.equal(simulator.log().length, 0);
  });
});

describe("backup", { concurrency: 2 }, () => {
  const emptyFolder = async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "backup-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    return folder;
  };

  test("0: saves the file and deletes the VM's copy; - is standard output", async (t) => {
    const { osd, start, sent } = await labFor(t);
    const folder = await emptyFolder(t);
    const path = join(folder, "b.tgz");
    const { code, out, err } = await osd(["backup", "--output", path]);
    assert.equal(code, 0, err);
    const bytes = await readFile(path);
    assert.deepEqual([...bytes.subarray(0, 2)], [0x1f, 0x8b]);
    const { name, ...rest } = JSON.parse(out);
    assert.match(name, /^deploy_backup_.*\.tar\.gz$/);
    assert.deepEqual(rest, { type: "application/gzip", file: path, bytes: bytes.length });
    assert.deepEqual(await readdir(folder), ["b.tgz"]);
    assert.match(sent().at(-1), /^DELETE \/backups\//);

    const piped = start(["backup", "--output", "-", "--quiet"]);
    const chunks = [];
    piped.child.stdout.setEncoding("latin1").on("data", (text) => chunks.push(Buffer.from(text, "latin1")));
    assert.deepEqual([(await piped.ended).code, (await piped.ended).err], [0, ""]);
    assert.deepEqual(Buffer.concat(chunks).subarray(0, 2), bytes.subarray(0, 2));
    assert.match(sent().at(-1), /^DELETE \/backups\//);
    assert.doesNotMatch(out + err, SECRET);
  });

  test("1: a failed job leaves the existing file; 2: no password or no file", async (t) => {
    const script = { path: "/backups", steps: [{ state: "failure", message: "The disk is full." }] };
    const { osd, simulator } = await labFor(t, { scripts: [script] });
    const folder = await emptyFolder(t);
    const path = join(folder, "b.tgz");
    await writeFile(path, "old");
    const failed = await osd(["backup", "--output", path]);
    assert.equal(failed.code, 1);
    assert.equal(JSON.parse(failed.out).job.state, "failure");
    assert.match(failed.err, /the job failed: .*The disk is full/);
    assert.deepEqual([await readdir(folder), await readFile(path, "utf8")], [["b.tgz"], "old"]);

    const before = simulator.log().length;
    for (const [args, options, said] of [
      [["--output", path], { env: { BACKUP_PASSWORD: "" } }, /missing backup password: set BACKUP_PASSWORD/],
      [[], {}, /backup: expected --output FILE/],
      [["--output", join(folder, "no/such")], {}, /no such directory/],
    ]) {
      const { code, err } = await osd(["backup", ...args], options);
      assert.equal(code, 2);
      assert.match(err, said);
    }
    assert.equal(simulator.log().length, before);
  });

  test("a broken download leaves no file and no copy on the VM; a copy that cannot be deleted is reported", async (t) => {
    const { osd, simulator, sent } = await labFor(t);
    const folder = await emptyFolder(t);
    const path = join(folder, "b.tgz");
    simulator.addRule({
      match: { path: "/backups/*/download" },
      count: 1,
      action: { kind: "truncate", after: 9 },
    });
    const broken = await osd(["backup", "--output", path]);
    assert.equal(broken.code, 4);
    assert.match(broken.err, /the connection broke after 9 of \d+ bytes/);
    assert.deepEqual(await readdir(folder), []);
    assert.match(sent().at(-1), /^DELETE \/backups\//);

    simulator.addRule({ match: { method: "DELETE" }, action: { kind: "status", status: 403 } });
    const kept = await osd(["backup", "--output", path]);
    assert.equal(kept.code, 0, "the file is saved");
    assert.match(kept.err, /^ontap-select-deploy: Deploy's copy of the backup was not deleted: .*403/m);
    assert.deepEqual(await readdir(folder), ["b.tgz"]);
  });

  test("a signal during the download leaves no copy on the VM", async (t) => {
    const { start, simulator, sent } = await labFor(t);
    const folder = await emptyFolder(t);
    simulator.addRule({ match: { path: "/backups/*/download" }, action: { kind: "stall", after: 9 } });
    const running = start(["backup", "--output", join(folder, "b.tgz")]);
    const isStalled = () => simulator.log().some(({ path }) => path.endsWith("/download"));
    await running.until(/^made {5}backup /m);
    while (!isStalled()) await new Promise((resolve) => setTimeout(resolve, 20));
    running.child.kill("SIGINT");
    const { code, err } = await running.ended;
    assert.equal(code, 4);
    assert.match(err, /stopped by SIGINT\n/);
    assert.deepEqual(await readdir(folder), []);
    assert.match(sent().at(-1), /^DELETE \/backups\//);
  });

  test("3: a signal leaves no file and prints the token", async (t) => {
    const { start } = await labFor(t, { stepMs: HOUR });
    const folder = await emptyFolder(t);
    const running = start(["backup", "--output", join(folder, "b.tgz")]);
    await running.until(/queued/);
    running.child.kill("SIGTERM");
    const { code, err } = await running.ended;
    assert.equal(code, 3);
    assert.match(err, /stopped by SIGTERM\. The job continues on the server, and its outcome is unknown/);
    assert.ok(tokenIn(err), err);
    assert.deepEqual(await readdir(folder), []);
  });
});

test("2: invalid two-word commands", async (t) => {
  const { osd, simulator } = await labFor(t);
  for (const [args, said] of [
    [["cluster"], /cluster: expected create, delete or resize/],
    [["cluster", "frob"], /cluster: expected create, delete or resize/],
    [["license"], /license: expected add/],
    [["cluster", "create"], /cluster create: expected a plan/],
    [["cluster", "create", "a", "b"], /cluster create: expected one plan/],
    [["cluster", "create", "/no/such"], /cluster create: \/no\/such: no such file/],
    [["cluster", "delete"], /cluster delete: expected the name/],
    [["cluster", "delete", "a", "--inhibit-rollback"], /--inhibit-rollback: not an option of cluster delete/],
    [["cluster", "create", "a", "--password", "x"], /credentials are not accepted as arguments/],
  ]) {
    const { code, out, err } = await osd(args);
    assert.deepEqual([code, out], [2, ""], err);
    assert.match(err, said);
  }
  assert.equal(simulator.log().length, 0);
});
