// With `exactOptionalPropertyTypes`, an optional member may be absent but not `undefined`.

import { expectTypeOf } from "expect-type";
import type { CallResult, ClientOptions, JobSnapshot, WaitOptions } from "ontap-select-deploy";

// @ts-expect-error absent or a signal
export const signal: WaitOptions = { signal: undefined };
// @ts-expect-error absent or a credential
export const auth: ClientOptions = { baseUrl: "/api", auth: undefined };
expectTypeOf<Required<JobSnapshot>["message"]>().toEqualTypeOf<string>();
expectTypeOf<Required<CallResult>["job"]>().toEqualTypeOf<JobSnapshot>();
