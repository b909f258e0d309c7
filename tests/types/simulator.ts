// The types of ontap-select-deploy/simulator for a user's tests.

import { expectTypeOf } from "expect-type";
import { DeployClient } from "ontap-select-deploy";
import {
  type Config,
  type Counters,
  createSimulator,
  createVirtualClock,
  listen,
  type Rule,
  type Simulator,
} from "ontap-select-deploy/simulator";

const config: Config = {
  stepMs: 5,
  bearer: undefined,
  credentials: [{ hostname: "vcenter", username: "administrator", type: "vcenter" }],
  scripts: [{ path: "/hosts", steps: [{ state: "failure", message: null }] }],
};
const simulator = createSimulator(config, { clock: createVirtualClock() });
expectTypeOf(simulator).toEqualTypeOf<Simulator>();
expectTypeOf(simulator.counters()).toEqualTypeOf<Counters>();

// Its fetch fits the client's option.
new DeployClient({ baseUrl: "/api", fetch: simulator.fetch });

const rule: Rule = { match: { poll: "long" }, count: 1, action: { kind: "cut", afterMs: 10, status: 504 } };
simulator.addRule(rule);
// @ts-expect-error an unknown kind of fault
simulator.addRule({ action: { kind: "explode" } });
// @ts-expect-error a status is required
simulator.addRule({ action: { kind: "status" } });
// @ts-expect-error an unknown setting
createSimulator({ stepMS: 5 });

expectTypeOf(listen(simulator, { port: 0 }))
  .resolves.toHaveProperty("url")
  .toBeString();
