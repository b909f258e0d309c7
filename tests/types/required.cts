// A CommonJS project gets the same types and its own classes.

import deploy = require("ontap-select-deploy");
import workflows = require("ontap-select-deploy/workflows");

import { expectTypeOf } from "expect-type";

expectTypeOf(new deploy.DeployClient({ baseUrl: "/api" }).job("1")).toEqualTypeOf<deploy.JobHandle>();
expectTypeOf<deploy.WaitTimeoutError["token"]>().toEqualTypeOf<string | undefined>();
expectTypeOf(workflows.deleteCluster(new deploy.DeployClient({ baseUrl: "/api" }), "c1")).toEqualTypeOf<
  Promise<{ steps: readonly workflows.Step[] }>
>();
