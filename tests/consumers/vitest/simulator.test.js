// A console's own test: a deploy that fails after half an hour, with fake timers.
import { DeployClient, JobFailedError } from "ontap-select-deploy";
import { createSimulator, listen } from "ontap-select-deploy/simulator";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const auth = { username: "admin", password: "Netapp1!" };
const host = { hosts: [{ name: "esx-1", hypervisor_type: "ESX" }] };
const steps = [
  { state: "running", message: "80 %" },
  { state: "failure", message: "The datastore is full.", afterMs: 30 * 60_000 },
];

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a job fails after half an hour", async () => {
  const simulator = createSimulator({ scripts: [{ path: "/hosts", steps }] });
  const deploy = new DeployClient({ baseUrl: "https://x.example/api", auth, fetch: simulator.fetch });
  const said = [];
  const ended = deploy
    .post("/hosts", host, { onProgress: ({ message }) => said.push(message) })
    .catch((error) => error);
  await vi.advanceTimersByTimeAsync(29 * 60_000);
  expect(said).toEqual(["80 %"]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await ended).toBeInstanceOf(JobFailedError);
  expect(said).toEqual(["80 %", "The datastore is full."]);
  deploy.close();
  simulator.close();
});

test("a wait ends with its own timeout", async () => {
  const simulator = createSimulator({ scripts: [{ path: "/hosts", steps }] });
  const deploy = new DeployClient({ baseUrl: "https://x.example/api", auth, fetch: simulator.fetch });
  const ended = deploy.post("/hosts", host, { timeout: 600_000 }).catch((error) => error);
  await vi.advanceTimersByTimeAsync(600_001);
  expect((await ended).code).toBe("WAIT_TIMEOUT");
  deploy.close();
  simulator.close();
});

test("the simulator as a server", async () => {
  vi.useRealTimers();
  const simulator = createSimulator({ stepMs: 5 });
  const server = await listen(simulator);
  const deploy = new DeployClient({ baseUrl: `${server.url}/api`, auth });
  expect((await deploy.post("/hosts", host)).job.state).toBe("success");
  deploy.close();
  await server.close();
  simulator.close();
});
