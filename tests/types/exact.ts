// Under `exactOptionalPropertyTypes` what is optional may be left out, but is never `undefined`.

import { expectTypeOf } from "expect-type";
import type { CallResult, ClientOptions, JobSnapshot, WaitOptions } from "ontap-select-deploy";

// @ts-expect-error left out or a signal
export const signal: WaitOptions = { signal: undefined };
// @ts-expect-error left out or a credential
export const auth: ClientOptions = { baseUrl: "/api", auth: undefined };
expectTypeOf<Required<JobSnapshot>["message"]>().toEqualTypeOf<string>();
expectTypeOf<Required<CallResult>["job"]>().toEqualTypeOf<JobSnapshot>();
