// npm install --save-dev ontap-select-deploy msw && node --test
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { DeployClient, JobFailedError } from "ontap-select-deploy";
import { createSimulator } from "ontap-select-deploy/simulator";
import { deployHandlers } from "./handlers.mjs";

// Refuses what a VM might refuse.
const strict = { openHosts: false, needCredentials: true, refuseUnknownMembers: true };
const simulator = createSimulator({ ...strict, stepMs: 20 });
const server = setupServer(...deployHandlers(simulator));
before(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => server.resetHandlers());
after(() => server.close());

// The code under test. It creates its own client and does not know the simulator.
const auth = { username: "admin", password: "Netapp1!" };
const deploy = new DeployClient({ baseUrl: "https://deploy.example.com/api", auth });
const credential = { username: "root", password: "secret" };
const addHost = (name) => deploy.post("/hosts", { hosts: [{ name, hypervisor_type: "ESX", credential }] });

test("a host is added and can be found", async () => {
  const { job } = await addHost("esx-1");
  assert.equal(job.state, "success");
  assert.ok(await deploy.find("/hosts", { name: "esx-1" }));
});

test("an unreachable host fails", async () => {
  await assert.rejects(addHost("unreachable-1"), JobFailedError);
});

test("a connection that breaks during the job changes nothing", async () => {
  simulator.addRule({ match: { poll: "long" }, count: 1, action: { kind: "reset" } });
  assert.equal((await addHost("esx-2")).job.state, "success");
});

test("this test replaces one response, and the simulator sends all others", async () => {
  const refuse = () => HttpResponse.json({ error: { message: "full" } }, { status: 507 });
  server.use(http.post("*/api/hosts", refuse, { once: true }));
  await assert.rejects(addHost("esx-3"), { name: "HttpError", status: 507 });
  assert.equal((await addHost("esx-3")).job.state, "success");
});
