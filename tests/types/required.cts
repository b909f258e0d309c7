// A CommonJS project gets the same types, and classes of its own.

import deploy = require("ontap-select-deploy");

import { expectTypeOf } from "expect-type";

expectTypeOf(new deploy.DeployClient({ baseUrl: "/api" }).job("1")).toEqualTypeOf<deploy.JobHandle>();
expectTypeOf<deploy.WaitTimeoutError["token"]>().toEqualTypeOf<string | undefined>();
