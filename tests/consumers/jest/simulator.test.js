// A console's own test: a deploy that fails after half an hour, with fake timers.
const { DeployClient, JobFailedError } = require("ontap-select-deploy");
const { createSimulator, listen } = require("ontap-select-deploy/simulator");

const auth = { username: "admin", password: "Netapp1!" };
const host = { hosts: [{ name: "esx-1", hypervisor_type: "ESX" }] };
const steps = [
  { state: "running", message: "80 %" },
  { state: "failure", message: "The datastore is full.", afterMs: 30 * 60_000 },
];

afterEach(() => jest.useRealTimers());

test("a job fails after half an hour", async () => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] });
  const simulator = createSimulator({ scripts: [{ path: "/hosts", steps }] });
  const deploy = new DeployClient({ baseUrl: "https://x.example/api", auth, fetch: simulator.fetch });
  const said = [];
  const ended = deploy
    .post("/hosts", host, { onProgress: ({ message }) => said.push(message) })
    .catch((error) => error);
  await jest.advanceTimersByTimeAsync(29 * 60_000);
  expect(said).toEqual(["80 %"]);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(await ended).toBeInstanceOf(JobFailedError);
  expect(said).toEqual(["80 %", "The datastore is full."]);
  deploy.close();
  simulator.close();
});

test("the simulator as a server", async () => {
  const simulator = createSimulator({ stepMs: 5 });
  const server = await listen(simulator);
  const deploy = new DeployClient({ baseUrl: `${server.url}/api`, auth });
  expect((await deploy.post("/hosts", host)).job.state).toBe("success");
  deploy.close();
  await server.close();
  simulator.close();
});
