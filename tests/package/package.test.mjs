// The package as a user gets it: packed, installed in an empty folder, and run.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { credential, deployFor } from "../node/deploy.mjs";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../..");
let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "installed-"));
  const tarball = process.env.PACKAGE_TARBALL ?? (await pack());
  await writeFile(join(folder, "package.json"), "{}");
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], { cwd: folder });
});
after(() => rm(folder, { recursive: true, force: true }));

async function pack() {
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: root });
  return join(folder, JSON.parse(stdout)[0].filename);
}

/** Runs a file of the folder, with the simulator's address and credential in its environment. */
function node(file, baseUrl, args = []) {
  const env = {
    ...process.env,
    DEPLOY_URL: baseUrl,
    DEPLOY_PASSWORD: credential.password,
    CLUSTER_PASSWORD: "x",
  };
  return run(process.execPath, [file, ...args], { cwd: folder, env, timeout: 30_000 });
}

const script = (load) => `${load}
const run = async () => {
  const auth = { username: "admin", password: process.env.DEPLOY_PASSWORD };
  const deploy = new DeployClient({ baseUrl: process.env.DEPLOY_URL, auth });
  const { job } = await deploy.post("/hosts", { name: "esx-1" });
  console.log(job.state);
  const error = await deploy.post("/hosts", { name: "unreachable-1" }).catch((error) => error);
  console.log(error.name, error instanceof JobFailedError);
};
run();
`;
const expected = "success\nJobFailedError true\n";

test("a script that imports it", async (t) => {
  const { baseUrl } = await deployFor(t);
  await writeFile(
    join(folder, "esm.mjs"),
    script(`import { DeployClient, JobFailedError } from "ontap-select-deploy";`),
  );
  assert.equal((await node("esm.mjs", baseUrl)).stdout, expected);
});

test("a script that requires it", async (t) => {
  const { baseUrl } = await deployFor(t);
  await writeFile(
    join(folder, "cjs.cjs"),
    script(`const { DeployClient, JobFailedError } = require("ontap-select-deploy");`),
  );
  const { stdout, stderr } = await node("cjs.cjs", baseUrl);
  assert.equal(stdout, expected);
  assert.equal(stderr, "", "no warning");
});

test("the example script: a cluster that is created, and one that cannot be", async (t) => {
  const { baseUrl } = await deployFor(t);
  await copyFile(join(root, "examples/create-cluster.mjs"), join(folder, "create-cluster.mjs"));
  const { stdout, stderr } = await node("create-cluster.mjs", baseUrl, ["c1"]);
  assert.equal(JSON.parse(stdout).state, "success");
  assert.match(stderr, /running: /);
  const failed = await node("create-cluster.mjs", baseUrl, ["unlicensed-1"]).catch((error) => error);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /JOB_FAILED: .*licen[cs]e/i);
});

test("an error that nobody catches shows its message, not the whole bundle", async (t) => {
  const { baseUrl } = await deployFor(t);
  await writeFile(
    join(folder, "uncaught.mjs"),
    `import { DeployClient } from "ontap-select-deploy"; new DeployClient({ baseUrl: ${JSON.stringify(baseUrl)}, timeout: -1 });`,
  );
  const { stderr } = await node("uncaught.mjs", baseUrl).catch((error) => error);
  assert.match(stderr, /RangeError: timeout: expected more than 0/);
  assert.ok(stderr.length < 5_000, `${stderr.length} characters`);
});

test("it holds what is needed and nothing else", async () => {
  const { stdout } = await run("npm", ["ls", "--json", "--all"], { cwd: folder });
  assert.deepEqual(Object.keys(JSON.parse(stdout).dependencies), ["ontap-select-deploy"]);
  const listed = await run("find", [".", "-type", "f"], {
    cwd: join(folder, "node_modules/ontap-select-deploy"),
  });
  for (const file of listed.stdout.trim().split("\n")) {
    assert.match(
      file,
      /^\.\/(package\.json|README\.md|CHANGELOG\.md|LICENSE-(MIT|APACHE)|dist\/(esm|cjs)\/[\w-]+\.(js|d\.ts)|dist\/cjs\/package\.json)$/,
    );
  }
});

test("its types serve a strict TypeScript project, imported and required", async () => {
  const use = `
    const deploy = new DeployClient({ baseUrl: "https://deploy.example.com/api", auth: { bearer: "t" } });
    export async function run(): Promise<string | undefined> {
      const { body, job } = await deploy.get<{ num_records: number }>("/clusters", { query: { fields: "*" } });
      const count: number = body.num_records;
      for await (const snapshot of deploy.job("1").updates({ timeout: count })) console.log(snapshot.lastModified);
      try { await deploy.job("1").result(); } catch (error) { if (error instanceof HttpError) return error.serverCode; }
      // @ts-expect-error an unknown kind of credential
      new DeployClient({ baseUrl: "https://x", auth: { token: "t" } });
      // @ts-expect-error a snapshot is read-only
      if (job) job.state = "success";
      return job?.state;
    }`;
  await writeFile(
    join(folder, "use.mts"),
    `import { DeployClient, HttpError } from "ontap-select-deploy";${use}`,
  );
  await writeFile(
    join(folder, "use.cts"),
    `import { DeployClient, HttpError } from "ontap-select-deploy";${use}`,
  );
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "es2022",
    module: "nodenext",
    lib: ["es2023", "dom", "dom.iterable", "esnext.disposable"],
    exactOptionalPropertyTypes: true,
    types: [],
  };
  const config = { compilerOptions, files: ["use.mts", "use.cts"] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  await run(process.execPath, [tsc, "-p", folder], { cwd: folder }).catch((error) => {
    assert.fail(error.stdout);
  });
});
