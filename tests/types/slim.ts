// The entry without the engine: the same API and init().

import { expectTypeOf } from "expect-type";
import type * as whole from "ontap-select-deploy";
import type * as slim from "ontap-select-deploy/slim";
import { deleteCluster } from "ontap-select-deploy/workflows";

expectTypeOf<Omit<typeof slim, "init">>().toEqualTypeOf<Omit<typeof whole, never>>();
expectTypeOf<slim.JobHandle>().toEqualTypeOf<whole.JobHandle>();
expectTypeOf<typeof slim.init>().toEqualTypeOf<
  (source: slim.EngineSource | PromiseLike<slim.EngineSource>) => Promise<void>
>();
expectTypeOf<string | URL | Response | ArrayBuffer | Uint8Array<ArrayBuffer>>().toExtend<slim.EngineSource>();

declare const client: slim.DeployClient;
deleteCluster(client, "c1");
