/** @jest-environment ./jsdom-with-fetch.js */
const entry = require("ontap-select-deploy");
const { createSimulator } = require("ontap-select-deploy/simulator");

test("the simulator's fetch in jsdom", async () => {
  const simulator = createSimulator({ stepMs: 5 });
  const deploy = new entry.DeployClient({
    baseUrl: "https://deploy.example.com/api",
    auth: { username: "admin", password: "Netapp1!" },
    fetch: simulator.fetch,
  });
  const { job } = await deploy.post("/hosts", { hosts: [{ name: "esx-1", hypervisor_type: "ESX" }] });
  expect(job.state).toBe("success");
  deploy.close();
  simulator.close();
});
