// The messages of the tracing channels.

import { expectTypeOf } from "expect-type";
import type { CallTrace, JobState, Trace, WaitTrace } from "ontap-select-deploy";

expectTypeOf<Required<CallTrace>>().toEqualTypeOf<{
  readonly server: string;
  readonly method: string;
  readonly path: string;
  jobId: string;
  status: number;
  state: JobState;
  error: unknown;
}>();
expectTypeOf<WaitTrace["jobId"]>().toEqualTypeOf<string>();
expectTypeOf<CallTrace["jobId"]>().toEqualTypeOf<string | undefined>();
expectTypeOf<CallTrace | WaitTrace>().toExtend<Trace>();
