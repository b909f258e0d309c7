// The steps of a run.

import assert from "node:assert/strict";
import test from "node:test";
import { DeployClient } from "ontap-select-deploy";
import { createSimulator } from "ontap-select-deploy/simulator";
import { createCluster } from "ontap-select-deploy/workflows";
import { planOf } from "./plans.mjs";

test("the step of a cluster that is changed and then described again keeps its differences", async (t) => {
  const simulator = createSimulator({ stepMs: 5 });
  const auth = { username: "admin", password: "Netapp1!" };
  const baseUrl = "https://deploy.example.com/api";
  const deploy = new DeployClient({ baseUrl, auth, fetch: simulator.fetch });
  t.after(() => {
    deploy.close();
    simulator.close();
  });
  const plan = planOf({ count: 2, site: "vcenter" });
  plan.nodes[0].networks[0].vlan = 10;
  const match = { method: "POST", path: "/clusters/*/deploy" };
  simulator.addRule({ match, count: 1, action: { kind: "status", status: 403 } });
  await assert.rejects(createCluster(deploy, plan), { status: 403 });

  // A call can change the netmask, but no call can remove the VLAN.
  plan.cluster.netmask = "255.255.252.0";
  delete plan.nodes[0].networks[0].vlan;
  const rehearsed = await createCluster(deploy, plan, { dryRun: true });
  const planned = rehearsed.steps.find(({ name }) => name === "cluster");
  assert.equal(planned.done, "planned");
  assert.match(planned.differs.join(), /deletes and describes it again/);

  const { steps } = await createCluster(deploy, plan);
  const { done, differs } = steps.find(({ name }) => name === "cluster");
  assert.equal(done, "changed");
  assert.match(differs.join(), /^cluster\.netmask: \S+ on Deploy, 255\.255\.252\.0 in the plan$/);
});
